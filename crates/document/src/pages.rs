//! Pictures of the pages of PDF files that strangers sent, drawn by `hayro`.

mod encode;
mod fonts;

use engine::{MAX_PAGES, PageFault, PageList, PageMaker, PageSize};
use fonts::Fallback;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::font::FontQuery;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// A picture is never longer or wider than this, in pixels, whatever the page claims to measure.
const MAX_SIDE_PX: f32 = 4_000.0;

/// Draws pages in this process. Where strangers' files are drawn it should be a process of its own: a file may ask for
/// more stack or memory than there is, and that ends a process.
pub struct PdfPages {
    fonts: Arc<Fallback>,
}

impl PdfPages {
    /// With the fonts of a folder for Japanese text whose file has not brought its own.
    #[must_use]
    pub fn new(fonts: &Path) -> Self {
        Self {
            fonts: Arc::new(Fallback::of(fonts)),
        }
    }

    fn settings(&self) -> InterpreterSettings {
        let fonts = Arc::clone(&self.fonts);
        InterpreterSettings {
            font_resolver: Arc::new(move |query| match query {
                FontQuery::Standard(standard) => Some(standard.get_font_data()),
                FontQuery::Fallback(wanted) => {
                    let japanese = wanted.character_collection.as_ref().and(fonts.font());
                    japanese.or_else(|| Some(wanted.pick_standard_font().get_font_data()))
                }
            }),
            ..InterpreterSettings::default()
        }
    }

    fn draw(&self, pdf: Vec<u8>, page: u32, width_px: u32) -> Result<Vec<u8>, PageFault> {
        let pdf = open(pdf)?;
        let at = (page as usize).checked_sub(1);
        let page = at
            .filter(|at| *at < MAX_PAGES)
            .and_then(|at| pdf.pages().get(at));
        let page = page.ok_or(PageFault::NoSuchPage)?;
        let (width, height) = size(page).ok_or(PageFault::Broken)?;
        let (columns, rows) = pixels((width, height), width_px);
        let settings = RenderSettings {
            x_scale: f32::from(columns) / width,
            y_scale: f32::from(rows) / height,
            width: Some(columns),
            height: Some(rows),
            bg_color: WHITE,
        };
        let drawn = hayro::render(page, &RenderCache::new(), &self.settings(), &settings);
        encode::encode(drawn.data_as_u8_slice(), columns, rows)
    }
}

impl PageMaker for PdfPages {
    fn pages(&self, pdf: Vec<u8>) -> Result<PageList, PageFault> {
        guarded(|| {
            let pdf = open(pdf)?;
            let pages = pdf.pages();
            if pages.is_empty() {
                return Err(PageFault::Empty);
            }
            let sizes = pages.iter().take(MAX_PAGES).map(|page| {
                let (width_pt, height_pt) = size(page)?;
                Some(PageSize {
                    width_pt,
                    height_pt,
                })
            });
            Ok(PageList {
                sizes: sizes.collect::<Option<_>>().ok_or(PageFault::Broken)?,
                total: u32::try_from(pages.len()).unwrap_or(u32::MAX),
            })
        })
    }

    fn picture(&self, pdf: Vec<u8>, page: u32, width_px: u32) -> Result<Vec<u8>, PageFault> {
        guarded(|| self.draw(pdf, page, width_px))
    }
}

/// The library reads what anybody may have made up: where it panics on a file, that file is broken and nothing else is.
/// Nothing that it touched is used again, so that nothing half-changed is seen.
fn guarded<T>(work: impl FnOnce() -> Result<T, PageFault>) -> Result<T, PageFault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PageFault::Broken))
}

fn open(pdf: Vec<u8>) -> Result<Pdf, PageFault> {
    Pdf::new(pdf).map_err(|fault| match fault {
        LoadPdfError::Decryption(DecryptionError::InvalidEncryption) => PageFault::Broken,
        LoadPdfError::Decryption(_) => PageFault::Encrypted,
        LoadPdfError::Invalid => PageFault::Broken,
    })
}

/// Width and height as the page is seen, in points; none if they are no sizes.
fn size(page: &Page<'_>) -> Option<(f32, f32)> {
    let (width, height) = page.render_dimensions();
    let real = |side: f32| side.is_finite() && side > 0.0;
    (real(width) && real(height)).then_some((width, height))
}

/// Columns and rows of a picture as wide as asked for, or as large as allowed.
fn pixels((width, height): (f32, f32), width_px: u32) -> (u16, u16) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "widths have four digits: the port bounds them"
    )]
    let wanted = (width_px.min(engine::MAX_WIDTH_PX) as f32) / width;
    let scale = wanted.min(MAX_SIDE_PX / height);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and the longest side, which fits"
    )]
    let whole = |side: f32| (side * scale).round().clamp(1.0, MAX_SIDE_PX) as u16;
    (whole(width), whole(height))
}

#[cfg(test)]
mod tests;
