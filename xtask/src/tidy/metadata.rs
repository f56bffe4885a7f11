//! The workspace's crates and what each depends on, from `cargo metadata`.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

/// One crate of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Manifest, from the repository's root.
    pub(crate) manifest: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line under `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]`.
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Only for the crate's own tests.
    pub(crate) for_tests: bool,
}

/// Every crate of the workspace; resolves nothing, so it needs no network.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>> {
    let mut metadata = shell::cargo(root);
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
    let text = shell::read(&mut metadata)?;
    let value: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    Ok(list(&value["packages"])
        .iter()
        .map(|p| package(root, p))
        .collect())
}

fn package(root: &Path, value: &Value) -> Package {
    let manifest = text(&value["manifest_path"]);
    let prefix = format!("{}/", root.display());
    Package {
        name: text(&value["name"]),
        manifest: manifest
            .strip_prefix(&prefix)
            .unwrap_or(&manifest)
            .to_owned(),
        dependencies: list(&value["dependencies"])
            .iter()
            .map(dependency)
            .collect(),
    }
}

fn dependency(value: &Value) -> Dependency {
    Dependency {
        name: text(&value["name"]),
        for_tests: value["kind"] == "dev",
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
