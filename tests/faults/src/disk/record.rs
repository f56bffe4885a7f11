//! Reads what the shim wrote down.

use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Create(PathBuf),
    Write(PathBuf, u64, Vec<u8>),
    Truncate(PathBuf, u64),
    Sync(PathBuf),
    SyncFailed(PathBuf),
    Rename(PathBuf, PathBuf),
    Link(PathBuf, PathBuf),
    Unlink(PathBuf),
    MakeDir(PathBuf),
}

/// All changes of a run, in their order. Half a line at the end was not done.
pub(crate) fn read(file: &Path) -> Result<Vec<Step>> {
    let bytes = match std::fs::read(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let (mut rest, mut steps) = (bytes.as_slice(), Vec::new());
    while let Some((step, after)) = one(rest)? {
        // What is written to a file without a name goes with it.
        let is_gone = |path: &Path| path.as_os_str().as_bytes().ends_with(b" (deleted)");
        if !matches!(&step, Step::Write(path, ..) | Step::Truncate(path, _) | Step::Sync(path) if is_gone(path))
        {
            steps.push(step);
        }
        rest = after;
    }
    Ok(steps)
}

fn one(line: &[u8]) -> Result<Option<(Step, &[u8])>> {
    let mut head = [0; 5];
    let mut rest = line;
    for number in &mut head {
        let Some((bytes, after)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        *number = u64::from_ne_bytes(*bytes);
        rest = after;
    }
    let [kind, offset, ..] = head;
    let mut take = |len: u64| {
        let (part, after) = rest.split_at_checked(usize::try_from(len).ok()?)?;
        rest = after;
        Some(part)
    };
    let (Some(path), Some(other), Some(bytes)) = (take(head[2]), take(head[3]), take(head[4]))
    else {
        return Ok(None);
    };
    let [path, other] = [path, other].map(|path| PathBuf::from(OsStr::from_bytes(path)));
    let step = match kind {
        1 => Step::Create(path),
        2 => Step::Write(path, offset, bytes.to_vec()),
        3 => Step::Truncate(path, offset),
        4 => Step::Sync(path),
        5 => Step::Rename(path, other),
        6 => Step::Unlink(path),
        7 => Step::Link(path, other),
        8 => Step::MakeDir(path),
        9 => Step::SyncFailed(path),
        other => bail!("the shim wrote a step {other}"),
    };
    Ok(Some((step, rest)))
}

/// The folder in which a name stands.
pub(crate) fn folder(path: &Path) -> Result<&Path> {
    path.parent().context("a path without a folder")
}
