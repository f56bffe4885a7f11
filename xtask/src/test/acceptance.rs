//! The packages' own scenarios: the runner is a binary that prints `N passed, N failed` itself.

use std::path::Path;

use anyhow::Result;

use crate::{server, shell};

/// Runs the binary that the build step made: `cargo run -p` would choose other features of the
/// dependencies than the workspace build did, and build half of them anew.
pub(super) fn run(root: &Path) -> Result<()> {
    let mut runner = shell::command(
        root,
        server::built(root, server::Profile::Debug, "acceptance"),
    );
    runner.env("TSUMUGI_BINARY", server::binary(root));
    shell::run(&mut runner)
}
