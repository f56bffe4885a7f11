//! Charts as SVG made here: bars or a line, each series told apart by shade and by name. The table beside it says the same.

mod lying;

use self::lying::Lying;
use super::numbers::{month_title, number, told};
use definition::model::Shape;
use engine::{Sheet, SheetRow};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Series told apart; those beyond are added up as その他.
const MOST_SERIES: usize = 6;
/// Places along the axis: the last ones are shown.
pub(super) const MOST_PLACES: usize = 12;
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 40.0;

/// A bar of a series.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) series: usize,
}

/// A line across the grid, or a word under the axis.
pub(super) struct Tick {
    pub(super) at: String,
    pub(super) text: String,
}

/// A chart ready for the template.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    /// Points of each line, with its series.
    pub(super) lines: Vec<(String, usize)>,
    pub(super) grid: Vec<Tick>,
    pub(super) names: Vec<Tick>,
    pub(super) legend: Vec<(String, usize)>,
    /// The chart in a sentence.
    pub(super) said: String,
    /// Bars that lie, largest first; the members that stand are empty then.
    pub(super) lying: Vec<Lying>,
}

/// Whether the bars of a sheet lie: its places are no months but names, which have no order of their own and need room.
pub(super) fn lies(sheet: &Sheet, shape: Shape) -> bool {
    let month = |row: &SheetRow| month_title(&row.title) != row.title;
    shape == Shape::Bar && !sheet.rows.iter().any(month)
}

/// The chart of a sheet; none where there is nothing to draw.
pub(super) fn chart(sheet: &Sheet, shape: Shape) -> Option<Chart> {
    if lies(sheet, shape) {
        return lying(sheet);
    }
    standing(sheet, shape)
}

fn lying(sheet: &Sheet) -> Option<Chart> {
    let lying = lying::bars(sheet);
    (!lying.is_empty()).then(|| Chart {
        bars: Vec::new(),
        lines: Vec::new(),
        grid: Vec::new(),
        names: Vec::new(),
        legend: legend(sheet),
        said: said(sheet),
        lying,
    })
}

fn standing(sheet: &Sheet, shape: Shape) -> Option<Chart> {
    let skipped = sheet.rows.len().saturating_sub(MOST_PLACES);
    let rows: Vec<(String, Vec<f64>)> = sheet
        .rows
        .iter()
        .skip(skipped)
        .map(|row| {
            let shown: Vec<Decimal> = row.numbers.iter().map(|n| n.unwrap_or_default()).collect();
            (month_title(&row.title), series(&shown))
        })
        .collect();
    let sum = |values: &[f64]| values.iter().filter(|v| **v > 0.0).sum::<f64>();
    let highest = match shape {
        Shape::Bar => rows
            .iter()
            .map(|(_, values)| sum(values))
            .fold(0.0, f64::max),
        Shape::Line => rows
            .iter()
            .flat_map(|(_, values)| values.iter().copied())
            .fold(0.0, f64::max),
    };
    if rows.is_empty() || highest <= 0.0 {
        return None;
    }
    let top = round_up(highest);
    let plot = HEIGHT - TOP - BOTTOM;
    let y = |value: f64| TOP + plot * (1.0 - value / top);
    let count = f64::from(u32::try_from(rows.len()).unwrap_or(1));
    let slot = (WIDTH - LEFT) / count;
    let middle = |at: usize| LEFT + slot * (f64::from(u32::try_from(at).unwrap_or(0)) + 0.5);
    let grid = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| Tick {
        at: fixed(y(top * share)),
        text: number(&Decimal::try_from(top * share).unwrap_or_default()),
    });
    let names = rows.iter().enumerate().map(|(at, (name, _))| Tick {
        at: fixed(middle(at)),
        text: short(name, rows.len()),
    });
    let names = names.collect();
    let (bars, lines) = match shape {
        Shape::Bar => (bars(&rows, slot, &middle, &y), Vec::new()),
        Shape::Line => (Vec::new(), lines(&rows, &middle, &y)),
    };
    Some(Chart {
        bars,
        lines,
        grid: grid.into(),
        names,
        legend: legend(sheet),
        said: said(sheet),
        lying: Vec::new(),
    })
}

fn bars(
    rows: &[(String, Vec<f64>)],
    slot: f64,
    middle: &dyn Fn(usize) -> f64,
    y: &dyn Fn(f64) -> f64,
) -> Vec<Bar> {
    let width = (slot * 0.64).min(56.0);
    let mut bars = Vec::new();
    for (at, (_, values)) in rows.iter().enumerate() {
        let mut base = 0.0;
        for (series, value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            bars.push(Bar {
                x: fixed(middle(at) - width / 2.0),
                y: fixed(y(base + value)),
                width: fixed(width),
                height: fixed(y(base) - y(base + value)),
                series,
            });
            base += value;
        }
    }
    bars
}

fn lines(
    rows: &[(String, Vec<f64>)],
    middle: &dyn Fn(usize) -> f64,
    y: &dyn Fn(f64) -> f64,
) -> Vec<(String, usize)> {
    let count = rows.first().map_or(0, |(_, values)| values.len());
    let line = |series: usize| {
        let points = rows.iter().enumerate().filter_map(|(at, (_, values))| {
            let value = values.get(series)?;
            Some(format!("{},{}", fixed(middle(at)), fixed(y(*value))))
        });
        (points.collect::<Vec<_>>().join(" "), series)
    };
    (0..count).map(line).collect()
}

fn series(numbers: &[Decimal]) -> Vec<f64> {
    let mut values: Vec<f64> = numbers.iter().map(|n| n.to_f64().unwrap_or(0.0)).collect();
    if values.len() > MOST_SERIES {
        let rest: f64 = values.drain(MOST_SERIES - 1..).sum();
        values.push(rest);
    }
    values
}

fn legend(sheet: &Sheet) -> Vec<(String, usize)> {
    let mut names: Vec<String> = sheet
        .columns
        .iter()
        .map(|(title, _)| title.clone())
        .collect();
    if names.len() > MOST_SERIES {
        names.truncate(MOST_SERIES - 1);
        names.push("その他".to_owned());
    }
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| (name, at))
        .collect()
}

fn said(sheet: &Sheet) -> String {
    let totals: Vec<String> = sheet
        .columns
        .iter()
        .zip(&sheet.totals)
        .map(|((title, unit), total)| format!("{title} {}{unit}", told(total)))
        .collect();
    format!(
        "{}ごとの図。合計は{}。くわしい数は表にあります。",
        sheet.across,
        totals.join("、")
    )
}

/// 1, 2 or 5 with zeros: a height that people read.
fn round_up(value: f64) -> f64 {
    let mut step = 1.0;
    while step * 10.0 < value {
        step *= 10.0;
    }
    let found = [1.0, 2.0, 4.0, 5.0, 8.0, 10.0]
        .iter()
        .map(|n| n * step)
        .find(|top| *top >= value);
    found.unwrap_or(step * 10.0).max(4.0)
}

fn fixed(value: f64) -> String {
    format!("{value:.1}")
}

/// Under the axis there is room for a month, or for a few letters of a name: the fewer, the more stand there.
fn short(name: &str, places: usize) -> String {
    let room = if places > 8 { 4 } else { 6 };
    match name.split_once('年') {
        Some((_, month)) if name.ends_with('月') => month.to_owned(),
        _ => name.chars().take(room).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sheet(values: &[Vec<u32>]) -> Sheet {
        let width = values.first().map_or(0, Vec::len);
        Sheet {
            across: "月".into(),
            columns: (0..width)
                .map(|n| (format!("系列{n}"), "件".into()))
                .collect(),
            rows: values
                .iter()
                .enumerate()
                .map(|(at, row)| SheetRow {
                    value: at.to_string(),
                    title: at.to_string(),
                    numbers: row.iter().map(|n| Some(Decimal::from(*n))).collect(),
                })
                .collect(),
            totals: (0..width)
                .map(|at| Some(values.iter().map(|row| Decimal::from(row[at])).sum()))
                .collect(),
            measures: vec!["m".into(); width],
        }
    }

    proptest! {
        #[test]
        fn what_is_drawn_stays_on_the_paper(rows in prop::collection::vec(prop::collection::vec(0u32..100_000, 3), 1..20)) {
            for shape in [Shape::Bar, Shape::Line] {
                let Some(chart) = standing(&sheet(&rows), shape) else {
                    prop_assert!(rows.iter().skip(rows.len().saturating_sub(MOST_PLACES)).flatten().all(|n| *n == 0));
                    continue;
                };
                for bar in &chart.bars {
                    let (x, y): (f64, f64) = (bar.x.parse().unwrap(), bar.y.parse().unwrap());
                    prop_assert!(x >= LEFT - 0.1 && y >= TOP - 0.1);
                    let bottom = y + bar.height.parse::<f64>().unwrap();
                    prop_assert!(bottom <= HEIGHT - BOTTOM + 0.2, "{bottom}");
                }
                prop_assert_eq!(chart.names.len(), rows.len().min(MOST_PLACES));
            }
        }
    }

    #[test]
    fn heights_are_read_easily() {
        assert_eq!(
            [3.0, 7.0, 11.0, 420.0].map(round_up),
            [4.0, 8.0, 20.0, 500.0]
        );
        assert!(chart(&sheet(&[vec![0, 0]]), Shape::Bar).is_none());
    }
}
