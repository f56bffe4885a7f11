//! The unit step: every test program there is, two side by side: many wait more than they work.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::s3::S3;
use crate::shell;

/// Programs at a time.
const LANES: usize = 2;
/// Those that take longest, which should not come last.
const FIRST: [&str; 4] = ["backup_kill", "leaving", "authority", "kill"];

/// A built test program.
#[derive(Debug, PartialEq, Eq)]
struct Program {
    /// As its target is called.
    name: String,
    file: PathBuf,
    /// Its package's folder, in which cargo would run it.
    folder: PathBuf,
}

/// The store's tests run on PostgreSQL too, and those of copies over S3: on private servers; here none is skipped.
pub(super) fn run(root: &Path) -> Result<()> {
    super::step::postgresql(root)?;
    let s3 = S3::start(root)?;
    let with = |mut command: Command| {
        command.env("TSUMUGI_TEST_S3", s3.url());
        command.env("TSUMUGI_TEST_POSTGRES", "required");
        command
    };
    let mut list = shell::cargo(root);
    list.args(["test", "--workspace", "--no-run"]);
    list.arg("--message-format=json-render-diagnostics");
    let programs = programs(&shell::read(&mut list)?)?;
    let queue = Mutex::new(ordered(programs));
    let failed = Mutex::new(Vec::new());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                while let Some(program) = next() {
                    let tests = with(shell::command(&program.folder, &program.file));
                    if let Err(error) = told(&program.name, tests) {
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.push(format!("{}: {error:#}", program.name));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    // The examples in the documentation: cargo alone can build them.
    let mut examples = with(shell::cargo(root));
    examples.args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    if let Err(error) = shell::test(&mut examples) {
        failed.push(format!("{error:#}"));
    }
    if !failed.is_empty() {
        bail!("{} programs failed\n{}", failed.len(), failed.join("\n"));
    }
    Ok(())
}

/// Runs a program; what it prints comes at its end, in one piece.
#[expect(
    clippy::disallowed_methods,
    reason = "the time that tests take is what a person wants to see here; nothing depends on it"
)]
fn told(name: &str, mut tests: Command) -> Result<()> {
    let start = Instant::now();
    let mut said = String::new();
    let ended = shell::heard(&mut tests, |line| {
        said.push_str(line);
        said.push('\n');
    });
    println!("$ {name} ({:.1} s)\n{said}", start.elapsed().as_secs_f64());
    ended
}

/// The test programs that cargo names.
fn programs(messages: &str) -> Result<Vec<Program>> {
    let mut found = Vec::new();
    for line in messages.lines() {
        let message: Json = serde_json::from_str(line).context("cargo's message")?;
        let (true, Some(file)) = (
            message["profile"]["test"] == true,
            message["executable"].as_str(),
        ) else {
            continue;
        };
        let text = |value: &Json| value.as_str().map(str::to_owned).context("cargo's message");
        let manifest = text(&message["manifest_path"])?;
        found.push(Program {
            name: text(&message["target"]["name"])?,
            file: file.into(),
            folder: Path::new(&manifest).parent().context("a folder")?.into(),
        });
    }
    if found.is_empty() {
        bail!("no test program found; this step cannot pass without one");
    }
    Ok(found)
}

/// The long ones first, the others as cargo names them.
fn ordered(programs: Vec<Program>) -> VecDeque<Program> {
    let mut ordered = VecDeque::from(programs);
    let place = |program: &Program| FIRST.iter().position(|name| *name == program.name);
    ordered
        .make_contiguous()
        .sort_by_key(|program| place(program).unwrap_or(FIRST.len()));
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_told_from_others_and_long_ones_come_first() {
        let messages = [
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","profile":{"test":true},"target":{"name":"list"},"executable":"/t/list-1"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","profile":{"test":false},"target":{"name":"a"},"executable":"/t/a"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","profile":{"test":true},"target":{"name":"kill"},"executable":"/t/kill-1"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","profile":{"test":true},"target":{"name":"lib"},"executable":null}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ];
        let found = ordered(programs(&messages.join("\n")).unwrap());
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["kill", "list"]);
        assert_eq!(found[1].folder, Path::new("/w/a"));
        assert_eq!(found[1].file, Path::new("/t/list-1"));
        assert!(programs(messages[4]).is_err(), "none is an error");
    }
}
