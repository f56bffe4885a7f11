//! What a file is, by its bytes and not by its name.

use crate::encoding::{Encoding, from_cp932};
use crate::fault::ReadFault;

/// What a file was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// An Excel workbook (.xlsx).
    Xlsx,
    /// Text with a delimiter.
    Text {
        /// Its encoding.
        encoding: Encoding,
        /// `,`, tab or `;`.
        delimiter: u8,
    },
}

impl std::fmt::Display for Sniffed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (encoding, delimiter) = match self {
            Self::Xlsx => return f.write_str("Excel（.xlsx）"),
            Self::Text {
                encoding,
                delimiter,
            } => (encoding, delimiter),
        };
        f.write_str(match encoding {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf8Bom => "UTF-8（BOM付き）",
            Encoding::Cp932 => "CP932（Shift_JIS）",
        })?;
        f.write_str(match delimiter {
            b'\t' => "、タブ区切り",
            b';' => "、セミコロン区切り",
            _ => "、コンマ区切り",
        })
    }
}

/// Looks at the bytes. Text that is valid UTF-8 is UTF-8; else it is CP932, since Japanese offices send nothing else.
///
/// # Errors
/// [`ReadFault::Empty`], and [`ReadFault::Unknown`] for files that hold no table.
pub fn sniff(bytes: &[u8]) -> Result<Sniffed, ReadFault> {
    if bytes.is_empty() {
        return Err(ReadFault::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(Sniffed::Xlsx);
    }
    let head = bytes.get(..8192).unwrap_or(bytes);
    if head.contains(&0) || bytes.starts_with(b"%PDF") || bytes.starts_with(&[0xd0, 0xcf, 0x11]) {
        return Err(ReadFault::Unknown);
    }
    let encoding = if bytes.starts_with(b"\xef\xbb\xbf") {
        Encoding::Utf8Bom
    } else if std::str::from_utf8(bytes).is_ok() {
        Encoding::Utf8
    } else {
        Encoding::Cp932
    };
    let delimiter = delimiter(&first_line(head, encoding));
    Ok(Sniffed::Text {
        encoding,
        delimiter,
    })
}

fn first_line(head: &[u8], encoding: Encoding) -> String {
    let end = head
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(head.len());
    let line = head.get(..end).unwrap_or(head);
    match encoding {
        Encoding::Cp932 => from_cp932(line).unwrap_or_default(),
        _ => String::from_utf8_lossy(line).into_owned(),
    }
}

/// The sign that stands most often outside quotes.
fn delimiter(line: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b'\t', 0), (b';', 0)];
    let mut inside = false;
    for character in line.chars() {
        inside ^= character == '"';
        for (sign, count) in &mut counts {
            *count += usize::from(!inside && char::from(*sign) == character);
        }
    }
    let (mut best, mut most) = (b',', 0);
    for (sign, count) in counts {
        if count > most {
            (best, most) = (sign, count);
        }
    }
    best
}
