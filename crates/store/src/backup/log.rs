//! SQLite's write-ahead log, read as its file format says (sqlite.org/fileformat2.html, "The Write-Ahead Log").

use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Bytes of a frame with a page of the usual size.
pub(super) const FRAME_BYTES: u64 = 4_096 + FRAME_HEADER as u64;

/// A place in a log: after a frame that ended a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Changes whenever the log begins anew: the first by one, the second at random.
    pub(super) salts: [u32; 2],
    /// Frames from the beginning to here.
    pub(super) frame: u64,
    /// Sums over all of it.
    sums: [u32; 2],
}

/// Commits of a log, one after another.
#[derive(Debug)]
pub(super) struct Commits {
    pub(super) page_bytes: usize,
    /// The number of the first frame; 1 at the beginning of a log.
    pub(super) first: u64,
    pub(super) end: Place,
    /// Frames with their headers.
    pub(super) frames: Vec<u8>,
}

/// A log's file.
pub(super) struct Log(PathBuf);

struct Head {
    page_bytes: usize,
    big_endian: bool,
    salts: [u32; 2],
    sums: [u32; 2],
}

impl Log {
    /// Beside a database.
    pub(super) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self(path.into())
    }

    /// Its file's size. A log that begins anew keeps its file.
    pub(super) fn bytes(&self) -> Result<u64, Failure> {
        match std::fs::metadata(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            found => Ok(found?.len()),
        }
    }

    /// The salts of the log as it is; none if it is empty.
    pub(super) fn salts(&self) -> Result<Option<[u32; 2]>, Failure> {
        Ok(self.open()?.map(|(_, head)| head.salts))
    }

    /// Whether a place still is where it was.
    pub(super) fn has(&self, place: Place) -> Result<bool, Failure> {
        let Some((file, head)) = self.open()? else {
            return Ok(false);
        };
        if head.salts != place.salts {
            return Ok(false);
        }
        let mut frame = [0; FRAME_HEADER];
        let at = HEADER as u64 + (place.frame - 1) * (FRAME_HEADER + head.page_bytes) as u64;
        match file.read_exact_at(&mut frame, at) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            read => {
                read?;
                Ok(words(&frame[8..24])
                    == [place.salts[0], place.salts[1], place.sums[0], place.sums[1]])
            }
        }
    }

    /// The commits after a place, or from the beginning where the log has begun anew; none if there are none. Ends with
    /// the commit that reaches `about` bytes.
    pub(super) fn after(
        &self,
        place: Option<Place>,
        about: usize,
    ) -> Result<Option<Commits>, Failure> {
        let Some((file, head)) = self.open()? else {
            return Ok(None);
        };
        let begin = place.filter(|place| place.salts == head.salts);
        let (before, mut sums) = begin.map_or((0, head.sums), |place| (place.frame, place.sums));
        let each = FRAME_HEADER + head.page_bytes;
        let mut frames = Vec::new();
        let (mut whole, mut end) = (0, None);
        for no in before + 1.. {
            let from = frames.len();
            frames.resize(from + each, 0);
            let at = HEADER as u64 + (no - 1) * each as u64;
            match file.read_exact_at(&mut frames[from..], at) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                read => read?,
            }
            let frame = &frames[from..];
            let [_, commit, salt_1, salt_2, sum_1, sum_2] = words(&frame[..FRAME_HEADER]);
            sums = head.sum(head.sum(sums, &frame[..8]), &frame[FRAME_HEADER..]);
            // What lies behind the end is of an earlier round of the log, or of a commit that is not done.
            if [salt_1, salt_2] != head.salts || [sum_1, sum_2] != sums {
                break;
            }
            if commit > 0 {
                whole = frames.len();
                end = Some(Place {
                    salts: head.salts,
                    frame: no,
                    sums,
                });
                if whole >= about {
                    break;
                }
            }
        }
        frames.truncate(whole);
        Ok(end.map(|end| Commits {
            page_bytes: head.page_bytes,
            first: before + 1,
            end,
            frames,
        }))
    }

    fn open(&self) -> Result<Option<(File, Head)>, Failure> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = [0; HEADER];
        match file.read_exact_at(&mut bytes, 0) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        Ok(Head::read(&bytes).map(|head| (file, head)))
    }
}

impl Head {
    /// None where the header is not whole: it is being written.
    fn read(bytes: &[u8; HEADER]) -> Option<Self> {
        let [magic, _, page_bytes, _, salt_1, salt_2, sum_1, sum_2] = words(bytes);
        let head = Self {
            page_bytes: usize::try_from(page_bytes).ok()?,
            big_endian: magic & 1 == 1,
            salts: [salt_1, salt_2],
            sums: [sum_1, sum_2],
        };
        let is_log = magic & !1 == 0x377f_0682 && head.page_bytes.is_power_of_two();
        (is_log && head.sum([0, 0], &bytes[..24]) == head.sums).then_some(head)
    }

    fn sum(&self, [mut a, mut b]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
        let word = |four: &[u8]| {
            let four = [four[0], four[1], four[2], four[3]];
            match self.big_endian {
                true => u32::from_be_bytes(four),
                false => u32::from_le_bytes(four),
            }
        };
        for eight in bytes.chunks_exact(8) {
            a = a.wrapping_add(word(&eight[..4])).wrapping_add(b);
            b = b.wrapping_add(word(&eight[4..])).wrapping_add(a);
        }
        [a, b]
    }
}

/// Big-endian words.
fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let mut all = [0; N];
    for (word, four) in all.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
    }
    all
}

/// The pages of commits, in order: number and content; and how many pages the database has after the last.
pub(super) fn pages(page_bytes: usize, frames: &[u8]) -> impl Iterator<Item = (u32, u32, &[u8])> {
    frames.chunks_exact(FRAME_HEADER + page_bytes).map(|frame| {
        let [page, size] = words(&frame[..8]);
        (page, size, &frame[FRAME_HEADER..])
    })
}
