//! Pixels as a file for a browser: PNG for drawings, JPEG for what a scanner made.

use engine::PageFault;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};

/// A drawing's PNG is smaller than this, in bytes; a scan's is much larger, and its JPEG is not.
const LARGE: usize = 400_000;
/// Small text stays legible.
const QUALITY: u8 = 82;

/// Encodes opaque pixels of four bytes.
pub(super) fn encode(rgba: &[u8], columns: u16, rows: u16) -> Result<Vec<u8>, PageFault> {
    let (columns, rows) = (u32::from(columns), u32::from(rows));
    let (pixels, colour) = plain(rgba);
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&pixels, columns, rows, colour)
        .map_err(|_| PageFault::TooHeavy)?;
    if png.len() < LARGE {
        return Ok(png);
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .write_image(&pixels, columns, rows, colour)
        .map_err(|_| PageFault::TooHeavy)?;
    Ok(if jpeg.len() < png.len() { jpeg } else { png })
}

/// Without transparency, and without colours where there are none.
fn plain(rgba: &[u8]) -> (Vec<u8>, ExtendedColorType) {
    let pixels = || rgba.chunks_exact(4);
    let grey = pixels().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]);
    match grey {
        true => (
            pixels().map(|pixel| pixel[0]).collect(),
            ExtendedColorType::L8,
        ),
        false => {
            let colours = pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
            (colours.collect(), ExtendedColorType::Rgb8)
        }
    }
}
