//! The keys of records, in a file of their own: rows of 32 bytes, numbered from 1.
//!
//! Keys are made and fsynced in batches ahead of use, so that a commit only names a number and needs no second fsync.
//! No key is overwritten but to destroy it: its row is then zero. A row that a crash left empty is passed over.

use crate::counters::Counters;
use crate::failure::Failure;
use crate::masters::{Master, Masters};
use crate::ring_file::{self, Ring};
use crate::writer::heal::write_range_anew;
use parking_lot::Mutex;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Keys made at a time.
pub(crate) const BATCH: u64 = 4_096;
pub(crate) const KEY_BYTES: u64 = 32;

/// Fills a buffer with randomness fit for keys.
pub type Random = Box<dyn FnMut(&mut [u8]) + Send>;

/// A key that is to be destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doomed {
    /// Its number.
    pub(crate) key: u64,
    /// The record whose key it is; none for an upload's.
    pub(crate) record: Option<Uuid>,
    /// What remains of that record, as JSON.
    pub(crate) certificate: Option<String>,
}

/// Where keys come from.
pub(crate) trait Keys: Send + Sync {
    /// Gives out a number never given before, whose key is durable.
    fn take(&self) -> Result<u64, Failure>;
    /// A key by number; [`Failure::Destroyed`] where it was destroyed.
    fn key(&self, id: u64) -> Result<[u8; 32], Failure>;
    /// Says which keys are asked for next, so that they are fetched in one go.
    fn expect(&self, ids: &[u64]) -> Result<(), Failure>;
    /// Destroys keys, durably, and keeps beside them what they were let go with.
    fn destroy(&self, doomed: &[Doomed]) -> Result<(), Failure>;
    /// The records whose keys were destroyed, with their certificates, from the `after`th on.
    fn destroyed(&self, after: usize) -> Result<Vec<(Uuid, String)>, Failure>;
}

impl Keys for Keyring {
    fn take(&self) -> Result<u64, Failure> {
        Self::take(self)
    }

    fn key(&self, id: u64) -> Result<[u8; 32], Failure> {
        Self::key(self, id)
    }

    fn expect(&self, _: &[u64]) -> Result<(), Failure> {
        Ok(())
    }

    fn destroy(&self, doomed: &[Doomed]) -> Result<(), Failure> {
        // One at a time, so that each row and its line stand together.
        let _state = self.state.lock();
        // The certificates first: a key that is gone without one could not be told from damage.
        ring_file::note(&self.dir, doomed)?;
        for one in doomed {
            self.file
                .write_all_at(&[0; KEY_BYTES as usize], place(one.key)?)?;
        }
        Ok(self.file.sync_all()?)
    }

    fn destroyed(&self, after: usize) -> Result<Vec<(Uuid, String)>, Failure> {
        ring_file::noted(&self.dir, after)
    }
}

pub(crate) struct Keyring {
    file: File,
    /// The data directory, where the certificates of destroyed keys lie too.
    dir: PathBuf,
    /// What wraps the rows.
    master: Option<Master>,
    counters: Arc<Counters>,
    state: Mutex<State>,
}

struct State {
    random: Random,
    /// The number that is given out next.
    next: u64,
    /// The last key that lies fsynced in the file.
    made: u64,
}

impl Keyring {
    /// Opens the ring in a data directory; `used` is the highest number that the database names.
    pub(crate) fn open(
        dir: &Path,
        masters: &Masters,
        used: u64,
        random: Random,
        counters: Arc<Counters>,
    ) -> Result<Self, Failure> {
        let Ring { file, master, .. } = Ring::open(dir, masters)?;
        let rows = file.metadata()?.len().div_ceil(KEY_BYTES);
        if used > rows {
            return Err(Failure::damaged(format!(
                "keys.bin ends at key {rows}, yet key {used} is in use"
            )));
        }
        let ring = Self {
            file,
            dir: dir.to_owned(),
            master,
            counters,
            state: Mutex::new(State {
                random,
                next: used + 1,
                made: rows,
            }),
        };
        // A crash while a batch was written may have left rows of zeros or half a row: such a tail is not used.
        let sound =
            rows == ring.file.metadata()?.len() / KEY_BYTES && ring.tail_is_whole(used, rows)?;
        if !sound {
            ring.state.lock().next = rows + 1;
        } else if rows > used {
            // Whether the last fsync succeeded is not known: keys that will be given out are written once more.
            write_range_anew(&ring.file, used * KEY_BYTES, rows * KEY_BYTES)?;
        }
        ring.refill(BATCH / 2)?;
        Ok(ring)
    }

    fn tail_is_whole(&self, used: u64, rows: u64) -> Result<bool, Failure> {
        // Thousands of rows: in a few reads, not in one each.
        let mut tail = BufReader::with_capacity(1 << 16, &self.file);
        tail.seek(SeekFrom::Start(used * KEY_BYTES))?;
        let mut row = [0; 32];
        for _ in used..rows {
            tail.read_exact(&mut row)?;
            if row == [0; 32] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives out a number never given before by this process, whose key is durable.
    pub(crate) fn take(&self) -> Result<u64, Failure> {
        let mut state = self.state.lock();
        if state.next > state.made {
            self.make_batch(&mut state)?;
        }
        let id = state.next;
        state.next += 1;
        Ok(id)
    }

    /// Makes a batch if fewer than `least` are left.
    pub(crate) fn refill(&self, least: u64) -> Result<(), Failure> {
        let mut state = self.state.lock();
        if state.made + 1 < state.next + least {
            self.make_batch(&mut state)?;
        }
        Ok(())
    }

    fn make_batch(&self, state: &mut State) -> Result<(), Failure> {
        let mut keys = vec![0; (BATCH * KEY_BYTES) as usize];
        (state.random)(&mut keys);
        if let Some(master) = &self.master {
            let rows = keys.as_chunks_mut::<{ KEY_BYTES as usize }>().0;
            for (row, key) in (state.made + 1..).zip(rows) {
                *key = master.turn(row, key);
            }
        }
        self.file.write_all_at(&keys, state.made * KEY_BYTES)?;
        self.file.sync_all()?;
        state.made += BATCH;
        Counters::add(&self.counters.key_batches, 1);
        Ok(())
    }

    /// The highest number given out.
    pub(crate) fn last_taken(&self) -> u64 {
        self.state.lock().next - 1
    }

    /// A key by number.
    pub(crate) fn key(&self, id: u64) -> Result<[u8; 32], Failure> {
        key_of(&self.file, self.master.as_ref(), id)
    }

    /// Puts keys that came from another installation under numbers that were given out and that the database has noted as
    /// such, so that they are never given out again, whatever happens. None: it was destroyed there, and so it is here.
    pub(crate) fn lay(&self, keys: &[(u64, Option<[u8; 32]>)]) -> Result<(), Failure> {
        let state = self.state.lock();
        for (id, key) in keys {
            if *id == 0 || *id >= state.next {
                return Err(Failure::damaged(format!("key {id} was never given out")));
            }
            let row = match (key, &self.master) {
                (None, _) => [0; KEY_BYTES as usize],
                (Some(key), Some(master)) => master.turn(*id, key),
                (Some(key), None) => *key,
            };
            self.file.write_all_at(&row, place(*id)?)?;
        }
        Ok(self.file.sync_all()?)
    }
}

/// The keys of a data directory that a server may have open: read, never given out.
pub(crate) struct KeyFile {
    file: File,
    master: Option<Master>,
    dir: PathBuf,
}

impl KeyFile {
    pub(crate) fn open(dir: &Path, masters: &Masters) -> Result<Self, Failure> {
        let (file, master) = ring_file::read(dir, masters)?;
        Ok(Self {
            file,
            master,
            dir: dir.to_owned(),
        })
    }
}

impl Keys for KeyFile {
    fn take(&self) -> Result<u64, Failure> {
        Err(only_read())
    }

    fn key(&self, id: u64) -> Result<[u8; 32], Failure> {
        key_of(&self.file, self.master.as_ref(), id)
    }

    fn expect(&self, _: &[u64]) -> Result<(), Failure> {
        Ok(())
    }

    fn destroy(&self, _: &[Doomed]) -> Result<(), Failure> {
        Err(only_read())
    }

    fn destroyed(&self, after: usize) -> Result<Vec<(Uuid, String)>, Failure> {
        ring_file::noted(&self.dir, after)
    }
}

fn only_read() -> Failure {
    Failure::Unavailable("these keys are only read".into())
}

fn key_of(file: &File, master: Option<&Master>, id: u64) -> Result<[u8; 32], Failure> {
    let row = row_of(file, id)?;
    if row == [0; 32] {
        return Err(Failure::Destroyed(id));
    }
    Ok(master.map_or(row, |master| master.turn(id, &row)))
}

fn row_of(file: &File, id: u64) -> Result<[u8; 32], Failure> {
    let mut row = [0; 32];
    match file.read_exact_at(&mut row, place(id)?) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(absent(id)),
        other => Ok(other.map(|()| row)?),
    }
}

/// Where a row begins.
fn place(id: u64) -> Result<u64, Failure> {
    let place = id.checked_sub(1).and_then(|row| row.checked_mul(KEY_BYTES));
    place.ok_or_else(|| absent(id))
}

fn absent(id: u64) -> Failure {
    Failure::damaged(format!("there is no key {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(dir: &Path, used: u64) -> Keyring {
        let random = Box::new(|bytes: &mut [u8]| bytes.fill(9));
        Keyring::open(dir, &Masters::default(), used, random, Arc::default()).unwrap()
    }

    #[test]
    fn a_key_of_another_installation_lies_only_under_a_number_that_is_never_given_out_again() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let keys = ring(dir, 0);
        let taken = [keys.take().unwrap(), keys.take().unwrap()];
        keys.lay(&[(taken[0], Some([1; 32])), (taken[1], Some([2; 32]))])
            .unwrap();
        assert!(
            keys.lay(&[(taken[1] + 1, Some([3; 32]))]).is_err(),
            "that is for a record of this place"
        );
        assert!(keys.lay(&[(0, Some([3; 32]))]).is_err());
        drop(keys);
        let keys = ring(dir, taken[1]);
        assert_eq!(keys.key(taken[1]).unwrap(), [2; 32]);
        let read = || KeyFile::open(dir, &Masters::default()).unwrap();
        assert_eq!(read().key(taken[0]).unwrap(), [1; 32]);
        assert!(read().take().is_err());
        let next = keys.take().unwrap();
        assert!(next > taken[1] && keys.key(next).unwrap() == [9; 32]);
        keys.lay(&[(next, None)]).unwrap();
        assert!(matches!(keys.key(next), Err(Failure::Destroyed(_))));
    }
}
