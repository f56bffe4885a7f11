//! A data directory: whether it is new, real, or a demo.

use anyhow::{Context as _, Result, bail};
use kernel::port::Store;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The file of the personas' bearer tokens, readable by its owner only.
pub const DEMO_TOKENS: &str = "demo-tokens.json";

/// The store's setting that says that a directory is a demo.
pub(crate) const SETTING: &str = "demo";
pub(crate) const MAKING: &str = "making";
pub(crate) const MADE: &str = "made";

/// What a directory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing yet.
    Nothing,
    /// Real data.
    Real,
    /// A demo.
    Demo,
    /// A demo whose making was interrupted.
    HalfDemo,
}

/// Looks before the store is opened, since opening makes its files.
pub(crate) fn is_new(data: &Path) -> bool {
    !data.join("tsumugi.sqlite").exists()
}

/// What the opened store says of itself.
pub(crate) async fn holds(store: &dyn Store, was_new: bool) -> Result<Holds> {
    Ok(match store.setting(SETTING).await?.as_deref() {
        None if was_new => Holds::Nothing,
        None => Holds::Real,
        Some(MAKING) => Holds::HalfDemo,
        Some(_) => Holds::Demo,
    })
}

/// Removes what the store keeps in a directory, so that a demo can be made anew. Only ever called for one that says of
/// itself that it is a demo in the making.
pub(crate) fn clear(data: &Path) -> Result<()> {
    let gone = |done: std::io::Result<()>, path: &Path| match done {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} を消せません", path.display()))
        }
        _ => Ok(()),
    };
    let attachments = data.join("attachments");
    gone(std::fs::remove_dir_all(&attachments), &attachments)?;
    // The database last: while it is there, it says that the rest is worth nothing.
    for name in [
        "copy-state",
        "copy-pending",
        "copy-clean",
        "copy-renew",
        "keys.bin",
        "destroyed.jsonl",
        DEMO_TOKENS,
        "tsumugi.sqlite-wal",
        "tsumugi.sqlite-shm",
        "tsumugi.sqlite",
    ] {
        let path = data.join(name);
        gone(std::fs::remove_file(&path), &path)?;
    }
    Ok(())
}

/// Whether it may start so; else why not and what to do.
pub(crate) fn may_start(
    holds: Holds,
    wants_demo: bool,
    real_identity: bool,
    data: &Path,
) -> Result<()> {
    let data = data.display();
    match (holds, wants_demo, real_identity) {
        (_, true, true) => bail!(
            "見本（--demo）と本番の本人確認の設定（TSUMUGI_OIDC_ISSUER または --identity）は一緒に使えません。どちらかを外してください。"
        ),
        (Holds::HalfDemo, false, _) => bail!(
            "{data} の見本データは作りかけです。--demo を付けて起動すると、はじめから作り直します。"
        ),
        (Holds::Demo, _, true) => bail!(
            "{data} は見本として作られたデータです。見本の登場人物はだれでも使えるため、本番の本人確認の設定では起動しません。別のフォルダーを --data に指定してください。"
        ),
        (Holds::Real, true, _) => bail!(
            "{data} には本番のデータがあります。見本は空のフォルダーにだけ作れます。--demo を外すか、別のフォルダーを --data に指定してください。"
        ),
        _ => Ok(()),
    }
}

/// Keeps the personas' tokens beside the data.
pub(crate) fn keep_tokens(data: &Path, tokens: &BTreeMap<String, String>) -> Result<()> {
    let path = data.join(DEMO_TOKENS);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("{} を書けません", path.display()))?;
    file.write_all(serde_json::to_string_pretty(tokens)?.as_bytes())?;
    Ok(file.sync_all()?)
}

/// The personas' bearer tokens, by sign-in name. Reads a file, so that it works while the server runs.
///
/// # Errors
/// If the directory is no demo.
pub fn demo_tokens(data: &Path) -> Result<BTreeMap<String, String>> {
    let path = data.join(DEMO_TOKENS);
    let hint = || {
        format!(
            "{} がありません。`tsumugi serve --demo --data {}` で見本を作ってから使ってください。",
            path.display(),
            data.display()
        )
    };
    let text = std::fs::read_to_string(&path).with_context(hint)?;
    serde_json::from_str(&text).with_context(|| format!("{} を読み取れません", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_and_real_never_meet() {
        let may = |holds, demo, real| may_start(holds, demo, real, Path::new("d")).is_ok();
        for (holds, demo, real, expected) in [
            (Holds::Nothing, true, false, true),
            (Holds::Nothing, false, true, true),
            (Holds::Nothing, true, true, false),
            (Holds::Demo, true, false, true),
            (Holds::Demo, false, false, true),
            (Holds::Demo, false, true, false),
            (Holds::HalfDemo, false, false, false),
            (Holds::HalfDemo, true, true, false),
            (Holds::HalfDemo, true, false, true),
            (Holds::Real, false, true, true),
            (Holds::Real, true, false, false),
        ] {
            assert_eq!(
                may(holds, demo, real),
                expected,
                "{holds:?} demo={demo} real={real}"
            );
        }
    }

    #[test]
    fn tokens_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        assert!(demo_tokens(folder.path()).is_err());
        let tokens = BTreeMap::from([("resident".to_owned(), "abc".to_owned())]);
        keep_tokens(folder.path(), &tokens).unwrap();
        assert_eq!(demo_tokens(folder.path()).unwrap(), tokens);
        let mode = std::fs::metadata(folder.path().join(DEMO_TOKENS))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
