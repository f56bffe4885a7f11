//! The fonts of a folder, read when first needed, and which characters they have.

use engine::{Letter, PressFault};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use unicode_segmentation::UnicodeSegmentation;

/// Fonts of a folder.
pub(crate) struct Fonts {
    files: Vec<PathBuf>,
    read: OnceLock<Read>,
}

struct Read {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

/// The font files of a folder, in the order of their names.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_font = |path: &PathBuf| {
        path.extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("ttf") || end.eq_ignore_ascii_case("otf"))
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_font).collect();
    files.sort();
    files
}

impl Fonts {
    /// Those of a folder in the order of their names: the first that has a character gives it.
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            files: files(folder),
            read: OnceLock::new(),
        }
    }

    fn read(&self) -> &Read {
        self.read.get_or_init(|| {
            let fonts: Vec<Font> = self
                .files
                .iter()
                .filter_map(|path| std::fs::read(path).ok())
                .flat_map(|bytes| Font::iter(Bytes::new(bytes)))
                .collect();
            Read {
                book: LazyHash::new(FontBook::from_fonts(&fonts)),
                fonts,
            }
        })
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.read().book
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.read().fonts.get(index).cloned()
    }

    /// Whether every character of a letter's data is in some font.
    pub(crate) fn covers(&self, letter: &Letter) -> Result<(), PressFault> {
        if self.files.is_empty() {
            return Err(PressFault::NoFonts);
        }
        let mut missing = Vec::new();
        let members = letter.data.as_object().into_iter().flatten();
        for (name, value) in members {
            self.look(name, value, &mut missing);
        }
        match missing.is_empty() {
            true => Ok(()),
            false => Err(PressFault::Missing(missing)),
        }
    }

    fn look(&self, name: &str, value: &Json, missing: &mut Vec<(String, String)>) {
        match value {
            Json::String(text) => {
                for written in text.graphemes(true).filter(|written| !self.has(written)) {
                    let found = (written.to_owned(), name.to_owned());
                    if !missing.contains(&found) {
                        missing.push(found);
                    }
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.look(name, item, missing)),
            Json::Object(members) => members
                .values()
                .for_each(|member| self.look(name, member, missing)),
            _ => {}
        }
    }

    /// Whether one font has the whole of what is written as one character: a variant is told by two code points.
    fn has(&self, written: &str) -> bool {
        let mut points = written.chars();
        match (points.next(), points.next()) {
            (Some(c), None) => c.is_whitespace() || self.fonts_with(c).next().is_some(),
            (Some(c), Some(selector)) if is_selector(selector) => self
                .fonts_with(c)
                .any(|font| has_variant(font, c, selector)),
            _ => written
                .chars()
                .all(|c| c.is_whitespace() || self.fonts_with(c).next().is_some()),
        }
    }

    fn fonts_with(&self, c: char) -> impl Iterator<Item = &Font> {
        self.read()
            .fonts
            .iter()
            .filter(move |font| font.info().coverage.contains(c.into()))
    }
}

fn has_variant(font: &Font, c: char, selector: char) -> bool {
    ttf_parser::Face::parse(font.data(), font.index())
        .is_ok_and(|face| face.glyph_variation_index(c, selector).is_some())
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}
