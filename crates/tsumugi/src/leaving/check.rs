//! Whether a folder is a whole export and nothing in it was changed. Everything that is wrong is told at once.

use super::folder::hex;
use super::lines::Lines;
use super::manifest::{
    ATTACHMENTS, AttachmentLine, CHECKPOINT, FORMAT, FileEntry, LOG, LOG_KEY, MANIFEST, Manifest,
    SUM, TILES, VERSION,
};
use anyhow::{Context as _, Result, bail, ensure};
use evidence::{Growing, TileName, Verifier, over, wider};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Faults told at most.
const TOLD: usize = 20;

/// An export that is whole.
pub(super) struct Whole {
    pub(super) root: PathBuf,
    pub(super) manifest: Manifest,
    /// SHA-256 (hex) of the manifest: by this it is known.
    pub(super) sum: String,
}

impl Whole {
    /// Reads the manifest and every file.
    pub(super) fn check(root: &Path) -> Result<Self> {
        let (manifest, sum) = manifest(root)?;
        let mut look = Look {
            root,
            faults: Vec::new(),
            known: BTreeSet::from([MANIFEST.into(), SUM.into(), "README.txt".into()]),
        };
        for file in &manifest.files {
            look.file(file)?;
        }
        if look.faults.is_empty() {
            look.listed()?;
            look.strangers(root)?;
        }
        look.told()?;
        let whole = Self {
            root: root.to_owned(),
            manifest,
            sum,
        };
        whole.log()?;
        Ok(whole)
    }

    /// Paths of the manifest that begin so.
    pub(super) fn below(&self, prefix: &str) -> Vec<String> {
        let paths = self.manifest.files.iter().map(|file| &file.path);
        paths
            .filter(|path| path.starts_with(prefix))
            .cloned()
            .collect()
    }

    /// The log: its tiles give the root that its head was signed over.
    fn log(&self) -> Result<()> {
        let Some(signed) = self.manifest.signed else {
            return Ok(());
        };
        let text = |path: &str| {
            std::fs::read_to_string(self.root.join(path))
                .with_context(|| format!("{path} を読めません"))
        };
        let key = Verifier::new(text(LOG_KEY)?.trim());
        let key = key.with_context(|| format!("{LOG_KEY} は台帳の鍵ではありません"))?;
        let head = key.head(&text(CHECKPOINT)?);
        let head = head
            .with_context(|| format!("{CHECKPOINT} の署名が {LOG_KEY} の鍵のものではありません"))?;
        const WRONG: &str = "log/tile の台帳が、log/checkpoint に署名されたものではありません";
        let tiles = Tiles::of(self);
        ensure!(head.size == signed, WRONG);
        let log = Growing::resume(signed, |name| tiles.read(name).ok());
        ensure!(log.is_ok_and(|log| log.root() == head.root), WRONG);
        for (name, _) in wider(0, signed) {
            // A full tile must be what the tile above says; those that are not full gave the root.
            if let Some(hash) = over(&tiles.read(name)?) {
                let above = tiles.read(TileName {
                    level: name.level + 1,
                    number: name.number / 256,
                })?;
                let at = usize::try_from(name.number % 256)? * 32;
                ensure!(above.get(at..at + 32) == Some(&hash[..]), WRONG);
            }
        }
        Ok(())
    }
}

fn manifest(root: &Path) -> Result<(Manifest, String)> {
    let unfinished = root.with_added_extension("part");
    let bytes = std::fs::read(root.join(MANIFEST)).with_context(|| {
        let shown = root.display();
        match unfinished.exists() {
            true => format!("{shown} の書き出しは終わっていません（{} があります）。書き出しをもう一度行ってください", unfinished.display()),
            false => format!("{shown} に {MANIFEST} がありません。tsumugi export で作ったフォルダーを指定してください"),
        }
    })?;
    let sum = hex(&Sha256::digest(&bytes));
    let kept =
        std::fs::read_to_string(root.join(SUM)).with_context(|| format!("{SUM} がありません"))?;
    ensure!(
        kept == format!("{sum}  {MANIFEST}\n"),
        "{MANIFEST} が、書き出したときのものではありません（{SUM} と合いません）"
    );
    let said: Json =
        serde_json::from_slice(&bytes).with_context(|| format!("{MANIFEST} を読み取れません"))?;
    if said.get("format").and_then(Json::as_str) != Some(FORMAT) {
        bail!("{MANIFEST} は、つむぎの書き出しのものではありません");
    }
    let version = said
        .get("version")
        .and_then(Json::as_u64)
        .unwrap_or_default();
    if version != u64::from(VERSION) {
        bail!(
            "この書き出しの形式は版{version}で、このプログラムが読めるのは版{VERSION}です。書き出したときと同じか、より新しい版の tsumugi で取り込んでください。"
        );
    }
    let manifest =
        serde_json::from_value(said).with_context(|| format!("{MANIFEST} を読み取れません"))?;
    Ok((manifest, sum))
}

struct Look<'l> {
    root: &'l Path,
    faults: Vec<String>,
    known: BTreeSet<String>,
}

impl Look<'_> {
    fn file(&mut self, entry: &FileEntry) -> Result<()> {
        self.known.insert(entry.path.clone());
        self.compare(&entry.path, entry.bytes, &entry.sha256)
    }

    fn compare(&mut self, path: &str, bytes: u64, sha256: &str) -> Result<()> {
        let inside = Path::new(path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        if !inside {
            self.faults
                .push(format!("{path}：フォルダーの外を指しています"));
            return Ok(());
        }
        let place = self.root.join(path);
        if !place.is_file() {
            self.faults.push(format!("{path}：ありません"));
            return Ok(());
        }
        let (length, sum) = summed(&place).with_context(|| format!("{path} を読めません"))?;
        if length != bytes || sum != sha256 {
            self.faults
                .push(format!("{path}：書き出したときのものではありません"));
        }
        Ok(())
    }

    /// Files whose sums stand in a list of their own: too many for the manifest.
    fn listed(&mut self) -> Result<()> {
        let mut uploads: Lines<AttachmentLine> = Lines::new(self.root, &[ATTACHMENTS.into()]);
        while let Some(line) = uploads.next()? {
            if let Some(path) = &line.path {
                self.compare(path, line.upload.bytes, &line.upload.sha256)?;
            }
        }
        let mut tiles: Lines<FileEntry> = Lines::new(self.root, &[TILES.into()]);
        while let Some(tile) = tiles.next()? {
            self.compare(&tile.path, tile.bytes, &tile.sha256)?;
        }
        Ok(())
    }

    /// Files that nobody knows. Those of the two lists are told by how many there are: their names would not fit in memory.
    fn strangers(&mut self, dir: &Path) -> Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let place = entry?.path();
            let path = place.strip_prefix(self.root)?.display().to_string();
            if place.is_dir() {
                if path != "log/tile" && !is_spread(&path) {
                    self.strangers(&place)?;
                }
            } else if !self.known.contains(&path) {
                self.faults
                    .push(format!("{path}：書き出しにないファイルです"));
            }
        }
        Ok(())
    }

    fn told(self) -> Result<()> {
        let faults = self.faults.len();
        if faults == 0 {
            return Ok(());
        }
        let told: Vec<String> = self.faults.into_iter().take(TOLD).collect();
        let more = match faults > TOLD {
            true => format!("\nほかに{}件あります。", faults - TOLD),
            false => String::new(),
        };
        bail!(
            "{} は書き出したときのままではありません。書き出しをもう一度受け取るか、行ってください。\n{}{more}",
            self.root.display(),
            told.join("\n")
        )
    }
}

/// A folder over which uploads are spread: only what the index names is read there.
fn is_spread(path: &str) -> bool {
    path.strip_prefix("attachments/")
        .is_some_and(|rest| rest.len() == 2)
}

/// Length and SHA-256 of a file.
fn summed(place: &Path) -> std::io::Result<(u64, String)> {
    let (mut file, mut hash) = (File::open(place)?, Sha256::new());
    let (mut piece, mut length) = (vec![0; 64 << 10], 0);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((length, hex(&hash.finalize())));
        }
        hash.update(&piece[..read]);
        length += read as u64;
    }
}

/// The tiles of the log.
struct Tiles {
    root: PathBuf,
    /// Events under the signed head.
    size: u64,
}

impl Tiles {
    fn of(whole: &Whole) -> Self {
        Self {
            root: whole.root.join(LOG),
            size: whole.manifest.signed.unwrap_or_default(),
        }
    }

    /// A tile, as wide as it was when the head was signed.
    fn read(&self, name: TileName) -> Result<Vec<u8>> {
        let hashes = self.size >> (8 * u32::from(name.level));
        let width = hashes.saturating_sub(name.number * 256).min(256);
        let path = name.path(usize::try_from(width)?);
        std::fs::read(self.root.join(&path)).with_context(|| format!("{LOG}/{path} を読めません"))
    }
}

/// The entries of the log, held against events by position; read tile by tile.
pub(super) struct Signed {
    tiles: Tiles,
    kept: Option<(u64, Vec<u8>)>,
}

impl Signed {
    pub(super) fn of(whole: &Whole) -> Self {
        Self {
            tiles: Tiles::of(whole),
            kept: None,
        }
    }

    /// Whether the entry at a position (from 1) is that of an event with this hash (hex). What is not signed yet is not
    /// gainsaid.
    pub(super) fn bears(&mut self, position: u64, hash: &str) -> Result<bool> {
        let Some(index) = position
            .checked_sub(1)
            .filter(|index| *index < self.tiles.size)
        else {
            return Ok(true);
        };
        let number = index / 256;
        if self.kept.as_ref().is_none_or(|(kept, _)| *kept != number) {
            let name = TileName { level: 0, number };
            self.kept = Some((number, self.tiles.read(name)?));
        }
        let at = usize::try_from(index % 256)? * 32;
        let entry = self
            .kept
            .as_ref()
            .and_then(|(_, tile)| tile.get(at..at + 32));
        // RFC 6962: a leaf is hashed behind a zero.
        let leaf = unhex(hash).map(|hash| {
            Sha256::new()
                .chain_update([0])
                .chain_update(hash)
                .finalize()
        });
        Ok(leaf.is_some_and(|leaf| entry == Some(leaf.as_slice())))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
