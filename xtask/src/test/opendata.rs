//! The open data read by the client that the CKAN community uses, against a freshly started demo.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::server::{self, Server};
use crate::{install, shell};

const PYTHON: &str = "python3";
/// The client, in the one release that the test was written against (PyPI).
const CLIENT: &str = "ckanapi==4.11";

pub(super) fn run(root: &Path) -> Result<()> {
    let folder = server::target(root).join("opendata");
    let python = client(root, &folder)?;
    let server = Server::start(root, &folder)?;
    let mut test = shell::command(root, python);
    test.args(["tests/opendata/ckan.py", &server.base_url()]);
    let ran = shell::run(&mut test);
    if ran.is_err() {
        println!("the end of the server's log:\n{}", server.log_tail());
    }
    ran
}

/// A Python that has the client: an environment of its own below the target folder, made once.
fn client(root: &Path, folder: &Path) -> Result<PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin").join(PYTHON);
    let stamp = venv.join(".installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == CLIENT) {
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
        CLIENT,
    ];
    shell::run(shell::command(root, &python).args(pip))?;
    std::fs::write(&stamp, CLIENT)?;
    Ok(python)
}
