//! The letter as PDF/A-2u, tagged.

use crate::world::LetterWorld;
use engine::{Letter, PressFault};
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub(crate) fn make(world: &LetterWorld<'_>, letter: &Letter) -> Result<Vec<u8>, PressFault> {
    let compiled = typst::compile::<PagedDocument>(world).output;
    let document = compiled.map_err(|errors| world.fault(&errors))?;
    let options = PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some("Tsumugi".to_owned())),
        timestamp: stamp(letter.at),
        page_ranges: None,
        standards: PdfStandards::new(&[PdfStandard::A_2u]).unwrap_or_default(),
        tagged: true,
        pretty: false,
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| world.fault(&errors))
}

/// The time of making, in Asia/Tokyo.
fn stamp(at: jiff::Timestamp) -> Option<Timestamp> {
    let at = jiff::tz::Offset::constant(9).to_datetime(at);
    let part = |n: i8| u8::try_from(n).ok();
    let made = Datetime::from_ymd_hms(
        at.year().into(),
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )?;
    Timestamp::new_local(made, 9 * 60)
}
