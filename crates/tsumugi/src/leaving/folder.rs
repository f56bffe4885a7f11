//! The folder of an export: under another name until it is whole. Only its owner may read it.

use super::manifest::FileEntry;
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Says in an unfinished folder that it is one, and so may be removed.
const UNFINISHED: &str = ".unfinished";
/// Bytes that wait before they are written. Files are many and open only while they are written to.
const WAITING: usize = 32 << 10;

/// The folder.
pub(super) struct Folder {
    to: PathBuf,
    root: PathBuf,
    files: Vec<FileEntry>,
}

impl Folder {
    /// Begins a folder where there is none. What a round that was cut off has left is removed.
    pub(super) fn begin(to: &Path) -> Result<Self> {
        if to.exists() {
            bail!(
                "{} はすでにあります。まだない名前を --to に指定してください。",
                to.display()
            );
        }
        let root = to.with_added_extension("part");
        if root.exists() {
            if !root.join(UNFINISHED).exists() {
                bail!(
                    "{} は書きかけの書き出しではありません。別の名前を --to に指定してください。",
                    root.display()
                );
            }
            fs::remove_dir_all(&root).with_context(|| shown(&root))?;
        }
        make_dir(&root)?;
        private(&root.join(UNFINISHED))?;
        Ok(Self {
            to: to.to_owned(),
            root,
            files: Vec::new(),
        })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A new file in it.
    pub(super) fn file(&self, path: &str) -> Result<Hashed> {
        Hashed::new(&self.root, path)
    }

    /// A file of which all is known.
    pub(super) fn put(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        let mut file = self.file(path)?;
        file.write_all(bytes)?;
        self.keep(file, false)
    }

    /// Finishes a file; `told` where its lines count.
    pub(super) fn keep(&mut self, file: Hashed, told: bool) -> Result<()> {
        let mut entry = file.finish()?;
        entry.lines = entry.lines.filter(|_| told);
        self.files.push(entry);
        Ok(())
    }

    /// The files so far, by path.
    pub(super) fn files(&mut self) -> Vec<FileEntry> {
        self.files.sort_by(|one, other| one.path.cmp(&other.path));
        self.files.clone()
    }

    /// It is whole: durable, and under its name.
    pub(super) fn end(self) -> Result<()> {
        let done = || -> std::io::Result<()> {
            fs::remove_file(self.root.join(UNFINISHED))?;
            // Everything at once: there may be more files than could be synced one by one.
            rustix::fs::syncfs(File::open(&self.root)?)?;
            fs::rename(&self.root, &self.to)?;
            let above = self
                .to
                .parent()
                .filter(|above| !above.as_os_str().is_empty());
            File::open(above.unwrap_or(Path::new(".")))?.sync_all()
        };
        done().with_context(|| shown(&self.to))
    }
}

/// A file that knows what was written to it.
pub(super) struct Hashed {
    place: PathBuf,
    path: String,
    waiting: Vec<u8>,
    hash: Sha256,
    bytes: u64,
    lines: u64,
}

impl Hashed {
    fn new(root: &Path, path: &str) -> Result<Self> {
        let place = root.join(path);
        make_dir(place.parent().unwrap_or(root))?;
        private(&place)?;
        Ok(Self {
            place,
            path: path.to_owned(),
            waiting: Vec::new(),
            hash: Sha256::new(),
            bytes: 0,
            lines: 0,
        })
    }

    /// Lines written.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Writes one line of JSON.
    pub(super) fn line(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut *self, value)?;
        self.write_all(b"\n")?;
        self.lines += 1;
        Ok(())
    }

    fn empty(&mut self) -> std::io::Result<()> {
        OpenOptions::new()
            .append(true)
            .open(&self.place)?
            .write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// It is whole, and listed elsewhere than in the manifest.
    pub(super) fn end(self) -> Result<()> {
        self.finish().map(drop)
    }

    fn finish(mut self) -> Result<FileEntry> {
        self.empty()?;
        Ok(FileEntry {
            path: self.path,
            bytes: self.bytes,
            sha256: hex(&self.hash.finalize()),
            lines: Some(self.lines),
        })
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= WAITING {
            self.empty()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn make_dir(dir: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| shown(dir))
}

fn private(place: &Path) -> Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(place);
    made.map(drop).with_context(|| shown(place))
}

fn shown(path: &Path) -> String {
    format!("{} を書けません", path.display())
}
