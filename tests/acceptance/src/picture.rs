//! Small valid files for uploads, no two alike.

use anyhow::Result;
use lopdf::{Document, Object, Stream, dictionary};

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

/// A PDF of so many A4 pages, each with a wall across it.
pub(crate) fn pdf(pages: u32) -> Result<Vec<u8>> {
    let mut file = Document::with_version("1.7");
    let parent = file.new_object_id();
    let sheets = (1..=pages).map(|page| {
        let wall = format!("50 {} 400 4 re f", 40 * (page % 20));
        let content = file.add_object(Stream::new(dictionary! {}, wall.into_bytes()));
        let sheet = dictionary! { "Type" => "Page", "Parent" => parent, "Contents" => content };
        Object::from(file.add_object(sheet))
    });
    let sheets: Vec<Object> = sheets.collect();
    let tree = dictionary! {
        "Type" => "Pages",
        "Count" => i64::from(pages),
        "Kids" => sheets,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    file.objects.insert(parent, tree.into());
    let catalogue = file.add_object(dictionary! { "Type" => "Catalog", "Pages" => parent });
    file.trailer.set("Root", catalogue);
    let mut out = Vec::new();
    file.save_to(&mut out)?;
    Ok(out)
}
