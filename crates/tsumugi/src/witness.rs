//! A copy of the log outside, for a witness: it only ever takes what continues what it has, so that nobody can rewrite
//! history behind it.

use crate::place::Opened;
use anyhow::{Context as _, Result, bail, ensure};
use evidence::{
    Growing, Head, TileName, Tiles, Verifier, edge, over, prove_growth, tiles_for_growth, wider,
};
use kernel::log::{LogKeyRow, SignedHead};
use kernel::port::Store;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Database, LogFile};
use tokio::runtime::Runtime;

/// Tiles copied at a time.
const TILES: usize = 64;
const CHECKPOINT: &str = "checkpoint";
const KEY: &str = "key";

/// What a copy came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Events under the head that was there before; none for a first copy.
    pub from: Option<u64>,
    /// The head that is there now.
    pub head: Head,
    /// Tiles written.
    pub tiles: usize,
    /// The key that signed.
    pub key: String,
}

/// The log, wherever it lies.
pub(crate) enum Log {
    /// A data folder, which a server may have open.
    File(LogFile),
    /// A database.
    Store(Arc<dyn Store>, Runtime),
}

impl Log {
    /// Opens the log of a data folder or a database for reading.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn open(data: &Path, database: Option<&Database>) -> Result<Self> {
        let Some(database) = database else {
            return Ok(Self::File(LogFile::open(data)?));
        };
        let runtime = Runtime::new()?;
        let opened = runtime.block_on(Opened::open(data, Some(database)))?;
        Ok(Self::Store(opened.store(), runtime))
    }

    /// Its keys, the one in force last.
    pub(crate) fn keys(&self) -> Result<Vec<LogKeyRow>> {
        Ok(match self {
            Self::File(file) => file.log_keys()?,
            Self::Store(store, runtime) => runtime.block_on(store.log().log_keys())?,
        })
    }

    fn newest(&self) -> Result<Option<SignedHead>> {
        Ok(match self {
            Self::File(file) => file.newest_head()?,
            Self::Store(store, runtime) => runtime.block_on(store.log().newest_head())?,
        })
    }

    fn turns(&self) -> Result<Vec<SignedHead>> {
        Ok(match self {
            Self::File(file) => file.turns()?,
            Self::Store(store, runtime) => runtime.block_on(store.log().turns())?,
        })
    }

    fn tiles(&self, names: Vec<TileName>) -> Result<Tiles> {
        Ok(match self {
            Self::File(file) => file.tiles(&names)?,
            Self::Store(store, runtime) => runtime.block_on(store.log().tiles(names))?,
        })
    }
}

/// Copies what is new of the log to a folder: tiles, then the key, then the head. What is there already must be the
/// beginning of what comes.
///
/// # Errors
/// If the log does not continue what is there, its signatures or tiles do not hold, or files cannot be written.
pub fn witness(data: &Path, database: Option<&Database>, to: &Path) -> Result<Copied> {
    copy(&Log::open(data, database)?, to)
}

/// The same, if anything is signed yet.
///
/// # Errors
/// As for [`witness`].
pub(crate) fn witness_if_signed(
    data: &Path,
    database: Option<&Database>,
    to: &Path,
) -> Result<Option<Copied>> {
    let log = Log::open(data, database)?;
    match log.newest()? {
        None => Ok(None),
        Some(_) => copy(&log, to).map(Some),
    }
}

fn copy(log: &Log, to: &Path) -> Result<Copied> {
    let newest = log
        .newest()?
        .context("この台帳には、まだ署名がありません")?;
    let kept = Kept::read(to)?;
    let key = key_in_force(log, kept.as_ref())?;
    let head = key
        .head(&newest.checkpoint)
        .context("最新の署名を確かめられません")?;
    let from = kept.as_ref().map_or(0, |kept| kept.head.size);
    if let Some(kept) = &kept {
        continues(log, &kept.head, &head)?;
    }
    let tiles = copy_tiles(log, from, &head, to)?;
    put(&to.join(KEY), format!("{key}\n").as_bytes())?;
    put(&to.join(CHECKPOINT), newest.checkpoint.as_bytes())?;
    Ok(Copied {
        from: kept.map(|kept| kept.head.size),
        head,
        tiles,
        key: key.to_string(),
    })
}

/// What a folder holds already.
struct Kept {
    key: Verifier,
    head: Head,
}

impl Kept {
    fn read(folder: &Path) -> Result<Option<Self>> {
        let (checkpoint, key) = (folder.join(CHECKPOINT), folder.join(KEY));
        if !checkpoint.exists() {
            return Ok(None);
        }
        let text = |path: &PathBuf| {
            std::fs::read_to_string(path)
                .with_context(|| format!("{} を読めません", path.display()))
        };
        let broken = || format!("{} の写しが壊れています", folder.display());
        let key = Verifier::new(&text(&key)?).with_context(broken)?;
        let head = key.head(&text(&checkpoint)?).with_context(broken)?;
        Ok(Some(Self { key, head }))
    }
}

/// The key that signs now: for a first copy the log's own word is taken, later only what the key before vouches for.
fn key_in_force(log: &Log, kept: Option<&Kept>) -> Result<Verifier> {
    let keys = log.keys()?;
    let Some(kept) = kept else {
        let last = keys.last().context("この台帳には、まだ鍵がありません")?;
        return Ok(Verifier::new(&last.verifier)?);
    };
    let mut key = kept.key.clone();
    let known = |key: &Verifier| keys.iter().position(|row| row.verifier == key.to_string());
    let Some(at) = known(&key) else {
        bail!("台帳の鍵が、写しにある鍵と違います。書き換えられたおそれがあります。");
    };
    let next: BTreeMap<u64, SignedHead> = log
        .turns()?
        .into_iter()
        .map(|turn| (turn.key, turn))
        .collect();
    for row in keys.iter().skip(at + 1) {
        let turn = next
            .get(&row.no)
            .context("新しい鍵の最初の署名がありません")?;
        key.head(&turn.checkpoint)
            .context("新しい鍵に、前の鍵の署名がありません")?;
        key = Verifier::new(&row.verifier)?;
        key.head(&turn.checkpoint)
            .context("新しい鍵の署名を確かめられません")?;
    }
    Ok(key)
}

fn continues(log: &Log, before: &Head, now: &Head) -> Result<()> {
    const REWRITTEN: &str = "台帳が、前の写しの続きではありません。書き換えられたか、古い写しから戻されたおそれがあります。写しは変えていません。";
    ensure!(before.size <= now.size, REWRITTEN);
    if before.size == 0 {
        return Ok(());
    }
    let names = tiles_for_growth(before.size, now.size)?;
    let tiles = log.tiles(names.into_iter().collect())?;
    let (then, now) = ((before.size, &before.root), (now.size, &now.root));
    prove_growth(then, now, &tiles).map(drop).context(REWRITTEN)
}

/// Writes what became wider; each full tile must be what the tile above says.
fn copy_tiles(log: &Log, from: u64, head: &Head, to: &Path) -> Result<usize> {
    const WRONG: &str = "タイルが署名と合いません。写しは続けません。";
    let ends = log.tiles(edge(head.size))?;
    let growing = Growing::resume(head.size, |name| ends.get(&name).cloned())?;
    ensure!(growing.root() == head.root, WRONG);
    let wanted: Vec<(TileName, usize)> = wider(from, head.size).collect();
    for some in wanted.chunks(TILES) {
        let above = |name: &TileName| TileName {
            level: name.level + 1,
            number: name.number / 256,
        };
        let names = some.iter().flat_map(|(name, _)| [*name, above(name)]);
        let tiles = log.tiles(names.collect())?;
        for (name, width) in some {
            let tile = tiles.get(name).and_then(|tile| tile.get(..width * 32));
            let tile = tile.context(WRONG)?;
            if let Some(hash) = over(tile) {
                let at = usize::try_from(name.number % 256)? * 32;
                let said = tiles
                    .get(&above(name))
                    .and_then(|tile| tile.get(at..at + 32));
                ensure!(said == Some(&hash[..]), WRONG);
                // What was kept of it before it was full is not needed any more.
                let partial = to.join(format!("{}.p", name.path(256)));
                if partial.exists() {
                    std::fs::remove_dir_all(&partial)?;
                }
            }
            put(&to.join(name.path(*width)), tile)?;
        }
    }
    Ok(wanted.len())
}

/// Writes a file wholly or not at all.
fn put(path: &Path, content: &[u8]) -> Result<()> {
    let written = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let aside = path.with_added_extension("new");
        let mut file = File::create(&aside)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&aside, path)?;
        File::open(folder)?.sync_all()
    };
    written().with_context(|| format!("{} を書けません", path.display()))
}
