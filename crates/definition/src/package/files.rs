//! What a package's hash is over.

use super::Parts;
use crate::source::{Source, service_folders, slug_of};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The files that make a service what it is: its own (without README, demo and acceptance), those of the archetypes it
/// extends, and the shared tables it uses. [`crate::load_package`] makes the same service and hash of them. Empty if
/// there is no such service.
#[must_use]
pub fn package_files(source: &Source, slug: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = service_folders(source)
        .into_iter()
        .find(|folder| slug_of(folder) == slug);
    let Some(folder) = folder else {
        return BTreeMap::new();
    };
    let mut sink = crate::diagnostic::Sink::default();
    let parts = super::assemble(source, &folder, &mut sink).unwrap_or_default();
    files_of(source, &folder, &parts)
}

/// As [`package_files`], of a package that was read.
pub(crate) fn files_of(source: &Source, folder: &str, parts: &Parts) -> BTreeMap<String, Vec<u8>> {
    let tables = parts
        .service
        .as_ref()
        .map(|service| service.strings("uses_tables"))
        .unwrap_or_default();
    let mut files = BTreeMap::new();
    let mut take = |prefix: &str| {
        for (path, bytes) in source.below(prefix).filter(|(path, _)| counts(path)) {
            files.insert(format!("{prefix}{path}"), bytes.clone());
        }
    };
    take(folder);
    for name in &parts.archetypes {
        take(&format!("_archetypes/{name}/"));
    }
    for (path, bytes) in source.below("_registers/") {
        let stem = path
            .rsplit('/')
            .next()
            .and_then(|file| file.rsplit_once('.'))
            .map_or("", |(stem, _)| stem);
        if path.contains("/tables/") && tables.iter().any(|name| name == stem) {
            files.insert(format!("_registers/{path}"), bytes.clone());
        }
    }
    files
}

/// Whether a file inside a package decides anything.
fn counts(path: &str) -> bool {
    match path.split_once('/') {
        None => matches!(path, "service.yaml" | "archetype.yaml"),
        Some((kind, _)) => matches!(
            kind,
            "records"
                | "parts"
                | "tables"
                | "publications"
                | "imports"
                | "pages"
                | "documents"
                | "i18n"
        ),
    }
}

/// SHA-256 (hex) over files in canonical form: for each, in the order of paths, the length and bytes of path and content.
pub(crate) fn hash_of(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hasher = Sha256::new();
    for (path, bytes) in files {
        for part in [path.as_bytes(), bytes] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
    }
    hex(&hasher.finalize())
}

/// Small hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}
