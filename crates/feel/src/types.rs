//! Types, and the environment that an expression is checked against.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Unknown until run time: every operation is allowed and checked then.
    Any,
    /// Only `null`.
    Null,
    /// `true`, `false`.
    Boolean,
    /// An exact decimal.
    Number,
    /// A text.
    Text,
    /// A text out of a closed list: a choice, a state, a column of codes. It is a text in every respect but one: what is
    /// written beside it as a constant must be one of the list.
    OneOf(Arc<Closed>),
    /// A civil date in Asia/Tokyo.
    Date,
    /// An instant.
    DateTime,
    /// A duration of days and time.
    DaysTime,
    /// A duration of years and months.
    YearsMonths,
    /// A list of one type.
    List(Box<Type>),
    /// Named members.
    Context(Arc<ContextType>),
    /// A context type by its name in [`Env::types`]; may be recursive.
    Named(String),
    /// May be absent (`null`).
    Optional(Box<Type>),
    /// From one value to another.
    Range(Box<Type>),
}

impl Type {
    /// `List(of)`.
    pub fn list(of: Type) -> Self {
        Self::List(Box::new(of))
    }

    /// `Optional(self)`; a type that is already optional, `Any` or `Null` stays as it is.
    #[must_use]
    pub fn optional(self) -> Self {
        match self {
            Self::Optional(_) | Self::Any | Self::Null => self,
            other => Self::Optional(Box::new(other)),
        }
    }

    /// `Range(of)`.
    pub fn range(of: Type) -> Self {
        Self::Range(Box::new(of))
    }

    /// A context of the given members.
    pub fn context<'a>(name: &str, fields: impl IntoIterator<Item = (&'a str, Type)>) -> Self {
        let fields = fields
            .into_iter()
            .map(|(name, ty)| (name.to_owned(), ty))
            .collect();
        Self::Context(Arc::new(ContextType {
            name: name.to_owned(),
            fields,
        }))
    }

    /// Whether `null` is a value of it.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(_) | Self::Null | Self::Any)
    }

    /// The type without its list of texts: what is said of texts holds of it.
    pub(crate) fn open(&self) -> &Type {
        match self {
            Self::OneOf(_) => &Self::Text,
            other => other,
        }
    }

    /// The list of texts that a value of it is one of, if there is one.
    pub fn closed(&self) -> Option<&Arc<Closed>> {
        match self.required() {
            Self::OneOf(closed) => Some(closed),
            _ => None,
        }
    }

    /// The type without its absence.
    pub fn required(&self) -> &Type {
        match self {
            Self::Optional(inner) => inner.required(),
            other => other,
        }
    }
}

/// The Japanese name, for messages.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("任意の値"),
            Self::Null => f.write_str("空(null)"),
            Self::Boolean => f.write_str("真偽"),
            Self::Number => f.write_str("数値"),
            Self::Text | Self::OneOf(_) => f.write_str("文字"),
            Self::Date => f.write_str("日付"),
            Self::DateTime => f.write_str("日時"),
            Self::DaysTime => f.write_str("日数・時間の長さ"),
            Self::YearsMonths => f.write_str("年月の長さ"),
            Self::List(of) => write!(f, "{of}の一覧"),
            Self::Context(context) if context.name.is_empty() => f.write_str("項目の組"),
            Self::Context(context) => write!(f, "「{}」", context.name),
            Self::Named(name) => write!(f, "「{name}」"),
            Self::Optional(of) => write!(f, "空のことがある{of}"),
            Self::Range(of) => write!(f, "{of}の範囲"),
        }
    }
}

/// A closed list of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// What messages call it.
    pub name: String,
    /// The texts.
    pub texts: BTreeSet<String>,
    /// Whether each of them does occur, as those in a column of a table do: whoever takes the value must take all.
    pub all_occur: bool,
}

/// Named members and their types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextType {
    /// What messages call it; may be empty.
    pub name: String,
    /// The members.
    pub fields: BTreeMap<String, Type>,
}

/// The parameters and the result of a function of the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Names and types in order. Trailing optional ones may be left out and arrive as `null`.
    pub params: Vec<(String, Type)>,
    /// What it answers.
    pub result: Type,
}

/// The names that an expression may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Env {
    /// Variables by name.
    pub variables: BTreeMap<String, Type>,
    /// Functions by name: tables and capabilities, answered by [`crate::Scope::call`].
    pub functions: BTreeMap<String, Signature>,
    /// Context types by name, for [`Type::Named`].
    pub types: BTreeMap<String, Arc<ContextType>>,
}

impl Env {
    /// An environment without names of its own; the builtin functions are always there.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a variable.
    #[must_use]
    pub fn variable(mut self, name: &str, ty: Type) -> Self {
        self.variables.insert(name.to_owned(), ty);
        self
    }

    /// Adds a function.
    #[must_use]
    pub fn function(mut self, name: &str, params: &[(&str, Type)], result: Type) -> Self {
        let params = params
            .iter()
            .map(|(name, ty)| ((*name).to_owned(), ty.clone()))
            .collect();
        self.functions
            .insert(name.to_owned(), Signature { params, result });
        self
    }

    /// Adds a named context type.
    #[must_use]
    pub fn named<'a>(
        mut self,
        name: &str,
        fields: impl IntoIterator<Item = (&'a str, Type)>,
    ) -> Self {
        let fields = fields
            .into_iter()
            .map(|(name, ty)| (name.to_owned(), ty))
            .collect();
        self.types.insert(
            name.to_owned(),
            Arc::new(ContextType {
                name: name.to_owned(),
                fields,
            }),
        );
        self
    }

    /// The members of a context type, also of a named one; `None` for every other type.
    pub fn context<'a>(&'a self, ty: &'a Type) -> Option<&'a Arc<ContextType>> {
        match ty {
            Type::Context(context) => Some(context),
            Type::Named(name) => self.types.get(name),
            _ => None,
        }
    }
}
