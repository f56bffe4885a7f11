//! Writing row after row.

mod text;
mod xlsx;

use crate::cell::Cell;
use crate::encoding::{Encoding, Lost};
use crate::fault::WriteFault;
use std::io::Write;

/// The most lost characters that are kept for the report; all are counted.
const MOST_LOST: usize = 1000;

/// What a table is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV with commas, CRLF, quotes where needed (RFC 4180).
    Csv(Encoding),
    /// A workbook with one sheet; the first row stands still and is bold.
    Xlsx,
}

impl Format {
    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv(Encoding::Cp932) => "text/csv; charset=Shift_JIS",
            Self::Csv(_) => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// How its files end, without the dot.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// What came of writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows written, the heading among them.
    pub rows: usize,
    /// Characters that the encoding could not say, at most the first thousand.
    pub lost: Vec<Lost>,
    /// How many there were.
    pub lost_count: usize,
}

impl Report {
    fn lose(&mut self, lost: Lost) {
        self.lost_count += 1;
        if self.lost.len() < MOST_LOST {
            self.lost.push(lost);
        }
    }
}

/// Writes a table to a sink. CSV goes out row by row; XLSX is kept in a temporary file until [`Writer::finish`].
pub struct Writer<W: Write + Send> {
    body: Body<W>,
    report: Report,
}

enum Body<W: Write + Send> {
    Text(Box<text::Text<W>>),
    Xlsx(Box<xlsx::Book>, W),
}

impl<W: Write + Send> Writer<W> {
    /// A writer onto a sink. `sheet` names the sheet of a workbook.
    ///
    /// # Errors
    /// If the sink refuses, or a temporary file cannot be made.
    pub fn new(format: Format, sheet: &str, mut sink: W) -> Result<Self, WriteFault> {
        let body = match format {
            Format::Csv(encoding) => {
                if encoding == Encoding::Utf8Bom {
                    sink.write_all(b"\xef\xbb\xbf")?;
                }
                Body::Text(Box::new(text::Text::new(encoding, sink)))
            }
            Format::Xlsx => Body::Xlsx(Box::new(xlsx::Book::new(sheet)?), sink),
        };
        Ok(Self {
            body,
            report: Report::default(),
        })
    }

    /// Writes one row; the first is the heading.
    ///
    /// # Errors
    /// If the sink refuses, or a workbook cannot hold it.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), WriteFault> {
        self.report.rows += 1;
        match &mut self.body {
            Body::Text(text) => text.row(cells, &mut self.report),
            Body::Xlsx(book, _) => book.row(self.report.rows, cells),
        }
    }

    /// Writes what is left and says what came of it.
    ///
    /// # Errors
    /// If the sink refuses.
    pub fn finish(self) -> Result<(W, Report), WriteFault> {
        let sink = match self.body {
            Body::Text(text) => text.finish()?,
            Body::Xlsx(mut book, mut sink) => {
                sink.write_all(&book.bytes()?)?;
                sink.flush()?;
                sink
            }
        };
        Ok((sink, self.report))
    }
}
