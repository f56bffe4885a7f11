//! The files that belong to the repository: tracked, or new and not ignored.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::shell;

/// File paths under one root, with `/` between folders, sorted.
pub(crate) struct Tree {
    root: PathBuf,
    paths: Vec<String>,
}

impl Tree {
    /// What git tracks or would add.
    pub(crate) fn of_repository(root: &Path) -> Result<Self> {
        let mut list = shell::command(root, "git");
        list.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let text = shell::read(&mut list)?;
        let names = text.split('\0').filter(|name| !name.is_empty());
        let mut paths: Vec<String> = names.map(str::to_owned).collect();
        // A tracked file may have been removed from the folder; a merge may list one twice.
        paths.retain(|path| root.join(path).is_file());
        paths.sort();
        paths.dedup();
        let root = root.to_path_buf();
        Ok(Self { root, paths })
    }

    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Paths whose extension is one of these.
    pub(crate) fn with_extension<'a>(&'a self, of: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.paths().filter(move |path| {
            let extension = Path::new(path).extension().and_then(|e| e.to_str());
            extension.is_some_and(|extension| of.contains(&extension))
        })
    }

    /// The file's text; `None` when it is not UTF-8 (a picture, a font) or is gone.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let bytes = std::fs::read(self.root.join(path)).ok()?;
        String::from_utf8(bytes).ok()
    }
}

/// Writes the files under the root and returns the tree of them.
#[cfg(test)]
pub(super) fn write(root: &Path, files: &[(&str, &str)]) -> Tree {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    paths.sort();
    Tree {
        root: root.to_path_buf(),
        paths,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_files_count_and_ignored_ones_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        shell::read(shell::command(root, "git").args(["init", "-q"])).unwrap();
        write(
            root,
            &[
                (".gitignore", "/data\n"),
                ("data/x.txt", ""),
                ("src/日本.rs", ""),
            ],
        );
        let tree = Tree::of_repository(root).unwrap();
        assert_eq!(
            tree.paths().collect::<Vec<_>>(),
            [".gitignore", "src/日本.rs"]
        );
    }
}
