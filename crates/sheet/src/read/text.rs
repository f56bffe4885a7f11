//! Text with a delimiter.

use super::{Go, Row};
use crate::cell::unguarded;
use crate::encoding::{Encoding, from_cp932_lossy};
use crate::fault::ReadFault;
use std::borrow::Cow;

pub(super) fn rows(
    bytes: &[u8],
    encoding: Encoding,
    delimiter: u8,
    take: &mut dyn FnMut(Row) -> Result<Go, ReadFault>,
) -> Result<(), ReadFault> {
    let text: Cow<'_, str> = match encoding {
        Encoding::Cp932 => from_cp932_lossy(bytes).into(),
        Encoding::Utf8 => String::from_utf8_lossy(bytes),
        Encoding::Utf8Bom => String::from_utf8_lossy(bytes.get(3..).unwrap_or_default()),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    loop {
        let line = usize::try_from(reader.position().line()).unwrap_or(number);
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(_) => return Err(ReadFault::Csv { row: line }),
        }
        number += 1;
        let cells = record.iter().map(|cell| unguarded(cell).to_owned());
        let row = Row {
            number,
            cells: cells.collect(),
        };
        if take(row)? == Go::Stop {
            return Ok(());
        }
    }
}
