//! A plain floor plan as a PNG, and two as a PDF, so that demo records have a drawing to look at.

use std::fmt::Write as _;
use std::iter::repeat_n;

const WIDTH: usize = 480;
const HEIGHT: usize = 320;
const WALL: u8 = 40;
const LINE: u8 = 150;

/// From the left, from above, width, height.
type Frame = (usize, usize, usize, usize);
const ROOMS: [Frame; 2] = [(20, 20, 440, 280), (20, 20, 180, 280)];
/// Two sinks and a counter.
const KITCHEN: [Frame; 3] = [(40, 40, 60, 40), (110, 40, 60, 40), (40, 230, 130, 50)];
const TABLES: [Frame; 4] = [
    (250, 60, 60, 60),
    (350, 60, 60, 60),
    (250, 180, 60, 60),
    (350, 180, 60, 60),
];

/// A grey picture of walls, a counter, sinks and tables.
pub(super) fn floor_plan() -> Result<Vec<u8>, png::EncodingError> {
    let mut pixels: Vec<u8> = repeat_n(250, WIDTH * HEIGHT).collect();
    for walls in ROOMS {
        frame(&mut pixels, walls, 4, WALL);
    }
    for thing in KITCHEN.into_iter().chain(TABLES) {
        frame(&mut pixels, thing, 2, LINE);
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 480, 320);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(out)
}

/// The whole floor across a page of A4, and its kitchen on a second, larger.
pub(super) fn floor_plans() -> Vec<u8> {
    let floor = page_of(&ROOMS, &[&KITCHEN[..], &TABLES[..]].concat(), 1.7);
    let kitchen = page_of(&ROOMS[1..], &KITCHEN, 1.8);
    let mut text = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    let page = |content: usize| {
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents {content} 0 R >>")
    };
    let stream = |content: &str| {
        let length = content.len();
        format!("<< /Length {length} >>\nstream\n{content}endstream")
    };
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>".to_owned(),
        page(4),
        stream(&floor),
        page(6),
        stream(&kitchen),
    ];
    for (at, object) in objects.iter().enumerate() {
        places.push(text.len());
        let _ = write!(text, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let (table, count) = (text.len(), objects.len() + 1);
    let _ = write!(text, "xref\n0 {count}\n0000000000 65535 f \n");
    for place in places {
        let _ = writeln!(text, "{place:010} 00000 n ");
    }
    let _ = write!(
        text,
        "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    );
    text.into_bytes()
}

/// Outlines as the content of a page, `scale` points a pixel; a page counts from below.
fn page_of(walls: &[Frame], things: &[Frame], scale: f64) -> String {
    let mut content = String::new();
    for (frames, thick) in [(walls, 5), (things, 2)] {
        let _ = writeln!(content, "{thick} w");
        for (x, y, w, h) in frames {
            let [x, y, w, h] =
                [x, y, w, h].map(|n| scale * f64::from(u16::try_from(*n).unwrap_or(0)));
            let _ = writeln!(content, "{x:.1} {:.1} {w:.1} {h:.1} re S", 580.0 - y - h);
        }
    }
    content
}

/// The outline of a box (x, y, width, height), `thick` pixels wide.
fn frame(pixels: &mut [u8], (x, y, w, h): Frame, thick: usize, shade: u8) {
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
