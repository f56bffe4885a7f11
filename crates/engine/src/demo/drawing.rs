//! Papers of demo records: a plain floor plan as a PNG, two as a PDF, and a page of writing for whatever is no drawing.

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

/// A paper as its name asks for it.
pub(super) struct Paper {
    pub(super) media_type: &'static str,
    pub(super) content: Vec<u8>,
    /// Pages of a PDF.
    pub(super) pages: Option<u32>,
}

impl Paper {
    /// A drawing (図) or a page of writing as a PDF, or a picture of a drawing.
    pub(super) fn named(name: &str) -> Result<Self, png::EncodingError> {
        let pages = if !name.ends_with(".pdf") {
            return Ok(Self {
                media_type: "image/png",
                content: floor_plan()?,
                pages: None,
            });
        } else if name.contains('図') {
            vec![floor(), kitchen()]
        } else {
            vec![writing()]
        };
        Ok(Self {
            media_type: "application/pdf",
            pages: u32::try_from(pages.len()).ok(),
            content: pdf(&pages),
        })
    }
}

/// A grey picture of walls, a counter, sinks and tables.
fn floor_plan() -> Result<Vec<u8>, png::EncodingError> {
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

/// A page: width and height in points, and its content.
type Page = (u32, u32, String);

/// The whole floor across a page of A4.
fn floor() -> Page {
    let things = [&KITCHEN[..], &TABLES[..]].concat();
    (842, 595, page_of(&ROOMS, &things, 1.7))
}

/// Its kitchen, larger.
fn kitchen() -> Page {
    (842, 595, page_of(&ROOMS[1..], &KITCHEN, 1.8))
}

/// A heading, lines and a seal, as of a contract or a certificate.
fn writing() -> Page {
    let mut content = String::from("0.25 g\n190 756 215 18 re f\n0.6 g\n");
    for line in 0..20 {
        // Every fifth line ends a paragraph.
        let width = if line % 5 == 4 { 230 } else { 455 };
        let _ = writeln!(content, "70 {} {width} 7 re f", 690 - 26 * line);
    }
    content.push_str("0.75 0.1 0.1 RG 3 w\n450 90 56 56 re S\n");
    (595, 842, content)
}

/// A PDF of pages.
fn pdf(pages: &[Page]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len())
        .map(|at| format!("{} 0 R", 3 + 2 * at))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            pages.len()
        ),
    ];
    for (at, (width, height, content)) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {} 0 R >>",
            4 + 2 * at
        ));
        let length = content.len();
        objects.push(format!(
            "<< /Length {length} >>\nstream\n{content}endstream"
        ));
    }
    let mut text = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
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
