//! Notes that name many records, found by each of them. Done off the path of readers, many notes at a time: what many
//! readers listed is one piece a record, not one row a reading.

use super::{COLUMNS, look};
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use kernel::looks::Look;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The row of `counter` that says up to which note this is done.
pub(crate) const DONE: &str = "@looks";

/// Up to which note this is done.
pub(crate) fn done(db: &Connection<'_>) -> Result<u64, Failure> {
    let mut find = db.prepare_cached("SELECT last FROM counter WHERE name = ?1")?;
    let last = find.query_row([DONE], |row| codec::count(row.get("last")?));
    Ok(last.optional()?.unwrap_or(0))
}

/// Notes for which it is not done, oldest first.
pub(crate) fn fresh(db: &Connection<'_>, limit: usize) -> Result<Vec<Look>, Failure> {
    after(db, done(db)?, u64::MAX >> 1, limit)
}

fn after(db: &Connection<'_>, after: u64, upto: u64, limit: usize) -> Result<Vec<Look>, Failure> {
    let sql =
        format!("SELECT {COLUMNS} FROM read_note WHERE no > ?1 AND no <= ?2 ORDER BY no LIMIT ?3");
    let mut find = db.prepare_cached(&sql)?;
    let bounds = params![
        codec::column(after)?,
        codec::column(upto)?,
        codec::limit(limit)
    ];
    find.query_map(bounds, look)?.collect()
}

/// Does it up to a number.
pub(crate) fn upto(db: &Connection<'_>, upto: u64) -> Result<u64, Failure> {
    // The row is there and held before it is read, so that two copies of the program do nothing twice.
    db.prepare_cached(
        "INSERT INTO counter(name, last) VALUES (?1, 0) ON CONFLICT(name) DO UPDATE SET last = counter.last",
    )?
    .execute([DONE])?;
    let from = done(db)?;
    if from >= upto {
        return Ok(0);
    }
    let notes = after(db, from, upto, usize::MAX)?;
    let mut found: BTreeMap<Uuid, Vec<u64>> = BTreeMap::new();
    let mut counts: BTreeMap<(Uuid, i64), i64> = BTreeMap::new();
    for Look { no, note } in &notes {
        for record in note.records.iter().skip(1) {
            found.entry(record.0).or_default().push(*no);
        }
        if let Some(account) = note.account {
            let hour = note.at.as_second().div_euclid(3_600);
            let many = i64::try_from(note.records.len()).unwrap_or(i64::MAX);
            *counts.entry((account.0, hour)).or_default() += many;
        }
    }
    pieces(db, &found)?;
    let mut count = db.prepare_cached(
        "INSERT INTO look_count(account, hour, records) VALUES (?1, ?2, ?3)
         ON CONFLICT(account, hour) DO UPDATE SET records = look_count.records + excluded.records",
    )?;
    for ((account, hour), records) in counts {
        count.execute(params![account.into_bytes(), hour, records])?;
    }
    db.prepare_cached("UPDATE counter SET last = ?2 WHERE name = ?1")?
        .execute(params![DONE, codec::column(upto)?])?;
    Ok(notes.len() as u64)
}

fn pieces(db: &Connection<'_>, found: &BTreeMap<Uuid, Vec<u64>>) -> Result<(), Failure> {
    let lasts = |nos: &[u64]| codec::column(nos.last().copied().unwrap_or(0));
    if let Connection::Postgres(session) = db {
        if found.is_empty() {
            return Ok(());
        }
        let records: Vec<Uuid> = found.keys().copied().collect();
        let last: Vec<i64> = found
            .values()
            .map(|nos| lasts(nos))
            .collect::<Result<_, _>>()?;
        let nos: Vec<Vec<u8>> = found.values().map(|nos| pack(nos)).collect();
        session.run(
            "INSERT INTO look_index(record, last, nos) SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[])",
            &[&records, &last, &nos],
        )?;
        return Ok(());
    }
    let mut add =
        db.prepare_cached("INSERT INTO look_index(record, last, nos) VALUES (?1, ?2, ?3)")?;
    for (record, nos) in found {
        add.execute(params![record.into_bytes(), lasts(nos)?, pack(nos)])?;
    }
    Ok(())
}

/// Numbers, ascending: the first, then by how much each is greater; seven bits a byte, the least first.
fn pack(nos: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(nos.len() * 2 + 4);
    let mut before = 0;
    for no in nos {
        let mut step = no.saturating_sub(before);
        before = *no;
        while step >= 0x80 {
            bytes.push(u8::try_from(step & 0x7f).unwrap_or(0) | 0x80);
            step >>= 7;
        }
        bytes.push(u8::try_from(step).unwrap_or(0));
    }
    bytes
}

/// What [`pack`] gave.
pub(super) fn unpack(bytes: &[u8]) -> Vec<u64> {
    let mut nos = Vec::new();
    let (mut last, mut step, mut shift) = (0_u64, 0_u64, 0_u32);
    for byte in bytes {
        step |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 == 0 {
            last = last.saturating_add(step);
            nos.push(last);
            (step, shift) = (0, 0);
        }
    }
    nos
}

/// What an account read, by hours.
pub(crate) fn counts(
    db: &Connection<'_>,
    account: Uuid,
    from: i64,
) -> Result<Vec<(i64, u64)>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT hour, records FROM look_count WHERE account = ?1 AND hour >= ?2 ORDER BY hour",
    )?;
    let rows = find.query_map(params![account.into_bytes(), from], |row| {
        Ok((row.get("hour")?, codec::count(row.get("records")?)?))
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(mut nos in proptest::collection::btree_set(1_u64..u64::MAX >> 2, 0..60)) {
            let nos: Vec<u64> = std::mem::take(&mut nos).into_iter().collect();
            prop_assert_eq!(unpack(&pack(&nos)), nos);
        }
    }
}
