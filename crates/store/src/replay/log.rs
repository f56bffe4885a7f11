//! The log against the journal: every signed head, every tile, in commit order.

use super::{Difference, Replayed, Stop};
use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::house::log;
use crate::keyring::Keys;
use crate::seal;
use evidence::{Growing, Hash, Head, LogKey, Tile, Verifier, wider};
use kernel::RecordId;
use kernel::log::SignedHead;
use std::collections::VecDeque;

/// Heads read at a time.
const HEADS: usize = 1_000;
/// Hashes read at a time.
const HASHES: usize = 4_096;

/// Goes through the log from its beginning. `witnessed` are heads that somebody else has kept: the log must have grown out
/// of each of them.
pub(crate) fn check(
    db: &Connection<'_>,
    keys: &dyn Keys,
    witnessed: &[Head],
    replayed: &mut Replayed,
) -> Result<(), Stop> {
    let verifiers = verifiers(db, keys)?;
    let mut witnessed = witnessed.to_vec();
    witnessed.sort_by_key(|head| head.size);
    let mut walk = Walk {
        db,
        log: Growing::default(),
        read: VecDeque::new(),
        witnessed: witnessed.into(),
        last: None,
    };
    loop {
        let heads = log::heads(db, replayed.heads, HEADS)?;
        if heads.is_empty() {
            break;
        }
        for head in heads {
            replayed.heads += 1;
            walk.head(replayed.heads, &verifiers, &head)?;
        }
    }
    replayed.logged = walk.log.size();
    walk.end(verifiers.len() as u64)
}

/// The public keys, each made anew from its secret.
fn verifiers(db: &Connection<'_>, keys: &dyn Keys) -> Result<Vec<Verifier>, Stop> {
    let rows = log::keys(db)?;
    let mut verifiers = Vec::with_capacity(rows.len());
    for (row, no) in rows.iter().zip(1..) {
        let wrong = |what: &str| Stop::other(format!("key {no} of the log {what}"));
        if row.no != no {
            return Err(wrong("is missing"));
        }
        let seed = match seal::seed(keys, row.seed) {
            Err(Failure::Unavailable(why)) => return Err(Failure::Unavailable(why).into()),
            other => other.map_err(|_| wrong("has no secret among the keys"))?,
        };
        let origin = row.verifier.split('+').next().unwrap_or_default();
        let key = LogKey::new(origin, &seed.0).map_err(|fault| wrong(&fault.to_string()))?;
        if key.verifier().to_string() != row.verifier {
            return Err(wrong("is not that of its secret"));
        }
        verifiers.push(key.verifier().clone());
    }
    Ok(verifiers)
}

struct Walk<'w> {
    db: &'w Connection<'w>,
    log: Growing,
    read: VecDeque<Hash>,
    witnessed: VecDeque<Head>,
    /// The head before: its key and size.
    last: Option<(u64, u64)>,
}

impl Walk<'_> {
    fn head(&mut self, no: u64, verifiers: &[Verifier], signed: &SignedHead) -> Result<(), Stop> {
        let wrong = |what: &str| Stop::other(format!("head {no} of the log {what}"));
        if signed.no != no {
            return Err(wrong("is missing"));
        }
        let (key, size) = self.last.unwrap_or((0, 0));
        let turns = signed.key == key + 1;
        if !turns && signed.key != key {
            return Err(wrong("was signed by a key out of turn"));
        }
        let at = |key: u64| usize::try_from(key).ok()?.checked_sub(1);
        let of = |key: u64| at(key).and_then(|at| verifiers.get(at));
        let verifier = of(signed.key).ok_or_else(|| wrong("names a key that is not there"))?;
        let read = |verifier: &Verifier| {
            let head = verifier.head(&signed.checkpoint);
            head.map_err(|fault| wrong(&format!("is not signed: {fault}")))
        };
        let head = read(verifier)?;
        if turns && let Some(before) = of(key) {
            read(before)?;
        }
        if head.size < size {
            return Err(wrong("is over fewer events than the one before"));
        }
        while let Some(known) = self.witnessed.pop_front_if(|known| known.size <= head.size) {
            self.reach(&known, "a head that a witness has kept")?;
        }
        self.reach(&head, &format!("head {no}"))?;
        self.last = Some((signed.key, head.size));
        Ok(())
    }

    /// Goes on to the size of a head, whose root must be that of the events so far.
    fn reach(&mut self, head: &Head, named: &str) -> Result<(), Stop> {
        let from = self.log.size();
        while self.log.size() < head.size {
            let Some(hash) = self.next()? else {
                let events = self.log.size();
                return Err(Stop::other(format!(
                    "{named} was signed over {} events, yet the journal has {events}",
                    head.size
                )));
            };
            self.log.push(&hash);
        }
        if self.log.root() == head.root {
            return Ok(());
        }
        self.edge(true)?;
        let what = format!(
            "the events from {} to {} are not those over which {named} was signed",
            from + 1,
            head.size
        );
        Err(self.at(from + 1, what)?)
    }

    /// The hash of the next event. Tiles that became full are compared before more is read.
    fn next(&mut self) -> Result<Option<Hash>, Stop> {
        if self.read.is_empty() {
            for tile in self.log.take_full() {
                self.compare(&tile, false)?;
            }
            let size = self.log.size();
            self.read = match log::event_hashes(self.db, size, HASHES) {
                Err(Failure::Damaged(what)) => return Err(self.at(size + 1, what)?),
                read => read?.into(),
            };
        }
        Ok(self.read.pop_front())
    }

    fn end(mut self, keys: u64) -> Result<(), Stop> {
        while let Some(known) = self.witnessed.pop_front() {
            self.reach(&known, "a head that a witness has kept")?;
        }
        self.edge(false)?;
        let wanted = wider(0, self.log.size()).count() as u64;
        if log::count_tiles(self.db)? != wanted {
            return Err(Stop::other(
                "there are tiles beyond the end of the log".into(),
            ));
        }
        match self.last.map_or(0, |(key, _)| key) == keys {
            true => Ok(()),
            false => Err(Stop::other("a key of the log has signed no head".into())),
        }
    }

    /// Compares the tiles at the end of the log so far; the log may have gone `on` since.
    fn edge(&mut self, on: bool) -> Result<(), Stop> {
        let tiles = self.log.clone().take();
        tiles.iter().try_for_each(|tile| self.compare(tile, on))
    }

    fn compare(&self, tile: &Tile, may_be_wider: bool) -> Result<(), Stop> {
        let (level, number) = (tile.name.level, tile.name.number);
        let kept = log::tiles(self.db, &[tile.name])?.remove(&tile.name);
        let Some(kept) = kept else {
            return Err(Stop::other(format!(
                "tile {number} of level {level} is missing"
            )));
        };
        if kept == tile.data || (may_be_wider && kept.starts_with(&tile.data)) {
            return Ok(());
        }
        let differs = tile
            .data
            .chunks(32)
            .zip(kept.chunks(32))
            .position(|(a, b)| a != b);
        match differs {
            Some(at) if level == 0 => {
                let position = number * 256 + at as u64 + 1;
                let what = "the log has another event at this position than the journal";
                Err(self.at(position, what.into())?)
            }
            _ => Err(Stop::other(format!(
                "tile {number} of level {level} is not what the events give"
            ))),
        }
    }

    /// A difference at a position, with the record of the event that is there.
    fn at(&self, position: u64, what: String) -> Result<Stop, Failure> {
        let record = record_at(self.db, position)?;
        Ok(Stop::Different(Difference {
            position: Some(position),
            record,
            what,
        }))
    }
}

fn record_at(db: &Connection<'_>, position: u64) -> Result<Option<RecordId>, Failure> {
    let mut find = db.prepare_cached("SELECT record FROM event WHERE position = ?1")?;
    let found = find.query_row(params![codec::column(position)?], |row| {
        codec::id(&row.get::<_, Vec<u8>>("record")?)
    });
    Ok(found.optional()?.map(RecordId))
}
