//! An installation from its copy, as it was at a moment.

use super::base::{self, Base};
use super::prune::bases;
use super::segment::{self, Segment};
use super::{Vault, keys, names, uploads};
use crate::codec;
use crate::failure::Failure;
use crate::house::attachments;
use crate::open::{OpenError, make_dir, private_file};
use jiff::Timestamp;
use kernel::AttachmentId;
use rusqlite::Connection;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Everything acknowledged before this moment is there.
    pub at: Timestamp,
    /// Events.
    pub position: u64,
    /// Uploads.
    pub uploads: u64,
    /// Uploads that the records know and the copy does not hold.
    pub missing: Vec<AttachmentId>,
}

/// Makes a data directory, which must not hold an installation, from a copy: as it was at a moment, or as far as the copy
/// reaches.
///
/// # Errors
/// When there is no copy of that moment, when a part of it is missing or was changed, when files fail.
pub fn restore(
    data: &dyn Vault,
    keys: &dyn Vault,
    at: Option<Timestamp>,
    dir: &Path,
) -> Result<Restored, OpenError> {
    let path = dir.join("tsumugi.sqlite");
    let unusable = |reason: String| OpenError::Unusable {
        path: dir.to_owned(),
        reason,
    };
    if path.exists() {
        return Err(unusable("it holds an installation already".into()));
    }
    make_dir(dir)?;
    make_dir(&dir.join("attachments"))?;
    let limit = at.map_or(i64::MAX, codec::nanos);
    // Under another name until it is whole, so that half of it is never taken for all.
    let unfinished = dir.join("tsumugi.sqlite.part");
    let database = private_file(&unfinished)?;
    let made = || -> Result<Restored, Failure> {
        let reached = choose(data, keys, limit)?.replay(data, limit, &database)?;
        keys::restore(keys, dir)?;
        database.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        File::open(dir)?.sync_all()?;
        let (uploads, missing) = fetch_uploads(data, &path, dir)?;
        Ok(Restored {
            at: codec::instant(reached.at)?,
            position: reached.position,
            uploads,
            missing,
        })
    };
    made().map_err(|failure| unusable(failure.to_string()))
}

/// A base and the segments after it.
struct Chain {
    epoch: String,
    key: [u8; 32],
    no: u64,
    base: Base,
}

/// How far it came.
struct Reached {
    at: i64,
    position: u64,
}

/// The chain that comes nearest to a moment. Of several epochs, that which reaches furthest.
fn choose(data: &dyn Vault, keys: &dyn Vault, limit: i64) -> Result<Chain, Failure> {
    let mut best: Option<(i64, Chain)> = None;
    for name in data.list(names::EPOCHS)?.into_iter().rev() {
        let epoch = name.trim_start_matches(names::EPOCHS).to_owned();
        let whole = bases(data, &epoch)?;
        let Some((no, base)) = whole.into_iter().rev().find(|(_, base)| base.at <= limit) else {
            continue;
        };
        let key = keys.get(&names::epoch_key(&epoch))?;
        let Some(key) = key.and_then(|key| key.try_into().ok()) else {
            tracing::warn!(epoch, "the key of an epoch is not there; it is passed over");
            continue;
        };
        let chain = Chain {
            epoch,
            key,
            no,
            base,
        };
        let reach = chain.reach(data)?.min(limit);
        if best.as_ref().is_none_or(|(known, _)| *known < reach) {
            best = Some((reach, chain));
        }
    }
    best.map(|(_, chain)| chain).ok_or_else(|| {
        Failure::Unavailable(format!("{} holds no copy of that moment", data.shown()))
    })
}

impl Chain {
    /// The moment up to which it tells everything.
    fn reach(&self, data: &dyn Vault) -> Result<i64, Failure> {
        let Some(last) = self.last(data)? else {
            return Ok(self.base.at);
        };
        for no in (self.base.until..=last).rev() {
            let content = self.segment(data, no)?;
            let (segment, _) = Segment::read(&content)?;
            if segment.whole {
                return Ok(segment.at.max(self.base.at));
            }
        }
        Ok(self.base.at)
    }

    /// A segment, opened.
    fn segment(&self, data: &dyn Vault, no: u64) -> Result<Vec<u8>, Failure> {
        self.open(data, &names::segment(&self.epoch, no))
    }

    fn open(&self, data: &dyn Vault, name: &str) -> Result<Vec<u8>, Failure> {
        let sealed = data
            .get(name)?
            .ok_or_else(|| Failure::damaged(format!("{name} of the copy is missing")))?;
        segment::opened(&self.key, name, &sealed)
    }

    /// The number of the last segment.
    fn last(&self, vault: &dyn Vault) -> Result<Option<u64>, Failure> {
        let mut last = None;
        for group in self.base.first / names::GROUP.. {
            let names = vault.list(&names::group(&self.epoch, group))?;
            let Some(name) = names.last() else { break };
            last = names::number(name);
        }
        Ok(last)
    }

    /// Writes the base, then what follows it up to a moment.
    fn replay(&self, data: &dyn Vault, limit: i64, file: &File) -> Result<Reached, Failure> {
        self.write_base(data, file)?;
        let mut reached = Reached {
            at: self.base.at,
            position: self.base.position,
        };
        let mut before: Option<Segment> = None;
        let end = self.last(data)?.map_or(self.base.first, |last| last + 1);
        for no in self.base.first..end {
            let content = self.segment(data, no)?;
            let (segment, frames) = Segment::read(&content)?;
            // A base is whole only with all that was written while it was read.
            if segment.at > limit && no >= self.base.until {
                break;
            }
            if before
                .as_ref()
                .is_some_and(|before| !segment.follows(before))
            {
                return Err(Failure::damaged(format!(
                    "segment {no} of the copy does not follow the one before"
                )));
            }
            base::replay(file, segment.page_bytes, frames)?;
            if segment.whole {
                reached.at = reached.at.max(segment.at);
                reached.position = reached.position.max(segment.position);
            }
            before = Some(segment);
        }
        if end < self.base.until {
            return Err(Failure::damaged("segments of the copy's base are missing"));
        }
        Ok(reached)
    }

    fn write_base(&self, data: &dyn Vault, file: &File) -> Result<(), Failure> {
        let mut bytes = 0;
        for piece in 0..self.base.pieces {
            let content = self.open(data, &names::piece(&self.epoch, self.no, piece))?;
            file.write_all_at(&content, bytes)?;
            bytes += content.len() as u64;
        }
        Ok(file.set_len(bytes)?)
    }
}

/// Brings the uploads that the database knows.
fn fetch_uploads(
    data: &dyn Vault,
    path: &Path,
    dir: &Path,
) -> Result<(u64, Vec<AttachmentId>), Failure> {
    let db = Connection::open(path)?;
    let mut find = db.prepare("SELECT id FROM attachment WHERE doomed = 0 ORDER BY id")?;
    let mut rows = find.query([])?;
    let (mut fetched, mut missing) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let id = AttachmentId(codec::id(&row.get::<_, Vec<u8>>("id")?)?);
        let Some(sealed) = data.get(&uploads::name(id))? else {
            missing.push(id);
            continue;
        };
        attachments::write_sealed(&dir.join("attachments"), id, &sealed)?;
        fetched += 1;
    }
    Ok((fetched, missing))
}
