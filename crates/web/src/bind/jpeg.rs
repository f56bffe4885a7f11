//! What a JPEG's head says: its size, its colours, how the camera was held.

/// A photograph as it was sent. `Debug` is left out: it shows people's kitchens.
#[derive(Clone)]
pub(crate) struct Photo {
    pub(super) bytes: Vec<u8>,
    /// Columns as stored.
    pub(crate) width: u16,
    /// Rows as stored.
    pub(crate) height: u16,
    pub(super) grey: bool,
    /// EXIF orientation, 1 to 8.
    pub(crate) orientation: u16,
}

/// Tag of the orientation in EXIF (CIPA DC-008, 4.6.4).
const ORIENTATION: u16 = 0x0112;

impl Photo {
    /// Reads the head; none if this is no JPEG in grey or colour.
    pub(crate) fn read(bytes: Vec<u8>) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
        let mut orientation = 1;
        loop {
            let [0xff, marker, after @ ..] = rest else {
                return None;
            };
            if *marker == 0xff {
                rest = rest.get(1..)?;
                continue;
            }
            let length = usize::from(be(after, 0)?);
            let segment = after.get(2..length)?;
            match marker {
                0xe1 => orientation = held(segment).unwrap_or(orientation),
                0xc0..=0xc2 => {
                    let (height, width) = (be(segment, 1)?, be(segment, 3)?);
                    let parts = *segment.get(5)?;
                    let whole = width > 0 && height > 0 && *segment.first()? == 8;
                    return (whole && matches!(parts, 1 | 3)).then(|| Self {
                        width,
                        height,
                        grey: parts == 1,
                        orientation,
                        bytes: bytes.clone(),
                    });
                }
                0xd9 | 0xda => return None,
                _ => {}
            }
            rest = after.get(length..)?;
        }
    }

    /// Width and height as it is to be seen.
    pub(crate) fn shown(&self) -> (u16, u16) {
        if self.orientation >= 5 {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        }
    }
}

fn be(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// The orientation in an EXIF segment.
fn held(segment: &[u8]) -> Option<u16> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair = [*tiff.get(at)?, *tiff.get(at.checked_add(1)?)?];
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    };
    let (first, second) = (usize::from(short(4)?), usize::from(short(6)?));
    let start = if little {
        first | (second << 16)
    } else {
        (first << 16) | second
    };
    let count = usize::from(short(start)?);
    let entry = |number: usize| start.checked_add(2)?.checked_add(number.checked_mul(12)?);
    (0..count)
        .filter_map(entry)
        .find(|at| short(*at) == Some(ORIENTATION))
        .and_then(|at| short(at.checked_add(8)?))
        .filter(|held| (1..=8).contains(held))
}
