//! Signed notes: a key of the log says from time to time which hash the newest note has.

use super::chain::End;
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::house::log;
use crate::keyring::Keys;
use crate::replay::Stop;
use crate::seal;
use evidence::{Hash, LogKey};
use kernel::looks::{Sealed, seal_name};
use std::collections::VecDeque;

/// The newest note, and the newest seal.
pub(crate) fn newest(db: &Connection<'_>) -> Result<((u64, Hash), Option<Sealed>), Failure> {
    let end = End::of(db)?;
    let mut find =
        db.prepare_cached("SELECT no, key, checkpoint FROM look_seal ORDER BY no DESC LIMIT 1")?;
    let seal = find.query_row(params![], |row| {
        Ok(Sealed {
            no: codec::count(row.get("no")?)?,
            key: codec::count(row.get("key")?)?,
            checkpoint: row.get("checkpoint")?,
        })
    });
    Ok(((end.no, end.hash), seal.optional()?))
}

/// Keeps a seal.
pub(crate) fn put(db: &Connection<'_>, sealed: &Sealed) -> Result<u64, Failure> {
    let mut add = db.prepare_cached(
        "INSERT INTO look_seal(no, key, checkpoint) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    let values = params![
        codec::column(sealed.no)?,
        codec::column(sealed.key)?,
        sealed.checkpoint
    ];
    Ok(add.execute(values)? as u64)
}

/// All seals after a note, each opened with its key.
pub(super) fn opened(
    db: &Connection<'_>,
    keys: &dyn Keys,
    after: u64,
) -> Result<VecDeque<(u64, Hash)>, Stop> {
    let mut verifiers = Vec::new();
    for row in log::keys(db)? {
        let origin = row.verifier.split('+').next().unwrap_or_default();
        let secret = seal::seed(keys, row.seed)?;
        let key = LogKey::new(&seal_name(origin), &secret.0).map_err(Failure::damaged)?;
        verifiers.push((row.no, key.verifier().clone()));
    }
    let mut find =
        db.prepare_cached("SELECT no, key, checkpoint FROM look_seal WHERE no > ?1 ORDER BY no")?;
    let mut rows = find.query([codec::column(after)?])?;
    let mut seals = VecDeque::new();
    while let Some(row) = rows.next()? {
        let no = codec::count(row.get("no")?)?;
        let wrong = || Stop::other(format!("the signature of note {no} of who looked is wrong"));
        let key = codec::count(row.get("key")?)?;
        let (_, verifier) =
            (verifiers.iter().find(|(known, _)| *known == key)).ok_or_else(wrong)?;
        let text: String = row.get("checkpoint")?;
        let head = verifier.head(&text).map_err(|_| wrong())?;
        if head.size != no {
            return Err(wrong());
        }
        seals.push_back((no, head.root));
    }
    Ok(seals)
}
