//! What a template can reach: its package's templates, and `letter.json`. Nothing else.

use crate::fonts::Fonts;
use engine::{Letter, PressFault, qr};
use serde_json::json;
use std::collections::HashMap;
use typst::diag::{FileError, FileResult, Severity, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World, WorldExt};

/// Where a letter finds what it is given.
const DATA: &str = "/letter.json";

/// The world of one letter.
pub(crate) struct LetterWorld<'a> {
    library: &'a LazyHash<Library>,
    fonts: &'a Fonts,
    sources: HashMap<FileId, (Source, &'a str)>,
    main: FileId,
    data: (FileId, Bytes),
}

/// The address of a file in the world. Templates lie side by side, so each imports another by its name.
fn id(path: &str) -> FileId {
    let path = VirtualPath::new(path)
        .unwrap_or_else(|_| VirtualPath::new("/").unwrap_or_else(|_| unreachable!()));
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl<'a> LetterWorld<'a> {
    pub(crate) fn new(
        library: &'a LazyHash<Library>,
        fonts: &'a Fonts,
        letter: &'a Letter,
    ) -> Self {
        let sources = letter.templates.iter().map(|(name, template)| {
            let id = id(&format!("/{name}.typ"));
            let source = Source::new(id, template.text.clone());
            (id, (source, template.path.as_str()))
        });
        Self {
            library,
            fonts,
            sources: sources.collect(),
            main: id(&format!("/{}.typ", letter.template)),
            data: (id(DATA), Bytes::from_string(given(letter))),
        }
    }

    /// The first error as a finding with its place.
    pub(crate) fn fault(&self, errors: &[SourceDiagnostic]) -> PressFault {
        let first = errors
            .iter()
            .find(|error| error.severity == Severity::Error)
            .or_else(|| errors.first());
        let Some(error) = first else {
            return self.nowhere("作れませんでした".to_owned());
        };
        let hint = error.hints.first().map(|hint| hint.v.to_string());
        // An error inside the shared letterhead is told at the template's call of it.
        let own = std::iter::once(error.span)
            .chain(error.trace.iter().map(|point| point.span.into()))
            .find(|span| span.id().is_some_and(|id| self.sources.contains_key(&id)));
        let place = own.and_then(|span| {
            let (source, file) = self.sources.get(&span.id()?)?;
            let start = self.range(span)?.start;
            let (line, column) = source.lines().byte_to_line_column(start)?;
            Some((file, line + 1, column + 1))
        });
        match place {
            Some((file, line, column)) => PressFault::Template {
                file: (*file).to_owned(),
                line,
                column,
                message: error.message.to_string(),
                hint,
            },
            None => self.nowhere(error.message.to_string()),
        }
    }

    fn nowhere(&self, message: String) -> PressFault {
        let file = self.sources.get(&self.main).map_or("", |(_, path)| path);
        PressFault::Template {
            file: file.to_owned(),
            line: 1,
            column: 1,
            message,
            hint: None,
        }
    }
}

/// The text of `letter.json`.
fn given(letter: &Letter) -> String {
    let verify = letter
        .verify
        .as_ref()
        .and_then(|url| Some(json!({"url": url, "qr": qr::svg(url)?})));
    json!({"letter": letter.head, "data": letter.data, "verify": verify}).to_string()
}

impl World for LetterWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let known = self.sources.get(&id).map(|(source, _)| source.clone());
        known.ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 {
            return Ok(self.data.1.clone());
        }
        self.source(id)
            .map(|source| Bytes::from_string(source.text().to_owned()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    /// None: a letter's days are in its data, so that the same letter is the same tomorrow.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
