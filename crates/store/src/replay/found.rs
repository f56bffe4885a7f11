//! Whether records are found as they should be: entries of indexes, search postings, unique values.
//!
//! What each record is found by stands beside it; that is compared with what its definition gives anew, and with the
//! trees that lists and searches walk. Both trees are gone through once in their own order, and the digests of what they
//! say of a row are summed up: a sum does not mind the order. (FTS5 cannot be asked for the tokens of one row, and looking
//! up each entry of each record by itself took a third of the time of the whole replay.)

use super::Stop;
use crate::db;
use crate::failure::Failure;
use crate::names::{Names, NumberedEntry, unpack_entries, unpack_scopes};
use crate::seal;
use crate::tokens;
use kernel::{Own, RecordId, Snapshot};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashMap};

/// What the trees say of the rows that no record has answered for yet.
pub(super) struct Finding {
    rows: HashMap<i64, Said>,
}

/// What the trees say of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Said {
    postings: Sums,
    entries: Sums,
}

impl Finding {
    /// Goes through the search index and the lists' entries once.
    pub(super) fn begin(db: &Connection) -> Result<Self, Failure> {
        let mut finding = Self {
            rows: HashMap::new(),
        };
        finding.postings(db)?;
        finding.entries(db)?;
        Ok(finding)
    }

    fn postings(&mut self, db: &Connection) -> Result<(), Failure> {
        db.execute_batch(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_token USING fts5vocab('main', 'search_index', 'instance')",
        )?;
        let mut find = db.prepare("SELECT term, doc FROM temp.search_token")?;
        let mut rows = find.query([])?;
        while let Some(row) = rows.next()? {
            let term = row.get_ref("term")?;
            let said = self.rows.entry(row.get("doc")?).or_default();
            said.postings
                .add(&[term.as_bytes().map_err(Failure::damaged)?]);
        }
        Ok(())
    }

    fn entries(&mut self, db: &Connection) -> Result<(), Failure> {
        let mut find = db.prepare("SELECT row, index_no, scope, k1, k2, k3, k4 FROM list_entry")?;
        let mut rows = find.query([])?;
        while let Some(row) = rows.next()? {
            // By number: there are many times more entries than events.
            let key = |at: usize| row.get_ref(at)?.as_blob().map_err(Failure::damaged);
            let said = self.rows.entry(row.get(0)?).or_default();
            said.entries.place(
                row.get(1)?,
                row.get(2)?,
                [key(3)?, key(4)?, key(5)?, key(6)?],
            );
        }
        Ok(())
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
        let said = self.rows.remove(&beside.row).unwrap_or_default();
        let places = beside.places();
        let mut wanted = Sums::default();
        for (index, scope, keys) in &places {
            wanted.place(*index, i64::from(*scope), padded(keys));
        }
        if said.entries != wanted {
            return Err(wrong(if all_there(db, &places, beside.row)? {
                "an entry of an index is not its own"
            } else {
                "an entry of an index is missing"
            }));
        }
        let text = tokens::document(&beside.text, beside.kind, &beside.scopes);
        let tokens = text.split(' ').filter(|token| !token.is_empty());
        if said.postings != Sums::of_set(tokens) {
            return Err(wrong("its search postings are not those of its text"));
        }
        Ok(())
    }

    /// What is left when every record was seen belongs to none.
    pub(super) fn end(self, db: &Connection) -> Result<(), Stop> {
        let none = Sums::default();
        if self.rows.values().any(|said| said.postings != none) {
            return Err(Stop::other("search postings belong to no record".into()));
        }
        if !self.rows.is_empty() {
            return Err(Stop::other(
                "an entry of an index belongs to no record".into(),
            ));
        }
        let of_none = "SELECT count(*) AS n FROM unique_value WHERE NOT EXISTS
             (SELECT 1 FROM record WHERE record.id = unique_value.record)";
        let strays: i64 = db.query_row(of_none, [], |row| row.get("n"))?;
        if strays > 0 {
            return Err(Stop::other("a unique value belongs to no record".into()));
        }
        Ok(())
    }
}

/// Whether every entry that a record should have is there.
fn all_there(
    db: &Connection,
    places: &BTreeSet<(i64, u32, &[Vec<u8>])>,
    row: i64,
) -> Result<bool, Failure> {
    let mut find = db.prepare_cached(
        "SELECT 1 FROM list_entry WHERE index_no = ?1 AND scope = ?2 AND k1 = ?3 AND k2 = ?4 AND k3 = ?5 AND k4 = ?6 AND row = ?7",
    )?;
    for (index, scope, keys) in places {
        let [k1, k2, k3, k4] = padded(keys);
        if !find.exists(params![index, scope, k1, k2, k3, k4, row])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The columns of an entry's keys; those beyond its index's are empty.
fn padded(keys: &[Vec<u8>]) -> [&[u8]; 4] {
    std::array::from_fn(|at| keys.get(at).map_or(&[][..], Vec::as_slice))
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
    // How long it is kept, and that the platform looks for what never arrived, follows from the definition of today.
    let retention = names.index(db, beside.kind, kernel::keep::INDEX)?;
    let unsent = names.index(db, beside.kind, kernel::keep::UNSENT)?;
    let is_in = |index: Option<i64>| move |one: &NumberedEntry| Some(one.0) == index;
    let mut scopes = own.scopes.clone();
    if beside.entries.iter().any(is_in(unsent)) {
        scopes.push(kernel::PLATFORM_SCOPE.to_owned());
    }
    let known = names.known_scopes(db, &scopes)?;
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
    let beside_it = beside
        .entries
        .iter()
        .filter(|one| !is_in(retention)(one) && !is_in(unsent)(one));
    if entries != beside_it.cloned().collect() {
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

/// The sum of digests: the same for the same set, in whatever order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums(u128);

impl Sums {
    /// Of the tokens of a text; what comes twice counts once, as in the index.
    fn of_set<'t>(tokens: impl Iterator<Item = &'t str>) -> Self {
        let mut sum = Self::default();
        let tokens: BTreeSet<_> = tokens.collect();
        for token in tokens {
            sum.add(&[token.as_bytes()]);
        }
        sum
    }

    /// One entry of an index. Keys are told apart by their lengths.
    fn place(&mut self, index: i64, scope: i64, keys: [&[u8]; 4]) {
        let [a, b, c, d] = keys.map(|key| key.len().to_be_bytes());
        let [k1, k2, k3, k4] = keys;
        let numbers = [index.to_be_bytes(), scope.to_be_bytes(), a, b, c, d];
        self.add(&[numbers.as_flattened(), k1, k2, k3, k4]);
    }

    fn add(&mut self, parts: &[&[u8]]) {
        let digest = seal::sha256(parts);
        let (head, _) = digest.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        self.0 = self.0.wrapping_add(u128::from_be_bytes(*head));
    }
}
