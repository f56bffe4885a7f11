//! Bars that lie: whole names, the largest first, the rest in one. Text is text of the page, so that it stays legible
//! on a phone and at any zoom.

use super::{MOST_PLACES, fixed, series};
use crate::pages::numbers::{largest_first, number};
use engine::Sheet;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A bar with its name and number.
pub(in super::super) struct Lying {
    pub(in super::super) name: String,
    /// All its series together.
    pub(in super::super) number: String,
    pub(in super::super) parts: Vec<Part>,
}

/// A series within a bar, in per cent of the longest bar.
pub(in super::super) struct Part {
    pub(in super::super) x: String,
    pub(in super::super) width: String,
    pub(in super::super) series: usize,
}

/// The bars of a sheet; none where all is zero.
pub(super) fn bars(sheet: &Sheet) -> Vec<Lying> {
    let mut rows: Vec<(String, Vec<Decimal>)> = largest_first(sheet)
        .into_iter()
        .map(|row| {
            let shown = row.numbers.iter().map(|n| n.unwrap_or_default());
            (row.title.clone(), shown.collect())
        })
        .collect();
    if rows.len() > MOST_PLACES {
        let rest = rows.split_off(MOST_PLACES - 1);
        let sums = (0..sheet.columns.len())
            .map(|at| rest.iter().filter_map(|(_, numbers)| numbers.get(at)).sum());
        let name = format!("そのほか（{}）", rest.len());
        rows.push((name, sums.collect()));
    }
    let total =
        |numbers: &[Decimal]| -> Decimal { numbers.iter().filter(|n| n.is_sign_positive()).sum() };
    let longest = rows
        .iter()
        .map(|(_, numbers)| total(numbers))
        .max()
        .unwrap_or_default();
    let Some(longest) = longest.to_f64().filter(|longest| *longest > 0.0) else {
        return Vec::new();
    };
    let bar = |(name, numbers): (String, Vec<Decimal>)| Lying {
        name,
        number: number(&total(&numbers)),
        parts: parts(&series(&numbers), longest),
    };
    rows.into_iter().map(bar).collect()
}

fn parts(values: &[f64], longest: f64) -> Vec<Part> {
    let mut base = 0.0;
    let mut parts = Vec::new();
    for (series, value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
        let width = value / longest * 100.0;
        parts.push(Part {
            x: fixed(base),
            width: fixed(width),
            series,
        });
        base += width;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::{chart, lies};
    use definition::model::Shape;
    use engine::{Sheet, SheetRow};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn sheet(rows: &[(&str, &[u32])]) -> Sheet {
        let row = |(title, numbers): &(&str, &[u32])| SheetRow {
            value: (*title).into(),
            title: (*title).into(),
            numbers: numbers.iter().map(|n| Some(Decimal::from(*n))).collect(),
        };
        Sheet {
            across: "種類".into(),
            columns: rows.first().map_or_else(Vec::new, |(_, numbers)| {
                numbers.iter().map(|_| ("数".into(), "件".into())).collect()
            }),
            rows: rows.iter().map(row).collect(),
            totals: Vec::new(),
            measures: Vec::new(),
        }
    }

    #[test]
    fn months_stand_and_names_lie() {
        let one: &[u32] = &[1];
        let months = sheet(&[("2026-10", one), ("2026-11", one)]);
        assert!(!lies(&months, Shape::Bar));
        let names = sheet(&[("とても長い名前の種類", one), ("更新", one)]);
        assert!(lies(&names, Shape::Bar) && !lies(&names, Shape::Line));
    }

    proptest! {
        #[test]
        fn the_largest_comes_first_and_nothing_is_lost(numbers in prop::collection::vec((0u32..1000, 0u32..1000), 13..40)) {
            let rows: Vec<(String, [u32; 2])> =
                numbers.iter().enumerate().map(|(at, (a, b))| (format!("長い名前の種類{at}"), [*a, *b])).collect();
            let rows: Vec<(&str, &[u32])> = rows.iter().map(|(name, n)| (name.as_str(), n.as_slice())).collect();
            let all: u32 = numbers.iter().map(|(a, b)| a + b).sum();
            let Some(chart) = chart(&sheet(&rows), Shape::Bar) else {
                prop_assert_eq!(all, 0);
                return Ok(());
            };
            let shown: Vec<u32> = chart.lying.iter().map(|bar| bar.number.replace(',', "").parse().unwrap()).collect();
            prop_assert_eq!(shown.iter().sum::<u32>(), all);
            prop_assert_eq!(shown.len(), super::MOST_PLACES);
            prop_assert!(shown[..shown.len() - 1].is_sorted_by(|a, b| a >= b));
            prop_assert!(chart.lying.last().unwrap().name.starts_with("そのほか"));
            for bar in &chart.lying {
                let end: f64 = bar.parts.iter().map(|part| part.width.parse::<f64>().unwrap()).sum();
                prop_assert!(end <= 100.2, "{}", end);
            }
        }
    }
}
