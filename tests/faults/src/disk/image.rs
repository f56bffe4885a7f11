//! What a power cut leaves. Bytes of a file are safe once the file was synced; names once their folder was. What was not
//! may be there, or not, or in part (sectors of 512 bytes); changes of the names of one folder are kept in their order, as
//! the file systems with a journal do. That a synced file's own name is safe too, as on ext4, is not counted on.

use super::record::{Step, folder};
use anyhow::{Context as _, Result};
use rand::Rng;
use rand::rngs::StdRng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const SECTOR: usize = 512;

/// A folder and what is in it, as it was done and as it is safe.
#[derive(Default)]
pub(crate) struct Disk {
    nodes: Vec<Node>,
    /// Names as the program sees them.
    names: BTreeMap<PathBuf, usize>,
    safe_names: BTreeMap<PathBuf, usize>,
    /// Changes of names that may be lost, by folder.
    pending: BTreeMap<PathBuf, Vec<Naming>>,
}

#[derive(Default)]
struct Node {
    is_folder: bool,
    safe: Vec<u8>,
    pending: Vec<Change>,
}

enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

enum Naming {
    Put(PathBuf, usize),
    Remove(PathBuf),
}

impl Disk {
    /// A folder all of which is safe.
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let mut disk = Self::default();
        disk.add(&root.canonicalize()?)?;
        disk.safe_names = disk.names.clone();
        Ok(disk)
    }

    fn add(&mut self, path: &Path) -> Result<()> {
        let is_folder = path.is_dir();
        let safe = if is_folder {
            Vec::new()
        } else {
            std::fs::read(path)?
        };
        self.names.insert(path.to_owned(), self.nodes.len());
        self.nodes.push(Node {
            is_folder,
            safe,
            pending: Vec::new(),
        });
        if is_folder {
            for entry in std::fs::read_dir(path)? {
                self.add(&entry?.path())?;
            }
        }
        Ok(())
    }

    /// Does what was done. What is lost by a failed sync is lost for good.
    pub(crate) fn play(&mut self, steps: &[Step], dice: &mut StdRng) -> Result<()> {
        steps.iter().try_for_each(|step| self.step(step, dice))
    }

    fn step(&mut self, step: &Step, dice: &mut StdRng) -> Result<()> {
        match step {
            Step::Create(path) | Step::MakeDir(path) => {
                let node = self.nodes.len();
                self.nodes.push(Node {
                    is_folder: matches!(step, Step::MakeDir(_)),
                    ..Node::default()
                });
                self.name(path, Some(node))?;
            }
            Step::Write(path, at, bytes) => {
                let change = Change::Write(usize::try_from(*at)?, bytes.clone());
                self.node(path)?.pending.push(change);
            }
            Step::Truncate(path, len) => {
                let change = Change::Truncate(usize::try_from(*len)?);
                self.node(path)?.pending.push(change);
            }
            Step::Sync(path) => self.sync(path)?,
            Step::SyncFailed(path) => self.node(path)?.pending.retain(|_| dice.random_bool(0.5)),
            Step::Rename(from, to) => {
                let node = *self.names.get(from).context("renamed what is not there")?;
                self.name(from, None)?;
                self.name(to, Some(node))?;
            }
            Step::Link(from, to) => {
                let node = *self.names.get(from).context("linked what is not there")?;
                self.name(to, Some(node))?;
            }
            Step::Unlink(path) => self.name(path, None)?,
        }
        Ok(())
    }

    fn node(&mut self, path: &Path) -> Result<&mut Node> {
        let shown = || format!("{} is not there", path.display());
        let node = *self.names.get(path).with_context(shown)?;
        self.nodes.get_mut(node).context("no such node")
    }

    fn name(&mut self, path: &Path, node: Option<usize>) -> Result<()> {
        let changes = self.pending.entry(folder(path)?.to_owned()).or_default();
        match node {
            Some(node) => {
                self.names.insert(path.to_owned(), node);
                changes.push(Naming::Put(path.to_owned(), node));
            }
            None => {
                self.names.remove(path);
                changes.push(Naming::Remove(path.to_owned()));
            }
        }
        Ok(())
    }

    fn sync(&mut self, path: &Path) -> Result<()> {
        // A file that was removed while it is open has no name any more, and nothing of it can be found.
        let Ok(node) = self.node(path) else {
            return Ok(());
        };
        if node.is_folder {
            let changes = self.pending.remove(path).unwrap_or_default();
            changes
                .into_iter()
                .for_each(|change| change.apply(&mut self.safe_names));
        } else {
            for change in std::mem::take(&mut node.pending) {
                change.apply(&mut node.safe, None);
            }
        }
        Ok(())
    }

    /// Cuts the power now: writes what may be left to an empty folder that stands for `root`.
    pub(crate) fn cut(&self, root: &Path, dice: &mut StdRng, to: &Path) -> Result<()> {
        let root = root.canonicalize()?;
        let mut names = self.safe_names.clone();
        // Now and then all of it is lost, or nothing.
        let kept = [0.0, 0.3, 0.7, 1.0][dice.random_range(0..4)];
        for changes in self.pending.values() {
            let some = changes.iter().take_while(|_| dice.random_bool(kept));
            some.for_each(|change| change.apply(&mut names));
        }
        for (path, node) in &names {
            let node = self.nodes.get(*node).context("no such node")?;
            let target = to.join(path.strip_prefix(&root)?);
            // What stands in a folder whose own name is lost is lost with it.
            if target.parent().is_some_and(|folder| !folder.is_dir()) {
                continue;
            }
            if node.is_folder {
                std::fs::create_dir_all(&target)?;
                continue;
            }
            let mut bytes = node.safe.clone();
            for change in &node.pending {
                if dice.random_bool(kept) {
                    change.apply(&mut bytes, Some(&mut *dice));
                }
            }
            std::fs::write(&target, bytes)?;
        }
        Ok(())
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Put(path, node) => drop(names.insert(path.clone(), *node)),
            Self::Remove(path) => drop(names.remove(path)),
        }
    }
}

impl Change {
    /// Wholly; with dice perhaps only some sectors of it.
    fn apply(&self, bytes: &mut Vec<u8>, dice: Option<&mut StdRng>) {
        let (at, written) = match self {
            Self::Truncate(len) => return bytes.resize(*len, 0),
            Self::Write(at, written) => (*at, written),
        };
        if bytes.len() < at + written.len() {
            bytes.resize(at + written.len(), 0);
        }
        let mut torn = dice.and_then(|dice| dice.random_bool(0.2).then_some(dice));
        let mut from = 0;
        while from < written.len() {
            let to = written.len().min(((at + from) / SECTOR + 1) * SECTOR - at);
            if torn.as_mut().is_none_or(|dice| dice.random_bool(0.5)) {
                bytes[at + from..at + to].copy_from_slice(&written[from..to]);
            }
            from = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    fn left(steps: &[&str], seed: u64) -> BTreeMap<String, String> {
        let (root, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(root.path().join("old"), "old").unwrap();
        let path = |name: &str| root.path().canonicalize().unwrap().join(name);
        let steps: Vec<Step> = steps
            .iter()
            .map(|step| match step.split(' ').collect::<Vec<_>>()[..] {
                ["create", name] => Step::Create(path(name)),
                ["write", name, text] => Step::Write(path(name), 0, text.as_bytes().to_vec()),
                ["sync", "."] => Step::Sync(root.path().canonicalize().unwrap()),
                ["sync", name] => Step::Sync(path(name)),
                ["unsynced", name] => Step::SyncFailed(path(name)),
                ["rename", from, name] => Step::Rename(path(from), path(name)),
                _ => panic!("{step}"),
            })
            .collect();
        let mut dice = StdRng::seed_from_u64(seed);
        let mut disk = Disk::of(root.path()).unwrap();
        disk.play(&steps, &mut dice).unwrap();
        disk.cut(root.path(), &mut dice, to.path()).unwrap();
        let entries = std::fs::read_dir(to.path()).unwrap().map(Result::unwrap);
        let read = |entry: std::fs::DirEntry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        };
        entries.map(read).collect()
    }

    /// Everything that may be left, over many cuts.
    fn seen(steps: &[&str]) -> Vec<BTreeMap<String, String>> {
        let mut all: Vec<_> = (0..200).map(|seed| left(steps, seed)).collect();
        all.sort();
        all.dedup();
        all
    }

    fn is(name: &str, text: &str) -> impl Fn(&BTreeMap<String, String>) -> bool {
        move |files| files.get(name).is_some_and(|found| found == text)
    }

    #[test]
    fn what_was_synced_is_always_there() {
        let all = seen(&[
            "create a",
            "write a new",
            "sync a",
            "sync .",
            "write old NEW",
            "sync old",
        ]);
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(is("a", "new")(&all[0]) && is("old", "NEW")(&all[0]));
    }

    #[test]
    fn what_was_not_synced_is_there_or_not() {
        let all = seen(&["write old NEW"]);
        assert!(all.iter().any(is("old", "NEW")) && all.iter().any(is("old", "old")));
    }

    #[test]
    fn a_synced_file_without_a_synced_name_may_be_lost() {
        let all = seen(&["create a", "write a new", "sync a"]);
        assert!(all.iter().any(|files| !files.contains_key("a")));
        assert!(
            all.iter()
                .all(|files| !files.contains_key("a") || is("a", "new")(files))
        );
    }

    #[test]
    fn a_rename_before_the_sync_of_its_content_may_show_nothing() {
        let all = seen(&["create a", "write a new", "rename a old", "sync ."]);
        assert!(all.iter().any(is("old", "")) && all.iter().any(is("old", "new")));
        assert!(all.iter().all(|files| !files.contains_key("a")));
    }

    #[test]
    fn what_a_failed_sync_has_lost_no_later_one_brings_back() {
        let all = seen(&["write old NEW", "unsynced old", "sync old"]);
        assert!(all.iter().any(is("old", "old")) && all.iter().any(is("old", "NEW")));
    }
}
