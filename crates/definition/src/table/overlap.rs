//! Rows that contradict each other, and tables that say nothing today.

use crate::diagnostic::Sink;
use crate::model::{CellTest, HitPolicy, Table, TableRow};
use crate::yaml::{At, File};
use feel::{Type, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::HashMap;

/// Checks the rows of a table: two that hold on one day and fit one input under `unique`, and none for `today`.
pub(crate) fn check(
    table: &Table,
    csv: Option<&std::sync::Arc<File>>,
    today: Option<Date>,
    sink: &mut Sink,
) {
    let Some(file) = csv else { return };
    if let Some(today) = today
        && table.rows_on(today).next().is_none()
    {
        sink.error(
            &file.top(),
            "no-row-today",
            format!(
                "基準表「{}」に今日（{today}）使える行がありません。",
                table.title
            ),
        )
        .hint("from と until を確かめ、今日を含む行を足してください。");
    }
    if table.hit != HitPolicy::Unique {
        return;
    }
    for group in groups(table) {
        for (place, a) in group.iter().enumerate() {
            for b in group.get(place + 1..).unwrap_or_default() {
                let (Some(x), Some(y)) = (table.rows.get(*a), table.rows.get(*b)) else {
                    continue;
                };
                if days_meet(x, y) && inputs_meet(table, x, y) {
                    tell(x, y, file, sink);
                }
            }
        }
    }
}

fn tell(x: &TableRow, y: &TableRow, file: &std::sync::Arc<File>, sink: &mut Sink) {
    let at = At {
        line: y.line,
        ..file.top()
    };
    let message = format!(
        "{}行目と{}行目が、同じ日の同じ入力に当てはまります。",
        x.line, y.line
    );
    sink.error(&at, "overlapping-rows", message)
        .hint("前の行に until を書くか、入力を分けてください。重なってよいなら hit を first か collect にします。");
}

/// Rows that may meet, so that large tables are not compared row by row: those with equal literals in the inputs where
/// every row has one; without such an input, by the table's own index, each group with the rows that fit any key.
fn groups(table: &Table) -> Vec<Vec<usize>> {
    let is_literal = |input: &usize| {
        (table.rows.iter()).all(|row| matches!(row.tests.get(*input), Some(CellTest::Is(_))))
    };
    let literal: Vec<usize> = (0..table.inputs.len()).filter(is_literal).collect();
    if !literal.is_empty() {
        let mut groups: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for (number, row) in table.rows.iter().enumerate() {
            let key = literal.iter().map(|input| match row.tests.get(*input) {
                // Equal numbers are one key however many zeros they are written with.
                Some(CellTest::Is(Value::Number(number))) => number.normalize().to_string(),
                Some(CellTest::Is(value)) => value.to_string(),
                _ => String::new(),
            });
            groups.entry(key.collect()).or_default().push(number);
        }
        return groups.into_values().collect();
    }
    let always = table.unindexed.as_slice();
    let mut groups: Vec<Vec<usize>> = table
        .index
        .values()
        .map(|numbers| sorted([numbers, always].concat()))
        .collect();
    groups.push(always.to_vec());
    groups
}

fn sorted(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers
}

fn days_meet(a: &TableRow, b: &TableRow) -> bool {
    let before = |until: Option<Date>, from: Option<Date>| matches!((until, from), (Some(until), Some(from)) if until < from);
    !before(a.until, b.from) && !before(b.until, a.from)
}

fn inputs_meet(table: &Table, a: &TableRow, b: &TableRow) -> bool {
    table
        .inputs
        .iter()
        .zip(a.tests.iter().zip(&b.tests))
        .all(|((_, kind), (x, y))| tests_meet(x, y, &kind.ty))
}

/// Whether some value passes both. Exact where a side is a literal; else values at and around the ends that the tests name
/// are tried, which finds every meeting of intervals and lists.
fn tests_meet(a: &CellTest, b: &CellTest, ty: &Type) -> bool {
    let passes = |test: &CellTest, value: &Value| test.passes(value).unwrap_or(false);
    match (a, b) {
        (CellTest::Any, _) | (_, CellTest::Any) => true,
        (CellTest::Is(x), other) | (other, CellTest::Is(x)) => passes(other, x),
        (CellTest::Test(x), CellTest::Test(y)) => {
            x.source() == y.source()
                || probes(&[x.source(), y.source()], ty)
                    .iter()
                    .any(|value| passes(a, value) && passes(b, value))
        }
    }
}

fn probes(sources: &[&str], ty: &Type) -> Vec<Value> {
    match ty {
        Type::Boolean => vec![Value::Boolean(true), Value::Boolean(false)],
        Type::Number => numbers(sources).into_iter().map(Value::Number).collect(),
        Type::Date => dates(sources).into_iter().map(Value::Date).collect(),
        _ => {
            let mut texts: Vec<Value> = sources
                .iter()
                .flat_map(|source| source.split('"').skip(1).step_by(2))
                .map(Value::text)
                .collect();
            texts.push(Value::text("\u{10fffd}"));
            texts
        }
    }
}

fn numbers(sources: &[&str]) -> Vec<Decimal> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let mut named: Vec<Decimal> = sources
        .iter()
        .flat_map(|source| source.split(|c| !is_part(c)))
        .flat_map(|part| part.split(".."))
        .filter_map(|part| part.parse().ok())
        .collect();
    named.sort();
    named.dedup();
    let mut all = named.clone();
    all.extend(
        named
            .windows(2)
            .filter_map(|pair| Some((pair.first()? + pair.last()?) / Decimal::TWO)),
    );
    all.extend(named.first().map(|least| least - Decimal::ONE));
    all.extend(named.last().map(|most| most + Decimal::ONE));
    all
}

fn dates(sources: &[&str]) -> Vec<Date> {
    let is_part = |c: char| c.is_ascii_digit() || c == '-';
    let named = sources
        .iter()
        .flat_map(|source| source.split(|c| !is_part(c)))
        .filter_map(|part| part.parse::<Date>().ok());
    named
        .flat_map(|day| [day.yesterday().ok(), Some(day), day.tomorrow().ok()])
        .flatten()
        .collect()
}
