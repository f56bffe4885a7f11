//! Data files that are fetched, not kept in the repository: pinned by version and by content.

mod fonts;
mod hash;
mod postal;

use std::path::Path;

use anyhow::{Context, Result};

/// Where fetched files lie, from the repository's root; ignored by git.
pub(crate) const FOLDER: &str = ".cache/assets";

/// Fetches what is missing or not what was pinned. Needs no network when all is there.
///
/// Errors: no network on a cold cache, or a file that is not the pinned one.
pub(crate) fn fetch_all(root: &Path) -> Result<()> {
    let folder = root.join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("could not make {FOLDER}"))?;
    postal::fetch(root, &folder).context("postal codes")?;
    fonts::fetch(root, &folder).context("fonts for letters")
}
