//! The first sheet of a workbook, cell by cell.

use super::{Go, Limits, Row, columns};
use crate::fault::ReadFault;
use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use std::io::Cursor;

/// How many times its size a workbook may unpack to.
const UNPACKED_TIMES: usize = 100;

pub(super) fn rows(
    bytes: &[u8],
    limits: &Limits,
    take: &mut dyn FnMut(Row) -> Result<Go, ReadFault>,
) -> Result<(), ReadFault> {
    unpacked_size(bytes, limits)?;
    let broken = |fault: calamine::XlsxError| ReadFault::Excel(fault.to_string());
    let mut book: Xlsx<Cursor<&[u8]>> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let Some(name) = book.sheet_names().first().cloned() else {
        return Err(ReadFault::Empty);
    };
    let mut reader = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut row = Row {
        number: 0,
        cells: Vec::new(),
    };
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (line, column) = cell.get_position();
        let (number, column) = (line as usize + 1, column as usize);
        if number != row.number {
            let done = std::mem::replace(
                &mut row,
                Row {
                    number,
                    cells: Vec::new(),
                },
            );
            if done.number > 0 && take(done)? == Go::Stop {
                return Ok(());
            }
        }
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if column >= limits.columns {
            return Err(columns(limits));
        }
        row.cells
            .resize(row.cells.len().max(column + 1), String::new());
        if let Some(place) = row.cells.get_mut(column) {
            *place = text;
        }
    }
    if row.number > 0 {
        take(row)?;
    }
    Ok(())
}

/// A workbook is a zip: what it says it unpacks to is looked at before anything is unpacked.
fn unpacked_size(bytes: &[u8], limits: &Limits) -> Result<(), ReadFault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|fault| ReadFault::Excel(fault.to_string()))?;
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let entry = archive
            .by_index_raw(index)
            .map_err(|fault| ReadFault::Excel(fault.to_string()))?;
        total = total.saturating_add(entry.size());
    }
    let most = limits.bytes.saturating_mul(UNPACKED_TIMES);
    if total > u64::try_from(most).unwrap_or(u64::MAX) {
        let limit = format!("展開して {} MB", most / 1_048_576);
        return Err(ReadFault::TooLarge {
            what: "大きさ",
            limit,
        });
    }
    Ok(())
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        // A workbook says what is text, so its writers need no guard and nothing is taken off.
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // `f64` prints the shortest text that reads back as the same number, and no `.0`.
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(at) => day(*at),
        DataRef::DateTimeIso(text) => text.split('T').next().unwrap_or(text).to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        // `#REF!` and its kin say nothing; the column that needs a value says that it is missing.
        DataRef::Error(_) | DataRef::Empty => String::new(),
        #[expect(
            unreachable_patterns,
            reason = "kinds that a later version of calamine may add"
        )]
        _ => String::new(),
    }
}

fn day(at: ExcelDateTime) -> String {
    if at.is_duration() {
        return at.as_f64().to_string();
    }
    let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
    if (hour, minute) == (0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}
