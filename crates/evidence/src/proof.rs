//! Proofs over tiles: that an entry is in the log, that a later log begins with an earlier one.

use crate::grow::{HASH_BYTES, HEIGHT};
use crate::{Fault, Hash, TileName};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use tlog_tiles::tile::{Tile as Coordinates, TileHashReader, TileReader};
use tlog_tiles::tlog::{self, Error};

/// Tiles by name, each at least as wide as it was when the log had the size in question.
pub type Tiles = BTreeMap<TileName, Vec<u8>>;

/// The tiles that [`prove_entry`] reads.
///
/// # Errors
/// If the entry is beyond the log.
pub fn tiles_for_entry(index: u64, size: u64) -> Result<BTreeSet<TileName>, Fault> {
    within(index, size)?;
    Ok(Asked::by(size, |hashes| {
        drop(tlog::prove_record(size, index, hashes))
    }))
}

/// The hashes beside the path from an entry to the root of a log. What comes has been checked with [`contains`].
///
/// # Errors
/// If tiles are missing, or do not lead from the entry to that root.
pub fn prove_entry(
    entry: &Hash,
    index: u64,
    log: (u64, &Hash),
    tiles: &Tiles,
) -> Result<Vec<Hash>, Fault> {
    let (size, root) = log;
    within(index, size)?;
    let kept = Kept(tiles);
    let hashes = TileHashReader::new(size, tlog::Hash(*root), &kept);
    let proof = tlog::prove_record(size, index, &hashes);
    let proof = proof.map(bare).map_err(|_| kept.fault(size))?;
    // The reader does not hold every tile against its parent (a tile is passed over where several subtrees of the
    // edge lie in one), so the proof itself is checked.
    contains(entry, index, log, &proof)?;
    Ok(proof)
}

/// Whether the entry stands at that place of the log with that head.
///
/// # Errors
/// If it does not.
pub fn contains(
    entry: &Hash,
    index: u64,
    (size, root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), Fault> {
    within(index, size)?;
    let proof = dressed(proof);
    let leaf = tlog::record_hash(entry);
    tlog::check_record(&proof, size, tlog::Hash(*root), index, leaf).map_err(|_| Fault::Proof)
}

/// The tiles that [`prove_growth`] reads.
///
/// # Errors
/// If the earlier log is empty or larger than the later.
pub fn tiles_for_growth(earlier: u64, size: u64) -> Result<BTreeSet<TileName>, Fault> {
    grows(earlier, size)?;
    Ok(Asked::by(size, |hashes| {
        drop(tlog::prove_tree(size, earlier, hashes))
    }))
}

/// The hashes that show that a later log begins with an earlier one. What comes has been checked with [`grew`].
///
/// # Errors
/// If tiles are missing, or do not lead from one root to the other.
pub fn prove_growth(
    earlier: (u64, &Hash),
    later: (u64, &Hash),
    tiles: &Tiles,
) -> Result<Vec<Hash>, Fault> {
    let (size, root) = later;
    grows(earlier.0, size)?;
    let kept = Kept(tiles);
    let hashes = TileHashReader::new(size, tlog::Hash(*root), &kept);
    let proof = tlog::prove_tree(size, earlier.0, &hashes);
    let proof = proof.map(bare).map_err(|_| kept.fault(size))?;
    grew(earlier, later, &proof)?;
    Ok(proof)
}

/// Whether the later log begins with the earlier.
///
/// # Errors
/// If it does not: something was taken out, changed or put in.
pub fn grew(earlier: (u64, &Hash), later: (u64, &Hash), proof: &[Hash]) -> Result<(), Fault> {
    grows(earlier.0, later.0)?;
    let (then, now) = (tlog::Hash(*earlier.1), tlog::Hash(*later.1));
    tlog::check_tree(&dressed(proof), later.0, now, earlier.0, then).map_err(|_| Fault::Proof)
}

fn within(index: u64, size: u64) -> Result<(), Fault> {
    let inside = index < size;
    inside.then_some(()).ok_or(Fault::Beyond { index, size })
}

fn grows(earlier: u64, size: u64) -> Result<(), Fault> {
    let fits = earlier > 0 && earlier <= size;
    let index = earlier;
    fits.then_some(()).ok_or(Fault::Beyond { index, size })
}

fn bare(hashes: Vec<tlog::Hash>) -> Vec<Hash> {
    hashes.into_iter().map(|hash| hash.0).collect()
}

fn dressed(hashes: &[Hash]) -> Vec<tlog::Hash> {
    hashes.iter().map(|hash| tlog::Hash(*hash)).collect()
}

fn name(tile: &Coordinates) -> TileName {
    TileName {
        level: tile.level(),
        number: tile.level_index(),
    }
}

/// Tells which tiles are asked for, and gives none.
#[derive(Default)]
struct Asked(RefCell<BTreeSet<TileName>>);

impl Asked {
    fn by(size: u64, ask: impl FnOnce(&TileHashReader<'_>)) -> BTreeSet<TileName> {
        let asked = Self::default();
        ask(&TileHashReader::new(size, tlog::Hash([0; 32]), &asked));
        asked.0.into_inner()
    }
}

impl TileReader for Asked {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Coordinates]) -> Result<Vec<Vec<u8>>, Error> {
        self.0.borrow_mut().extend(tiles.iter().map(name));
        Err(Error::InvalidTile)
    }

    fn save_tiles(&self, _: &[Coordinates], _: &[Vec<u8>]) {}
}

/// Gives the tiles that were read, cut to the width that is asked for.
struct Kept<'t>(&'t Tiles);

impl Kept<'_> {
    /// Names a tile of the log's end that is missing; else the hashes were wrong.
    fn fault(&self, size: u64) -> Fault {
        let absent = crate::grow::edge(size)
            .into_iter()
            .find(|name| !self.0.contains_key(name));
        absent.map_or(Fault::Proof, |TileName { level, number }| Fault::Tile {
            level,
            number,
        })
    }
}

impl TileReader for Kept<'_> {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Coordinates]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Coordinates| {
            let bytes = tile.width() as usize * HASH_BYTES;
            let data = self.0.get(&name(tile)).and_then(|data| data.get(..bytes));
            data.map(<[u8]>::to_vec).ok_or(Error::InvalidTile)
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Coordinates], _: &[Vec<u8>]) {}
}
