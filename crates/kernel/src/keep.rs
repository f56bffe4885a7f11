//! Retention and disposal (保存期間・廃棄): until when a record is kept, and what a disposal leaves.
//!
//! The rule is that of the definition as it is today, whatever definition a record is pinned to: periods are set by rules
//! on documents, not by the law under which a case was decided. Only a record that has ended runs towards its end; what
//! stays in force is kept.

use crate::decision::{Entry, Expect};
use crate::event::{Event, Patch};
use crate::ids::{AccountId, ActId, RecordId};
use crate::key;
use crate::number::fiscal_year;
use crate::port::{Stored, Task};
use crate::scope::{Around, RecordScope, state};
use crate::snapshot::Snapshot;
use definition::model::{RecordType, Retention, RetentionCount};
use feel::Value;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The index of records by the last day of their retention. Its name is none that a package can write.
pub const INDEX: &str = "@retention";
/// The index of records that ended and never arrived, by the last day on which they are kept.
pub const UNSENT: &str = "@unsent";
/// The key of those indexes.
pub const UNTIL: &str = "@until";
/// The action of the event that disposes of a record: the last of its record.
pub const DISPOSE: &str = "@dispose";
/// The action of the event that keeps a record longer.
pub const EXTEND: &str = "@extend";

/// The last day of the period that begins with a day; none where it never ends.
#[must_use]
pub fn last_day(rule: &Retention, from: Date) -> Option<Date> {
    let years = i16::try_from(rule.years?).ok()?;
    match rule.count {
        // 翌年度の4月1日から起算: it ends with the fiscal year.
        RetentionCount::FiscalYear => {
            let first = fiscal_year(from).checked_add(1)?;
            Some(date(first.checked_add(years)?, 3, 31))
        }
        RetentionCount::Year => Some(date(from.year().checked_add(years)?, 12, 31)),
        // The first day excluded (民法140条, 143条).
        RetentionCount::Day => from.checked_add(years.years()).ok(),
    }
}

/// The last day on which a record must be kept; none while it runs, stays in force or is kept for ever.
#[must_use]
pub fn until(rt: &RecordType, snapshot: &Snapshot, around: Around<'_>) -> Option<Date> {
    let rule = rt.retention.as_ref()?;
    if !state(rt, snapshot).is_some_and(|state| state.ended) || is_unsent(rt, snapshot) {
        return None;
    }
    let from = match &rule.from {
        None => snapshot.state_since?,
        Some(from) => match RecordScope::new(around, rt, snapshot, None).value(from) {
            Ok(Some(Value::Date(day))) => day,
            // What it counts from is not known: it is counted from the day it ended.
            _ => snapshot.state_since?,
        },
    };
    let last = last_day(rule, from)?;
    Some(
        snapshot
            .kept
            .as_ref()
            .map_or(last, |kept| kept.until.max(last)),
    )
}

/// Whether a record ended without ever having arrived, under a rule that lets such records go by themselves: a discarded
/// draft is no document of the office (行政手続法7条 counts from arrival), so that no official answers for it.
fn is_unsent(rt: &RecordType, snapshot: &Snapshot) -> bool {
    rt.retention
        .as_ref()
        .is_some_and(|rule| rule.unsent.is_some())
        && snapshot.arrived_on.is_none()
        && state(rt, snapshot).is_some_and(|state| state.ended)
}

/// The last day on which a record is kept that ended and never arrived; none of any other.
#[must_use]
pub fn unsent_until(rt: &RecordType, snapshot: &Snapshot) -> Option<Date> {
    if !is_unsent(rt, snapshot) {
        return None;
    }
    let days = rt.retention.as_ref()?.unsent?;
    snapshot
        .state_since?
        .checked_add(i64::from(days).days())
        .ok()
}

/// The entry by which a record is found once its time has come.
#[must_use]
pub fn entry(rt: &RecordType, snapshot: &Snapshot, around: Around<'_>) -> Option<Entry> {
    let (index, until) = match unsent_until(rt, snapshot) {
        Some(until) => (UNSENT, until),
        None => (INDEX, until(rt, snapshot, around)?),
    };
    Some(Entry {
        index: index.to_owned(),
        keys: vec![key::encode(&Value::Date(until))],
    })
}

/// A decision to keep a record longer than its rule says (延長). The reason is not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The last day on which it must be kept.
    pub until: Date,
    /// Why.
    pub because: String,
    /// The record of the round by which it was decided.
    pub round: RecordId,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept")
            .field("until", &self.until)
            .field("round", &self.round)
            .finish_non_exhaustive()
    }
}

/// What is left of a record that was disposed of (廃棄の記録). It says nothing of whom the record was about; the names in it
/// are those of the officials who answer for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What became of it: disposed of, or handed over to the archives.
    pub deed: Deed,
    /// Title of its type.
    pub title: String,
    /// Official number, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The counters of which its numbers were drawn, so that they still add up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<String>,
    /// What it counted for in the measures of its type: measure, key, number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<(String, String, rust_decimal::Decimal)>,
    /// Name of the office that kept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// The last day on which it had to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Date>,
    /// The rule: what says how long it was to be kept.
    pub basis: String,
    /// Why, and to whom where it was handed over.
    pub because: String,
    /// The record of the round by which it was decided; the record itself where none was needed (`unsent`).
    pub round: RecordId,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who decided it.
    pub decided_by: String,
    /// On which day.
    pub decided_on: Date,
    /// Events that it had.
    pub events: u64,
    /// Uploads and letters that went with it.
    pub files: u64,
    /// The record with which it went, where it was a part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<RecordId>,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate")
            .field("deed", &self.deed)
            .field("round", &self.round)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// What becomes of records whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// 廃棄.
    Dispose,
    /// 延長.
    Extend,
    /// 公文書館への移管: handed over, then no longer kept here.
    Transfer,
}

impl Gone {
    /// Whether it went by itself, never having arrived: nobody is told of it.
    #[must_use]
    pub fn was_unsent(&self) -> bool {
        self.round == self.record
    }
}

impl Deed {
    /// As it is written in records and requests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dispose => "dispose",
            Self::Extend => "extend",
            Self::Transfer => "transfer",
        }
    }

    /// Reads [`Deed::name`].
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        [Self::Dispose, Self::Extend, Self::Transfer]
            .into_iter()
            .find(|deed| deed.name() == name)
    }

    /// As officials say it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Dispose => "廃棄",
            Self::Extend => "延長",
            Self::Transfer => "移管",
        }
    }
}

/// The certificate that an event carries, if it disposes of its record.
#[must_use]
pub fn certificate(event: &Event) -> Option<&Certificate> {
    if event.header.action != DISPOSE {
        return None;
    }
    event.body.patches.iter().find_map(|patch| match patch {
        Patch::Disposed(certificate) => Some(&**certificate),
        _ => None,
    })
}

/// The counters of which a record's numbers were drawn.
#[must_use]
pub fn drawn(authority: Option<&str>, history: &[Stored]) -> Vec<String> {
    let mut all = Vec::new();
    for event in history.iter().map(|stored| &stored.event) {
        let header = &event.header;
        let numbers = event.body.patches.iter();
        let numbers = numbers.filter(|patch| matches!(patch, Patch::Number(_)));
        all.extend(numbers.map(|_| {
            let (service, kind) = (&header.service, &header.record_type);
            crate::number::counter(service, kind, authority, header.effective_on)
        }));
    }
    all
}

/// The types whose records go with a record of a type: its children that have no rule of their own, and theirs.
#[must_use]
pub fn parts(
    types: &indexmap::IndexMap<String, std::sync::Arc<RecordType>>,
    of: &str,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![of.to_owned()];
    while let Some(name) = open.pop() {
        let children = types.get(&name).into_iter().flat_map(|rt| rt.has.values());
        for child in children {
            let goes_along = types
                .get(&child.record_type)
                .is_some_and(|rt| rt.retention.is_none());
            if goes_along && found.insert(child.record_type.clone()) {
                open.push(child.record_type.clone());
            }
        }
    }
    found
}

/// Records to be disposed of in one commit: one, and its parts.
pub struct Disposal {
    /// Each with the version that was decided on and the event that remains.
    pub records: Vec<(Expect, Event)>,
}

/// What is known of a record that was disposed of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The record.
    pub record: RecordId,
    /// Service slug.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// Official number.
    pub number: Option<String>,
    /// Name of the office that kept it.
    pub office: Option<String>,
    /// What became of it.
    pub deed: Deed,
    /// The record of the round by which it was decided.
    pub round: RecordId,
    /// When.
    pub at: Timestamp,
}

/// A record that is there although its key was destroyed: an older copy of the data was put in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revived {
    /// The record.
    pub record: RecordId,
    /// What the destroyed key was let go with.
    pub certificate: Certificate,
}

/// What the engine needs of a store to dispose of records.
pub trait Keeper: Send + Sync {
    /// Disposes of records: their events become the last, everything else of them goes. Keys and files go with the next
    /// [`Keeper::destroy`]. False if one of them has moved on or is gone: nothing has changed then.
    fn dispose(&self, disposal: Disposal) -> Task<'_, bool>;
    /// Which of some records were disposed of.
    fn disposed<'a>(&'a self, records: &'a [RecordId]) -> Task<'a, Vec<Gone>>;
    /// Records that a round has disposed of so far, its own and not their parts.
    fn disposed_by(&self, round: RecordId) -> Task<'_, u64>;
    /// Destroys the keys of what was disposed of, and asks for a fresh copy of the installation; answers how many. A kill
    /// before or within it is made good by the next call.
    fn destroy(&self) -> Task<'_, u64>;
    /// Records that an older copy of the data brought back.
    fn revived(&self) -> Task<'_, Vec<Revived>>;
    /// Lets the search index forget what was taken out of it, a little at a time; true while there is more to do.
    fn forget_words(&self) -> Task<'_, bool>;
}

/// Who decided, for the events of a round.
#[derive(Clone)]
pub struct Decided {
    /// The act under which the events are written.
    pub act: ActId,
    /// The account that decided.
    pub account: Option<AccountId>,
    /// When it is carried out.
    pub at: Timestamp,
    /// The civil day of that.
    pub today: Date,
    /// Hash of the definition whose rule it is.
    pub definition: String,
}

/// The event that disposes of a record.
#[must_use]
pub fn event(of: &Snapshot, decided: &Decided, certificate: Certificate) -> Event {
    let decided_by = certificate.decided_by.clone();
    after(
        of,
        decided,
        DISPOSE,
        decided_by,
        Patch::Disposed(Box::new(certificate)),
    )
}

/// The event that keeps a record longer.
#[must_use]
pub fn extension(of: &Snapshot, decided: &Decided, decided_by: String, kept: Kept) -> Event {
    after(of, decided, EXTEND, decided_by, Patch::Kept(kept))
}

fn after(of: &Snapshot, decided: &Decided, action: &str, name: String, patch: Patch) -> Event {
    Event {
        header: crate::event::Header {
            record: of.id,
            service: of.service.clone(),
            record_type: of.record_type.clone(),
            seq: of.version + 1,
            act: decided.act,
            action: action.to_owned(),
            recorded_at: decided.at,
            occurred_at: decided.at,
            effective_on: decided.today,
            actor: decided.account,
            on_behalf_of: None,
            acted_as: "system".to_owned(),
            seat_office: None,
            definition: decided.definition.clone(),
        },
        body: crate::event::Body {
            actor_name: name,
            patches: vec![patch],
            ..Default::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use definition::model::RetentionThen;
    use proptest::prelude::*;

    fn rule(years: Option<u16>, count: RetentionCount) -> Retention {
        Retention {
            years,
            from: None,
            count,
            then: RetentionThen::Dispose,
            basis: "規程".into(),
            by: Vec::new(),
            decide: Vec::new(),
            unsent: None,
        }
    }

    #[test]
    fn a_fiscal_year_counts_from_the_april_after() {
        let five = rule(Some(5), RetentionCount::FiscalYear);
        assert_eq!(last_day(&five, date(2026, 3, 31)), Some(date(2031, 3, 31)));
        assert_eq!(last_day(&five, date(2026, 4, 1)), Some(date(2032, 3, 31)));
        assert_eq!(last_day(&five, date(2026, 11, 22)), Some(date(2032, 3, 31)));
    }

    #[test]
    fn years_and_days_count_as_their_rules_say() {
        let year = rule(Some(3), RetentionCount::Year);
        assert_eq!(last_day(&year, date(2026, 1, 1)), Some(date(2029, 12, 31)));
        let day = rule(Some(1), RetentionCount::Day);
        assert_eq!(last_day(&day, date(2026, 11, 22)), Some(date(2027, 11, 22)));
        assert_eq!(last_day(&day, date(2028, 2, 29)), Some(date(2029, 2, 28)));
    }

    #[test]
    fn what_is_kept_for_ever_never_ends() {
        let ever = rule(None, RetentionCount::FiscalYear);
        assert_eq!(last_day(&ever, date(2026, 4, 1)), None);
    }

    proptest! {
        /// It is kept for at least its years, and by fiscal year for less than a year more; a later beginning never ends earlier.
        #[test]
        fn no_period_is_shorter_than_its_years(day in 0..20_000i32, later in 0..800i32, years in 1..40u16) {
            let from = date(1990, 1, 1).checked_add(day.days()).unwrap();
            let after = from.checked_add(later.days()).unwrap();
            for count in [RetentionCount::FiscalYear, RetentionCount::Year, RetentionCount::Day] {
                let rule = rule(Some(years), count);
                let last = last_day(&rule, from).unwrap();
                let least = from.checked_add(i16::try_from(years).unwrap().years()).unwrap();
                prop_assert!(last >= least);
                prop_assert!(last < least.checked_add(366.days()).unwrap());
                prop_assert!(last_day(&rule, after).unwrap() >= last);
                if count == RetentionCount::FiscalYear {
                    prop_assert_eq!((last.month(), last.day()), (3, 31));
                }
            }
        }
    }
}
