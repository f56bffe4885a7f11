//! `cargo xtask tidy`: the rules of the house that no compiler knows.
//!
//! A rule is one file: a function from the tree to findings, with its tests beside it.

mod arrows;
mod attributes;
mod finding;
mod hosts;
mod length;
mod metadata;
mod rust_text;
mod security;
mod service_names;
mod sql;
mod tree;

use std::path::Path;

use anyhow::{Result, bail};
use tree::Tree;

/// Runs every rule, prints what each found, fails if any found something.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::of_repository(root)?;
    let mut findings = arrows::check(&metadata::packages(root)?);
    for rule in [
        length::check,
        service_names::check,
        sql::check,
        hosts::check,
        attributes::check,
        security::check,
    ] {
        findings.extend(rule(&tree));
    }
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("tidy: {} files, nothing found", tree.len());
    Ok(())
}

/// The shape of every rule over files.
#[cfg(test)]
fn found(rule: fn(&Tree) -> Vec<finding::Finding>, files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree::write(folder.path(), files);
    rule(&tree).iter().map(|finding| finding.place()).collect()
}
