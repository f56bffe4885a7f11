//! `tsumugi keys rotate`, cut off at each call to the system: the keys are wrapped under the old master or under the new
//! one, all of them; and what was destroyed stays so.

use super::shelf::{Base, Open, runtime};
use crate::Extent;
use crate::cut::{Cut, Tried};
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::{Command, Output};
use store::{Master, Masters};

/// In a short run every so many calls.
const STRIDE: usize = 3;

pub(crate) fn run(extent: Extent, base: &Base) -> Result<Tried> {
    let plain = base.finished()?;
    let files = tempfile::tempdir()?;
    let wrapped = base.finished()?;
    let first = files.path().join("first");
    write(&first, &[1])?;
    let second = files.path().join("second");
    write(&second, &[2, 1])?;
    ensure!(
        rotate(wrapped.path(), &first)?.output()?.status.success(),
        "the keys could not be wrapped"
    );
    let mut sum = Tried::default();
    for (name, folder, file, (old, new)) in [
        ("first turn", plain.path(), &first, (None, 1)),
        ("second turn", wrapped.path(), &second, (Some(1), 2)),
    ] {
        let cut = Cut {
            name,
            base: folder,
            make: Box::new(|folder| rotate(folder, file)),
        };
        let tried = cut.each(extent, STRIDE, "keep", |folder, ended| {
            left(base, folder, file, (old, new), &ended)
        })?;
        ensure!(
            tried.calls > 5,
            "the shim saw {} calls: the suite proves nothing",
            tried.calls
        );
        sum.kills += tried.kills;
        sum.calls += tried.calls;
    }
    Ok(sum)
}

/// The keys open under either master, and after the turn was done once more under the new one alone.
fn left(
    base: &Base,
    folder: &Path,
    file: &Path,
    (old, new): (Option<u8>, u8),
    ended: &Output,
) -> Result<()> {
    let runtime = runtime()?;
    let both: Vec<u8> = std::iter::once(new).chain(old).collect();
    let whole = |masters: Masters| -> Result<()> {
        let open = Open::over(folder, 6, masters)?;
        runtime.block_on(base.is_over(&open))
    };
    whole(masters(&both)).context("under the old and the new master")?;
    let again = rotate(folder, file)?.output()?;
    let said = String::from_utf8_lossy(&again.stderr);
    ensure!(again.status.success(), "again: {said}");
    whole(masters(&[new])).context("under the new master")?;
    ensure!(
        Open::over(folder, 6, masters(&old.into_iter().collect::<Vec<_>>())).is_err(),
        "the old master still opens the keys"
    );
    let keys: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("keys") && name.ends_with(".bin"))
        .collect();
    ensure!(keys.len() == 1, "{keys:?}");
    ensure!(!ended.status.success(), "it was not killed");
    Ok(())
}

fn rotate(folder: &Path, file: &Path) -> Result<Command> {
    let product = std::env::current_exe()?.with_file_name("tsumugi");
    let mut command = Command::new(product);
    command.args(["keys", "rotate", "--data"]);
    command
        .arg(folder.canonicalize()?)
        .arg("--master-key")
        .arg(file);
    Ok(command)
}

fn masters(numbers: &[u8]) -> Masters {
    Masters::of(numbers.iter().map(|n| Master::of([*n; 32])).collect())
}

/// A file of masters, newest first.
fn write(file: &Path, numbers: &[u8]) -> Result<()> {
    let lines = numbers.iter().map(|n| Master::of([*n; 32]).secret() + "\n");
    Ok(std::fs::write(file, lines.collect::<String>())?)
}
