//! Every call that changes a file, enumerated: the process ends before it, and within it if it is a write.

use super::child;
use super::held::held;
use crate::control::{self, Control, Deed};
use crate::{Extent, in_lanes, quick_folder};
use anyhow::{Context as _, Result, ensure};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Acts before and after.
const BEFORE: u64 = 4;
const LAST: u64 = 12;
/// In a short run every so many calls.
const STRIDE: usize = 9;

/// A place to begin from, and which acts follow.
struct Case {
    name: &'static str,
    base: tempfile::TempDir,
    from: u64,
    to: u64,
}

pub(crate) fn run(extent: Extent) -> Result<String> {
    let (mut tried, mut calls) = (0, 0);
    let slowest = Mutex::new(Duration::ZERO);
    for case in cases()? {
        let count = case.count()?;
        let mut all: Vec<(u64, Deed)> = (1..=count)
            .flat_map(|call| [(call, Deed::KillBefore), (call, Deed::KillWithin)])
            .collect();
        match extent.seed {
            Some(seed) => all.retain(|(call, _)| *call == seed),
            None if !extent.long => all = all.into_iter().step_by(STRIDE).collect(),
            None => {}
        }
        in_lanes(&all, |(call, deed)| {
            let shown = || {
                format!(
                    "{}: {deed:?} at call {call} (--only calls --seed {call})",
                    case.name
                )
            };
            let ready = case.killed_at(*call, *deed).with_context(shown)?;
            let mut slowest = slowest.lock();
            *slowest = ready.max(*slowest);
            Ok(())
        })?;
        (tried, calls) = (tried + all.len(), calls + count);
    }
    let slowest = slowest.into_inner().as_millis();
    Ok(format!(
        "{tried} kills at {calls} enumerated calls; ready again within {slowest} ms"
    ))
}

/// A store that works, is closed and opened; and one that is made.
fn cases() -> Result<[Case; 2]> {
    let working = quick_folder()?;
    let mut made = child::command(working.path(), 1, BEFORE, 0)?;
    ensure!(
        made.output()?.status.success(),
        "the base could not be made"
    );
    Ok([
        Case {
            name: "working",
            base: working,
            from: BEFORE + 1,
            to: LAST,
        },
        Case {
            name: "new",
            base: quick_folder()?,
            from: 1,
            to: 1,
        },
    ])
}

impl Case {
    /// How many calls there are, to the end.
    fn count(&self) -> Result<u64> {
        let (folder, control) = (self.copied()?, Control::new()?);
        control.tell(Deed::Pass, control::ALL, 0, 0)?;
        let mut command = child::command(folder.path(), self.from, self.to, 0)?;
        control.over(&mut command, folder.path(), false)?;
        let ended = command.output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(ended.status.success(), "{}: {said}", self.name);
        let calls = control.calls()?;
        ensure!(
            calls > 20,
            "the shim saw {calls} calls: the suite proves nothing"
        );
        Ok(calls)
    }

    fn killed_at(&self, call: u64, deed: Deed) -> Result<Duration> {
        let (folder, control) = (self.copied()?, Control::new()?);
        control.tell(deed, control::ALL, call, call)?;
        let mut command = child::command(folder.path(), self.from, self.to, 0)?;
        control.over(&mut command, folder.path(), false)?;
        let ended = command.output()?;
        ensure!(
            control.met()? == 1 && !ended.status.success(),
            "it was not killed"
        );
        let said = String::from_utf8(ended.stdout)?;
        let mut acknowledged: BTreeSet<u64> = said.lines().filter_map(child::parse).collect();
        acknowledged.extend(1..self.from);
        Ok(held(folder.path(), &acknowledged)?.ready)
    }

    fn copied(&self) -> Result<tempfile::TempDir> {
        let to = quick_folder()?;
        copy(self.base.path(), to.path())?;
        Ok(to)
    }
}

/// Copies a folder into an empty one.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
