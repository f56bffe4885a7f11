//! A round of disposals, cut off at each call to the system: what was disposed of by then stays so, the rest is whole, and
//! the next start goes on to the end.

use super::shelf::{Base, Open, runtime};
use crate::Extent;
use crate::cut::{Cut, Tried};
use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use store::Masters;

/// In a short run every so many calls.
const STRIDE: usize = 14;

/// Options of the child.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the store lies.
    dir: PathBuf,
}

/// Goes on with the round that is decided.
pub(crate) fn child(options: &Options) -> Result<()> {
    let open = Open::over(&options.dir, 3, Masters::default())?;
    runtime()?.block_on(open.carry_out())
}

pub(crate) fn run(extent: Extent, base: &Base) -> Result<Tried> {
    let cut = Cut {
        name: "round",
        base: base.folder.path(),
        make: Box::new(|folder| {
            let mut command = Command::new(std::env::current_exe().context("this program")?);
            command.arg("round").arg(folder.canonicalize()?);
            Ok(command)
        }),
    };
    let tried = cut.each(extent, STRIDE, "keep", |folder, _| left(base, folder))?;
    ensure!(
        tried.calls > 50,
        "the shim saw {} calls: the suite proves nothing",
        tried.calls
    );
    Ok(tried)
}

/// What is left of a round that was cut off, and what becomes of it.
fn left(base: &Base, folder: &Path) -> Result<()> {
    let runtime = runtime()?;
    let open = Open::over(folder, 4, Masters::default())?;
    runtime.block_on(async {
        open.fits()?;
        for binder in &base.doomed {
            // Once it is gone its keys may still be there; while it is there they are.
            let is_there = open.is_there(binder).await?;
            ensure!(
                !is_there || open.is_readable(binder).await?,
                "HALF: what is there cannot be read"
            );
        }
        base.is_kept(&open).await?;
        open.carry_out().await?;
        base.is_over(&open).await
    })?;
    drop(open);
    // And a restart brings nothing back.
    let open = Open::over(folder, 5, Masters::default())?;
    runtime.block_on(base.is_over(&open))
}
