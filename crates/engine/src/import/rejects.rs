//! The file of the rows that were not taken.

use crate::Failure;
use kernel::shelf::RejectedRow;
use sheet::{Cell, Encoding, Format, Table, Writer};

/// What stands beside the file's own headings. An import does not know them, so the mended file can be brought again
/// as it is.
const EXTRA: [&str; 2] = ["もとの行", "取り込まなかった理由"];

/// The file as it grows.
pub(super) struct Rejects {
    writer: Writer<Vec<u8>>,
    columns: usize,
}

impl Rejects {
    pub(super) fn new(heads: &[String]) -> Result<Self, Failure> {
        let format = Format::Csv(Encoding::Utf8Bom);
        let mut writer = Writer::new(format, "", Vec::new()).map_err(broken)?;
        let all = heads.iter().map(String::as_str).chain(EXTRA);
        writer
            .row(&all.map(Cell::from).collect::<Vec<_>>())
            .map_err(broken)?;
        let columns = heads.len();
        Ok(Self { writer, columns })
    }

    /// Adds a row with its cells, as the file that was imported has them.
    pub(super) fn add(&mut self, table: &Table, rejected: &RejectedRow) -> Result<(), Failure> {
        let cells = cells(table, rejected);
        let mut line: Vec<Cell> = cells.iter().map(|cell| cell.as_str().into()).collect();
        line.resize(self.columns, Cell::Empty);
        line.push(rejected.number.to_string().into());
        line.push(rejected.reasons.join(" ").into());
        self.writer.row(&line).map_err(broken)
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, Failure> {
        Ok(self.writer.finish().map_err(broken)?.0)
    }
}

/// The cells of a row, as the file that was imported has them.
pub(super) fn cells<'a>(table: &'a Table, rejected: &RejectedRow) -> &'a [String] {
    let at = table
        .rows
        .binary_search_by_key(&rejected.number, |row| row.number);
    let row = at.ok().and_then(|at| table.rows.get(at));
    row.map_or(&[], |row| &row.cells)
}

fn broken(error: sheet::WriteFault) -> Failure {
    Failure::Internal(format!("rejected rows: {error}"))
}
