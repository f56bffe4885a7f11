//! `cargo xtask run`: from a fresh machine to the product with demo data.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Result;

use crate::{assets, server, shell};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the product keeps its data; made as a demo when it does not exist.
    /// `data` in the repository when not given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The address to serve on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    println!("==> 1/3 assets");
    if let Err(error) = assets::fetch_all(root) {
        eprintln!("warning: {error:#}");
        eprintln!(
            "warning: starting without them; addresses will not be completed from postal codes"
        );
    }
    println!("==> 2/3 build (the first time takes some minutes)");
    shell::run(shell::cargo(root).args(["build", "--package", "tsumugi"]))?;
    println!("==> 3/3 serve: http://{}  (Ctrl-C ends it)", options.listen);
    // Relative to where the person stands, not to the repository.
    let data = match &options.data {
        Some(data) => std::path::absolute(data)?,
        None => root.join("data"),
    };
    let mut product = server::command(root, &data, &options.listen, "full");
    shell::run(product.stdin(Stdio::inherit()))
}
