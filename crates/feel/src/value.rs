//! The values of FEEL.

use std::{cmp::Ordering, collections::BTreeMap, fmt, sync::Arc};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A value of FEEL. Equality is that of FEEL: `1.0 = 1`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// An exact decimal.
    Number(Decimal),
    /// A text.
    Text(Arc<str>),
    /// A civil date in Asia/Tokyo.
    Date(jiff::civil::Date),
    /// An instant.
    DateTime(jiff::Timestamp),
    /// A duration of days and time.
    DaysTime(jiff::SignedDuration),
    /// A duration of years and months, in months.
    YearsMonths(i64),
    /// A list.
    List(Vec<Value>),
    /// Named members.
    Context(BTreeMap<Arc<str>, Value>),
    /// From one value to another.
    Range(Box<RangeValue>),
}

/// A range; a side that is `None` is open-ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RangeValue {
    /// The lower end.
    pub low: Option<Value>,
    /// The upper end.
    pub high: Option<Value>,
    /// Whether the lower end belongs to it.
    pub low_closed: bool,
    /// Whether the upper end belongs to it.
    pub high_closed: bool,
}

impl RangeValue {
    /// Whether the value lies in the range; false for a value of another type.
    pub fn contains(&self, value: &Value) -> bool {
        let above = self
            .low
            .as_ref()
            .is_none_or(|low| match value.compare(low) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => self.low_closed,
                _ => false,
            });
        above
            && self
                .high
                .as_ref()
                .is_none_or(|high| match value.compare(high) {
                    Some(Ordering::Less) => true,
                    Some(Ordering::Equal) => self.high_closed,
                    _ => false,
                })
    }
}

impl Value {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A context of the given members.
    pub fn context<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        Self::Context(
            members
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// The member of a context; `None` when it is missing or null, or this is no context.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Context(members) => members.get(name).filter(|value| **value != Self::Null),
            _ => None,
        }
    }

    /// The order of two values of one orderable type: numbers, texts by code point, dates,
    /// instants, durations. `None` for every other pair.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::DateTime(a), Self::DateTime(b)) => Some(a.cmp(b)),
            (Self::DaysTime(a), Self::DaysTime(b)) => Some(a.cmp(b)),
            (Self::YearsMonths(a), Self::YearsMonths(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// The name of its type, for messages.
    pub fn type_name_ja(&self) -> &'static str {
        match self {
            Self::Null => "空(null)",
            Self::Boolean(_) => "真偽",
            Self::Number(_) => "数値",
            Self::Text(_) => "文字",
            Self::Date(_) => "日付",
            Self::DateTime(_) => "日時",
            Self::DaysTime(_) => "日数・時間の長さ",
            Self::YearsMonths(_) => "年月の長さ",
            Self::List(_) => "一覧",
            Self::Context(_) => "項目の組",
            Self::Range(_) => "範囲",
        }
    }

    /// As JSON: numbers keep their exact digits, dates and durations are ISO 8601 texts, instants
    /// RFC 3339 with Tokyo's offset, a range is its FEEL text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Boolean(b) => (*b).into(),
            Self::Number(n) => n
                .to_string()
                .parse()
                .map_or(serde_json::Value::Null, serde_json::Value::Number),
            Self::Text(t) => (**t).into(),
            Self::List(items) => items.iter().map(Value::to_json).collect(),
            Self::Context(members) => members
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_json()))
                .collect(),
            other => other.to_string().into(),
        }
    }
}

/// As `string(x)` of FEEL prints it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(b) => write!(f, "{b}"),
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(t) => f.write_str(t),
            Self::Date(d) => write!(f, "{d}"),
            Self::DateTime(t) => write!(f, "{}", t.display_with_offset(TOKYO)),
            Self::DaysTime(d) => days_time(*d, f),
            Self::YearsMonths(months) => years_months(*months, f),
            Self::List(items) => {
                f.write_str("[")?;
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        f.write_str(", ")?;
                    }
                    nested(item, f)?;
                }
                f.write_str("]")
            }
            Self::Context(members) => {
                f.write_str("{")?;
                for (n, (name, value)) in members.iter().enumerate() {
                    if n > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{name}: ")?;
                    nested(value, f)?;
                }
                f.write_str("}")
            }
            Self::Range(range) => {
                let side = |value: &Option<Value>| {
                    value.as_ref().map(ToString::to_string).unwrap_or_default()
                };
                let (open, close) = (
                    if range.low_closed { '[' } else { '(' },
                    if range.high_closed { ']' } else { ')' },
                );
                write!(
                    f,
                    "{open}{}..{}{close}",
                    side(&range.low),
                    side(&range.high)
                )
            }
        }
    }
}

/// Asia/Tokyo has had no summer time since 1951: a fixed offset.
pub(crate) const TOKYO: jiff::tz::Offset = jiff::tz::Offset::constant(9);

fn nested(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Text(text) => write!(f, "{text:?}"),
        other => write!(f, "{other}"),
    }
}

fn years_months(months: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (sign, total) = (if months < 0 { "-" } else { "" }, months.unsigned_abs());
    match (total / 12, total % 12) {
        (0, m) => write!(f, "{sign}P{m}M"),
        (y, 0) => write!(f, "{sign}P{y}Y"),
        (y, m) => write!(f, "{sign}P{y}Y{m}M"),
    }
}

fn days_time(duration: jiff::SignedDuration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let total = duration.unsigned_abs();
    let (seconds, nanos) = (total.as_secs(), total.subsec_nanos());
    let (days, hours, minutes, seconds) = (
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    );
    f.write_str(if duration.is_negative() { "-P" } else { "P" })?;
    if days > 0 {
        write!(f, "{days}D")?;
    }
    if hours + minutes + seconds == 0 && nanos == 0 {
        return if days == 0 {
            f.write_str("T0S")
        } else {
            Ok(())
        };
    }
    f.write_str("T")?;
    for (n, unit) in [(hours, 'H'), (minutes, 'M')] {
        if n > 0 {
            write!(f, "{n}{unit}")?;
        }
    }
    match (seconds, nanos) {
        (0, 0) => Ok(()),
        (s, 0) => write!(f, "{s}S"),
        (s, n) => write!(f, "{s}.{}S", format!("{n:09}").trim_end_matches('0')),
    }
}

macro_rules! from {
    ($($source:ty => $variant:ident),* $(,)?) => {
        $(impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}
from! {
    bool => Boolean, Decimal => Number, i64 => Number, i32 => Number, u32 => Number, u64 => Number,
    &str => Text, String => Text, Arc<str> => Text, jiff::civil::Date => Date, jiff::Timestamp => DateTime,
    jiff::SignedDuration => DaysTime, Vec<Value> => List, BTreeMap<Arc<str>, Value> => Context,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
