//! The lints. In a whole run the linter is what compiles (see [`shell::lint_while_compiling`]), and what it said is asked for
//! again; alone it reads all sources without making code of them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use super::step;
use crate::shell;

/// Has the linter compile from here on, so that it need not read everything a second time.
pub(super) fn while_compiling(root: &Path) -> Result<()> {
    step::component(root, "clippy", "clippy")?;
    let linter = driver(Path::new(env!("CARGO")));
    // Where a toolchain is put together in another way, the step below asks it as everybody does.
    if linter.exists() {
        shell::lint_while_compiling(linter);
    }
    Ok(())
}

/// It lies beside cargo.
fn driver(cargo: &Path) -> PathBuf {
    let name = format!("clippy-driver{}", std::env::consts::EXE_SUFFIX);
    cargo.with_file_name(name)
}

pub(super) fn run(root: &Path) -> Result<()> {
    if shell::lints_while_compiling() {
        return told_again(root);
    }
    step::component(root, "clippy", "clippy")?;
    let words = "clippy --workspace --all-targets -- -D warnings";
    shell::run(shell::cargo(root).args(words.split(' ')))
}

/// All is built: cargo says once more what was found when it was.
fn told_again(root: &Path) -> Result<()> {
    let mut all = shell::cargo(root);
    all.args(step::ALL).arg("--message-format=json");
    let found = findings(&shell::read(&mut all)?)?;
    if !found.is_empty() {
        bail!("{} findings\n{}", found.len(), found.concat());
    }
    Ok(())
}

/// What the compiler said, as a person reads it, of what cargo prints line by line.
fn findings(printed: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for line in printed.lines() {
        let line: Json = serde_json::from_str(line).context("cargo did not print JSON")?;
        if line["reason"] == "compiler-message" {
            let rendered = line["message"]["rendered"].as_str();
            found.push(rendered.unwrap_or("something without words\n").to_owned());
        }
    }
    // A library and its tests are two, and say the same.
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_told_once_and_other_lines_are_not_findings() {
        let said = r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"a.rs:1: unused\n"}}"#;
        let made = r#"{"reason":"compiler-artifact","fresh":true}"#;
        assert_eq!(
            findings(&[said, made, said].join("\n")).unwrap(),
            ["a.rs:1: unused\n"]
        );
        assert!(findings(made).unwrap().is_empty());
        assert!(findings("warning: not JSON").is_err());
    }
}
