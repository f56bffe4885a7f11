//! `cargo xtask run`: from a fresh machine to the product with demo data.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Result;

use crate::server::Profile;
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
    /// How much demo data. `full` is the register at its real size and needs an optimised build.
    #[arg(long, value_enum, default_value_t)]
    demo: Size,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Size {
    /// A few records at each stage; the build that the tests use.
    Small,
    /// The register at its real size, two years of applications.
    #[default]
    Full,
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
    let (profile, size) = match options.demo {
        Size::Small => (Profile::Debug, "small"),
        Size::Full => (Profile::Release, "full"),
    };
    let mut build = shell::cargo(root);
    build.args(["build", "--package", "tsumugi"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    shell::run(&mut build)?;
    println!("==> 3/3 serve: http://{}  (Ctrl-C ends it)", options.listen);
    // Relative to where the person stands, not to the repository.
    let data = match &options.data {
        Some(data) => std::path::absolute(data)?,
        None => root.join("data"),
    };
    let mut product = server::command(root, profile, &data, &options.listen, size);
    shell::run(product.stdin(Stdio::inherit()))
}
