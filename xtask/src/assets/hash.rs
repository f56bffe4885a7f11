//! SHA-256 of files, in lower-case hexadecimal.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// The hash of a file's bytes.
pub(crate) fn of(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("could not read {}", name(path)))?;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(&bytes) {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

/// Whether the file is there and is the pinned one.
pub(crate) fn matches(path: &Path, pinned: &str) -> bool {
    of(path).is_ok_and(|found| found == pinned)
}

/// Fails, naming both hashes, unless the file is the pinned one.
pub(crate) fn verify(path: &Path, pinned: &str) -> Result<()> {
    let found = of(path)?;
    if found != pinned {
        bail!(
            "{} is not the pinned file: expected {pinned}, found {found}",
            name(path)
        );
    }
    Ok(())
}

fn name(path: &Path) -> String {
    let last = path.file_name().unwrap_or(path.as_os_str());
    last.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From FIPS 180-2, appendix B.1.
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn hash_of_a_known_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("abc");
        std::fs::write(&file, "abc").unwrap();
        assert_eq!(of(&file).unwrap(), OF_ABC);
        assert!(matches(&file, OF_ABC));
        verify(&file, OF_ABC).unwrap();
    }

    #[test]
    fn another_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("abd");
        assert!(
            !matches(&file, OF_ABC),
            "a missing file is not the pinned one"
        );
        std::fs::write(&file, "abd").unwrap();
        assert!(!matches(&file, OF_ABC));
        let error = verify(&file, OF_ABC).unwrap_err().to_string();
        assert!(error.starts_with("abd is not the pinned file"), "{error}");
    }
}
