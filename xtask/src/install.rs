//! Debian packages that a fresh machine lacks. Installs as root, otherwise says what to type.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell;

/// Installs the packages unless `present` already holds.
///
/// Errors: not root and no password-free `sudo`, or the packages are not to be had.
pub(crate) fn ensure(root: &Path, packages: &[&str], present: impl Fn() -> bool) -> Result<()> {
    if present() {
        return Ok(());
    }
    let names = packages.join(" ");
    if !has(root, "apt-get") {
        bail!("{names} are needed (so Debian calls them): please install them and try again");
    }
    println!("installing {names} (Debian packages)");
    let sudo: &[&str] = if is_root(root) {
        &[]
    } else if shell::works(shell::command(root, "sudo").args(["-n", "true"])) {
        &["sudo", "-n"]
    } else {
        bail!("{names} are needed: please run `sudo apt-get install {names}` and try again");
    };
    // The list of a fresh machine is empty or old; without it the install finds nothing.
    apt(root, sudo, &["update", "-qq"]).context("apt-get update")?;
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(packages);
    apt(root, sudo, &words)?;
    if !present() {
        bail!("{names} were installed, but what they should bring is still missing");
    }
    Ok(())
}

/// Whether a program is on the path.
pub(crate) fn has(root: &Path, program: &str) -> bool {
    shell::works(shell::command(root, program).arg("--version"))
}

fn apt(root: &Path, sudo: &[&str], words: &[&str]) -> Result<()> {
    let line: Vec<&str> = sudo
        .iter()
        .chain(&["apt-get"])
        .chain(words)
        .copied()
        .collect();
    let mut command = shell::command(root, line[0]);
    command
        .args(&line[1..])
        .env("DEBIAN_FRONTEND", "noninteractive");
    shell::run(&mut command)
}

fn is_root(root: &Path) -> bool {
    shell::read(shell::command(root, "id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed_again() {
        // A package of this name cannot be installed: success shows that nothing was tried.
        ensure(Path::new("."), &["no-such-package-here"], || true).unwrap();
    }
}
