//! What a child is told through the page that it shares with us. The child's side is `tests/faults/shim/src/control.rs`.

use anyhow::{Context as _, Result};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const WORDS: usize = 8;

/// Kinds of calls, as bits.
pub(crate) const WRITE: u64 = 1;
pub(crate) const SYNC: u64 = 2;
/// Writes, syncs, truncations and changes of names.
pub(crate) const ALL: u64 = 15;

/// What is done at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The call itself; it is only counted.
    Pass = 0,
    /// The end of the process, before the call.
    KillBefore = 1,
    /// Half of a write, then the end of the process.
    KillWithin = 3,
    /// The error of a full disk.
    NoSpace = 4,
    /// The error of a failing disk.
    Broken = 5,
    /// Half of a write, as the system may do at any time.
    Short = 6,
}

/// The page, in a folder of its own.
pub(crate) struct Control {
    page: File,
    folder: tempfile::TempDir,
}

impl Control {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let page = File::create_new(folder.path().join("page"))?;
        page.write_all_at(&[0; WORDS * 8], 0)?;
        Ok(Self { page, folder })
    }

    /// Has a command run under the shim, for the files below `scope`. `record` writes every change down.
    pub(crate) fn over(&self, command: &mut Command, scope: &Path, record: bool) -> Result<()> {
        let scope = scope.canonicalize()?;
        command
            .env("LD_PRELOAD", shim()?)
            .env("TSUMUGI_FAULTS_CONTROL", self.folder.path().join("page"))
            .env("TSUMUGI_FAULTS_SCOPE", scope);
        if record {
            command.env("TSUMUGI_FAULTS_RECORD", self.record());
        }
        Ok(())
    }

    /// Where changes are written down.
    pub(crate) fn record(&self) -> PathBuf {
        self.folder.path().join("record")
    }

    /// From now on: what is done at the calls `from..=to` of these kinds, counted anew.
    pub(crate) fn tell(&self, deed: Deed, kinds: u64, from: u64, to: u64) -> Result<()> {
        self.put(4, 0)?;
        for (at, word) in [(0, 0), (1, deed as u64), (2, from), (3, to), (5, 0)] {
            self.put(at, word)?;
        }
        self.put(4, kinds)
    }

    /// Makes syncing a nothing.
    pub(crate) fn no_sync(&self) -> Result<()> {
        self.put(6, 1)
    }

    /// Puts the wall clock elsewhere: so many seconds from the machine's.
    pub(crate) fn clock(&self, seconds: i64) -> Result<()> {
        self.put(7, seconds.cast_unsigned())
    }

    /// Calls so far.
    pub(crate) fn calls(&self) -> Result<u64> {
        self.get(0)
    }

    /// How often the deed was done.
    pub(crate) fn met(&self) -> Result<u64> {
        self.get(5)
    }

    fn put(&self, at: u64, word: u64) -> Result<()> {
        Ok(self.page.write_all_at(&word.to_ne_bytes(), at * 8)?)
    }

    fn get(&self, at: u64) -> Result<u64> {
        let mut word = [0; 8];
        self.page.read_exact_at(&mut word, at * 8)?;
        Ok(u64::from_ne_bytes(word))
    }
}

/// The shim lies beside this program.
fn shim() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let file = own.with_file_name("libfaultshim.so");
    let hint = || format!("{} is not built: cargo build --workspace", file.display());
    file.canonicalize().with_context(hint)
}
