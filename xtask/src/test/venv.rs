//! Python's packages for a test, in environments of their own.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{install, shell};

const PYTHON: &str = "python3";

/// A Python that has packages, given as for pip and parted by blanks: in an environment below a folder, made once.
pub(crate) fn with(root: &Path, folder: &Path, packages: &str) -> Result<PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin").join(PYTHON);
    let stamp = venv.join(".installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == packages) {
        return Ok(python);
    }
    // Debian keeps `venv` in a package of its own; without it the module cannot bring pip along.
    install::ensure(root, &["python3", "python3-venv"], || {
        shell::works(shell::command(root, PYTHON).args(["-c", "import ensurepip, venv"]))
    })?;
    shell::run(
        shell::command(root, PYTHON)
            .args(["-m", "venv", "--clear"])
            .arg(&venv),
    )?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    let mut install = shell::command(root, &python);
    shell::run(install.args(pip).args(packages.split(' ')))?;
    std::fs::write(&stamp, packages)?;
    Ok(python)
}
