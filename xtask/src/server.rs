//! The built product: how it is started, and a running copy for the tests that ends with its guard.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{assets, probe, shell};

/// How long a start on a slow, busy machine may take, demo data included.
const START_LIMIT_SECONDS: u64 = 120;

/// The built binary, in the profile that `run` and `test` share.
pub(crate) fn binary(root: &Path) -> PathBuf {
    target(root).join("debug").join("tsumugi")
}

/// Cargo's output folder.
pub(crate) fn target(root: &Path) -> PathBuf {
    root.join("target")
}

/// `tsumugi serve --demo …`, ready to start.
pub(crate) fn command(root: &Path, data: &Path, listen: &str) -> Command {
    let mut product = shell::command(root, binary(root));
    product.args(["serve", "--demo", "--listen", listen]);
    product.arg("--data").arg(data);
    product.args(["--services", "services"]);
    product.arg("--assets").arg(assets::FOLDER);
    product
}

/// A running product, ended when dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    log: PathBuf,
}

impl Server {
    /// Starts the product on a free port and waits until it is ready.
    ///
    /// `folder` gets a fresh demo data directory and the server's log.
    /// Errors: the binary is missing, ends early, or is not ready in time.
    pub(crate) fn start(root: &Path, folder: &Path) -> Result<Self> {
        let data = folder.join("data");
        if data.exists() {
            std::fs::remove_dir_all(&data).context("old demo data")?;
        }
        std::fs::create_dir_all(folder)?;
        let log = folder.join("server.log");
        let output = File::create(&log)?;
        let address = free_address()?;
        let mut product = command(root, &data, &address);
        product.stdout(output.try_clone()?).stderr(output);
        let child = product
            .spawn()
            .context("could not start the built product")?;
        let mut server = Self {
            child,
            address,
            log,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The last lines of the log, for the reader of a failure.
    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let step = Duration::from_millis(50);
        let tries = START_LIMIT_SECONDS * 1000 / 50;
        for _ in 0..tries {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "the product ended with {status} before it was ready:\n{}",
                    self.log_tail()
                );
            }
            if probe::status(&self.address, "/readyz") == Some(200) {
                return Ok(());
            }
            std::thread::sleep(step);
        }
        bail!(
            "the product was not ready after {START_LIMIT_SECONDS} s:\n{}",
            self.log_tail()
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to do about a process that is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}
