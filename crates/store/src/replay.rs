//! Replays the whole journal and compares what it gives with what the store shows.

mod disposed;
mod first;
pub(crate) mod found;
mod log;
pub(crate) mod numbers;
pub(crate) mod posted;

use crate::codec;
use crate::db::Row;
use crate::failure::Failure;
use crate::house::keep::Left;
use crate::house::looks;
use crate::keyring::Keys;
use crate::names::Names;
use crate::open::SqliteStore;
use crate::read;
use found::Finding;
use kernel::port::{StoreError, Stored};
use kernel::{Own, RecordId, Snapshot};
use numbers::Numbers;
use posted::Wanted;
use rusqlite::{Connection, params};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What a replay went through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Events.
    pub events: u64,
    /// Records.
    pub records: u64,
    /// Records of which only the certificate of their disposal is left.
    pub disposed: u64,
    /// Balances.
    pub balances: u64,
    /// Signed heads of the log.
    pub heads: u64,
    /// Events that they are over.
    pub logged: u64,
    /// Notes of who looked.
    pub looks: u64,
    /// Individual numbers (個人番号) that records refer to and the vault has; for whoever knows the definitions to count.
    pub numbers: u64,
    /// Individual numbers that were destroyed.
    pub destroyed_numbers: u64,
    /// The first thing that does not fit; none when all is well.
    pub difference: Option<Difference>,
}

/// The first thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Position in the journal, if it is an event.
    pub position: Option<u64>,
    /// The record concerned, if one is.
    pub record: Option<RecordId>,
    /// What is wrong. Names no content.
    pub what: String,
}

impl Replayed {
    /// One record more.
    pub(crate) fn count(&mut self, fold: &Fold) {
        match fold.disposed {
            Some(_) => self.disposed += 1,
            None => self.records += 1,
        }
    }

    /// Goes through the log too, and keeps the difference of the earliest event.
    pub(crate) fn conclude(
        &mut self,
        db: &crate::db::Connection<'_>,
        keys: &dyn Keys,
        records: Result<(), Stop>,
        witnessed: &[evidence::Head],
    ) -> Result<(), Failure> {
        let logged = log::check(db, keys, witnessed, self);
        let looks = looks::check::check(db, keys).map(|many| self.looks = many);
        self.difference = first::earliest(db, keys, [records, logged, looks])?;
        Ok(())
    }
}

/// What a snapshot is found by, under the definition of a hash.
pub type Derive<'d> = &'d dyn Fn(&Snapshot, &str) -> Option<Own>;

pub(crate) enum Stop {
    Different(Difference),
    Fault(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

impl Stop {
    pub(crate) fn at(position: u64, record: RecordId, what: &str) -> Self {
        Self::Different(Difference {
            position: Some(position),
            record: Some(record),
            what: what.into(),
        })
    }

    pub(crate) fn record(record: RecordId, what: &str) -> Self {
        Self::Different(Difference {
            position: None,
            record: Some(record),
            what: what.into(),
        })
    }

    pub(crate) fn other(what: String) -> Self {
        Self::Different(Difference {
            position: None,
            record: None,
            what,
        })
    }
}

/// What a walk came to: damage that was found on the way is a difference, not an error.
pub(crate) fn found_different(walked: Result<(), Stop>) -> Result<Option<Difference>, Failure> {
    match walked {
        Ok(()) => Ok(None),
        Err(Stop::Different(difference)) => Ok(Some(difference)),
        Err(Stop::Fault(failure)) => match StoreError::from(failure) {
            StoreError::Damaged(what) => Ok(Some(Difference {
                position: None,
                record: None,
                what,
            })),
            unavailable => Err(Failure::Unavailable(unavailable.to_string())),
        },
    }
}

impl SqliteStore {
    /// Walks the journal record by record without any definition: opens each body, checks chain and hashes, folds
    /// [`kernel::evolve`] and compares with the snapshots; compares entries of indexes and search postings with what
    /// stands beside the snapshot; then compares balances with their postings. Answers the first difference.
    ///
    /// # Errors
    /// When the store cannot be read at all. Damage that is found on the way is a difference, not an error.
    pub fn replay(&self) -> Result<Replayed, StoreError> {
        self.replay_with(&|_, _| None, &[])
    }

    /// The same with definitions: `own` answers what a snapshot is found by under the definition of a hash, and index
    /// entries, scope keys, search text and unique values are compared with it; none where the definition is not there.
    /// `witnessed` are heads of the log that somebody else has kept: the log must have grown out of each.
    ///
    /// # Errors
    /// As for [`Self::replay`].
    pub fn replay_with(
        &self,
        own: Derive<'_>,
        witnessed: &[evidence::Head],
    ) -> Result<Replayed, StoreError> {
        Ok(self.pool.aside(|db| {
            let mut replayed = Replayed::default();
            let keys = Left::of(&db.into(), self.keys.as_ref())?;
            let records = self.walk(db, &keys, own, &mut replayed);
            replayed.conclude(&db.into(), &keys, records, witnessed)?;
            Ok(replayed)
        })?)
    }

    fn walk(
        &self,
        db: &Connection,
        keys: &dyn Keys,
        own: Derive<'_>,
        replayed: &mut Replayed,
    ) -> Result<(), Stop> {
        // FTS5 remembers its segments on this connection and looks whether they still stand only when a query begins.
        // Without one, the check would take segments that were merged since for lost ones.
        db.query_row(
            "SELECT count(*) AS n FROM search_index WHERE search_index MATCH 'a'",
            [],
            |_| Ok(()),
        )?;
        // The b-trees first: it finds what lies outside of any row, and indexes that disagree with their tables.
        let sound: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(Stop::other(sound));
        }
        let mut finding = Finding::begin(db)?;
        // Read anew: what the program remembers of names is not what the database says.
        let names = Names::default();
        let wanted = Self::journal(db, keys, replayed, &mut |fold| {
            let Some(snapshot) = fold.compare(&db.into())? else {
                return Ok(());
            };
            let own = own(snapshot, &fold.definition);
            finding.record(db, &names, snapshot, own.as_ref())
        })?;
        let snapshots: i64 =
            db.query_row("SELECT count(*) AS n FROM record", [], |row| row.get("n"))?;
        if codec::count(snapshots)? != replayed.records {
            return Err(Stop::other(format!(
                "{snapshots} snapshots, yet events of {} records",
                replayed.records
            )));
        }
        finding.end(db)?;
        uses(db)?;
        balances(db, replayed)?;
        of_acts(db, wanted)
    }

    /// Record by record rather than in commit order, so that one snapshot at a time is in memory.
    fn journal(
        db: &Connection,
        keys: &dyn Keys,
        replayed: &mut Replayed,
        done: &mut dyn FnMut(Fold) -> Result<(), Stop>,
    ) -> Result<Wanted, Stop> {
        let mut find = db.prepare(&format!(
            "SELECT {} FROM event ORDER BY record, seq",
            read::columns()
        ))?;
        let mut rows = find.query([])?;
        let mut current: Option<Fold> = None;
        let mut last_position = 0;
        let (mut numbers, mut wanted) = (Numbers::default(), Wanted::default());
        while let Some(row) = rows.next()? {
            let (stored, evidence) =
                read::stored_of(row.into(), keys).map_err(|failure| at(row.into(), failure))?;
            last_position = last_position.max(stored.position);
            numbers.see(&stored, &evidence);
            wanted.see(&stored);
            if current
                .as_ref()
                .is_some_and(|fold| fold.id != stored.event.header.record)
                && let Some(fold) = current.take()
            {
                replayed.count(&fold);
                done(fold)?;
            }
            replayed.events += 1;
            current = Some(Fold::step(current, &stored, &evidence)?);
        }
        if let Some(fold) = current {
            replayed.count(&fold);
            done(fold)?;
        }
        // Positions run on without a gap, so that an event that was cut out is missed.
        if last_position != replayed.events {
            return Err(Stop::other(format!(
                "{} events, yet the last has position {last_position}",
                replayed.events
            )));
        }
        numbers.compare(&db.into())?;
        Ok(wanted)
    }
}

/// The fold of one record so far.
pub(crate) struct Fold {
    pub(crate) id: RecordId,
    /// What the events give; none where they can no longer be read.
    pub(crate) snapshot: Option<Snapshot>,
    /// The definition of the last event.
    pub(crate) definition: String,
    hash: String,
    key: u64,
    authority: Option<String>,
    /// Position of the first event whose key was destroyed.
    unread: Option<u64>,
    /// Position of the event that disposed of it.
    disposed: Option<u64>,
}

impl Fold {
    pub(crate) fn step(
        before: Option<Self>,
        stored: &Stored,
        evidence: &read::Evidence,
    ) -> Result<Self, Stop> {
        let header = &stored.event.header;
        let wrong = |what: &str| Stop::at(stored.position, header.record, what);
        if codec::hex(&evidence.computed) != stored.hash {
            return Err(wrong("the hash is not that of header and body"));
        }
        let previous = before
            .as_ref()
            .map_or_else(|| codec::hex(&[0; 32]), |fold| fold.hash.clone());
        if previous != stored.previous {
            return Err(wrong("the previous hash is not that of the event before"));
        }
        if before.as_ref().is_some_and(|fold| fold.disposed.is_some()) {
            return Err(wrong("an event follows the disposal of its record"));
        }
        let is_disposal = header.action == kernel::keep::DISPOSE;
        if is_disposal && kernel::keep::certificate(&stored.event).is_none() {
            return Err(wrong("the disposal has no certificate"));
        }
        let is_same_key = before.as_ref().is_none_or(|fold| fold.key == evidence.key);
        if is_same_key == (is_disposal && before.is_some()) {
            return Err(wrong("the key is not that of the record"));
        }
        let (known, mut unread) = before.map_or((None, None), |fold| (fold.snapshot, fold.unread));
        if !evidence.is_opened && unread.is_none() {
            unread = Some(stored.position);
        }
        let snapshot = match (unread, is_disposal) {
            (Some(_), _) | (_, true) => known.filter(|_| is_disposal),
            _ => {
                let next = kernel::evolve(known, &stored.event);
                Some(next.map_err(|error| wrong(&error.to_string()))?)
            }
        };
        Ok(Self {
            id: header.record,
            snapshot,
            definition: header.definition.clone(),
            hash: stored.hash.clone(),
            key: evidence.key,
            authority: evidence.authority.clone(),
            unread,
            disposed: is_disposal.then_some(stored.position),
        })
    }

    /// The hash of the last event (hex).
    pub(crate) fn hash(&self) -> &str {
        &self.hash
    }

    /// The number of the record's key.
    pub(crate) fn key(&self) -> u64 {
        self.key
    }

    /// Compares with what the store shows; answers the snapshot, or none where the record was disposed of.
    pub(crate) fn compare(
        &self,
        db: &crate::db::Connection<'_>,
    ) -> Result<Option<&Snapshot>, Stop> {
        if let Some(position) = self.disposed {
            return disposed::check(db, self.id, position, self.unread).map(|()| None);
        }
        if let Some(position) = self.unread {
            let what = "its key was destroyed, and no certificate says why";
            return Err(Stop::at(position, self.id, what));
        }
        let Some(snapshot) = &self.snapshot else {
            return Err(Stop::record(self.id, "its events give no record"));
        };
        self.shown(db, snapshot)?;
        Ok(Some(snapshot))
    }

    /// Compares with the snapshot that the store shows, and its plain columns.
    fn shown(&self, db: &crate::db::Connection<'_>, snapshot: &Snapshot) -> Result<(), Stop> {
        let id = self.id;
        let mut find = db.prepare_cached(
            "SELECT record.version AS version, record.key AS key, record.last_hash AS last_hash, record.state AS state,
               record.authority AS authority, record.office AS office, record.number AS number, record.parent AS parent,
               record.slot AS slot, record.created_at AS created_at, record.updated_at AS updated_at, record.body AS body,
               kind.service AS service, kind.record_type AS record_type, found.kind = record.kind AS is_found
             FROM record JOIN kind ON kind.id = record.kind JOIN found ON found.row = record.row WHERE record.id = ?1",
        )?;
        let mut rows = find.query(params![id.0.into_bytes()])?;
        let Some(row) = rows.next()? else {
            return Err(Stop::record(id, "there is no snapshot"));
        };
        let is_shown = is_said_by(snapshot, &row.get::<_, Vec<u8>>("body")?)?;
        let shown = snapshot;
        if !is_shown {
            return Err(Stop::record(id, "the snapshot is not what the events give"));
        }
        let parent = codec::optional_id(row.get("parent")?)?.map(RecordId);
        let is_same = codec::count(row.get("version")?)? == shown.version
            && codec::count(row.get("key")?)? == self.key
            && codec::hex(&row.get::<_, Vec<u8>>("last_hash")?) == self.hash
            && row.get::<_, String>("service")? == shown.service
            && row.get::<_, String>("record_type")? == shown.record_type
            && row.get::<_, String>("state")? == shown.state
            && row.get::<_, Option<String>>("authority")? == shown.authority
            && self.authority == shown.authority
            && row.get::<_, Option<String>>("office")? == shown.office
            && row.get::<_, Option<String>>("number")? == shown.number
            && parent == shown.parent.as_ref().map(|parent| parent.id)
            && row.get::<_, Option<String>>("slot")?
                == shown.parent.as_ref().map(|parent| parent.slot.clone())
            && row.get::<_, i64>("created_at")? == codec::nanos(shown.created_at)
            && row.get::<_, i64>("updated_at")? == codec::nanos(shown.updated_at)
            && row.get::<_, bool>("is_found")?;
        if is_same {
            Ok(())
        } else {
            Err(Stop::record(
                id,
                "the columns beside the snapshot are not what it says",
            ))
        }
    }
}

/// Whether a stored snapshot says what the fold gives; nearly always byte by byte.
fn is_said_by(snapshot: &Snapshot, body: &[u8]) -> Result<bool, Stop> {
    if serde_json::to_vec(snapshot)? == body {
        return Ok(true);
    }
    let shown: Json = codec::json(body)?;
    Ok(says_the_same(&shown, &serde_json::to_value(snapshot)?))
}

/// Whether a stored JSON says what the fold gives. What an older program did not write yet may be missing where the
/// fold has nothing either; what is there must be known, so that a name that was damaged is not passed over.
fn says_the_same(shown: &Json, given: &Json) -> bool {
    match (shown, given) {
        (Json::Object(shown), Json::Object(given)) => {
            shown.iter().all(|(name, value)| {
                given
                    .get(name)
                    .is_some_and(|other| says_the_same(value, other))
            }) && given
                .iter()
                .all(|(name, value)| shown.contains_key(name) || is_empty(value) || is_later(name))
        }
        (Json::Array(shown), Json::Array(given)) => {
            shown.len() == given.len()
                && shown
                    .iter()
                    .zip(given)
                    .all(|(one, other)| says_the_same(one, other))
        }
        _ => shown == given,
    }
}

/// What snapshots of earlier programs lack although their events give it; written when the record is indexed anew.
fn is_later(name: &str) -> bool {
    name == "state_since"
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The place of an event that cannot be read, if even that can be told.
pub(crate) fn at(row: Row<'_>, failure: Failure) -> Stop {
    let position = row
        .get::<_, i64>("position")
        .ok()
        .and_then(|position| u64::try_from(position).ok());
    match failure {
        Failure::Unavailable(_) => Stop::Fault(failure),
        damaged => Stop::Different(Difference {
            position,
            record: None,
            what: damaged.to_string(),
        }),
    }
}

/// An upload that is in use has a first record, and every record that has named it is there.
fn uses(db: &Connection) -> Result<(), Stop> {
    let stray: i64 = db.query_row(
        "SELECT count(*) AS n FROM attachment_use AS named WHERE NOT EXISTS
           (SELECT 1 FROM attachment WHERE attachment.id = named.attachment AND attachment.record IS NOT NULL)
         OR NOT EXISTS (SELECT 1 FROM record WHERE record.id = named.record)",
        [],
        |row| row.get("n"),
    )?;
    match stray {
        0 => Ok(()),
        _ => Err(Stop::other(format!(
            "{stray} uses of uploads name no upload in use or no record"
        ))),
    }
}

fn balances(db: &Connection, replayed: &mut Replayed) -> Result<(), Stop> {
    let stray: i64 = db.query_row(
        "SELECT count(*) AS n FROM posting WHERE NOT EXISTS
           (SELECT 1 FROM event WHERE event.record = posting.record AND event.act = posting.act)",
        [],
        |row| row.get("n"),
    )?;
    if stray > 0 {
        return Err(Stop::other(format!("{stray} postings name no event")));
    }

    let mut sums: BTreeMap<(String, String), (Decimal, Decimal)> = BTreeMap::new();
    let mut find = db.prepare("SELECT no, ledger, key, posted, held FROM posting ORDER BY no")?;
    let mut rows = find.query([])?;
    let mut last = 0;
    while let Some(row) = rows.next()? {
        // Each takes the number after the last, and none is ever deleted.
        last += 1;
        if row.get::<_, i64>("no")? != last {
            return Err(Stop::other(format!("posting {last} is missing")));
        }
        let sum = sums
            .entry((row.get("ledger")?, row.get("key")?))
            .or_default();
        sum.0 += codec::decimal(&row.get::<_, String>("posted")?)?;
        sum.1 += codec::decimal(&row.get::<_, String>("held")?)?;
    }
    let mut find =
        db.prepare("SELECT ledger, key, posted, held FROM balance ORDER BY ledger, key")?;
    let mut rows = find.query([])?;
    while let Some(row) = rows.next()? {
        let key: (String, String) = (row.get("ledger")?, row.get("key")?);
        let shown = (
            codec::decimal(&row.get::<_, String>("posted")?)?,
            codec::decimal(&row.get::<_, String>("held")?)?,
        );
        if sums.remove(&key) != Some(shown) {
            return Err(Stop::other(format!(
                "the balance of a key of {} is not the sum of its postings",
                key.0
            )));
        }
        replayed.balances += 1;
    }
    match sums.into_keys().next() {
        Some((ledger, _)) => Err(Stop::other(format!(
            "postings of a key of {ledger} have no balance"
        ))),
        None => Ok(()),
    }
}

/// Each posting is one that its act made.
fn of_acts(db: &Connection, mut wanted: Wanted) -> Result<(), Stop> {
    let mut find = db.prepare(&format!("{} ORDER BY act, no", posted::BY_ACT))?;
    let mut rows = find.query([])?;
    while let Some(row) = rows.next()? {
        wanted.row(row.into(), [row.get("posted")?, row.get("held")?])?;
    }
    wanted.end()
}
