//! Whether the notes are those that were written: numbers without a gap, each hash over the one before, and the signed
//! ones as they were signed.

use super::{COLUMNS, chain, look, seal};
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::replay::Stop;
use std::collections::VecDeque;

/// Notes read at a time.
const PIECE: usize = 2_000;

/// Goes through all of them; answers how many there are.
pub(crate) fn check(db: &Connection<'_>, keys: &dyn Keys) -> Result<u64, Stop> {
    let (mut no, mut hash) = pruned(db)?;
    let mut seals = seal::opened(db, keys, no)?;
    let mut all = 0;
    let sql = format!("SELECT {COLUMNS} FROM read_note WHERE no > ?1 ORDER BY no LIMIT ?2");
    loop {
        let mut find = db.prepare_cached(&sql)?;
        let mut rows = find.query(params![codec::column(no)?, codec::limit(PIECE)])?;
        let mut many = 0;
        while let Some(row) = rows.next()? {
            many += 1;
            let one = look(row)?;
            if one.no != no + 1 {
                return Err(wrong(no + 1, "is missing"));
            }
            no = one.no;
            let Some(kept) = row.get::<_, Option<Vec<u8>>>("hash")? else {
                // Written before there was a chain, or it arrived from elsewhere.
                continue;
            };
            let said = row.get::<_, Option<Vec<u8>>>("said")?;
            let said = said.map(|said| codec::hash(&said)).transpose()?;
            if !chain::is_said(&one.note, said.as_ref()) {
                return Err(wrong(no, "states another purpose than was written"));
            }
            hash = chain::hash(&hash, no, &one.note, said.as_ref());
            if codec::hash(&kept)? != hash {
                return Err(wrong(no, "is not what was written, or follows another"));
            }
            signed(&mut seals, no, &hash)?;
        }
        all += many as u64;
        if many < PIECE {
            break;
        }
    }
    match seals.front() {
        Some((missing, _)) => Err(wrong(*missing, "was signed, yet is not there")),
        None => Ok(all),
    }
}

fn signed(seals: &mut VecDeque<(u64, [u8; 32])>, no: u64, hash: &[u8; 32]) -> Result<(), Stop> {
    match seals.pop_front_if(|(at, _)| *at == no) {
        Some((_, signed)) if signed != *hash => Err(wrong(no, "is not the one that was signed")),
        _ => Ok(()),
    }
}

/// After which note the chain begins.
fn pruned(db: &Connection<'_>) -> Result<(u64, [u8; 32]), Failure> {
    let mut find =
        db.prepare_cached("SELECT upto, hash FROM look_pruned ORDER BY upto DESC LIMIT 1")?;
    let found = find.query_row(params![], |row| {
        let hash: Option<Vec<u8>> = row.get("hash")?;
        let hash = hash.map(|hash| codec::hash(&hash)).transpose()?;
        Ok((codec::count(row.get("upto")?)?, hash.unwrap_or_default()))
    });
    Ok(found.optional()?.unwrap_or_default())
}

fn wrong(no: u64, what: &str) -> Stop {
    Stop::other(format!("note {no} of who looked {what}"))
}
