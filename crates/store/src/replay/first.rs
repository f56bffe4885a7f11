//! Which event is the first that does not hold, in commit order.

use super::{Difference, Stop, at, found_different};
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::read;
use kernel::port::Stored;

/// Events read at a time.
const PIECE: usize = 500;

/// What several walks came to, as the one thing to be told: the difference of the earliest event. The walks go record by
/// record and tile by tile; so when one has found something, the journal is gone through once more, event by event.
pub(crate) fn earliest(
    db: &Connection<'_>,
    keys: &dyn Keys,
    walks: [Result<(), Stop>; 3],
) -> Result<Option<Difference>, Failure> {
    let mut found = Vec::new();
    for walk in walks {
        found.extend(found_different(walk)?);
    }
    if found.is_empty() {
        return Ok(None);
    }
    let before = found.iter().filter_map(|one| one.position).min();
    if let Some(first) = found_different(scan(db, keys, before.unwrap_or(u64::MAX)))? {
        found.push(first);
    }
    found.sort_by_key(|one| one.position.unwrap_or(u64::MAX));
    Ok(found.into_iter().next())
}

/// Each event by itself, up to a position: that it opens, that its hash is its own, and that it follows its record's event
/// before it.
fn scan(db: &Connection<'_>, keys: &dyn Keys, before: u64) -> Result<(), Stop> {
    let sql = format!(
        "SELECT {} FROM event WHERE position > ?1 ORDER BY position LIMIT ?2",
        read::columns()
    );
    let mut position = 0;
    while position + 1 < before {
        let from = position;
        let mut find = db.prepare_cached(&sql)?;
        let mut rows = find.query(params![codec::column(from)?, codec::limit(PIECE)])?;
        keys.expect(&rows.ahead("key")?)?;
        while let Some(row) = rows
            .next()
            .map_err(|failure| unreadable(position + 1, failure))?
        {
            position += 1;
            let (stored, evidence) =
                read::stored_of(row, keys).map_err(|failure| at(row, failure))?;
            let what = if stored.position != position {
                "the event at this position is missing"
            } else if codec::hex(&evidence.computed) != stored.hash {
                "the hash is not that of header and body"
            } else if !follows(db, &stored)? {
                "the previous hash is not that of the event before"
            } else {
                continue;
            };
            return Err(Stop::Different(Difference {
                position: Some(position),
                record: Some(stored.event.header.record),
                what: what.into(),
            }));
        }
        if position < from + PIECE as u64 {
            break;
        }
    }
    Ok(())
}

/// The rest of the table cannot be read: what comes next is the first that is not there.
fn unreadable(position: u64, failure: Failure) -> Stop {
    match failure {
        Failure::Unavailable(_) => Stop::Fault(failure),
        damaged => Stop::Different(Difference {
            position: Some(position),
            record: None,
            what: damaged.to_string(),
        }),
    }
}

fn follows(db: &Connection<'_>, stored: &Stored) -> Result<bool, Failure> {
    let header = &stored.event.header;
    if header.seq == 1 {
        return Ok(stored.previous == codec::hex(&[0; 32]));
    }
    let mut find = db.prepare_cached("SELECT hash FROM event WHERE record = ?1 AND seq = ?2")?;
    let place = params![
        header.record.0.as_bytes().as_slice(),
        codec::column(header.seq - 1)?
    ];
    let before = find.query_row(place, |row| row.get::<_, Vec<u8>>("hash"));
    Ok(before.optional()?.map(|hash| codec::hex(&hash)).as_ref() == Some(&stored.previous))
}
