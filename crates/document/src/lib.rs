//! Letters: Typst templates and data to PDF/A-2u and HTML; and pages of PDF files as pictures.
//!
//! [`Typesetter`] implements the engine's port [`engine::Press`]. A template sees its package's `documents/` and one
//! file `letter.json`; there is no network and no other file. The fonts are read when the first letter is made.
//! [`PdfPages`] implements [`engine::PageMaker`] over files that strangers sent.

mod check;
mod fonts;
mod html;
mod pages;
mod pdf;
mod world;

pub use check::{check, sample};
pub use pages::PdfPages;

use engine::{Letter, Press, PressFault};
use fonts::Fonts;
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use typst::utils::LazyHash;
use typst::{Feature, Features, Library, LibraryExt};

/// Makes letters with the fonts of a folder.
pub struct Typesetter {
    fonts: Arc<Fonts>,
    library: LazyHash<Library>,
    /// How many letters since the compiler's memory was last thinned out.
    made: Mutex<u32>,
}

/// After so many letters, what none of the last ones used is forgotten.
const THIN_OUT_EVERY: u32 = 20;

impl Typesetter {
    /// With the fonts (`*.ttf`, `*.otf`) in a folder; they are read when first needed.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        let features: Features = [Feature::Html].into_iter().collect();
        Self {
            fonts: Arc::new(Fonts::of(folder)),
            library: LazyHash::new(Library::builder().with_features(features).build()),
            made: Mutex::new(0),
        }
    }

    fn world<'a>(&'a self, letter: &'a Letter) -> world::LetterWorld<'a> {
        world::LetterWorld::new(&self.library, &self.fonts, letter)
    }

    /// The compiler remembers what it has made; the letterhead is worth it, last year's letters are not.
    fn thin_out(&self) {
        let mut made = self.made.lock();
        *made += 1;
        if *made >= THIN_OUT_EVERY {
            *made = 0;
            typst::comemo::evict(THIN_OUT_EVERY as usize);
        }
    }
}

impl Press for Typesetter {
    fn pdf(&self, letter: &Letter) -> Result<Vec<u8>, PressFault> {
        self.fonts.covers(letter)?;
        let pdf = pdf::make(&self.world(letter), letter);
        self.thin_out();
        pdf
    }

    fn html(&self, letter: &Letter) -> Result<String, PressFault> {
        let html = html::make(&self.world(letter));
        self.thin_out();
        html
    }
}

#[cfg(test)]
mod tests;
