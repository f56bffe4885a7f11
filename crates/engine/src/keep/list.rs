//! The list of a round as a file: what was proposed, and afterwards the register of disposals (廃棄簿). It names no one and says
//! nothing of what the records were about.

use crate::Failure;
use jiff::civil::Date;
use kernel::RecordId;
use sheet::{Cell, Encoding, Format, Limits, Writer};

const WIDTH: usize = 6;
const HEADS: [&str; WIDTH] = [
    "記録の種類",
    "番号",
    "終わった日",
    "保存期間の満了する日",
    "記録ID",
    "版",
];
const LIMITS: Limits = Limits {
    bytes: 2 * 1024 * 1024,
    rows: super::MAX_ROUND + 1,
    columns: WIDTH,
};

/// A record of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Title of its type.
    pub title: String,
    /// Official number.
    pub number: Option<String>,
    /// The day on which it ended.
    pub ended_on: Option<Date>,
    /// The last day on which it had to be kept.
    pub until: Date,
    /// The record.
    pub record: RecordId,
    /// The version that was looked at.
    pub version: u64,
}

/// Writes a list.
pub(super) fn write(list: &[Listed]) -> Result<Vec<u8>, Failure> {
    written(list).map_err(|fault| Failure::Internal(fault.to_string()))
}

fn written(list: &[Listed]) -> Result<Vec<u8>, sheet::WriteFault> {
    let mut writer = Writer::new(Format::Csv(Encoding::Utf8), "", Vec::new())?;
    writer.row(&HEADS.map(Cell::from))?;
    for one in list {
        let ended = one.ended_on.map(|day| day.to_string()).unwrap_or_default();
        let (until, record) = (one.until.to_string(), one.record.to_string());
        let version = one.version.to_string();
        let number = one.number.as_deref().unwrap_or_default();
        let line = [&one.title, number, &ended, &until, &record, &version];
        writer.row(&line.map(Cell::from))?;
    }
    Ok(writer.finish()?.0)
}

/// Reads what [`write`] wrote; none if it is something else.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Listed>> {
    let table = sheet::read(bytes, &LIMITS).ok()?;
    let rows = table.rows.into_iter().filter(|row| {
        let first = row.cells.first().map(String::as_str);
        first != Some(HEADS[0])
    });
    rows.map(|row| {
        let cell = |at: usize| row.cells.get(at).cloned().unwrap_or_default();
        Some(Listed {
            title: cell(0),
            number: Some(cell(1)).filter(|text| !text.is_empty()),
            ended_on: cell(2).parse().ok(),
            until: cell(3).parse().ok()?,
            record: cell(4).parse().ok()?,
            version: cell(5).parse().ok()?,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_list_reads_as_it_was_written() {
        let one = |n: u128, number: Option<&str>| Listed {
            title: "申請".into(),
            number: number.map(str::to_owned),
            ended_on: Some(date(2026, 5, 1)),
            until: date(2032, 3, 31),
            record: RecordId(uuid::Uuid::from_u128(n)),
            version: 7,
        };
        let list = vec![
            one(1, Some("食-2026-00001")),
            one(2, None),
            one(3, Some("=1+1")),
        ];
        assert_eq!(read(&write(&list).unwrap()), Some(list));
        assert_eq!(read(b"x\ny"), None);
    }
}
