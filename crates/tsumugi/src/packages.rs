//! Packages from a folder.

use anyhow::{Context as _, Result, bail};
use definition::{Catalogue, Diagnostic, Severity, Source};
use jiff::civil::Date;
use std::path::Path;

/// Packages as read and checked.
pub struct Packages {
    /// Their files.
    pub source: Source,
    /// Those without errors.
    pub catalogue: Catalogue,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl Packages {
    /// Errors and warnings.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let errors = self
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .count();
        (errors, self.diagnostics.len() - errors)
    }
}

/// Reads and checks all packages of a folder.
///
/// # Errors
/// If the folder is not there or cannot be read. Faults of packages are in the diagnostics.
pub fn load_packages(folder: &Path, today: Date) -> Result<Packages> {
    if !folder.is_dir() {
        bail!(
            "サービスのフォルダー {} がありません。--services で場所を指定してください。",
            folder.display()
        );
    }
    let source = Source::from_dir(folder)
        .with_context(|| format!("サービスのフォルダー {} を読めません", folder.display()))?;
    let loaded = definition::load(&source, today);
    Ok(Packages {
        source,
        catalogue: loaded.catalogue,
        diagnostics: loaded.diagnostics,
    })
}
