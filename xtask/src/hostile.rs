//! `cargo xtask hostile`: what hostile people write (`tests/hostile`), against products of its own.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use crate::server::{self, Profile};
use crate::test::{browser, venv};
use crate::{assets, shell};

/// What the parts need, each in the one release that they were written against (PyPI).
const PACKAGES: &str = "pypdf==7.1.0 selectolax==1.0.2";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// As much as a release must stand: an hour.
    #[arg(long)]
    long: bool,
    /// Only this part (repeatable).
    #[arg(long, value_name = "PART", value_enum)]
    only: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Scripts and formulas in every field, and every output read.
    Payloads,
}

impl Part {
    /// The part's program and its words, for every day or for a release.
    fn words(self, long: bool) -> (&'static str, Vec<String>) {
        let words = |words: &str| words.split(' ').map(str::to_owned).collect();
        match self {
            Part::Payloads if long => {
                ("payloads.py", words("--rounds 26 --pages 6 --browser 1000"))
            }
            Part::Payloads => ("payloads.py", words("--rounds 1 --pages 1 --browser 80")),
        }
    }
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut build = shell::cargo(root);
    // As the tests build it, so that nothing is built twice.
    shell::run(build.args(["build", "--workspace", "--all-targets"]))?;
    parts(root, options)
}

/// The extent of every day, with what the build step made.
pub(crate) fn short(root: &Path) -> Result<()> {
    let options = Options {
        long: false,
        only: Vec::new(),
    };
    parts(root, &options)
}

fn parts(root: &Path, options: &Options) -> Result<()> {
    let folder = server::target(root).join("hostile");
    let python = venv::with(root, &folder, PACKAGES)?;
    browser::ready(root)?;
    for part in Part::value_variants() {
        if !options.only.is_empty() && !options.only.contains(part) {
            continue;
        }
        let (program, words) = part.words(options.long);
        let name = program.trim_end_matches(".py");
        let mut test = shell::command(root, &python);
        test.arg(format!("tests/hostile/{program}"));
        test.arg(folder.join(name)).args(words);
        test.env(
            "TSUMUGI_BINARY",
            server::built(root, Profile::Debug, "tsumugi"),
        );
        test.env("TSUMUGI_ASSETS", root.join(assets::FOLDER));
        shell::run(&mut test)?;
    }
    Ok(())
}
