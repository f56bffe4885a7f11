//! Master keys, as they are given: a file, named by an option or by the environment.

use crate::place::Opened;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use store::{Database, Masters, SqliteStore};

/// Names the file of master keys for every command that opens the data.
pub(crate) const VARIABLE: &str = "TSUMUGI_MASTER_KEY";

/// The master keys of a file, or of the one that the environment names; none if neither is said.
///
/// # Errors
/// If the file cannot be read.
pub fn masters(file: Option<&Path>) -> Result<Masters> {
    let named = file.map(Path::to_owned).or_else(from_environment);
    let Some(file) = named.filter(|file| !file.as_os_str().is_empty()) else {
        return Ok(Masters::default());
    };
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("マスター鍵のファイル {} を読めません", file.display()))?;
    match Masters::read(&text) {
        Ok(masters) if masters.newest().is_some() => Ok(masters),
        Ok(_) => bail!("{} にマスター鍵が書かれていません", file.display()),
        Err(line) => bail!("{} の{line}行目はマスター鍵ではありません", file.display()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a setting of every command that opens the data, read by the binary"
)]
fn from_environment() -> Option<PathBuf> {
    std::env::var_os(VARIABLE).map(PathBuf::from)
}

/// Puts the newest master key in force; answers how many keys it wraps, none if it was in force already.
///
/// # Errors
/// If a server has the data folder open, or the data cannot be opened.
pub fn rotate_keys(
    data: &Path,
    database: Option<&Database>,
    masters: &Masters,
) -> Result<Option<u64>> {
    if database.is_none() {
        return SqliteStore::rotate_keys(data, masters)
            .context("記録の鍵を包み直せません。サーバーを止めてから行ってください");
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let rotated = runtime.block_on(async {
        match Opened::open_with(data, database, None, masters.clone()).await? {
            Opened::Postgres(store) => Ok::<u64, anyhow::Error>(store.rotate_keys().await?),
            Opened::Sqlite(_) => Ok(0),
        }
    })?;
    Ok((rotated > 0).then_some(rotated))
}
