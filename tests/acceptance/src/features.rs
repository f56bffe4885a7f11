//! Finds the packages' feature files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::gherkin::{self, Feature};

/// A package's feature.
pub(crate) struct Found {
    /// Relative to where the run began.
    pub(crate) path: PathBuf,
    /// Slug of the package.
    pub(crate) slug: String,
    /// What it says; or the line that cannot be read, with the reason.
    pub(crate) feature: Result<Feature, gherkin::Fault>,
}

/// Every `acceptance.feature` below a folder, or the one that was named.
///
/// # Errors
/// What the file system refuses.
pub(crate) fn find(services: &Path, only: Option<&Path>) -> Result<Vec<Found>> {
    let mut paths = Vec::new();
    match only {
        Some(path) => paths.push(path.to_owned()),
        None => walk(services, &mut paths)?,
    }
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), into)?;
        } else if entry.file_name() == "acceptance.feature" {
            into.push(entry.path());
        }
    }
    Ok(())
}

fn read(path: PathBuf) -> Result<Found> {
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let folder = path
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let slug = definition::slug_of(folder);
    Ok(Found {
        feature: gherkin::parse(&text),
        slug,
        path,
    })
}
