//! No file makes the readers of tables panic.

use crate::{Cell, Encoding, Format, Limits, Writer, date, guarded, read, sniff, text, unguarded};
use fuzzed::{fuzz, fuzz_text};

const LIMITS: Limits = Limits {
    bytes: 1_000_000,
    rows: 1_000,
    columns: 100,
};

fn file(format: Format) -> Vec<u8> {
    let mut writer = Writer::new(format, "表", Vec::new()).unwrap();
    writer.row(&["番号".into(), "名前".into()]).unwrap();
    writer
        .row(&[Cell::Number(12.into()), "=柴崎\n花子".into()])
        .unwrap();
    writer.finish().unwrap().0
}

#[test]
fn tables() {
    let seeds = [
        file(Format::Csv(Encoding::Utf8)),
        file(Format::Csv(Encoding::Cp932)),
        file(Format::Xlsx),
    ];
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    fuzz(
        "tables",
        &seeds,
        &[
            "\"\"",
            ",",
            "\r\n",
            "\t",
            "PK\u{3}\u{4}",
            "<c r=\"A1\" t=\"s\"><v>",
            "</v></c>",
        ],
        |bytes| {
            let _ = (
                sniff(bytes),
                text(bytes).is_some(),
                read(bytes, &LIMITS).is_ok(),
            );
        },
    );
}

#[test]
fn cells() {
    fuzz_text(
        "cells",
        &["2026/11/22", "46348", "R8.1.1", "'=1"],
        &["'", "=", "/"],
        |text| {
            let _ = date(text);
            assert_eq!(unguarded(&guarded(text)), text);
        },
    );
}
