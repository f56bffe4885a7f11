//! A child that is cut off at each call to the system that changes a file, enumerated.

use crate::control::{self, Control, Deed};
use crate::stores::calls::copy;
use crate::{Extent, in_lanes, quick_folder};
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

type Make<'c> = dyn Fn(&Path) -> Result<Command> + Sync + 'c;

/// What a child does to a folder.
pub(crate) struct Cut<'c> {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The folder that each child begins from.
    pub(crate) base: &'c Path,
    /// The child, over a copy of it.
    pub(crate) make: Box<Make<'c>>,
}

/// What was tried.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tried {
    /// Kills.
    pub(crate) kills: usize,
    /// Calls that there are.
    pub(crate) calls: u64,
}

impl Cut<'_> {
    /// How many calls there are, to the end.
    ///
    /// # Errors
    /// If it does not come to its end.
    pub(crate) fn calls(&self) -> Result<u64> {
        let (folder, control) = (self.copied()?, Control::new()?);
        let ended = self.run(folder.path(), &control, (Deed::Pass, 0))?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(ended.status.success(), "{}: {said}", self.name);
        control.calls()
    }

    /// Ends the process before each call, and within it if it is a write: at all of them, or at every `stride`th. What is
    /// left is checked, with what the child had said. `part` is how a failure is seen again.
    ///
    /// # Errors
    /// The first that fails.
    pub(crate) fn each(
        &self,
        extent: Extent,
        stride: usize,
        part: &str,
        check: impl Fn(&Path, Output) -> Result<()> + Sync,
    ) -> Result<Tried> {
        let calls = self.calls()?;
        let mut all: Vec<(u64, Deed)> = (1..=calls)
            .flat_map(|call| [(call, Deed::KillBefore), (call, Deed::KillWithin)])
            .collect();
        match extent.seed {
            Some(seed) => all.retain(|(call, _)| *call == seed),
            None if !extent.long => all = all.into_iter().step_by(stride).collect(),
            None => {}
        }
        in_lanes(&all, |(call, deed)| {
            let shown = || {
                format!(
                    "{}: {deed:?} at call {call} (--only {part} --seed {call})",
                    self.name
                )
            };
            let (folder, ended) = self.at(*call, *deed).with_context(shown)?;
            check(folder.path(), ended).with_context(shown)
        })?;
        Ok(Tried {
            kills: all.len(),
            calls,
        })
    }

    /// What is left when it ends at a call.
    fn at(&self, call: u64, deed: Deed) -> Result<(TempDir, Output)> {
        let (folder, control) = (self.copied()?, Control::new()?);
        let ended = self.run(folder.path(), &control, (deed, call))?;
        ensure!(
            control.met()? == 1 && !ended.status.success(),
            "it was not killed"
        );
        Ok((folder, ended))
    }

    fn run(&self, folder: &Path, control: &Control, (deed, call): (Deed, u64)) -> Result<Output> {
        control.tell(deed, control::ALL, call, call)?;
        let mut command = (self.make)(folder)?;
        control.over(&mut command, folder, false)?;
        Ok(command.output()?)
    }

    fn copied(&self) -> Result<TempDir> {
        let to = quick_folder()?;
        copy(self.base, to.path())?;
        Ok(to)
    }
}
