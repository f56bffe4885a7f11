//! Municipalities by code, from whichever register of the catalogue has them.

use definition::model::{CellTest, Table};
use feel::Value;
use std::collections::BTreeMap;

/// The register's table with columns `code`, `title` and `region`.
const TABLE: &str = "municipalities";
/// Prefecture of the register's municipalities: the first two digits of their codes.
const PREFECTURES: &[(&str, &str)] = &[("13", "東京都")];

/// Names by code, in the register's order, with their region.
#[derive(Default)]
pub(super) struct Places {
    pub(super) all: Vec<PlaceRow>,
    by_code: BTreeMap<String, usize>,
}

/// One municipality.
pub(super) struct PlaceRow {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) region: String,
}

impl Places {
    /// The register of a catalogue; empty if it has none.
    pub(super) fn of(catalogue: &definition::Catalogue) -> Self {
        let all: Vec<PlaceRow> = catalogue
            .tables
            .get(TABLE)
            .map(|table| rows(table))
            .unwrap_or_default();
        let by_code = all
            .iter()
            .enumerate()
            .map(|(at, row)| (row.code.clone(), at))
            .collect();
        Self { all, by_code }
    }

    /// 立川市; the code itself where it is not in the register.
    pub(super) fn name(&self, code: &str) -> String {
        self.by_code
            .get(code)
            .and_then(|at| self.all.get(*at))
            .map_or_else(|| code.to_owned(), |row| row.title.clone())
    }

    /// 東京都立川市.
    pub(super) fn full_name(&self, code: &str) -> String {
        let prefecture = PREFECTURES
            .iter()
            .find(|(digits, _)| code.starts_with(digits))
            .map_or("", |(_, name)| name);
        if self.by_code.contains_key(code) {
            format!("{prefecture}{}", self.name(code))
        } else {
            code.to_owned()
        }
    }

    pub(super) fn has(&self, code: &str) -> bool {
        self.by_code.contains_key(code)
    }
}

fn rows(table: &Table) -> Vec<PlaceRow> {
    let column = |name: &str| table.outputs.iter().position(|(output, _)| output == name);
    let (title, region) = (column("title"), column("region"));
    let text = |at: Option<usize>, outputs: &[Value]| {
        at.and_then(|at| outputs.get(at))
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let one = |row: &definition::model::TableRow| match row.tests.first() {
        Some(CellTest::Is(Value::Text(code))) => Some(PlaceRow {
            code: code.to_string(),
            title: text(title, &row.outputs),
            region: text(region, &row.outputs),
        }),
        _ => None,
    };
    table.rows.iter().filter_map(one).collect()
}
