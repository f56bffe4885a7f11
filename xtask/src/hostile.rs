//! `cargo xtask hostile`: what hostile people write (`tests/hostile`), against products of its own.

use std::path::Path;

use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::server::{self, Profile};
use crate::test::{browser, venv};
use crate::{assets, shell};

/// What the parts need, each in the one release that they were written against (PyPI).
const PACKAGES: &str = "pypdf==7.1.0 schemathesis==4.32.5 selectolax==1.0.2";
/// Examples of each operation, every day and for a release.
const EXAMPLES: [u32; 2] = [25, 1_000];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// As much as a release must stand: an hour.
    #[arg(long)]
    long: bool,
    /// Examples of each operation of the contract; 25, with --long 1,000.
    #[arg(long, value_name = "NUMBER")]
    examples: Option<u32>,
    /// Seconds of each parser.
    #[arg(long, value_name = "NUMBER", default_value_t = 600)]
    seconds: u32,
    /// Only this part (repeatable).
    #[arg(long, value_name = "PART", value_enum)]
    only: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Scripts and formulas in every field, and every output read.
    Payloads,
    /// Two hundred canaries through every flow; none in logs, traces, metrics, refusals, temporary files.
    Canaries,
    /// The same with all data in a private PostgreSQL, whose files and rows are looked through for numbers of people.
    CanariesOnPostgres,
    /// Every operation of the contract with made-up input, by schemathesis.
    Operations,
    /// Every parser with strange input, for long. Every day the unit tests do it for a moment.
    Parsers,
}

impl Part {
    /// The part's program and its words, for every day or for a release; none for what is no program of its own.
    fn words(self, options: &Options) -> Option<(&'static str, String)> {
        let [short, long] = EXAMPLES;
        let examples = options
            .examples
            .unwrap_or(if options.long { long } else { short });
        let alike = if options.long { 1_000 } else { 2 };
        match self {
            Part::Payloads if options.long => Some((
                "payloads.py",
                "--rounds 26 --pages 6 --browser 1000".to_owned(),
            )),
            Part::Payloads => Some((
                "payloads.py",
                "--rounds 1 --pages 1 --browser 80".to_owned(),
            )),
            Part::Canaries => Some(("canaries.py", String::new())),
            Part::CanariesOnPostgres => Some(("canaries.py", "--postgres".to_owned())),
            Part::Operations => Some((
                "operations.py",
                format!("--examples {examples} --alike {alike}"),
            )),
            Part::Parsers => None,
        }
    }

    fn is_asked(self, options: &Options) -> bool {
        match options.only.as_slice() {
            [] => !matches!(self, Part::Parsers | Part::CanariesOnPostgres) || options.long,
            only => only.contains(&self),
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
        examples: None,
        seconds: 0,
        only: Vec::new(),
    };
    parts(root, &options)
}

fn parts(root: &Path, options: &Options) -> Result<()> {
    let asked = Part::value_variants()
        .iter()
        .filter(|part| part.is_asked(options));
    // What one part finds says nothing of the others.
    let mut failed = Vec::new();
    for part in asked {
        let done = match part.words(options) {
            Some((program, words)) => attack(root, program, &words),
            None => parsers(root, options.seconds),
        };
        failed.extend(done.err().map(|error| format!("{error:#}")));
    }
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

fn attack(root: &Path, program: &str, words: &str) -> Result<()> {
    let folder = server::target(root).join("hostile");
    let python = venv::with(root, &folder, PACKAGES)?;
    browser::ready(root)?;
    let name = program.trim_end_matches(".py");
    let mut test = shell::command(root, &python);
    test.arg(format!("tests/hostile/{program}"));
    test.arg(folder.join(name)).args(words.split_whitespace());
    test.env(
        "TSUMUGI_BINARY",
        server::built(root, Profile::Debug, "tsumugi"),
    );
    test.env("TSUMUGI_ASSETS", root.join(assets::FOLDER));
    shell::test(&mut test)
}

/// The tests of the modules `fuzz`, each for so long.
fn parsers(root: &Path, seconds: u32) -> Result<()> {
    let mut tests = shell::cargo(root);
    tests.args(["test", "--workspace", "--lib", "--no-fail-fast", "fuzz::"]);
    tests.args(["--", "--nocapture"]);
    tests.env("TSUMUGI_FUZZ_SECONDS", seconds.to_string());
    shell::test(&mut tests)
}
