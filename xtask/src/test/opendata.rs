//! The open data read by the client that the CKAN community uses, against a freshly started demo.

use std::path::Path;

use anyhow::Result;

use super::venv;
use crate::server::{self, Server};
use crate::shell;

/// The client, in the one release that the test was written against (PyPI).
const CLIENT: &str = "ckanapi==4.11";

pub(super) fn run(root: &Path) -> Result<()> {
    let folder = server::target(root).join("opendata");
    let python = venv::with(root, &folder, CLIENT)?;
    let server = Server::start(root, &folder)?;
    let mut test = shell::command(root, python);
    test.args(["tests/opendata/ckan.py", &server.base_url()]);
    let ran = shell::test(&mut test);
    if ran.is_err() {
        println!("the end of the server's log:\n{}", server.log_tail());
    }
    ran
}
