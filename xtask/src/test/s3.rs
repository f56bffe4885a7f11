//! An S3 server for the tests, on this machine: moto's, which keeps everything in memory.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::venv;
use crate::{probe, server, shell};

/// The server, in the one release that the test was written against (PyPI).
const MOTO: &str = "moto[s3,server]==5.1.5";
const START_LIMIT_SECONDS: u64 = 60;

/// A running server, ended when dropped.
pub(super) struct S3 {
    process: Child,
    address: String,
}

impl S3 {
    pub(super) fn start(root: &Path) -> Result<Self> {
        let folder: PathBuf = server::target(root).join("s3");
        let python = venv::with(root, &folder, MOTO)?;
        let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut moto = shell::command(root, python.with_file_name("moto_server"));
        moto.args(["-H", "127.0.0.1", "-p", &free.port().to_string()]);
        let process = moto
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("moto_server")?;
        let address = free.to_string();
        let server = Self { process, address };
        for _ in 0..START_LIMIT_SECONDS * 10 {
            if probe::status(&server.address, "/").is_some() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("the S3 server of the tests did not start")
    }

    /// `http://127.0.0.1:PORT`.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        // Nothing to do about a process that is already gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
