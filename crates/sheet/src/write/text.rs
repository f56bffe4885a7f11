//! CSV.

use super::Report;
use crate::cell::{Cell, guarded};
use crate::encoding::{Encoding, Lost, REPLACEMENT, to_cp932};
use crate::fault::WriteFault;
use std::io::Write;

pub(super) struct Text<W: Write> {
    encoding: Encoding,
    writer: csv::Writer<W>,
}

impl<W: Write> Text<W> {
    pub(super) fn new(encoding: Encoding, sink: W) -> Self {
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(sink);
        Self { encoding, writer }
    }

    pub(super) fn row(&mut self, cells: &[Cell], report: &mut Report) -> Result<(), WriteFault> {
        for (column, cell) in cells.iter().enumerate() {
            let text = match cell {
                Cell::Text(text) => guarded(text).into_owned(),
                other => other.text(),
            };
            if self.encoding == Encoding::Cp932 {
                let bytes = to_cp932(&text, |character| {
                    report.lose(Lost {
                        row: report.rows,
                        column: column + 1,
                        character,
                        written: REPLACEMENT,
                    });
                });
                self.writer.write_field(bytes)?;
            } else {
                self.writer.write_field(text)?;
            }
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, WriteFault> {
        self.writer.flush()?;
        self.writer
            .into_inner()
            .map_err(|fault| WriteFault::Io(fault.into_error()))
    }
}
