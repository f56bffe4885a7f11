//! Every call that changes a file, enumerated: the process ends before it, and within it if it is a write.

use super::child;
use super::held::held;
use crate::cut::Cut;
use crate::{Extent, quick_folder};
use anyhow::{Result, ensure};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Acts before and after.
const BEFORE: u64 = 4;
const LAST: u64 = 12;
/// In a short run every so many calls.
const STRIDE: usize = 9;

pub(crate) fn run(extent: Extent) -> Result<String> {
    let (mut kills, mut calls) = (0, 0);
    let slowest = Mutex::new(Duration::ZERO);
    // A store that works, is closed and opened; and one that is made.
    let (working, new) = (quick_folder()?, quick_folder()?);
    let mut made = child::command(working.path(), 1, BEFORE, 0)?;
    ensure!(
        made.output()?.status.success(),
        "the base could not be made"
    );
    for (name, base, (from, to)) in [
        ("working", working.path(), (BEFORE + 1, LAST)),
        ("new", new.path(), (1, 1)),
    ] {
        let cut = Cut {
            name,
            base,
            make: Box::new(move |folder| child::command(folder, from, to, 0)),
        };
        let tried = cut.each(extent, STRIDE, "calls", |folder, ended| {
            let said = String::from_utf8(ended.stdout)?;
            let mut acknowledged: BTreeSet<u64> = said.lines().filter_map(child::parse).collect();
            acknowledged.extend(1..from);
            let ready = held(folder, &acknowledged)?.ready;
            let mut slowest = slowest.lock();
            *slowest = ready.max(*slowest);
            Ok(())
        })?;
        ensure!(
            tried.calls > 20,
            "the shim saw {} calls: the suite proves nothing",
            tried.calls
        );
        (kills, calls) = (kills + tried.kills, calls + tried.calls);
    }
    let slowest = slowest.into_inner().as_millis();
    Ok(format!(
        "{kills} kills at {calls} enumerated calls; ready again within {slowest} ms"
    ))
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
