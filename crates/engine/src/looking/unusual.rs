//! Unusual reading (ふだんと違う閲覧): rules over notes, whose limits a table of the register sets. What they find is a
//! record that an auditor works off.

use crate::perform::{IdempotencyKey, in_the_name_of};
use crate::registry::record_type;
use crate::{Engine, Failure, href};
use feel::Value;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, tz};
use kernel::looks::{Look, LookQuery, Way};
use kernel::port::Account;
use kernel::{AccountId, Actor, RecordId, Snapshot};
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The register of what was found.
pub const LOOKS: &str = "looks";
/// Its record type.
pub const ALERT: &str = "alert";
/// The table of its limits.
const LIMITS: &str = "look_limits";
/// Days over which a reader's habit is told.
const HABIT_DAYS: i64 = 28;
/// Notes of a record gone through for one day.
const MOST_A_DAY: usize = 400;
const HOUR: i64 = 3_600;

/// Beyond what a reading is told of.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limits {
    records_an_hour: u64,
    times_the_habit: u64,
    readers_a_day: usize,
    hours_from: i8,
    hours_until: i8,
    ended_for_days: i64,
}

/// What a rule found.
struct Found<'n> {
    rule: &'static str,
    title: &'static str,
    look: &'n Look,
    said: String,
    record: Option<&'n Snapshot>,
    /// What it is told of once for: a record, or a day.
    once: String,
}

/// What the rules go by.
struct Batch {
    limits: Limits,
    accounts: BTreeMap<AccountId, Account>,
    records: BTreeMap<RecordId, Snapshot>,
}

impl Engine {
    /// Looks through notes that are new, and tells auditors of what is unusual. Officials' reading only.
    pub(super) async fn find_unusual(&self, notes: &[Look]) -> Result<(), Failure> {
        let officials: Vec<&Look> = notes
            .iter()
            .filter(|look| look.note.role.is_some())
            .collect();
        let Some(limits) = self.look_limits().filter(|_| !officials.is_empty()) else {
            return Ok(());
        };
        let batch = self.batch(limits, &officials).await?;
        let mut found = Vec::new();
        let mut hours = BTreeSet::new();
        for look in officials {
            found.extend(self.off_hours(&batch, look));
            let note = &look.note;
            if let Some(account) = note.account
                && hours.insert((account, hour_of(note.at)))
            {
                found.extend(self.volume(&batch, look, account).await?);
            }
            let Some(record) = opened(&batch, look) else {
                continue;
            };
            found.extend(family(&batch, look, record));
            found.extend(self.colleague(look, record).await?);
            found.extend(self.long_ended(&batch, look, record)?);
            found.extend(self.crowd(&batch, look, record).await?);
        }
        let mut told = BTreeSet::new();
        for one in found {
            if told.insert(key_of(&one)) {
                self.raise(&batch, one).await?;
            }
        }
        Ok(())
    }

    /// The limits of today; none where the register is not installed.
    fn look_limits(&self) -> Option<Limits> {
        let service = self.service(LOOKS).ok()?;
        let calendar = std::sync::Arc::clone(&self.catalogue().calendar);
        let today = self.today();
        let value = |what: &str| -> Option<u64> {
            let args = [Value::Date(today), Value::text(what)];
            let row = kernel::tables::call(&service, &calendar, LIMITS, &args).ok()?;
            match row.get("value")? {
                Value::Number(number) => number.to_u64(),
                _ => None,
            }
        };
        let small = |what: &str| value(what).and_then(|value| i8::try_from(value).ok());
        Some(Limits {
            records_an_hour: value("records_an_hour")?,
            times_the_habit: value("times_the_habit")?,
            readers_a_day: usize::try_from(value("readers_a_day")?).ok()?,
            hours_from: small("hours_from")?,
            hours_until: small("hours_until")?,
            ended_for_days: i64::try_from(value("ended_for_days")?).ok()?,
        })
    }

    async fn batch(&self, limits: Limits, notes: &[&Look]) -> Result<Batch, Failure> {
        let readers: BTreeSet<AccountId> =
            notes.iter().filter_map(|look| look.note.account).collect();
        let mut accounts = BTreeMap::new();
        for reader in readers {
            accounts.extend(self.account(reader).await?.map(|one| (reader, one)));
        }
        let single = notes.iter().filter(|look| is_opening(look.note.way));
        let ids: BTreeSet<RecordId> = single.flat_map(|look| look.note.records.clone()).collect();
        let ids: Vec<RecordId> = ids.into_iter().collect();
        let records = self.store.snapshots(&ids).await?.into_iter();
        Ok(Batch {
            limits,
            accounts,
            records: records.map(|record| (record.id, record)).collect(),
        })
    }

    fn off_hours<'n>(&self, batch: &Batch, look: &'n Look) -> Option<Found<'n>> {
        let (day, time) = tokyo(look.note.at);
        let limits = batch.limits;
        let calendar = &self.catalogue().calendar;
        let closed = calendar.covers(day) && !calendar.is_business_day(day);
        let early = time.hour() < limits.hours_from || time.hour() >= limits.hours_until;
        (closed || early).then(|| Found {
            rule: "hours",
            title: "時間外の閲覧",
            look,
            said: match closed {
                true => format!(
                    "開庁日でない日の{}時{}分に見ました。",
                    time.hour(),
                    time.minute()
                ),
                false => format!("{}時{}分に見ました。", time.hour(), time.minute()),
            },
            record: None,
            once: day.to_string(),
        })
    }

    async fn volume<'n>(
        &self,
        batch: &Batch,
        look: &'n Look,
        account: AccountId,
    ) -> Result<Option<Found<'n>>, Failure> {
        let now = hour_of(look.note.at);
        let from = now - HABIT_DAYS * 24;
        let counts = self.store.looks().read_counts(account, from).await?;
        let many = counts.iter().find(|(hour, _)| *hour == now);
        let many = many.map_or(0, |(_, many)| *many);
        let before: Vec<u64> = counts
            .iter()
            .filter(|(hour, _)| *hour < now)
            .map(|(_, many)| *many)
            .collect();
        let habit = before.iter().sum::<u64>() / (before.len() as u64).max(1);
        let limits = batch.limits;
        let beyond = many > limits.records_an_hour && many > habit * limits.times_the_habit;
        Ok(beyond.then(|| Found {
            rule: "volume",
            title: "短い時間に多くの記録",
            look,
            said: format!("1時間に{many}件を見ました。ふだんは1時間に{habit}件ほどです。"),
            record: None,
            once: tokyo(look.note.at).0.to_string(),
        }))
    }

    async fn colleague<'n>(
        &self,
        look: &'n Look,
        record: &'n Snapshot,
    ) -> Result<Option<Found<'n>>, Failure> {
        for party in &record.parties {
            let Some(id) = self.store.looks().account_of(party.id).await? else {
                continue;
            };
            let official = self.account(id).await?;
            let official = official.filter(|one| !one.seats.is_empty());
            if official.is_some() && look.note.account != Some(id) {
                return Ok(Some(Found {
                    rule: "colleague",
                    title: "職員の記録",
                    look,
                    said: "開いた記録の当事者は、席を持つ職員です。".into(),
                    record: Some(record),
                    once: record.id.to_string(),
                }));
            }
        }
        Ok(None)
    }

    fn long_ended<'n>(
        &self,
        batch: &Batch,
        look: &'n Look,
        record: &'n Snapshot,
    ) -> Result<Option<Found<'n>>, Failure> {
        let Ok(service) = self.service(&record.service) else {
            return Ok(None);
        };
        let rt = record_type(&service, &record.record_type)?;
        let ended = rt
            .states
            .get(&record.state)
            .is_some_and(|state| state.ended);
        let days = look.note.at.duration_since(record.updated_at).as_hours() / 24;
        // What stays in force is looked at for years.
        let wanted = ended && !rt.register && days > batch.limits.ended_for_days;
        Ok(wanted.then(|| Found {
            rule: "ended",
            title: "終わって久しい記録",
            look,
            said: format!("{days}日のあいだ動きのない、終わった記録を開きました。"),
            record: Some(record),
            once: record.id.to_string(),
        }))
    }

    async fn crowd<'n>(
        &self,
        batch: &Batch,
        look: &'n Look,
        record: &'n Snapshot,
    ) -> Result<Option<Found<'n>>, Failure> {
        let day = SignedDuration::from_hours(24);
        let query = LookQuery {
            records: vec![record.id],
            from: look.note.at.checked_sub(day).ok(),
            limit: MOST_A_DAY,
            ..LookQuery::default()
        };
        let page = self.store.looks().looks(query).await?;
        let readers: BTreeSet<AccountId> = page
            .items
            .iter()
            .filter(|one| one.note.role.is_some() && is_opening(one.note.way))
            .filter_map(|one| one.note.account)
            .collect();
        let many = readers.len();
        Ok((many >= batch.limits.readers_a_day).then(|| Found {
            rule: "crowd",
            title: "多くの職員が見た記録",
            look,
            said: format!("1日のうちに{many}人の職員が開きました。"),
            record: Some(record),
            once: format!("{} {}", record.id, tokyo(look.note.at).0),
        }))
    }

    /// Tells of it, once.
    async fn raise(&self, batch: &Batch, found: Found<'_>) -> Result<(), Failure> {
        let note = &found.look.note;
        let Some(reader) = note.account.and_then(|id| batch.accounts.get(&id)) else {
            return Ok(());
        };
        let record = found.record;
        let input = json!({
            "reader": reader.id, "rule": found.rule, "rule_title": found.title,
            "reader_name": reader.name, "reader_office": note.office,
            "at": crate::tokyo(note.at), "said": found.said,
            // Auditors may know that there was such a reading; of what is closed not of which record.
            "found": record.filter(|one| one.closed.is_none()).map(|one| href(&one.service, &one.record_type, one.id)),
        });
        let key = key_of(&found);
        let order = in_the_name_of(&Actor::system(), (LOOKS, ALERT), None, "raise", input);
        let request = crate::ActRequest {
            idempotency: Some(IdempotencyKey {
                key,
                request: String::new(),
            }),
            ..order
        };
        self.perform(request).await.map(drop)
    }
}

/// By what it is told of once: a crowd is, whoever looked.
fn key_of(found: &Found<'_>) -> String {
    match found.look.note.account.filter(|_| found.rule != "crowd") {
        Some(reader) => format!("{}/{reader}/{}", found.rule, found.once),
        None => format!("{}/{}", found.rule, found.once),
    }
}

/// Whether a record was opened, not only listed.
fn is_opening(way: Way) -> bool {
    matches!(way, Way::Record | Way::File | Way::Print)
}

fn opened<'b>(batch: &'b Batch, look: &Look) -> Option<&'b Snapshot> {
    let id = look
        .note
        .records
        .first()
        .filter(|_| is_opening(look.note.way))?;
    batch.records.get(id)
}

/// Somebody of the reader's own family name. It may be chance; an auditor asks.
fn family<'n>(batch: &Batch, look: &'n Look, record: &'n Snapshot) -> Option<Found<'n>> {
    let reader = batch.accounts.get(&look.note.account?)?;
    let own = family_name(&reader.name)?;
    let mut parties = record.parties.iter();
    let same = parties.any(|party| {
        party.id != reader.party && family_name(&party.name).is_some_and(|name| name == own)
    });
    same.then(|| Found {
        rule: "family",
        title: "自分と同じ氏の人の記録",
        look,
        said: "開いた記録の当事者に、見た職員と同じ氏の人がいます。".into(),
        record: Some(record),
        once: record.id.to_string(),
    })
}

/// The part of a name before the blank; none for names that are not written so.
fn family_name(name: &str) -> Option<String> {
    let (family, given) = name.split_once([' ', '\u{3000}'])?;
    (!given.trim().is_empty()).then(|| japanese::fold::search_key(family))
}

/// Hours since 1970.
fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR)
}

fn tokyo(at: Timestamp) -> (Date, Time) {
    let there = tz::Offset::constant(9).to_datetime(at);
    (there.date(), there.time())
}

#[cfg(test)]
mod tests {
    use super::family_name;

    #[test]
    fn family_names_are_told_where_a_blank_parts_them() {
        assert_eq!(family_name("佐藤 花子"), family_name("佐藤　一郎"));
        assert_eq!(family_name("株式会社ひまわり食堂"), None);
        assert_eq!(family_name("佐藤 "), None);
        assert_ne!(family_name("佐藤 花子"), family_name("鈴木 花子"));
    }
}
