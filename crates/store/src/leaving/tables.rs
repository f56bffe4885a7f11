//! Tables that leave row by row as they are: which columns, in which order, and whose rows they are.

use super::Leaving;
use crate::codec;
use crate::db::{Connection, Row, ToSql};
use crate::failure::Failure;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use rusqlite::types::Value;
use serde_json::{Map, Value as Json};

/// What a column holds, and so how it stands in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An id: with hyphens.
    Id,
    Text,
    /// A whole number.
    Count,
    /// Nanoseconds since 1970: RFC 3339.
    Instant,
    /// An exact number: as text.
    Decimal,
    /// Bytes that are a JSON text: that text.
    Json,
    /// Other bytes: base64.
    Bytes,
}

/// Whose a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Of the record in this column.
    Record(&'static str),
    /// Of the service in this column.
    Service(&'static str),
    /// Of the service whose slug stands in a name, after this and before a slash.
    Named(&'static str),
    /// Told by a row of another table, of the record in its column: the table, what joins them, the column.
    Through(&'static str, &'static str, &'static str),
    /// Of the record that its body names.
    Body,
    /// Of nobody: leaves only with everything.
    All,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Where its rows stand in what leaves, without the ending.
    pub path: &'static str,
    columns: &'static [(&'static str, Kind)],
    order: &'static str,
    whose: Whose,
    /// A further condition.
    only: &'static str,
}

use Kind::{Bytes, Count, Decimal, Id, Instant, Json as Said, Text};

/// The tables that leave as they are, in the order in which they arrive.
pub const TABLES: &[Table] = &[
    Table {
        name: "counter",
        path: "ledgers/counters",
        columns: &[("name", Text), ("last", Count)],
        order: "name",
        whose: Whose::Named(""),
        only: "name <> '@key' AND name <> '@looks'",
    },
    Table {
        name: "posting",
        path: "ledgers/postings",
        columns: &[
            ("ledger", Text),
            ("key", Text),
            ("record", Id),
            ("act", Id),
            ("posted", Decimal),
            ("held", Decimal),
        ],
        order: "no",
        whose: Whose::Record("record"),
        only: "",
    },
    Table {
        name: "attachment_use",
        path: "attachments/uses",
        columns: &[("attachment", Id), ("record", Id)],
        order: "attachment, record",
        whose: Whose::Record("record"),
        only: "EXISTS (SELECT 1 FROM attachment WHERE attachment.id = attachment_use.attachment AND attachment.doomed = 0)",
    },
    Table {
        name: "held_upload",
        path: "attachments/held",
        columns: &[
            ("attachment", Id),
            ("since", Instant),
            ("tries", Count),
            ("next_try", Instant),
            ("said", Text),
        ],
        order: "attachment",
        whose: Whose::Through(
            "attachment",
            "attachment.id = held_upload.attachment",
            "attachment.record",
        ),
        only: "",
    },
    Table {
        name: "message",
        path: "messages/messages",
        columns: &[
            ("mailbox", Text),
            ("id", Id),
            ("record", Id),
            ("service", Text),
            ("record_type", Text),
            ("subject", Text),
            ("body", Text),
            ("at", Instant),
            ("read_at", Instant),
            ("others", Text),
            ("reach", Text),
        ],
        order: "mailbox, id",
        whose: Whose::Record("record"),
        only: "",
    },
    Table {
        name: "outbox",
        path: "messages/effects",
        columns: &[
            ("id", Id),
            ("body", Said),
            ("kind", Text),
            ("since", Instant),
            ("tries", Count),
            ("next_try", Instant),
            ("error", Text),
        ],
        order: "no",
        whose: Whose::Body,
        only: "",
    },
    Table {
        name: "delivery",
        path: "messages/deliveries",
        columns: &[
            ("id", Id),
            ("message", Id),
            ("mailbox", Text),
            ("party", Id),
            ("way", Id),
            ("channel", Text),
            ("record", Id),
            ("office", Text),
            ("tries", Count),
            ("next_try", Instant),
            ("sent_at", Instant),
            ("error", Text),
            ("failed", Count),
            ("seen", Count),
        ],
        order: "no",
        whose: Whose::Record("record"),
        only: "",
    },
    Table {
        name: "idempotency",
        path: "audit/requests",
        columns: &[
            ("owner", Text),
            ("key", Text),
            ("request", Text),
            ("act", Id),
            ("record", Id),
            ("version", Count),
            ("status", Count),
            ("at", Instant),
        ],
        order: "owner, key",
        whose: Whose::Record("record"),
        only: "",
    },
    Table {
        name: "read_note",
        path: "audit/reads",
        columns: &[
            ("account", Id),
            ("record", Id),
            ("purpose", Text),
            ("at", Instant),
            ("behalf", Id),
            ("role", Text),
            ("office", Text),
            ("session", Text),
            ("way", Text),
            ("face", Text),
            ("service", Text),
            ("record_type", Text),
            ("more", Bytes),
            ("glass", Id),
        ],
        order: "no",
        whose: Whose::Record("record"),
        only: "",
    },
    Table {
        name: "run",
        path: "runs/runs",
        columns: &[
            ("id", Id),
            ("body", Said),
            ("at", Instant),
            ("done_at", Instant),
        ],
        order: "id",
        whose: Whose::Through("run_item", "run_item.run = run.id", "run_item.record"),
        only: "",
    },
    Table {
        name: "run_item",
        path: "runs/items",
        columns: &[
            ("run", Id),
            ("no", Count),
            ("record", Id),
            ("version", Count),
            ("outcome", Said),
        ],
        order: "run, no",
        whose: Whose::Record("record"),
        only: "",
    },
    Table {
        name: "import_run",
        path: "runs/imports",
        columns: &[
            ("id", Text),
            ("service", Text),
            ("import", Text),
            ("at", Instant),
            ("going", Count),
            ("body", Text),
            ("upload", Id),
        ],
        order: "id",
        whose: Whose::Service("service"),
        only: "going = 0",
    },
    Table {
        name: "edition",
        path: "open-data/editions",
        columns: &[
            ("service", Text),
            ("publication", Text),
            ("day", Text),
            ("body", Text),
            ("content", Bytes),
        ],
        order: "no",
        whose: Whose::Service("service"),
        only: "",
    },
    Table {
        name: "setting",
        path: "ledgers/measures",
        columns: &[("name", Text), ("value", Text)],
        order: "name",
        whose: Whose::Named("measures:"),
        only: "",
    },
    Table {
        name: "review_spent",
        path: "review/spent",
        columns: &[("ticket", Text)],
        order: "ticket",
        whose: Whose::All,
        only: "",
    },
    Table {
        name: "review_box",
        path: "review/answers",
        columns: &[("id", Id), ("day", Text), ("body", Text)],
        order: "day, id",
        whose: Whose::All,
        only: "",
    },
];

impl Table {
    pub(super) fn is_told_by_body(&self) -> bool {
        self.whose == Whose::Body
    }

    /// Whether a decimal column needs to be told apart: SQLite keeps them as text.
    pub(super) fn select(&self, leaving: &Leaving<'_>) -> Option<String> {
        let name = self.name;
        let whose = match self.whose {
            Whose::Record(column) => leaving.records(&format!("{name}.{column}")),
            Whose::Service(column) => leaving.services_in(column),
            Whose::Named(before) => named(before, leaving),
            Whose::Through(table, on, column) => format!(
                "EXISTS (SELECT 1 FROM {table} WHERE {on} AND {})",
                leaving.records(column)
            ),
            Whose::Body => "1 = 1".into(),
            Whose::All if leaving.which.services.is_none() => "1 = 1".into(),
            Whose::All => return None,
        };
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(column, kind)| match kind {
                Decimal => format!("CAST({column} AS TEXT) AS {column}"),
                _ => (*column).to_owned(),
            })
            .collect();
        let only = if self.only.is_empty() {
            "1 = 1"
        } else {
            self.only
        };
        let (columns, order) = (columns.join(", "), self.order);
        Some(format!(
            "SELECT {columns} FROM {name} WHERE {whose} AND {only} ORDER BY {order}"
        ))
    }

    /// A row as JSON.
    pub(super) fn line(&self, row: Row<'_>) -> Result<Map<String, Json>, Failure> {
        let mut line = Map::new();
        for (column, kind) in self.columns {
            line.insert((*column).to_owned(), said(row, column, *kind)?);
        }
        Ok(line)
    }

    /// Writes a row that [`Table::line`] gave; what is there already stays.
    pub(crate) fn put(&self, db: Connection<'_>, line: &Map<String, Json>) -> Result<(), Failure> {
        let mut values = Vec::with_capacity(self.columns.len());
        for (column, kind) in self.columns {
            let value = line.get(*column).unwrap_or(&Json::Null);
            values.push(read(value, *kind).ok_or_else(|| {
                Failure::damaged(format!("{column} of {} does not have its form", self.path))
            })?);
        }
        let numeric = matches!(db, Connection::Postgres(_));
        let mut places: Vec<String> = self
            .columns
            .iter()
            .zip(1..)
            .map(|((_, kind), at)| match kind {
                Decimal if numeric => format!("CAST(CAST(?{at} AS text) AS numeric)"),
                _ => format!("?{at}"),
            })
            .collect();
        let mut columns: Vec<&str> = self.columns.iter().map(|(column, _)| *column).collect();
        if self.name == "read_note" {
            // Its place among the notes that are here; the chain of where it came from is not this one's.
            columns.push("no");
            places.push("(SELECT coalesce(max(no), 0) + 1 FROM read_note)".into());
        }
        let sql = format!(
            "INSERT INTO {}({}) VALUES ({}) ON CONFLICT DO NOTHING",
            self.name,
            columns.join(", "),
            places.join(", ")
        );
        let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        db.prepare_cached(&sql)?.execute(values.as_slice())?;
        Ok(())
    }
}

/// SQL: whether the name is that of a service that leaves.
fn named(before: &str, leaving: &Leaving<'_>) -> String {
    let Some(services) = &leaving.which.services else {
        return format!("substr(name, 1, {}) = '{before}'", before.len());
    };
    let one = |slug: &String| {
        let prefix = format!("{before}{slug}/");
        format!("substr(name, 1, {}) = '{prefix}'", prefix.len())
    };
    match services.is_empty() {
        true => "1 = 0".into(),
        false => format!(
            "({})",
            services.iter().map(one).collect::<Vec<_>>().join(" OR ")
        ),
    }
}

/// A column as JSON.
fn said(row: Row<'_>, column: &str, kind: Kind) -> Result<Json, Failure> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(Failure::damaged);
    Ok(match kind {
        Text | Decimal => row.get::<_, Option<String>>(column)?.into(),
        Count => row.get::<_, Option<i64>>(column)?.into(),
        Instant => match row.get::<_, Option<i64>>(column)? {
            Some(at) => codec::instant(at)?.to_string().into(),
            None => Json::Null,
        },
        Id => codec::optional_id(row.get(column)?)?
            .map(|id| id.to_string())
            .into(),
        Said => match row.get::<_, Option<Vec<u8>>>(column)? {
            Some(bytes) => text(bytes)?.into(),
            None => Json::Null,
        },
        Bytes => row
            .get::<_, Option<Vec<u8>>>(column)?
            .map(|bytes| BASE64_STANDARD.encode(bytes))
            .into(),
    })
}

/// What [`said`] gave, as a column takes it.
fn read(value: &Json, kind: Kind) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    Some(match kind {
        Text | Decimal => Value::Text(value.as_str()?.to_owned()),
        Count => Value::Integer(value.as_i64()?),
        Instant => Value::Integer(codec::nanos(value.as_str()?.parse::<Timestamp>().ok()?)),
        Id => Value::Blob(
            value
                .as_str()?
                .parse::<uuid::Uuid>()
                .ok()?
                .into_bytes()
                .to_vec(),
        ),
        Said => Value::Blob(value.as_str()?.as_bytes().to_vec()),
        Bytes => Value::Blob(BASE64_STANDARD.decode(value.as_str()?).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_said_of_a_column_is_read_back(bytes: Vec<u8>, text: String, number: i64, id: u128) {
            let db = rusqlite::Connection::open_in_memory().unwrap();
            let id = uuid::Uuid::from_u128(id);
            for (kind, value) in [
                (Bytes, Value::Blob(bytes)),
                (Said, Value::Blob(text.clone().into_bytes())),
                (Text, Value::Text(text)),
                (Count, Value::Integer(number)),
                (Instant, Value::Integer(number)),
                (Id, Value::Blob(id.into_bytes().to_vec())),
                (Text, Value::Null),
            ] {
                let line = db.query_row("SELECT ?1 AS one", [&value], |row| {
                    Ok(said(row.into(), "one", kind).unwrap())
                });
                let line: Json = serde_json::from_str(&line.unwrap().to_string()).unwrap();
                prop_assert_eq!(read(&line, kind), Some(value));
            }
        }
    }

    #[test]
    fn every_column_that_is_there_leaves_but_for_those_named_here() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch(&crate::schema_sql()).unwrap();
        for table in TABLES {
            let mut find = db
                .prepare(&format!(
                    "SELECT name FROM pragma_table_info('{}')",
                    table.name
                ))
                .unwrap();
            let there: Vec<String> = find
                .query_map([], |row| row.get(0))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            let named = |column: &&String| !table.columns.iter().any(|(name, _)| name == column);
            let left: Vec<&String> = there.iter().filter(named).collect();
            let own = match table.name {
                // Its place in the chain of where it is.
                "read_note" => left == ["no", "salt", "said", "hash"],
                _ => left.is_empty() || left == ["no"],
            };
            assert!(own, "{}: {left:?}", table.name);
        }
    }
}
