//! Where tiles lie as files and under an address, as c2sp.org/tlog-tiles says: `tile/0/x001/x234/067`, and
//! `tile/0/000.p/12` while a tile has twelve hashes only.

use crate::TileName;
use crate::grow::{HEIGHT, WIDEST};

/// Digits of one step of a path.
const STEP: u64 = 1_000;
/// The level under which the entries themselves lie.
const ENTRIES: &str = "entries";

/// What a path below `tile/` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The tile; entries lie in bundles of the same numbers as tiles of level 0.
    pub name: TileName,
    /// Hashes or entries asked for: 256, or fewer of a tile that is not full.
    pub width: usize,
    /// Whether the entries are asked for, not hashes over them.
    pub entries: bool,
}

impl TileName {
    /// Its path, with `width` hashes (256: full), without a slash in front.
    #[must_use]
    pub fn path(&self, width: usize) -> String {
        let mut place = format!("{:03}", self.number % STEP);
        let mut rest = self.number / STEP;
        while rest > 0 {
            place = format!("x{:03}/{place}", rest % STEP);
            rest /= STEP;
        }
        let partial = if width < WIDEST {
            format!(".p/{width}")
        } else {
            String::new()
        };
        format!("tile/{}/{place}{partial}", self.level)
    }

    /// Reads what stands behind `tile/`: the level (or `entries`) and the place. Only the one right way to write it.
    #[must_use]
    pub fn read(level: &str, place: &str) -> Option<Wanted> {
        let (digits, width) = match place.split_once(".p/") {
            None => (place, WIDEST),
            Some((digits, width)) => (
                digits,
                width
                    .parse()
                    .ok()
                    .filter(|width| (1..WIDEST).contains(width))?,
            ),
        };
        let entries = level == ENTRIES;
        let level = if entries { 0 } else { level.parse().ok()? };
        let number = digits.split('/').try_fold(0_u64, |number, step| {
            let step: u64 = step.strip_prefix('x').unwrap_or(step).parse().ok()?;
            number.checked_mul(STEP)?.checked_add(step)
        })?;
        let name = Self { level, number };
        let (_, written) = name
            .path(width)
            .strip_prefix("tile/")?
            .split_once('/')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        (written == place).then_some(Wanted {
            name,
            width,
            entries,
        })
    }
}

/// Every tile that a log of `size` has wider than it was at `from`, with its width, level by level.
pub fn wider(from: u64, size: u64) -> impl Iterator<Item = (TileName, usize)> {
    let levels = (0..).map_while(move |level| {
        let shift = u32::from(HEIGHT) * u32::from(level);
        let hashes = size.checked_shr(shift).filter(|hashes| *hashes > 0)?;
        Some((level, from.checked_shr(shift).unwrap_or(0), hashes))
    });
    levels.flat_map(|(level, before, hashes)| {
        let widest = WIDEST as u64;
        let numbers = if before < hashes {
            before / widest..hashes.div_ceil(widest)
        } else {
            0..0
        };
        numbers.map(move |number| {
            let width = (hashes - number * widest).min(widest);
            (
                TileName { level, number },
                usize::try_from(width).unwrap_or(WIDEST),
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<Wanted> {
        let (level, place) = path.strip_prefix("tile/")?.split_once('/')?;
        TileName::read(level, place)
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        let name = |level, number| TileName { level, number };
        for (tile, width, path) in [
            (name(0, 0), 256, "tile/0/000"),
            (name(1, 67), 12, "tile/1/067.p/12"),
            (name(0, 1_234_067), 256, "tile/0/x001/x234/067"),
            (name(2, 5_000), 1, "tile/2/x005/000.p/1"),
        ] {
            assert_eq!(tile.path(width), path);
            assert_eq!(
                read(path),
                Some(Wanted {
                    name: tile,
                    width,
                    entries: false
                })
            );
        }
        assert!(
            read("tile/entries/x001/000")
                .is_some_and(|wanted| wanted.entries && wanted.name == name(0, 1_000))
        );
        for wrong in [
            "tile/0/0",
            "tile/0/1000",
            "tile/0/001/000",
            "tile/0/x000/001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/x/000",
            "tile/0/",
            "tile/0/000.p/",
            "tile/0/../000",
            "tile/0/-01",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_became_wider_is_named_once_with_its_width() {
        let all = |from, size| {
            wider(from, size)
                .map(|(name, width)| name.path(width))
                .collect::<Vec<_>>()
        };
        assert_eq!(all(0, 3), ["tile/0/000.p/3"]);
        assert_eq!(all(3, 3), Vec::<String>::new());
        assert_eq!(
            all(250, 513),
            [
                "tile/0/000",
                "tile/0/001",
                "tile/0/002.p/1",
                "tile/1/000.p/2"
            ]
        );
        assert_eq!(all(512, 513), ["tile/0/002.p/1"]);
    }
}
