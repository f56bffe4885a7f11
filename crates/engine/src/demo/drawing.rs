//! A plain floor plan as a PNG, so that demo records have a drawing to look at.

use std::iter::repeat_n;

const WIDTH: usize = 480;
const HEIGHT: usize = 320;
const WALL: u8 = 40;
const LINE: u8 = 150;

/// A grey picture of walls, a counter, sinks and tables.
pub(super) fn floor_plan() -> Result<Vec<u8>, png::EncodingError> {
    let mut pixels: Vec<u8> = repeat_n(250, WIDTH * HEIGHT).collect();
    frame(&mut pixels, (20, 20, 440, 280), 4, WALL);
    frame(&mut pixels, (20, 20, 180, 280), 4, WALL);
    frame(&mut pixels, (40, 40, 60, 40), 2, LINE);
    frame(&mut pixels, (110, 40, 60, 40), 2, LINE);
    frame(&mut pixels, (40, 230, 130, 50), 2, LINE);
    for (x, y) in [(250, 60), (350, 60), (250, 180), (350, 180)] {
        frame(&mut pixels, (x, y, 60, 60), 2, LINE);
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 480, 320);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(out)
}

/// The outline of a box (x, y, width, height), `thick` pixels wide.
fn frame(pixels: &mut [u8], (x, y, w, h): (usize, usize, usize, usize), thick: usize, shade: u8) {
    for row in y..(y + h).min(HEIGHT) {
        for column in x..(x + w).min(WIDTH) {
            let edge = row < y + thick
                || row + thick >= y + h
                || column < x + thick
                || column + thick >= x + w;
            if edge {
                pixels[row * WIDTH + column] = shade;
            }
        }
    }
}
