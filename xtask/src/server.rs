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

/// How something was built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As the tests need it: built soon.
    Debug,
    /// As an office needs it: runs fast.
    Release,
}

/// The built binary, in the profile of the tests.
pub(crate) fn binary(root: &Path) -> PathBuf {
    built(root, Profile::Debug, "tsumugi")
}

/// A binary of the workspace.
pub(crate) fn built(root: &Path, profile: Profile, name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let folder = match profile {
        Profile::Debug => "debug",
        Profile::Release => "release",
    };
    target(root).join(folder).join(file)
}

/// Cargo's output folder: where this very program was built, which need not be `target`.
pub(crate) fn target(root: &Path) -> PathBuf {
    let own = std::env::current_exe().ok();
    let folder = own.as_deref().and_then(|file| file.ancestors().nth(2));
    folder.map_or_else(|| root.join("target"), Path::to_path_buf)
}

/// `tsumugi serve --demo=SIZE …`, ready to start.
pub(crate) fn command(
    root: &Path,
    profile: Profile,
    data: &Path,
    listen: &str,
    size: &str,
) -> Command {
    let mut product = shell::command(root, built(root, profile, "tsumugi"));
    product.args(["serve", &format!("--demo={size}"), "--listen", listen]);
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
        let address = free_address()?;
        let product = command(root, Profile::Debug, &data, &address, "small");
        Self::spawn(product, address, folder.join("server.log"))
    }

    /// Starts the product, which is to listen on the address, and waits until it is ready.
    fn spawn(mut product: Command, address: String, log: PathBuf) -> Result<Self> {
        let output = File::create(&log)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn start(program: &str, words: &[&str]) -> Result<Server> {
        let folder = tempfile::tempdir().unwrap();
        let mut product = shell::command(folder.path(), program);
        product.args(words);
        Server::spawn(product, free_address().unwrap(), folder.path().join("log"))
    }

    #[test]
    fn a_product_that_ends_early_is_an_error_with_its_last_words() {
        let error = start("sh", &["-c", "echo no room left; exit 3"])
            .err()
            .unwrap();
        let said = error.to_string();
        assert!(
            said.contains("exit status: 3") && said.contains("no room left"),
            "{said}"
        );
    }

    #[test]
    fn a_missing_binary_is_an_error() {
        assert!(start("no-such-program-here", &[]).is_err());
    }
}
