//! The file of the rows that were not taken.

use crate::Failure;
use kernel::shelf::RejectedRow;
use sheet::{Cell, Encoding, Format, Writer};
use std::collections::BTreeMap;

/// What stands beside the file's own headings. An import does not know them, so the mended file can be brought again
/// as it is.
const EXTRA: [&str; 2] = ["もとの行", "取り込まなかった理由"];

/// The file of rejected rows, each with the cells that the imported file has for it.
pub(super) fn file(
    heads: &[String],
    rejected: &[RejectedRow],
    cells: &BTreeMap<usize, Vec<String>>,
) -> Result<Vec<u8>, Failure> {
    let format = Format::Csv(Encoding::Utf8Bom);
    let mut writer = Writer::new(format, "", Vec::new()).map_err(broken)?;
    let all = heads.iter().map(String::as_str).chain(EXTRA);
    writer
        .row(&all.map(Cell::from).collect::<Vec<_>>())
        .map_err(broken)?;
    for row in rejected {
        let cells = cells.get(&row.number).map_or(&[][..], Vec::as_slice);
        let mut line: Vec<Cell> = cells.iter().map(|cell| cell.as_str().into()).collect();
        line.resize(heads.len(), Cell::Empty);
        line.push(row.number.to_string().into());
        line.push(row.reasons.join(" ").into());
        writer.row(&line).map_err(broken)?;
    }
    Ok(writer.finish().map_err(broken)?.0)
}

fn broken(error: sheet::WriteFault) -> Failure {
    Failure::Internal(format!("rejected rows: {error}"))
}
