//! Whether records are found as they should be: entries of indexes, search postings, unique values.
//!
//! What each record is found by stands beside it; that is compared with what its definition gives anew, and with the
//! trees that lists and searches walk. FTS5 cannot be asked for the tokens of one row, so its postings are gone through
//! once, and the digests of a row's tokens are summed up: a sum does not mind the order.

use super::Stop;
use crate::codec;
use crate::db;
use crate::failure::Failure;
use crate::names::{Names, NumberedEntry, unpack_entries, unpack_scopes};
use crate::seal;
use crate::tokens;
use kernel::{Own, RecordId, Snapshot};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashMap};

/// The sums of the search postings by row, and how many entries the records seen so far have.
pub(super) struct Finding {
    postings: HashMap<i64, Sums>,
    entries: u64,
}

impl Finding {
    /// Goes through the search index once.
    pub(super) fn begin(db: &Connection) -> Result<Self, Failure> {
        db.execute_batch(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_token USING fts5vocab('main', 'search_index', 'instance')",
        )?;
        let mut postings: HashMap<i64, Sums> = HashMap::new();
        let mut find = db.prepare("SELECT term, doc FROM temp.search_token")?;
        let mut rows = find.query([])?;
        while let Some(row) = rows.next()? {
            let term = row.get_ref("term")?;
            let sum = postings.entry(row.get("doc")?).or_default();
            sum.add(term.as_str().map_err(Failure::damaged)?);
        }
        Ok(Self {
            postings,
            entries: 0,
        })
    }

    /// One record.
    pub(super) fn record(
        &mut self,
        db: &Connection,
        names: &Names,
        snapshot: &Snapshot,
        own: Option<&Own>,
    ) -> Result<(), Stop> {
        let wrong = |what: &str| Stop::record(snapshot.id, what);
        let beside = Beside::of(&db.into(), snapshot.id)?;
        if let Some(own) = own {
            derived(&db.into(), names, snapshot, &beside, own)?;
        }
        let mut find = db.prepare_cached(
            "SELECT 1 FROM list_entry WHERE index_no = ?1 AND scope = ?2 AND k1 = ?3 AND k2 = ?4 AND k3 = ?5 AND k4 = ?6 AND row = ?7",
        )?;
        for (index, scope, keys) in beside.places() {
            let key = |at: usize| keys.get(at).map_or(&[][..], Vec::as_slice);
            if !find.exists(params![
                index,
                scope,
                key(0),
                key(1),
                key(2),
                key(3),
                beside.row
            ])? {
                return Err(wrong("an entry of an index is missing"));
            }
            self.entries += 1;
        }
        let text = tokens::document(&beside.text, beside.kind, &beside.scopes);
        let wanted = Sums::of(text.split(' ').filter(|token| !token.is_empty()));
        if self.postings.remove(&beside.row).unwrap_or_default() != wanted {
            return Err(wrong("its search postings are not those of its text"));
        }
        Ok(())
    }

    /// What is left when every record was seen belongs to none.
    pub(super) fn end(self, db: &Connection) -> Result<(), Stop> {
        if !self.postings.is_empty() {
            return Err(Stop::other("search postings belong to no record".into()));
        }
        let count = |sql: &str| -> Result<u64, Failure> {
            codec::count(db.query_row(sql, [], |row| row.get("n"))?)
        };
        if count("SELECT count(*) AS n FROM list_entry")? != self.entries {
            return Err(stray_entry(db)?);
        }
        let of_none = "SELECT count(*) AS n FROM unique_value WHERE NOT EXISTS
             (SELECT 1 FROM record WHERE record.id = unique_value.record)";
        if count(of_none)? > 0 {
            return Err(Stop::other("a unique value belongs to no record".into()));
        }
        Ok(())
    }
}

/// What stands beside the record is what the definition gives from it.
pub(crate) fn derived(
    db: &db::Connection<'_>,
    names: &Names,
    snapshot: &Snapshot,
    beside: &Beside,
    own: &Own,
) -> Result<(), Stop> {
    let wrong = |what: &str| Err(Stop::record(snapshot.id, what));
    let known = names.known_scopes(db, &own.scopes)?;
    let scopes: BTreeSet<u32> = known.into_iter().collect();
    if scopes != beside.scopes.iter().copied().collect() {
        return wrong("its scope keys are not those of its definition");
    }
    let mut entries: BTreeSet<NumberedEntry> = BTreeSet::new();
    for entry in &own.entries {
        match names.index(db, beside.kind, &entry.index)? {
            Some(index) => entries.insert((index, entry.keys.clone())),
            None => return wrong("an index of its definition has no entries"),
        };
    }
    if entries != beside.entries.iter().cloned().collect() {
        return wrong("its index entries are not those of its definition");
    }
    if own.search.as_ref().is_some_and(|text| *text != beside.text) {
        return wrong("its search text is not that of its definition");
    }
    let Some(unique) = &own.unique else {
        return Ok(());
    };
    let wanted: BTreeSet<(String, Vec<u8>)> = unique
        .iter()
        .map(|one| (one.constraint.clone(), one.value.clone()))
        .collect();
    if held(db, snapshot.id)? != wanted {
        return wrong("its unique values are not those of its definition");
    }
    Ok(())
}

/// What stands beside a record.
pub(crate) struct Beside {
    pub(crate) row: i64,
    pub(crate) kind: i64,
    pub(crate) scopes: Vec<u32>,
    pub(crate) text: String,
    entries: Vec<NumberedEntry>,
}

impl Beside {
    pub(crate) fn of(db: &db::Connection<'_>, id: RecordId) -> Result<Self, Failure> {
        let mut find = db.prepare_cached(
            "SELECT found.row AS row, found.kind AS kind, found.scopes AS scopes, found.text AS text, found.entries AS entries
             FROM record JOIN found ON found.row = record.row WHERE record.id = ?1",
        )?;
        let mut rows = find.query([id.0.as_bytes().as_slice()])?;
        let row = rows
            .next()?
            .ok_or_else(|| Failure::damaged(format!("record {id} cannot be found")))?;
        Ok(Self {
            row: row.get("row")?,
            kind: row.get("kind")?,
            scopes: unpack_scopes(&row.get::<_, Vec<u8>>("scopes")?).collect(),
            text: row.get("text")?,
            entries: unpack_entries(&row.get::<_, Vec<u8>>("entries")?)?,
        })
    }

    /// The rows of `list_entry` that it should have.
    pub(crate) fn places(&self) -> BTreeSet<(i64, u32, &[Vec<u8>])> {
        let entries = self.entries.iter();
        entries
            .flat_map(|(index, keys)| {
                let scopes = self.scopes.iter();
                scopes.map(move |scope| (*index, *scope, keys.as_slice()))
            })
            .collect()
    }
}

fn held(db: &db::Connection<'_>, id: RecordId) -> Result<BTreeSet<(String, Vec<u8>)>, Failure> {
    let mut find = db.prepare_cached("SELECT rule, value FROM unique_value WHERE record = ?1")?;
    let held = find.query_map([id.0.as_bytes().as_slice()], |row| {
        Ok((row.get("rule")?, row.get("value")?))
    })?;
    held.collect()
}

/// The first entry that its record does not name.
fn stray_entry(db: &Connection) -> Result<Stop, Failure> {
    let mut find = db.prepare("SELECT index_no, scope, k1, k2, k3, k4, row FROM list_entry")?;
    let mut of = db.prepare_cached("SELECT id FROM record WHERE row = ?1")?;
    let mut rows = find.query([])?;
    while let Some(row) = rows.next()? {
        let mut ids = of.query([row.get::<_, i64>("row")?])?;
        let Some(id) = ids.next()? else {
            return Ok(Stop::other(
                "an entry of an index belongs to no record".into(),
            ));
        };
        let id = RecordId(codec::id(&id.get::<_, Vec<u8>>("id")?)?);
        let place: (i64, u32) = (row.get("index_no")?, row.get("scope")?);
        let keys: [Vec<u8>; 4] = [
            row.get("k1")?,
            row.get("k2")?,
            row.get("k3")?,
            row.get("k4")?,
        ];
        let beside = Beside::of(&db.into(), id)?;
        let is_named = beside.places().iter().any(|(index, scope, named)| {
            let padded = named.iter().map(Vec::as_slice).chain([&[][..]; 4]).take(4);
            (*index, *scope) == place && padded.eq(keys.iter().map(Vec::as_slice))
        });
        if !is_named {
            return Ok(Stop::record(id, "an entry of an index is not its own"));
        }
    }
    Ok(Stop::other(
        "the entries of the indexes do not add up".into(),
    ))
}

/// A digest over a set of tokens that does not mind their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums(u128);

impl Sums {
    /// The digest of a set; what comes twice counts once, as in the index.
    fn of<'t>(tokens: impl Iterator<Item = &'t str>) -> Self {
        let mut sum = Self::default();
        tokens
            .collect::<BTreeSet<_>>()
            .into_iter()
            .for_each(|token| sum.add(token));
        sum
    }

    fn add(&mut self, token: &str) {
        let digest = seal::sha256(&[token.as_bytes()]);
        let (head, _) = digest.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        self.0 = self.0.wrapping_add(u128::from_be_bytes(*head));
    }
}
