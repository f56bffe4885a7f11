//! The files of the keys: which one holds them, what wraps it, and what was destroyed.
//!
//! ```text
//! keys.bin        rows, as they are: until a master key is put in force
//! keys-N.bin      rows, wrapped under the master that keys.wrap names
//! keys.wrap       which file is in force; written whole or not at all, so that a rotation is done or not done
//! destroyed.jsonl a line for each key that was destroyed, with what remains of its record
//! ```

use crate::failure::Failure;
use crate::keyring::{Doomed, KEY_BYTES};
use crate::masters::{Master, Masters};
use crate::open::private_file;
use crate::{codec, whole};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The file of keys that nothing wraps.
pub(crate) const PLAIN: &str = "keys.bin";
/// Which file is in force.
pub(crate) const WRAP: &str = "keys.wrap";
/// What was destroyed.
pub(crate) const DESTROYED: &str = "destroyed.jsonl";

/// Rows turned at a time.
const ROWS: usize = 4_096;

/// Which file is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wrap {
    /// Counts rotations.
    pub(crate) turn: u64,
    /// Id of the master.
    pub(crate) master: String,
}

impl Wrap {
    /// What the data directory says; none where nothing wraps the keys.
    pub(crate) fn of(dir: &Path) -> Result<Option<Self>, Failure> {
        match fs::read(dir.join(WRAP)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => Ok(Some(codec::json(&read?)?)),
        }
    }

    /// Its file.
    pub(crate) fn file(&self) -> String {
        format!("keys-{}.bin", self.turn)
    }
}

/// Where the keys lie.
pub(crate) fn path(dir: &Path) -> Result<PathBuf, Failure> {
    let wrap = Wrap::of(dir)?;
    Ok(dir.join(wrap.map_or_else(|| PLAIN.to_owned(), |wrap| wrap.file())))
}

/// The file in force and what unwraps it.
pub(crate) struct Ring {
    pub(crate) file: File,
    pub(crate) master: Option<Master>,
    wrap: Option<Wrap>,
}

impl Ring {
    /// Opens the file in force; a new installation's is wrapped from the beginning where there is a master.
    pub(crate) fn open(dir: &Path, masters: &Masters) -> Result<Self, Failure> {
        clear(dir)?;
        let mut wrap = Wrap::of(dir)?;
        if wrap.is_none()
            && let Some(newest) = masters.newest()
            && is_empty(&dir.join(PLAIN))?
        {
            wrap = Some(put_in_force(dir, 1, newest)?);
        }
        let Some(found) = &wrap else {
            let file = open(&dir.join(PLAIN))?;
            return Ok(Self {
                file,
                master: None,
                wrap,
            });
        };
        let master = named(masters, found)?;
        Ok(Self {
            file: open(&dir.join(found.file()))?,
            master: Some(master),
            wrap,
        })
    }
}

/// The file in force and what unwraps it, to be read while a server may have it open.
pub(crate) fn read(dir: &Path, masters: &Masters) -> Result<(File, Option<Master>), Failure> {
    let file = File::open(path(dir)?)?;
    let Some(wrap) = Wrap::of(dir)? else {
        return Ok((file, None));
    };
    Ok((file, Some(named(masters, &wrap)?)))
}

fn named(masters: &Masters, wrap: &Wrap) -> Result<Master, Failure> {
    masters.named(&wrap.master).cloned().ok_or_else(|| {
        Failure::Unavailable(format!(
            "keys are wrapped under master key {}, which was not given",
            wrap.master
        ))
    })
}

/// Puts the newest master in force: every row is wrapped under it. Answers how many rows, none if it is in force already.
pub(crate) fn rotate(dir: &Path, masters: &Masters) -> Result<Option<u64>, Failure> {
    let newest = masters
        .newest()
        .ok_or_else(|| Failure::Unavailable("no master key was given".into()))?;
    let ring = Ring::open(dir, masters)?;
    if ring.master.as_ref() == Some(newest) {
        return Ok(None);
    }
    let turn = ring.wrap.as_ref().map_or(0, |wrap| wrap.turn) + 1;
    let next = Wrap {
        turn,
        master: newest.id(),
    };
    let target = dir.join(next.file());
    let written = rewrap(&ring, newest, &target)?;
    File::open(dir)?.sync_all()?;
    put_in_force(dir, turn, newest)?;
    clear(dir)?;
    Ok(Some(written))
}

fn rewrap(ring: &Ring, newest: &Master, target: &Path) -> Result<u64, Failure> {
    let file = open(target)?;
    file.set_len(0)?;
    let rows = ring.file.metadata()?.len() / KEY_BYTES;
    let mut done = 0;
    while done < rows {
        let many = usize::try_from(rows - done).unwrap_or(ROWS).min(ROWS);
        let mut bytes = vec![0; many * KEY_BYTES as usize];
        ring.file.read_exact_at(&mut bytes, done * KEY_BYTES)?;
        let keys = bytes.as_chunks_mut::<{ KEY_BYTES as usize }>().0;
        for (row, key) in (done + 1..).zip(keys) {
            // What was destroyed stays so.
            if *key == [0; 32] {
                continue;
            }
            let plain = ring
                .master
                .as_ref()
                .map_or(*key, |master| master.turn(row, key));
            *key = newest.turn(row, &plain);
        }
        file.write_all_at(&bytes, done * KEY_BYTES)?;
        done += many as u64;
    }
    file.sync_all()?;
    Ok(rows)
}

fn put_in_force(dir: &Path, turn: u64, master: &Master) -> Result<Wrap, Failure> {
    let wrap = Wrap {
        turn,
        master: master.id(),
    };
    whole::write(&dir.join(WRAP), &serde_json::to_vec(&wrap)?, true)?;
    File::open(dir)?.sync_all()?;
    Ok(wrap)
}

/// Takes away files of keys that are not in force: a rotation that was cut off left them. They are overwritten first.
fn clear(dir: &Path) -> Result<(), Failure> {
    let Some(wrap) = Wrap::of(dir)? else {
        // Nothing is in force but the plain file: what is begun is begun anew.
        return Ok(());
    };
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().map(str::to_owned) else {
            continue;
        };
        let of_keys = name == PLAIN || (name.starts_with("keys-") && name.ends_with(".bin"));
        if of_keys && name != wrap.file() {
            let file = open(&entry.path())?;
            let length = usize::try_from(file.metadata()?.len()).map_err(Failure::damaged)?;
            file.write_all_at(&vec![0; length], 0)?;
            file.sync_all()?;
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_empty(path: &Path) -> Result<bool, Failure> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        found => Ok(found?.len() == 0),
    }
}

fn open(path: &Path) -> Result<File, Failure> {
    private_file(path).map_err(|error| Failure::Unavailable(error.to_string()))
}

/// A line of what was destroyed.
#[derive(Serialize, Deserialize)]
struct Line {
    key: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
}

/// Adds lines, durably. One that was cut off by a kill is left as it is: what follows begins on a line of its own.
pub(crate) fn note(dir: &Path, doomed: &[Doomed]) -> Result<(), Failure> {
    let file = open(&dir.join(DESTROYED))?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    // The file grows with every disposal: only its last byte is looked at.
    let mut last = [b'\n'];
    if let Some(place) = length.checked_sub(1) {
        file.read_exact_at(&mut last, place)?;
    }
    if last != [b'\n'] {
        bytes.push(b'\n');
    }
    for one in doomed {
        let line = Line {
            key: one.key,
            record: one.record,
            certificate: one.certificate.clone(),
        };
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
    }
    file.write_all_at(&bytes, length)?;
    file.sync_all()?;
    Ok(File::open(dir)?.sync_all()?)
}

/// Records whose keys were destroyed, with their certificates, from the `after`th on.
pub(crate) fn noted(dir: &Path, after: usize) -> Result<Vec<(Uuid, String)>, Failure> {
    let text = match fs::read(dir.join(DESTROYED)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let lines = text.split(|byte| *byte == b'\n');
    let read = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    let records = read.filter_map(|line| Some((line.record?, line.certificate?)));
    Ok(records.skip(after).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masters(numbers: &[u8]) -> Masters {
        Masters::of(numbers.iter().map(|n| Master::of([*n; 32])).collect())
    }

    fn key(dir: &Path, masters: &Masters, row: u64) -> [u8; 32] {
        let ring = Ring::open(dir, masters).unwrap();
        let mut bytes = [0; 32];
        ring.file
            .read_exact_at(&mut bytes, (row - 1) * KEY_BYTES)
            .unwrap();
        ring.master.map_or(bytes, |master| master.turn(row, &bytes))
    }

    #[test]
    fn a_rotation_keeps_every_key_and_leaves_no_older_file() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let rows: Vec<u8> = (0..200u16).flat_map(|n| [n as u8 + 1; 32]).collect();
        fs::write(dir.join(PLAIN), &rows).unwrap();
        assert_eq!(rotate(dir, &masters(&[1])).unwrap(), Some(200));
        assert_eq!(rotate(dir, &masters(&[1])).unwrap(), None);
        assert!(!dir.join(PLAIN).exists());
        assert_ne!(fs::read(dir.join("keys-1.bin")).unwrap(), rows);
        assert_eq!(rotate(dir, &masters(&[2, 1])).unwrap(), Some(200));
        assert_eq!(key(dir, &masters(&[2]), 150), [150; 32]);
        assert!(Ring::open(dir, &masters(&[1])).is_err());
        assert!(!dir.join("keys-1.bin").exists());
    }

    #[test]
    fn a_rotation_that_was_cut_off_has_not_happened_or_has() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        fs::write(dir.join(PLAIN), [5; 64]).unwrap();
        // Before the switch: the file is half written.
        fs::write(dir.join("keys-1.bin"), [9; 40]).unwrap();
        assert_eq!(key(dir, &masters(&[1]), 2), [5; 32]);
        assert_eq!(rotate(dir, &masters(&[1])).unwrap(), Some(2));
        // After it: the older file is still there.
        fs::write(dir.join(PLAIN), [5; 64]).unwrap();
        assert_eq!(key(dir, &masters(&[1]), 2), [5; 32]);
        assert!(!dir.join(PLAIN).exists());
    }

    #[test]
    fn what_was_destroyed_is_read_past_a_line_that_was_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let doomed = |n: u128| Doomed {
            key: 1,
            record: Some(Uuid::from_u128(n)),
            certificate: Some("{}".into()),
        };
        note(dir, &[doomed(1)]).unwrap();
        let mut text = fs::read(dir.join(DESTROYED)).unwrap();
        text.extend_from_slice(b"{\"key\":2,\"rec");
        fs::write(dir.join(DESTROYED), &text).unwrap();
        note(dir, &[doomed(2)]).unwrap();
        let found: Vec<Uuid> = noted(dir, 0)
            .unwrap()
            .into_iter()
            .map(|one| one.0)
            .collect();
        assert_eq!(found, [Uuid::from_u128(1), Uuid::from_u128(2)]);
        assert_eq!(noted(dir, 1).unwrap().len(), 1);
    }
}
