mod encodings;
mod round_trip;

use crate::{Cell, Encoding, Format, Limits, Report, Writer};

const LIMITS: Limits = Limits {
    bytes: 4_000_000,
    rows: 10_000,
    columns: 60,
};

fn written(format: Format, rows: &[Vec<Cell>]) -> (Vec<u8>, Report) {
    let mut writer = Writer::new(format, "一覧", Vec::new()).unwrap();
    for row in rows {
        writer.row(row).unwrap();
    }
    writer.finish().unwrap()
}

const FORMATS: [Format; 4] = [
    Format::Csv(Encoding::Utf8),
    Format::Csv(Encoding::Utf8Bom),
    Format::Csv(Encoding::Cp932),
    Format::Xlsx,
];
