//! A font for Japanese text whose PDF has not brought its own.

use hayro::hayro_interpret::font::FontData;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The first font of a folder, read when it is first needed.
pub(super) struct Fallback {
    file: Option<PathBuf>,
    read: OnceLock<Option<FontData>>,
}

impl Fallback {
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            file: crate::fonts::files(folder).into_iter().next(),
            read: OnceLock::new(),
        }
    }

    /// The font and its number in its file.
    pub(super) fn font(&self) -> Option<(FontData, u32)> {
        let read = || Some(Arc::new(std::fs::read(self.file.as_ref()?).ok()?) as FontData);
        let font = self.read.get_or_init(read).clone()?;
        Some((font, 0))
    }
}
