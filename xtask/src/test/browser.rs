//! The browser step: Chromium against a freshly started demo.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::server::{self, Server};
use crate::{install, shell};

/// Chromium without its windows: it draws the same with less work.
const CHROMIUM: &str = "/usr/lib/chromium/chromium-headless-shell";
/// A typeface with Japanese: without one, widths and contrast are those of empty boxes.
const FONT: &str = "fonts-ipafont-gothic";
const OLDEST_NODE: u32 = 20;

pub(super) fn run(root: &Path) -> Result<()> {
    let suite = ready(root)?;
    let folder = server::target(root).join("browser");
    let server = Server::start(root, &folder)?;
    let mut tests = shell::command(&suite, "node");
    // One file at a time: a browser and a product that was built to be built soon keep two cores busy.
    tests.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]);
    tests.args(test_files(&suite)?);
    tests.env("TSUMUGI_URL", server.base_url());
    tests.env("TSUMUGI_BINARY", server::binary(root));
    tests.env("TSUMUGI_DATA", folder.join("data"));
    tests.env("CHROMIUM", CHROMIUM);
    let ran = shell::test(&mut tests);
    if ran.is_err() {
        println!("the end of the server's log:\n{}", server.log_tail());
    }
    ran
}

/// Sees to it that Chromium, Node and the suite's packages are there; the suite's folder.
pub(crate) fn ready(root: &Path) -> Result<PathBuf> {
    install::ensure(root, &["chromium-headless-shell"], || {
        Path::new(CHROMIUM).exists()
    })?;
    install::ensure(root, &[FONT, "fontconfig"], || has_japanese_font(root))?;
    node(root)?;
    let suite = root.join("tests").join("browser");
    packages(&suite)?;
    Ok(suite)
}

/// Named one by one: what `node --test FOLDER` means differs between Node's versions.
fn test_files(suite: &Path) -> Result<Vec<PathBuf>> {
    let folder = suite.join("tests");
    let entries = std::fs::read_dir(&folder).context("tests/browser/tests")?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    if files.is_empty() {
        bail!("no browser test found; this step cannot pass without one");
    }
    Ok(files)
}

/// `npm ci`, unless the installed packages are those of the lock file.
fn packages(suite: &Path) -> Result<()> {
    let lock = std::fs::read(suite.join("package-lock.json")).context("package-lock.json")?;
    let stamp = suite.join("node_modules").join(".installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    shell::run(shell::command(suite, "npm").args(["ci", "--no-audit", "--no-fund"]))?;
    std::fs::write(&stamp, lock).context("could not note what is installed")
}

fn node(root: &Path) -> Result<()> {
    install::ensure(root, &["nodejs", "npm"], || {
        install::has(root, "node") && install::has(root, "npm")
    })?;
    let version = shell::read(shell::command(root, "node").arg("--version"))?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!(
            "Node {OLDEST_NODE} or newer is needed, found {}",
            version.trim()
        );
    }
    Ok(())
}

/// `v20.20.2` is 20.
fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn has_japanese_font(root: &Path) -> bool {
    let mut list = shell::command(root, "fc-list");
    list.args([":lang=ja", "family"]);
    shell::read(&mut list).is_ok_and(|families| !families.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_are_listed_and_none_is_an_error() {
        let suite = tempfile::tempdir().unwrap();
        let folder = suite.path().join("tests");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("helper.mjs"), "").unwrap();
        assert!(test_files(suite.path()).is_err());
        for name in ["b.test.mjs", "a.test.mjs"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let expected = [folder.join("a.test.mjs"), folder.join("b.test.mjs")];
        assert_eq!(test_files(suite.path()).unwrap(), expected);
    }

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }
}
