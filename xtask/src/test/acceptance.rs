//! The packages' own scenarios: the runner is a binary that prints `N passed, N failed` itself.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{server, shell};

/// Runs the binary that the build step made: `cargo run -p` would choose other features of the
/// dependencies than the workspace build did, and build half of them anew.
pub(super) fn run(root: &Path) -> Result<()> {
    shell::test(&mut runner(root))
}

/// The same scenarios with all data in PostgreSQL, on a private server.
pub(super) fn on_postgres(root: &Path) -> Result<()> {
    super::step::postgresql(root)?;
    let database = Private::start(root)?;
    shell::test(runner(root).args(["--database", &database.address]))
}

fn runner(root: &Path) -> Command {
    let binary = server::built(root, server::Profile::Debug, "acceptance");
    let mut runner = shell::command(root, binary);
    runner.env("TSUMUGI_BINARY", server::binary(root));
    runner
}

/// A private PostgreSQL server; it ends when its standard input does.
struct Private {
    process: Child,
    address: String,
}

impl Private {
    fn start(root: &Path) -> Result<Self> {
        let mut script = shell::command(root, root.join("tests/postgres/private.sh"));
        let mut process = script
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("tests/postgres/private.sh")?;
        let said = process.stdout.take().context("no output")?;
        let mut address = String::new();
        BufReader::new(said).read_line(&mut address)?;
        if address.is_empty() {
            bail!("no private PostgreSQL: {}", process.wait()?);
        }
        let address = address.trim().to_owned();
        Ok(Self { process, address })
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // Its script removes what it made; there is nothing to do about one that fails.
        let _ = self.process.wait();
    }
}
