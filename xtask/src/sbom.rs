//! `cargo xtask sbom`: what the program is made of, as CycloneDX 1.6 in JSON.
//!
//! Made of `cargo metadata` and `Cargo.lock`, so it needs no further tool, and the same sources give the same bytes.
//! docs/decisions/0034-hardening.md says why it is not `cargo-cyclonedx`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use crate::shell;

/// The program that is shipped.
const PROGRAM: &str = "tsumugi";

#[derive(Args)]
pub(crate) struct Options {
    /// Where it is written.
    #[arg(long, default_value = "target/tsumugi.cdx.json")]
    to: PathBuf,
}

/// Writes the file.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut metadata = shell::cargo(root);
    metadata.args(["metadata", "--locked", "--format-version", "1"]);
    let metadata: Value =
        serde_json::from_str(&shell::read(&mut metadata)?).context("cargo metadata is not JSON")?;
    let lock = std::fs::read_to_string(root.join("Cargo.lock"))?;
    let bill = bill(&metadata, &checksums(&lock))?;
    let to = root.join(&options.to);
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&to, format!("{bill:#}\n"))
        .with_context(|| format!("cannot write {}", to.display()))?;
    let many = bill["components"].as_array().map_or(0, Vec::len);
    println!("sbom: {many} components in {}", options.to.display());
    Ok(())
}

/// SHA-256 of each package as it was fetched, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for block in lock.split("[[package]]").skip(1) {
        let said = |name: &str| {
            let mut lines = block.lines();
            let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""))?;
            Some(line.trim_end_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(sum)) =
            (said("name"), said("version"), said("checksum"))
        {
            found.insert((name, version), sum);
        }
    }
    found
}

/// The bill of the program: itself, and everything that is linked into it or runs while it is built.
fn bill(metadata: &Value, sums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let packages: BTreeMap<&str, &Value> = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let program = packages
        .iter()
        .find(|(_, package)| package["name"] == PROGRAM);
    let (program, _) = program.context("the workspace has no such program")?;
    let (mut reached, mut open) = (BTreeSet::new(), vec![*program]);
    let mut dependencies = Vec::new();
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let below: BTreeSet<&str> = nodes.get(id).map(|node| below(node)).unwrap_or_default();
        let refs: BTreeSet<String> = below
            .iter()
            .filter_map(|id| reference(packages.get(id)?))
            .collect();
        if let Some(own) = packages.get(id).and_then(|package| reference(package)) {
            dependencies.push(json!({"ref": own, "dependsOn": refs}));
        }
        open.extend(below);
    }
    dependencies.sort_by_key(|one| one["ref"].to_string());
    let mut components: Vec<Value> = reached
        .iter()
        .filter(|id| *id != program)
        .filter_map(|id| component(packages.get(id)?, sums))
        .collect();
    components.sort_by_key(|one| one["bom-ref"].to_string());
    let mut own = packages
        .get(program)
        .and_then(|package| component(package, sums));
    if let Some(own) = &mut own {
        own["type"] = json!("application");
    }
    Ok(json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": own}, "components": components, "dependencies": dependencies,
    }))
}

fn by_id(list: &Value) -> BTreeMap<&str, &Value> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(|one| Some((one["id"].as_str()?, one)))
        .collect()
}

/// What a package needs, but for its own tests.
fn below(node: &Value) -> BTreeSet<&str> {
    let needed = |one: &&Value| {
        let mut kinds = one["dep_kinds"].as_array().into_iter().flatten();
        kinds.any(|kind| kind["kind"] != "dev")
    };
    let all = node["deps"].as_array().into_iter().flatten();
    all.filter(needed)
        .filter_map(|one| one["pkg"].as_str())
        .collect()
}

/// The package's URL.
fn reference(package: &Value) -> Option<String> {
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    Some(format!("pkg:cargo/{name}@{version}"))
}

fn component(package: &Value, sums: &BTreeMap<(String, String), String>) -> Option<Value> {
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    let own = reference(package)?;
    let mut made =
        json!({"type": "library", "bom-ref": own, "name": name, "version": version, "purl": own});
    if let Some(licence) = package["license"].as_str() {
        // Some write the older form.
        made["licenses"] = json!([{"expression": licence.replace('/', " OR ")}]);
    }
    if let Some(sum) = sums.get(&(name.to_owned(), version.to_owned())) {
        made["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_is_linked_and_not_what_only_tests_need() {
        let package = |name: &str| json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0"});
        let needs = |name: &str, kind: Value| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [package("tsumugi"), package("store"), package("maker"), package("tester"), package("stranger")],
            "resolve": {"nodes": [
                {"id": "tsumugi", "deps": [needs("store", Value::Null), needs("tester", json!("dev"))]},
                {"id": "store", "deps": [needs("maker", json!("build"))]},
                {"id": "maker", "deps": []}, {"id": "stranger", "deps": []},
            ]},
        });
        let lock = "version = 4\n\n[[package]]\nname = \"store\"\nversion = \"1.0.0\"\nchecksum = \"ab\"\n";
        let made = bill(&metadata, &checksums(lock)).unwrap();
        let names: Vec<&str> = made["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["maker", "store"]);
        assert_eq!(made["components"][1]["hashes"][0]["content"], "ab");
        assert_eq!(
            made["components"][0]["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert_eq!(made["metadata"]["component"]["type"], "application");
        let ends: Vec<String> = made["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{}>{}", one["ref"], one["dependsOn"]))
            .collect();
        assert_eq!(ends.len(), 3);
        assert!(
            ends[2].contains("tsumugi") && ends[2].contains("store") && !ends[2].contains("tester")
        );
    }
}
