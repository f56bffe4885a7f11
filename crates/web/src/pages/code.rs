//! Codes that a telephone reads.

use qrcode::QrCode;
use qrcode::render::svg;

/// The QR code of a link, as an SVG to stand in a page; none if it is too long for one.
pub(super) fn qr(link: &str) -> Option<String> {
    let code = QrCode::new(link.as_bytes()).ok()?;
    let code = code.render::<svg::Color>().min_dimensions(320, 320).build();
    // The declaration of XML has no place within HTML.
    let svg = code.split_once("?>").map_or(code.as_str(), |(_, svg)| svg);
    Some(svg.to_owned())
}
