//! Notes by record, by reader, by time: newest first, by number.

use super::index::{self, unpack};
use super::{COLUMNS, look};
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use jiff::Timestamp;
use kernel::RecordId;
use kernel::looks::{Look, LookPage, LookQuery};
use std::collections::BTreeSet;

/// Notes looked at for one page at most: further ones are on the next.
const MOST_SCANNED: usize = 5_000;
/// Notes are written up to so many after others that were read later: by other copies, or after a disk was full.
const OUT_OF_ORDER: u64 = 20_000;
/// No number is as large.
const END: u64 = u64::MAX >> 1;

/// A page.
pub(crate) fn page(db: &Connection<'_>, query: &LookQuery) -> Result<LookPage, Failure> {
    let (low, high) = bounds(db, query)?;
    let mut page = LookPage::default();
    let mut before = high;
    let mut scanned = 0;
    let step = query.limit.saturating_mul(2).clamp(50, 1_000);
    loop {
        let notes = match query.records.is_empty() {
            true => run(db, query, low, before, step)?,
            false => of_records(db, &query.records, low, before, step)?,
        };
        let ended = notes.len() < step;
        for one in notes {
            before = one.no;
            scanned += 1;
            if !query.fits(&one.note) {
                continue;
            }
            if page.items.len() == query.limit {
                page.next = page.items.last().map(|last: &Look| last.no);
                return Ok(page);
            }
            page.items.push(named(one, &query.records));
        }
        if ended {
            return Ok(page);
        }
        if scanned >= MOST_SCANNED {
            page.next = Some(before);
            return Ok(page);
        }
    }
}

/// Between which numbers the notes of a time lie, both left out.
fn bounds(db: &Connection<'_>, query: &LookQuery) -> Result<(u64, u64), Failure> {
    let near = |sql: &str, at: Timestamp| -> Result<Option<u64>, Failure> {
        let mut find = db.prepare_cached(sql)?;
        let no = find.query_row([codec::nanos(at)], |row| codec::count(row.get("no")?));
        no.optional()
    };
    let low = match query.from {
        None => 0,
        Some(at) => near(
            "SELECT no FROM read_note WHERE at >= ?1 ORDER BY at LIMIT 1",
            at,
        )?
        .map_or(END, |no| no.saturating_sub(OUT_OF_ORDER)),
    };
    let high = match query.until {
        None => END,
        Some(at) => near(
            "SELECT no FROM read_note WHERE at < ?1 ORDER BY at DESC LIMIT 1",
            at,
        )?
        .map_or(0, |no| no.saturating_add(OUT_OF_ORDER)),
    };
    Ok((low, high.min(query.before.unwrap_or(END))))
}

/// Notes of a reader, of an emergency access, or of all.
fn run(
    db: &Connection<'_>,
    query: &LookQuery,
    low: u64,
    before: u64,
    limit: usize,
) -> Result<Vec<Look>, Failure> {
    let (only, id) = match (query.glass, query.account) {
        (Some(glass), _) => ("glass = ?1 AND ", glass.into_bytes()),
        (None, Some(account)) => ("account = ?1 AND ", account.0.into_bytes()),
        (None, None) => ("", [0; 16]),
    };
    let (low, before) = (codec::column(low)?, codec::column(before)?);
    if only.is_empty() {
        let sql = format!(
            "SELECT {COLUMNS} FROM read_note WHERE no > ?1 AND no < ?2 ORDER BY no DESC LIMIT ?3"
        );
        let mut find = db.prepare_cached(&sql)?;
        return find
            .query_map(params![low, before, codec::limit(limit)], look)?
            .collect();
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM read_note WHERE {only}no > ?2 AND no < ?3 ORDER BY no DESC LIMIT ?4"
    );
    let mut find = db.prepare_cached(&sql)?;
    find.query_map(params![id, low, before, codec::limit(limit)], look)?
        .collect()
}

/// Notes that name one of some records.
fn of_records(
    db: &Connection<'_>,
    records: &[RecordId],
    low: u64,
    before: u64,
    limit: usize,
) -> Result<Vec<Look>, Failure> {
    let mut nos = BTreeSet::new();
    for record in records {
        first(db, *record, low, before, limit, &mut nos)?;
        pieces(db, *record, low, before, limit, &mut nos)?;
    }
    unindexed(db, records, low, before, &mut nos)?;
    let mut find = db.prepare_cached(&format!("SELECT {COLUMNS} FROM read_note WHERE no = ?1"))?;
    let mut notes = Vec::new();
    for no in nos.into_iter().rev().take(limit) {
        // One whose time was over has gone from the notes before it went from the index.
        notes.extend(find.query_row([codec::column(no)?], look).optional()?);
    }
    Ok(notes)
}

/// Those whose first record it is.
fn first(
    db: &Connection<'_>,
    record: RecordId,
    low: u64,
    before: u64,
    limit: usize,
    into: &mut BTreeSet<u64>,
) -> Result<(), Failure> {
    let mut find = db.prepare_cached(
        "SELECT no FROM read_note WHERE record = ?1 AND no > ?2 AND no < ?3 ORDER BY no DESC LIMIT ?4",
    )?;
    let bounds = params![
        record.0.into_bytes(),
        codec::column(low)?,
        codec::column(before)?,
        codec::limit(limit)
    ];
    for no in find.query_map(bounds, |row| codec::count(row.get("no")?))? {
        into.insert(no?);
    }
    Ok(())
}

/// Those that the index knows.
fn pieces(
    db: &Connection<'_>,
    record: RecordId,
    low: u64,
    before: u64,
    limit: usize,
    into: &mut BTreeSet<u64>,
) -> Result<(), Failure> {
    // A piece that ends behind the place may begin before it: it is the first that ends there.
    let mut behind = db.prepare_cached(
        "SELECT nos FROM look_index WHERE record = ?1 AND last >= ?2 ORDER BY last LIMIT 1",
    )?;
    let mut ahead = db.prepare_cached(
        "SELECT nos FROM look_index WHERE record = ?1 AND last > ?2 AND last < ?3 ORDER BY last DESC LIMIT ?4",
    )?;
    let id = record.0.into_bytes();
    let mut all: Vec<Vec<u8>> = Vec::new();
    let nos = |row: crate::db::Row<'_>| row.get::<_, Vec<u8>>("nos");
    for one in behind.query_map(params![id, codec::column(before)?], nos)? {
        all.push(one?);
    }
    let bounds = params![
        id,
        codec::column(low)?,
        codec::column(before)?,
        codec::limit(limit)
    ];
    for one in ahead.query_map(bounds, nos)? {
        all.push(one?);
    }
    let within = |no: &u64| *no > low && *no < before;
    into.extend(all.iter().flat_map(|one| unpack(one)).filter(within));
    Ok(())
}

/// Those that the index does not know yet: the newest, and few.
fn unindexed(
    db: &Connection<'_>,
    records: &[RecordId],
    low: u64,
    before: u64,
    into: &mut BTreeSet<u64>,
) -> Result<(), Failure> {
    let from = index::done(db)?.max(low);
    let wanted: BTreeSet<[u8; 16]> = records.iter().map(|id| id.0.into_bytes()).collect();
    let mut find = db.prepare_cached(
        "SELECT no, more FROM read_note WHERE no > ?1 AND no < ?2 AND more IS NOT NULL ORDER BY no",
    )?;
    let bounds = params![codec::column(from)?, codec::column(before)?];
    let mut rows = find.query(bounds)?;
    while let Some(row) = rows.next()? {
        let more = row.get_ref("more")?;
        let bytes = more.as_blob().map_err(Failure::damaged)?;
        if bytes.chunks_exact(16).any(|id| wanted.contains(id)) {
            into.insert(codec::count(row.get("no")?)?);
        }
    }
    Ok(())
}

/// A note as whoever asked for certain records is told of it: of the others it says nothing.
fn named(mut one: Look, records: &[RecordId]) -> Look {
    if !records.is_empty() {
        one.note.records.retain(|id| records.contains(id));
    }
    one
}
