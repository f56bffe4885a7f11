//! The files of all packages.

use std::collections::BTreeMap;
use std::path::Path;

/// Packages as files: path relative to the services root (`/` separated) to bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// What the reader looks at; anything else under the root is left alone.
const READ: &[&str] = &["yaml", "csv", "md", "typ", "feature"];

impl Source {
    /// Reads every YAML, CSV, Markdown, Typst and feature file below a directory. Hidden files are left out.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn from_dir(root: &Path) -> std::io::Result<Self> {
        let mut files = BTreeMap::new();
        let mut folders = vec![(root.to_path_buf(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                if name.starts_with('.') {
                    continue;
                }
                let path = format!("{prefix}{name}");
                if entry.file_type()?.is_dir() {
                    folders.push((entry.path(), format!("{path}/")));
                } else if name
                    .rsplit_once('.')
                    .is_some_and(|(_, ending)| READ.contains(&ending))
                {
                    files.insert(path, std::fs::read(entry.path())?);
                }
            }
        }
        Ok(Self { files })
    }

    /// A source of the given files, for tests and published packages.
    pub fn from_files<P: Into<String>, B: Into<Vec<u8>>>(
        files: impl IntoIterator<Item = (P, B)>,
    ) -> Self {
        Self {
            files: files
                .into_iter()
                .map(|(path, bytes)| (path.into(), bytes.into()))
                .collect(),
        }
    }

    /// Files below a folder (which ends in `/`), with their path inside it.
    pub(crate) fn below<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Vec<u8>)> {
        self.files
            .range(folder.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(folder))
            .filter_map(move |(path, bytes)| Some((path.strip_prefix(folder)?, bytes)))
    }
}

/// The slug of a service folder: its name without its number or leading underscore.
#[must_use]
pub fn slug_of(folder: &str) -> String {
    let name = folder
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(folder);
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    let name = if rest.len() < name.len() {
        rest.strip_prefix('-').unwrap_or(name)
    } else {
        name
    };
    name.trim_start_matches('_').to_owned()
}

/// Folders that hold a `service.yaml`, each ending in `/`; archetypes are none.
pub(crate) fn service_folders(source: &Source) -> Vec<String> {
    source
        .files
        .keys()
        .filter_map(|path| path.strip_suffix("service.yaml"))
        .filter(|folder| folder.ends_with('/') && !folder.starts_with("_archetypes/"))
        .map(str::to_owned)
        .collect()
}
