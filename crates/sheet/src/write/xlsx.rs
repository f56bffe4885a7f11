//! A workbook with one sheet.

use crate::cell::Cell;
use crate::fault::WriteFault;
use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// Excel's own limit for the name of a sheet.
const LONGEST_NAME_CHARACTERS: usize = 31;
/// Digits that a spreadsheet keeps; longer numbers (法人番号 is one short of it) go out as text.
const EXACT_DIGITS: usize = 15;

pub(super) struct Book {
    book: Workbook,
    bold: Format,
    day: Format,
}

impl Book {
    pub(super) fn new(name: &str) -> Result<Self, WriteFault> {
        let mut book = Workbook::new();
        // The time of making would make two equal tables differ; the day of an edition stands in its name.
        let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&fixed));
        let sheet = book.add_worksheet_with_constant_memory()?;
        let name: String = name
            .chars()
            .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\''))
            .take(LONGEST_NAME_CHARACTERS)
            .collect();
        if !name.is_empty() {
            sheet.set_name(&name)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(Self {
            book,
            bold: Format::new().set_bold(),
            day: Format::new().set_num_format("yyyy-mm-dd"),
        })
    }

    pub(super) fn row(&mut self, row: usize, cells: &[Cell]) -> Result<(), WriteFault> {
        let line = u32::try_from(row - 1).map_err(|_| XlsxError::RowColumnLimitError)?;
        let sheet = self.book.worksheet_from_index(0)?;
        for (column, cell) in cells.iter().enumerate() {
            let column = u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)?;
            match cell {
                Cell::Empty => {}
                Cell::Text(text) if row == 1 => {
                    sheet.write_string_with_format(line, column, text, &self.bold)?;
                }
                // A string cell is never run as a formula, so it needs no guard.
                Cell::Text(text) => {
                    sheet.write_string(line, column, text)?;
                }
                Cell::Number(number) => {
                    let digits = number.mantissa().unsigned_abs().to_string().len();
                    match number.to_f64().filter(|_| digits <= EXACT_DIGITS) {
                        Some(value) => sheet.write_number(line, column, value)?,
                        None => sheet.write_string(line, column, number.to_string())?,
                    };
                }
                Cell::Date(date) => {
                    let year = u16::try_from(date.year()).unwrap_or_default();
                    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
                    match ExcelDateTime::from_ymd(year, month, day) {
                        Ok(at) => sheet.write_datetime_with_format(line, column, &at, &self.day)?,
                        // Before 1900 a spreadsheet knows no days.
                        Err(_) => sheet.write_string(line, column, date.to_string())?,
                    };
                }
            }
        }
        Ok(())
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, WriteFault> {
        Ok(self.book.save_to_buffer()?)
    }
}
