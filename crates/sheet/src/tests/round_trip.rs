use super::{FORMATS, LIMITS, written};
use crate::{Cell, Encoding, Format, guarded, read, unguarded};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What people type into a ledger, with what breaks naive writers.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("=1+1"),
        Just("+81"),
        Just("-"),
        Just("@x"),
        Just("'=x"),
        Just("''"),
        Just("'"),
        Just("\""),
        Just(","),
        Just("\n"),
        Just("；"),
        Just("寿司"),
        Just("①"),
        Just("ｶﾅ"),
        Just("髙"),
        Just(" "),
    ];
    prop::collection::vec(part, 1..5).prop_map(|parts| parts.concat())
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        text().prop_map(Cell::Text),
        Just(Cell::Empty),
        (-99_999_999_i64..99_999_999, 0_u32..6)
            .prop_map(|(n, scale)| Cell::Number(Decimal::new(n, scale).normalize())),
        (1_i16..200, 1_i8..13, 1_i8..29)
            .prop_map(|(year, month, day)| Cell::Date(jiff::civil::date(1900 + year, month, day))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_is_read(rows in prop::collection::vec(prop::collection::vec(cell(), 3), 1..8)) {
        let heads = vec![vec![Cell::from("甲"), Cell::from("乙"), Cell::from("丙")]];
        let all: Vec<Vec<Cell>> = heads.into_iter().chain(rows.iter().cloned()).collect();
        let expected: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(Cell::text).collect::<Vec<_>>())
            .filter(|row| row.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        for format in FORMATS {
            let (bytes, report) = written(format, &all);
            prop_assert_eq!(report.lost_count, 0);
            let table = read(&bytes, &LIMITS).unwrap();
            prop_assert_eq!(&table.heads, &["甲", "乙", "丙"]);
            let found: Vec<Vec<String>> = table.rows.into_iter().map(|mut row| {
                row.cells.resize(3, String::new());
                row.cells
            }).collect();
            prop_assert_eq!(&found, &expected, "{:?}", format);
        }
    }

    #[test]
    fn a_guard_comes_off_again(text in text()) {
        let safe = guarded(&text);
        prop_assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']));
        prop_assert_eq!(unguarded(&safe), &text);
    }

    #[test]
    fn cp932_never_breaks(text in "\\PC{0,40}") {
        let (bytes, report) = written(Format::Csv(Encoding::Cp932), &[vec![Cell::Text(text.clone())]]);
        let (_, _, broken) = encoding_rs::SHIFT_JIS.decode(&bytes);
        prop_assert!(!broken);
        prop_assert!(report.lost.iter().all(|lost| text.contains(lost.character)));
    }
}

#[test]
fn equal_tables_are_equal_files() {
    for format in FORMATS {
        let rows = [
            vec![Cell::from("a")],
            vec![Cell::Date(jiff::civil::date(2026, 11, 22))],
        ];
        assert!(
            written(format, &rows).0 == written(format, &rows).0,
            "{format:?}"
        );
    }
}

#[test]
fn long_numbers_keep_their_digits() {
    let number: Decimal = "12345678901234567890".parse().unwrap();
    let (bytes, _) = written(
        Format::Xlsx,
        &[vec!["n".into()], vec![Cell::Number(number)]],
    );
    assert_eq!(
        read(&bytes, &LIMITS).unwrap().rows[0].cells,
        ["12345678901234567890"]
    );
}
