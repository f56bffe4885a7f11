//! The day that a record's owner looks forward to.

use crate::render::parts;
use crate::scope::{Around, RecordScope};
use crate::snapshot::Snapshot;
use definition::model::RecordType;
use feel::Value;
use jiff::civil::Date;

/// An outlook as it reads now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// What day it is.
    pub title: String,
    /// The day.
    pub day: Date,
    /// Why.
    pub because: String,
}

/// What a definition says of the day ahead, computed from the record as it stands; nothing while a value it needs is
/// absent, or where a table has no row.
#[must_use]
pub fn outlook(around: Around<'_>, rt: &RecordType, snapshot: &Snapshot) -> Option<Outlook> {
    let rule = rt.outlook.as_ref()?;
    let scope = RecordScope::new(around, rt, snapshot, None);
    let Ok(Some(Value::Date(day))) = scope.value(&rule.value) else {
        return None;
    };
    Some(Outlook {
        title: rule.title.clone(),
        day,
        because: parts(around, rt, &scope, &rule.because),
    })
}
