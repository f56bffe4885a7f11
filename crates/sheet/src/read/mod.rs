//! Reading row after row.

mod text;
mod xlsx;

use crate::fault::ReadFault;
use crate::sniff::{Sniffed, sniff};

/// What a file may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the file, and a hundred times as many unpacked.
    pub bytes: usize,
    /// Rows with the heading.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the sheet, the first being 1: what a person sees at the left of a spreadsheet.
    pub number: usize,
    /// Its cells as text, the guards of CSV taken off; days as `2026-11-22`, numbers without needless zeros.
    pub cells: Vec<String>,
}

/// Whether reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// Next row.
    On,
    /// Enough.
    Stop,
}

/// A whole table.
#[derive(Debug, Clone)]
pub struct Table {
    /// What the file was.
    pub sniffed: Sniffed,
    /// Its first row.
    pub heads: Vec<String>,
    /// The others; empty ones are left out.
    pub rows: Vec<Row>,
}

/// Hands over every row that is not empty, the heading first.
///
/// # Errors
/// What is wrong with the file; rows before the fault have been handed over.
pub fn each_row(
    bytes: &[u8],
    limits: &Limits,
    mut take: impl FnMut(Row) -> Go,
) -> Result<Sniffed, ReadFault> {
    if bytes.len() > limits.bytes {
        let limit = format!("{} MB", limits.bytes / 1_048_576);
        return Err(ReadFault::TooLarge {
            what: "大きさ",
            limit,
        });
    }
    let sniffed = sniff(bytes)?;
    let mut count = 0;
    let mut checked = |row: Row| -> Result<Go, ReadFault> {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(Go::On);
        }
        count += 1;
        if count > limits.rows {
            let limit = format!("{}行", limits.rows);
            return Err(ReadFault::TooLarge { what: "行", limit });
        }
        if row.cells.len() > limits.columns {
            return Err(columns(limits));
        }
        Ok(take(row))
    };
    match sniffed {
        Sniffed::Xlsx => xlsx::rows(bytes, limits, &mut checked)?,
        Sniffed::Text {
            encoding,
            delimiter,
        } => text::rows(bytes, encoding, delimiter, &mut checked)?,
    }
    if count == 0 {
        return Err(ReadFault::Empty);
    }
    Ok(sniffed)
}

fn columns(limits: &Limits) -> ReadFault {
    ReadFault::TooLarge {
        what: "列",
        limit: format!("{}列", limits.columns),
    }
}

/// Reads a whole table.
///
/// # Errors
/// What is wrong with the file.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Table, ReadFault> {
    let mut heads = None;
    let mut rows = Vec::new();
    let sniffed = each_row(bytes, limits, |row| {
        match heads {
            None => heads = Some(row.cells),
            Some(_) => rows.push(row),
        }
        Go::On
    })?;
    let heads: Vec<String> = heads.unwrap_or_default();
    let heads = heads.iter().map(|head| head.trim().to_owned()).collect();
    Ok(Table {
        sniffed,
        heads,
        rows,
    })
}
