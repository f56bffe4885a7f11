use crate::diagnostic::Sink;
use crate::model::{CellTest, Table};
use crate::table::{TableFiles, check_rows, read};
use crate::yaml::{File, parse};
use feel::{EvalError, Value};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn table(yaml: &str, csv: &str) -> (Table, Vec<String>) {
    let mut sink = Sink::default();
    let node = parse("tables/t.yaml", yaml.as_bytes(), &mut sink).expect("yaml");
    let read = read(
        "t",
        &TableFiles {
            yaml: node,
            csv: Some(("tables/t.csv".into(), csv.into())),
        },
        &mut sink,
    );
    check_rows(
        &read,
        Some(&File::new("tables/t.csv", csv)),
        Some(date(2026, 11, 22)),
        &mut sink,
    );
    (
        read,
        sink.sorted()
            .iter()
            .map(|found| {
                format!(
                    "{}:{}:{} {}",
                    found.file, found.line, found.column, found.code
                )
            })
            .collect(),
    )
}

fn number(n: i64) -> Value {
    Value::Number(Decimal::from(n))
}

const YAML: &str = "title: 表\nhit: unique\ninputs: { kind: text, size: number }\noutputs: { amount: yen, note: text? }\n";

#[test]
fn calls_by_day_and_cells() {
    let (table, found) = table(
        YAML,
        "from,until,kind,size,amount,note\n2020-04-01,2026-03-31,a,-,100,old\n2026-04-01,,a,< 10,200,\n2026-04-01,,a,>= 10,300,\n,,\"not(\"\"a\"\")\",\"1,2\",400,\n",
    );
    assert!(found.is_empty(), "{found:?}");
    let call = |day: Date, kind: &str, size: i64| {
        table
            .call(day, &[Value::text(kind), number(size)])
            .map(|row| row.get("amount").cloned())
    };
    assert_eq!(call(date(2025, 1, 1), "a", 5), Ok(Some(number(100))));
    assert_eq!(call(date(2026, 4, 1), "a", 5), Ok(Some(number(200))));
    assert_eq!(call(date(2026, 4, 1), "a", 10), Ok(Some(number(300))));
    assert_eq!(call(date(2026, 4, 1), "b", 2), Ok(Some(number(400))));
    let none = call(date(2026, 4, 1), "b", 3).expect_err("no row");
    assert_eq!(
        none.to_string(),
        "基準表「表」に当てはまる行がありません。（日: 2026-04-01、kind: b、size: 3）"
    );
    assert!(matches!(none, EvalError::NoRow { .. }));
}

#[test]
fn faulty_cells_are_told_with_their_place() {
    let (_, found) = table(
        YAML,
        "from,until,kind,size,amount,nota\n2020-13-01,,a,-,1.5,\n,,,x y,abc,\n,,b,1,2\n",
    );
    assert_eq!(
        found,
        [
            "tables/t.csv:1:1 missing-column",
            "tables/t.csv:1:1 no-row-today",
            "tables/t.csv:1:29 unknown-column",
            "tables/t.csv:2:1 cell",
            "tables/t.csv:2:17 cell",
            "tables/t.csv:3:3 empty-cell",
            "tables/t.csv:3:4 cell",
            "tables/t.csv:3:8 cell",
            "tables/t.csv:4:1 row-length",
        ]
    );
}

#[test]
fn overlaps_and_days() {
    let (_, found) = table(
        YAML,
        "from,until,kind,size,amount,note\n,2020-01-01,a,-,1,\n2020-01-01,2020-12-31,a,[1..5],2,\n2020-01-01,2020-12-31,a,[5..9],2,\n2020-01-01,2020-12-31,-,> 8,2,\n",
    );
    assert_eq!(
        found,
        [
            "tables/t.csv:1:1 no-row-today",
            "tables/t.csv:3:1 overlapping-rows",
            "tables/t.csv:4:1 overlapping-rows",
            "tables/t.csv:4:1 overlapping-rows",
            "tables/t.csv:5:1 overlapping-rows",
            "tables/t.csv:5:1 overlapping-rows"
        ]
    );
}

#[test]
fn hit_policies() {
    let csv = "kind,size,amount,note\n-,> 1,1,\na,-,1,\n-,> 5,2,\n";
    let day = date(2026, 1, 1);
    let with = |hit: &str| table(&YAML.replace("unique", hit), csv).0;
    let args = |size: i64| [Value::text("a"), number(size)];
    assert_eq!(
        with("first")
            .call(day, &args(9))
            .expect("first")
            .get("amount"),
        Some(&number(1))
    );
    assert_eq!(
        with("any").call(day, &args(3)).expect("any").get("amount"),
        Some(&number(1))
    );
    assert!(with("any").call(day, &args(9)).is_err());
    assert!(with("unique").call(day, &args(3)).is_err());
    assert!(
        matches!(with("collect").call(day, &args(9)), Ok(Value::List(rows)) if rows.len() == 3)
    );
    assert_eq!(
        with("collect").call(day, &[Value::text("b"), number(0)]),
        Ok(Value::List(Vec::new()))
    );
}

/// The meaning of `unique`, without any index.
fn naive(table: &Table, day: Date, args: &[Value]) -> Vec<usize> {
    let fits = |test: &CellTest, value: &Value| test.passes(value).expect("test");
    let row = |row: &crate::model::TableRow| {
        row.from.is_none_or(|from| from <= day)
            && row.until.is_none_or(|until| day <= until)
            && row
                .tests
                .iter()
                .zip(args)
                .all(|(test, value)| fits(test, value))
    };
    table
        .rows
        .iter()
        .enumerate()
        .filter(|(_, r)| row(r))
        .map(|(number, _)| number)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn unique_agrees_with_the_naive_reading(
        rows in proptest::collection::vec((prop_oneof![Just("a"), Just("b"), Just("c"), Just("-"), Just("\"not(\"\"a\"\")\"")], prop_oneof![Just("-"), Just("1"), Just("< 3"), Just("[2..4]"), Just("> 4")], 0_u8..3), 0..12),
        asked in proptest::collection::vec((prop_oneof![Just("a"), Just("b"), Just("z")], 0_i64..6, 0_i8..3), 1..12),
    ) {
        let line = |(number, (kind, size, from)): (usize, &(&str, &str, u8))| {
            let from = if *from == 0 { String::new() } else { format!("202{from}-01-01") };
            format!("{from},,{kind},{size},{number},\n")
        };
        let csv = format!("from,until,kind,size,amount,note\n{}", rows.iter().enumerate().map(line).collect::<String>());
        let (table, found) = table(YAML, &csv);
        let mut clash = false;
        for (kind, size, year) in asked {
            let day = date(2020 + i16::from(year), 6, 1);
            let args = [Value::text(kind), number(size)];
            let hits = naive(&table, day, &args);
            let answer = table.call(day, &args);
            clash |= hits.len() > 1;
            match hits.as_slice() {
                [] => { let none = matches!(answer, Err(EvalError::NoRow { .. })); prop_assert!(none) }
                [one] => prop_assert_eq!(answer.expect("hit").get("amount").cloned(), Some(number(i64::try_from(*one).expect("small")))),
                _ => prop_assert!(answer.is_err()),
            }
        }
        // Whatever clashes at a call was told beforehand.
        prop_assert!(!clash || found.iter().any(|found| found.ends_with("overlapping-rows")), "{found:?}");
    }
}

#[test]
fn a_large_table_is_checked_and_called_in_time() {
    let rows: String = (0..20_000)
        .map(|number| format!("k{number},-,{number},\n"))
        .collect();
    let (table, found) = table(YAML, &format!("kind,size,amount,note\n{rows}k7,-,1,\n"));
    assert_eq!(found, ["tables/t.csv:20002:1 overlapping-rows"]);
    let answer = table.call(date(2026, 1, 1), &[Value::text("k19999"), number(0)]);
    assert_eq!(answer.expect("row").get("amount"), Some(&number(19_999)));
}
