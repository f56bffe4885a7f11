//! Photographs bound into one PDF, beside the originals: upright as the camera held them, a page each. The pixels are
//! not touched: a JPEG stands in the PDF as it is (PDF 32000-1, 7.4.8), turned by its page.

mod jpeg;
mod pdf;

pub(crate) use jpeg::Photo;
pub(crate) use pdf::bind;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A JPEG's head of a size, with an EXIF orientation in either byte order.
    pub(crate) fn head(width: u16, height: u16, orientation: u16, little: bool) -> Vec<u8> {
        let short = |n: u16| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let long = |n: u32| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let mut tiff = if little {
            b"II".to_vec()
        } else {
            b"MM".to_vec()
        };
        tiff.extend(short(42));
        tiff.extend(long(8));
        tiff.extend(short(1));
        tiff.extend(short(0x0112));
        tiff.extend(short(3));
        tiff.extend(long(1));
        tiff.extend(short(orientation));
        tiff.extend(short(0));
        tiff.extend(long(0));
        let mut app1 = b"Exif\0\0".to_vec();
        app1.extend(tiff);
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
        bytes.extend(u16::try_from(app1.len() + 2).unwrap().to_be_bytes());
        bytes.extend(app1);
        bytes.extend([0xff, 0xc0, 0, 17, 8]);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
        bytes.extend([0xff, 0xda, 0, 2, 0xff, 0xd9]);
        bytes
    }

    #[test]
    fn a_photograph_stands_upright_on_its_page() {
        for little in [true, false] {
            let lying = Photo::read(head(4000, 3000, 6, little)).unwrap();
            assert_eq!(
                (lying.width, lying.height, lying.orientation),
                (4000, 3000, 6)
            );
            assert_eq!(lying.shown(), (3000, 4000));
        }
        let text = String::from_utf8_lossy(&bind(&[
            Photo::read(head(4000, 3000, 6, true)).unwrap(),
            Photo::read(head(4000, 3000, 1, true)).unwrap(),
        ]))
        .into_owned();
        assert!(text.starts_with("%PDF-1.7"));
        assert!(text.trim_end().ends_with("%%EOF"));
        assert!(text.contains("/Count 2"));
        assert!(
            text.contains("/MediaBox [0 0 595 842]"),
            "the turned one is tall"
        );
        assert!(
            text.contains("/MediaBox [0 0 842 595]"),
            "the other is wide"
        );
    }

    #[test]
    fn places_in_the_table_of_objects_are_right() {
        let bytes = bind(&[Photo::read(head(100, 50, 3, false)).unwrap()]);
        let at = |what: &[u8]| bytes.windows(what.len()).rposition(|part| part == what);
        let line = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
            String::from_utf8_lossy(&rest[..end]).into_owned()
        };
        let table: usize = line(at(b"startxref\n").unwrap() + 10).parse().unwrap();
        assert_eq!(line(table), "xref");
        assert_eq!(line(table + 5), "0 6");
        for number in 1..6 {
            // Every entry is 20 bytes long (PDF 32000-1, 7.5.4).
            let entry = line(table + 9 + 20 * number);
            assert!(entry.ends_with(" 00000 n "), "{entry}");
            let place: usize = entry[..10].parse().unwrap();
            assert_eq!(line(place), format!("{number} 0 obj"));
        }
    }

    #[test]
    fn what_is_no_plain_photograph_is_left_alone() {
        assert!(Photo::read(b"%PDF-1.7".to_vec()).is_none());
        assert!(Photo::read(vec![0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]).is_none());
        let mut four = head(10, 10, 1, true);
        let at = four
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap();
        four[at + 9] = 4;
        assert!(
            Photo::read(four).is_none(),
            "printing inks are not shown alike everywhere"
        );
        assert_eq!(Photo::read(head(10, 10, 77, true)).unwrap().orientation, 1);
    }
}
