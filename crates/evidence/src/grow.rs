//! The growing edge of the log: entries go in, tiles and a root come out.

use crate::{Fault, Hash};
use tlog_tiles::tile::Tile as Coordinates;
use tlog_tiles::tlog;

/// Height of a tile, as c2sp.org/tlog-tiles fixes it.
pub(crate) const HEIGHT: u8 = 8;
/// Hashes in a full tile.
pub const WIDEST: usize = 1 << HEIGHT;
pub(crate) const HASH_BYTES: usize = 32;

/// Where a tile stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileName {
    /// Level: a hash at level `n` covers 256^`n` entries.
    pub level: u8,
    /// Place within the level.
    pub number: u64,
}

/// A tile: up to 256 hashes one after the other. One that is not full yet only ever grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Where it stands.
    pub name: TileName,
    /// Its hashes, 32 bytes each.
    pub data: Vec<u8>,
}

/// The hash over a full tile: what stands for it in the tile above. None for one that is not full.
#[must_use]
pub fn over(tile: &[u8]) -> Option<crate::Hash> {
    (tile.len() == WIDEST * HASH_BYTES).then(|| Coordinates::subtree_hash(tile).0)
}

/// The tiles that are not full in a log of so many entries: what [`Growing::resume`] needs.
#[must_use]
pub fn edge(size: u64) -> Vec<TileName> {
    let levels = (0..).map_while(|level| {
        let hashes = size.checked_shr(u32::from(HEIGHT) * u32::from(level))?;
        (hashes > 0).then_some((level, hashes))
    });
    levels
        .filter(|(_, hashes)| hashes % WIDEST as u64 > 0)
        .map(|(level, hashes)| TileName {
            level,
            number: hashes >> HEIGHT,
        })
        .collect()
}

/// A log of which only the edge is in memory: at most 256 hashes a level.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    size: u64,
    /// Hashes of the tile that is not full, by level.
    levels: Vec<Vec<u8>>,
    /// Tiles that became full since they were last taken.
    full: Vec<Tile>,
    /// Entries when tiles were last taken.
    taken: u64,
}

impl Growing {
    /// A log of `size` entries, from the tiles of its [`edge`]. Tiles may be wider than the log was then.
    ///
    /// # Errors
    /// If a tile is missing or too short.
    pub fn resume(size: u64, read: impl Fn(TileName) -> Option<Vec<u8>>) -> Result<Self, Fault> {
        let mut levels = Vec::new();
        for name in edge(size) {
            let hashes = size >> (u32::from(HEIGHT) * u32::from(name.level));
            let bytes = usize::try_from(hashes % WIDEST as u64).unwrap_or(0) * HASH_BYTES;
            let data = read(name).and_then(|data| data.get(..bytes).map(<[u8]>::to_vec));
            levels.resize_with(usize::from(name.level) + 1, Vec::new);
            levels[usize::from(name.level)] = data.ok_or(Fault::Tile {
                level: name.level,
                number: name.number,
            })?;
        }
        Ok(Self {
            size,
            levels,
            full: Vec::new(),
            taken: size,
        })
    }

    /// Entries in the log.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of an event.
    pub fn push(&mut self, entry: &Hash) {
        let mut hash = tlog::record_hash(entry).0;
        let mut number = self.size / WIDEST as u64;
        self.size += 1;
        for level in 0.. {
            if self.levels.len() <= level {
                self.levels.push(Vec::new());
            }
            let tile = &mut self.levels[level];
            tile.extend_from_slice(&hash);
            if tile.len() < WIDEST * HASH_BYTES {
                return;
            }
            let data = std::mem::take(tile);
            hash = Coordinates::subtree_hash(&data).0;
            self.full.push(Tile {
                name: TileName {
                    // Eight levels hold more entries than there are numbers for them.
                    level: u8::try_from(level).unwrap_or(u8::MAX),
                    number,
                },
                data,
            });
            number /= WIDEST as u64;
        }
    }

    /// The root over all entries; the hash of nothing for an empty log.
    #[must_use]
    pub fn root(&self) -> Hash {
        // Every hash that is asked for stands on the edge.
        tlog::tree_hash(self.size, self).map_or([0; 32], |root| root.0)
    }

    /// Tiles that became full since they were last taken, and no others: what a check compares on its way.
    pub fn take_full(&mut self) -> Vec<Tile> {
        std::mem::take(&mut self.full)
    }

    /// Tiles that are new or wider than when they were last taken.
    pub fn take(&mut self) -> Vec<Tile> {
        let mut tiles = std::mem::take(&mut self.full);
        if self.taken < self.size {
            tiles.extend(edge(self.size).into_iter().filter_map(|name| {
                let shift = u32::from(HEIGHT) * u32::from(name.level);
                let wider = self.taken >> shift < self.size >> shift;
                let data = self.levels.get(usize::from(name.level))?.clone();
                wider.then_some(Tile { name, data })
            }));
        }
        self.taken = self.size;
        tiles
    }
}

impl tlog::HashReader for Growing {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog_tiles::tlog::Error> {
        let read = |index: &u64| {
            let at = Coordinates::from_index(HEIGHT, *index);
            let data = self.levels.get(usize::from(at.level()));
            at.hash_at_index(data.map_or(&[], Vec::as_slice), *index)
        };
        indexes.iter().map(read).collect()
    }
}
