//! Small valid files for uploads, no two alike.

use anyhow::Result;

/// Side in pixels.
const SIDE: u32 = 24;

/// A grey picture as a PNG. Another `seed` gives other bytes.
pub(crate) fn png(seed: u32) -> Result<Vec<u8>> {
    let shade = |i: u32| {
        seed.wrapping_mul(31)
            .wrapping_add(i.wrapping_mul(7))
            .to_le_bytes()[0]
    };
    let pixels: Vec<u8> = (0..SIDE * SIDE).map(shade).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, SIDE, SIDE);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(out)
}
