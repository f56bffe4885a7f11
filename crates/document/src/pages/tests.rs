use super::*;
use proptest::prelude::*;
use std::fmt::Write as _;

/// A PDF of these objects, numbered from 1; the first is the catalogue.
fn pdf(objects: &[String]) -> Vec<u8> {
    let mut text = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(text.len());
        let _ = write!(text, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = text.len();
    let count = objects.len() + 1;
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

/// Pages of these boxes and contents.
fn pages(of: &[(&str, &str)]) -> Vec<u8> {
    let kids: Vec<String> = (0..of.len())
        .map(|at| format!("{} 0 R", 3 + 2 * at))
        .collect();
    let kids = kids.join(" ");
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", of.len()),
    ];
    for (at, (page, content)) in of.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R {page} /Contents {} 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
            4 + 2 * at
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    pdf(&objects)
}

fn maker() -> PdfPages {
    PdfPages::new(Path::new("/nowhere"))
}

fn seen(bytes: &[u8]) -> image::RgbImage {
    image::load_from_memory(bytes).unwrap().to_rgb8()
}

const A4: &str = "/MediaBox [0 0 595 842]";
/// The lower left quarter of an A4 page, red.
const RED: &str = "1 0 0 rg 0 0 297 421 re f";

#[test]
fn pages_are_counted_and_measured_as_they_are_seen() {
    let file = pages(&[
        (A4, ""),
        ("/MediaBox [0 0 842 1191] /Rotate 90", ""),
        ("/MediaBox [0 0 600 600] /CropBox [100 100 400 300]", ""),
    ]);
    let list = maker().pages(file).unwrap();
    let sizes: Vec<(f32, f32)> = list
        .sizes
        .iter()
        .map(|size| (size.width_pt, size.height_pt))
        .collect();
    assert_eq!(sizes, [(595.0, 842.0), (1191.0, 842.0), (300.0, 200.0)]);
    assert_eq!(list.total, 3);
}

#[test]
fn a_page_is_drawn_upright_and_as_wide_as_asked() {
    let file = pages(&[(A4, RED), (A4, "BT /F 60 Tf 100 400 Td (A) Tj ET")]);
    let picture = seen(&maker().picture(file.clone(), 1, 400).unwrap());
    assert_eq!(picture.dimensions(), (400, 566));
    assert_eq!(
        picture.get_pixel(50, 500).0,
        [255, 0, 0],
        "below on the left"
    );
    assert_eq!(picture.get_pixel(350, 500).0, [255; 3]);
    assert_eq!(picture.get_pixel(50, 50).0, [255; 3], "above");
    let letter = seen(&maker().picture(file.clone(), 2, 400).unwrap());
    assert!(
        letter.pixels().any(|pixel| pixel.0 == [0; 3]),
        "text without a font of its own is there too"
    );
    assert_eq!(
        maker().picture(file.clone(), 3, 400),
        Err(PageFault::NoSuchPage)
    );
    assert_eq!(maker().picture(file, 0, 400), Err(PageFault::NoSuchPage));
}

#[test]
fn what_a_scanner_made_comes_as_jpeg() {
    let mut noise = String::new();
    let mut state = 7_u32;
    for _ in 0..600 * 800 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Paper is nearly white and never quite the same.
        let _ = write!(noise, "{:02x}", 235 + (state >> 28));
    }
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>";
    let scan = pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        page.to_owned(),
        "<< /Length 30 >>\nstream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream".to_owned(),
        format!(
            "<< /Type /XObject /Subtype /Image /Width 600 /Height 800 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /ASCIIHexDecode /Length {} >>\nstream\n{noise}\nendstream",
            noise.len()
        ),
    ]);
    let made = maker().picture(scan, 1, 1600).unwrap();
    assert_eq!(made[..3], [0xff, 0xd8, 0xff]);
    assert_eq!(seen(&made).width(), 1600);
}

#[test]
fn absurd_pages_make_no_absurd_pictures() {
    for (page, most) in [
        ("/MediaBox [0 0 1 14400]", (1, 4000)),
        ("/MediaBox [0 0 14400 1]", (2000, 1)),
        (
            "/MediaBox [0 0 99999999999999999999999999999999 9]",
            (2000, 4000),
        ),
        ("/MediaBox [0 0 0.0001 0.0001]", (4000, 4000)),
        ("/MediaBox [5 5 5 5]", (4000, 4000)),
        ("/MediaBox [10 10 -10 -10]", (4000, 4000)),
    ] {
        match maker().picture(pages(&[(page, RED)]), 1, 2000) {
            Ok(made) => {
                let (columns, rows) = seen(&made).dimensions();
                assert!(
                    columns >= 1 && rows >= 1 && columns <= most.0 && rows <= most.1,
                    "{page}: {columns} {rows}"
                );
            }
            Err(fault) => assert_ne!(fault, PageFault::Encrypted, "{page}"),
        }
    }
}

#[test]
fn a_file_of_very_many_pages_shows_the_first() {
    let file = pages(&vec![(A4, ""); MAX_PAGES + 5]);
    let list = maker().pages(file.clone()).unwrap();
    assert_eq!(list.sizes.len(), MAX_PAGES);
    assert_eq!(list.total as usize, MAX_PAGES + 5);
    let beyond = u32::try_from(MAX_PAGES).unwrap() + 1;
    assert_eq!(
        maker().picture(file, beyond, 320),
        Err(PageFault::NoSuchPage)
    );
}

#[test]
fn what_cannot_be_shown_says_why() {
    let locked = include_bytes!("../../fixtures/locked.pdf").to_vec();
    assert_eq!(maker().pages(locked.clone()), Err(PageFault::Encrypted));
    assert_eq!(maker().picture(locked, 1, 320), Err(PageFault::Encrypted));
    assert_eq!(maker().pages(Vec::new()), Err(PageFault::Broken));
    assert_eq!(
        maker().pages(b"%PDF-1.7\nnothing more".to_vec()),
        Err(PageFault::Broken)
    );
    assert_eq!(maker().pages(pages(&[])), Err(PageFault::Empty));
}

#[test]
fn japanese_text_without_its_font_is_drawn_with_ours() {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/assets/fonts");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        // 厨房 in Shift_JIS.
        "<< /Length 44 >>\nstream\nBT /F 80 Tf 20 60 Td <907E 965B> Tj ET     \nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /MS-Mincho /Encoding /90ms-RKSJ-H /DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /MS-Mincho /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /DW 1000 >>",
    ];
    let objects: Vec<String> = objects.iter().map(|text| (*text).to_owned()).collect();
    let dark = |maker: &PdfPages| {
        let made = maker.picture(pdf(&objects), 1, 400).unwrap();
        seen(&made)
            .pixels()
            .filter(|pixel| pixel.0[0] < 100)
            .count()
    };
    assert!(
        dark(&PdfPages::new(&fonts)) > 800,
        "{}",
        dark(&PdfPages::new(&fonts))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn garbage_is_a_fault_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), head in any::<bool>()) {
        let mut file = if head { b"%PDF-1.7\n".to_vec() } else { Vec::new() };
        file.extend(bytes);
        let _ = maker().pages(file.clone());
        let _ = maker().picture(file, 1, 320);
    }

    #[test]
    fn a_damaged_file_is_drawn_or_refused(cuts in proptest::collection::vec((0usize..900, any::<u8>()), 1..12), end in 0usize..900) {
        let mut file = pages(&[(A4, RED), ("/MediaBox [0 0 50 50]", "0 0 50 50 re S")]);
        for (at, byte) in cuts {
            if let Some(place) = file.get_mut(at) {
                *place = byte;
            }
        }
        file.truncate(file.len().saturating_sub(end % 300));
        if let Ok(list) = maker().pages(file.clone()) {
            prop_assert!(!list.sizes.is_empty());
            if let Ok(made) = maker().picture(file, 1, 320) {
                prop_assert!(seen(&made).width() <= 320);
            }
        }
    }

    #[test]
    fn pictures_keep_to_their_bounds(width in 0.001f32..20_000.0, height in 0.001f32..20_000.0, px in 0u32..100_000) {
        let (columns, rows) = pixels((width, height), px);
        prop_assert!((1..=2_000).contains(&columns) && (1..=4_000).contains(&rows));
    }
}
