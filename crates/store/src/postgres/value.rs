//! Between SQLite's five kinds of values and PostgreSQL's types.

use crate::failure::Failure;
use rusqlite::types::{ToSql as ToSqlite, ToSqlOutput, Value, ValueRef};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

type AnyError = Box<dyn std::error::Error + Sync + Send>;

/// A value of a statement; written as the type of its placeholder asks for.
#[derive(Debug)]
pub(crate) enum Bound {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The values of a statement that is shared with SQLite.
pub(crate) fn bound(values: &[&dyn ToSqlite]) -> Result<Vec<Bound>, Failure> {
    values.iter().map(|value| bind(*value)).collect()
}

/// As the driver takes them.
pub(crate) fn refs(values: &[Bound]) -> Vec<&(dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

fn bind(value: &dyn ToSqlite) -> Result<Bound, Failure> {
    let output = value.to_sql()?;
    let value = match &output {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value),
        _ => {
            return Err(Failure::damaged(
                "a value of a statement has a strange kind",
            ));
        }
    };
    Ok(match Value::try_from(value).map_err(Failure::damaged)? {
        Value::Null => Bound::Null,
        Value::Integer(number) => Bound::Integer(number),
        Value::Text(text) => Bound::Text(text),
        Value::Blob(bytes) => Bound::Bytes(bytes),
        Value::Real(_) => return Err(Failure::damaged("no column holds a float")),
    })
}

impl ToSql for Bound {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Integer(number) => match *ty {
                Type::INT2 => return ToSql::to_sql(&i16::try_from(*number)?, ty, out),
                Type::INT4 => return ToSql::to_sql(&i32::try_from(*number)?, ty, out),
                Type::INT8 => return ToSql::to_sql(number, ty, out),
                _ => return Err(format!("a number for a column of {ty}").into()),
            },
            // PostgreSQL's text has no NUL; none is ever typed, and folding drops none.
            Self::Text(text) if text.contains('\0') => {
                out.extend_from_slice(text.replace('\0', "\u{2400}").as_bytes());
            }
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        self.to_sql(ty, out)
    }
}

/// A column as it came.
struct Raw<'r>(Type, Option<&'r [u8]>);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(ty: &Type, raw: &'r [u8]) -> Result<Self, AnyError> {
        Ok(Self(ty.clone(), Some(raw)))
    }

    fn from_sql_null(ty: &Type) -> Result<Self, AnyError> {
        Ok(Self(ty.clone(), None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A column as SQLite would give it.
pub(crate) fn of<'r>(row: &'r tokio_postgres::Row, column: &str) -> Result<ValueRef<'r>, Failure> {
    let Raw(ty, raw) = row
        .try_get(column)
        .map_err(|_| Failure::damaged(format!("there is no column {column}")))?;
    let Some(raw) = raw else {
        return Ok(ValueRef::Null);
    };
    let whole = |_| Failure::damaged(format!("column {column} has a strange length"));
    Ok(match ty {
        Type::BOOL => ValueRef::Integer(i64::from(raw != [0])),
        Type::INT2 => ValueRef::Integer(i16::from_be_bytes(raw.try_into().map_err(whole)?).into()),
        Type::INT4 => ValueRef::Integer(i32::from_be_bytes(raw.try_into().map_err(whole)?).into()),
        Type::INT8 => ValueRef::Integer(i64::from_be_bytes(raw.try_into().map_err(whole)?)),
        Type::TEXT | Type::VARCHAR | Type::NAME => ValueRef::Text(raw),
        Type::BYTEA | Type::UUID => ValueRef::Blob(raw),
        other => {
            return Err(Failure::damaged(format!(
                "column {column} is a strange {other}"
            )));
        }
    })
}
