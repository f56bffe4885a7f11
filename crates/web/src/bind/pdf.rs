//! Photographs as pages of a PDF.

use super::Photo;

/// A4 in points (1/72 inch), the short and the long side.
const A4: (f64, f64) = (595.0, 842.0);
/// Blank on every side, in points.
const MARGIN: f64 = 24.0;

/// One page of A4 for each photograph, turned to its shape, as large as fits.
pub(crate) fn bind(photos: &[Photo]) -> Vec<u8> {
    let mut pdf = Writer::default();
    let kids: Vec<String> = (0..photos.len())
        .map(|at| format!("{} 0 R", 3 + at * 3))
        .collect();
    pdf.object("<< /Type /Catalog /Pages 2 0 R /Lang (ja) >>");
    pdf.object(&format!(
        "<< /Type /Pages /Kids [{}] /Count {} >>",
        kids.join(" "),
        photos.len()
    ));
    for (at, photo) in photos.iter().enumerate() {
        page(&mut pdf, photo, 3 + at * 3);
    }
    pdf.finish()
}

fn page(pdf: &mut Writer, photo: &Photo, number: usize) {
    let (width, height) = photo.shown();
    let (width, height) = (f64::from(width), f64::from(height));
    let (wide, tall) = if width > height { (A4.1, A4.0) } else { A4 };
    let scale = ((wide - 2.0 * MARGIN) / width).min((tall - 2.0 * MARGIN) / height);
    let (w, h) = (width * scale, height * scale);
    let matrix = turned(photo.orientation, w, h, (wide - w) / 2.0, (tall - h) / 2.0);
    let matrix: Vec<String> = matrix.iter().map(|n| format!("{n:.3}")).collect();
    let content = format!("q {} cm /P Do Q", matrix.join(" "));
    pdf.object(&format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} {tall}] /Resources << /XObject << /P {} 0 R >> >> /Contents {} 0 R >>",
        number + 2,
        number + 1
    ));
    pdf.stream("", content.as_bytes());
    let space = if photo.grey {
        "DeviceGray"
    } else {
        "DeviceRGB"
    };
    let head = format!(
        "/Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /{space} /BitsPerComponent 8 /Filter /DCTDecode",
        photo.width, photo.height
    );
    pdf.stream(&head, &photo.bytes);
}

/// Where the image's unit square goes so that it is seen upright, `w` by `h` at `x`, `y`: to the right, upwards, origin.
fn turned(orientation: u16, w: f64, h: f64, x: f64, y: f64) -> [f64; 6] {
    match orientation {
        2 => [-w, 0.0, 0.0, h, x + w, y],
        3 => [-w, 0.0, 0.0, -h, x + w, y + h],
        4 => [w, 0.0, 0.0, -h, x, y + h],
        5 => [0.0, -h, -w, 0.0, x + w, y + h],
        6 => [0.0, -h, w, 0.0, x, y + h],
        7 => [0.0, h, w, 0.0, x, y],
        8 => [0.0, h, -w, 0.0, x + w, y],
        _ => [w, 0.0, 0.0, h, x, y],
    }
}

/// Objects in order, with the table of their places.
struct Writer {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            // The second line tells programs that this is no text.
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            places: Vec::new(),
        }
    }
}

impl Writer {
    fn begin(&mut self) {
        self.places.push(self.bytes.len());
        let number = self.places.len();
        self.bytes.extend(format!("{number} 0 obj\n").as_bytes());
    }

    fn object(&mut self, text: &str) {
        self.begin();
        self.bytes.extend(text.as_bytes());
        self.bytes.extend(b"\nendobj\n");
    }

    fn stream(&mut self, head: &str, content: &[u8]) {
        self.begin();
        let head = format!("<< {head} /Length {} >>\nstream\n", content.len());
        self.bytes.extend(head.as_bytes());
        self.bytes.extend(content);
        self.bytes.extend(b"\nendstream\nendobj\n");
    }

    fn finish(mut self) -> Vec<u8> {
        let table = self.bytes.len();
        let count = self.places.len() + 1;
        let mut end = format!("xref\n0 {count}\n0000000000 65535 f \n");
        for place in &self.places {
            end.push_str(&format!("{place:010} 00000 n \n"));
        }
        end.push_str(&format!(
            "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
        ));
        self.bytes.extend(end.as_bytes());
        self.bytes
    }
}
