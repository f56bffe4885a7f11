//! The numbers of one month, with every title as it reads: what a page shows, and what a closed month keeps.

use super::Change;
use crate::numbers::{Cells, Reach, Sheet, SheetRow, place};
use definition::model::{Dimension, Measure, Numbers, RecordType, Service};
use jiff::civil::Date;
use kernel::measure::dimension_title;
use rust_decimal::Decimal;
use sheet::{Cell, Encoding, Format, Limits, Writer};
use std::collections::{BTreeMap, BTreeSet};

/// Limits of a file that was frozen here: as many lines as a page reads cells, and then some.
const LIMITS: Limits = Limits {
    bytes: 20 * 1024 * 1024,
    rows: 200_001,
    columns: WIDTH,
};
/// Columns of the file.
const WIDTH: usize = 9;
const HEADS: [&str; WIDTH] = [
    "種類",
    "数",
    "名前",
    "単位",
    "所",
    "行",
    "行の名前",
    "列",
    "列の名前",
];

/// A value of a dimension, and as people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    value: String,
    title: String,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted {
    name: String,
    title: String,
    unit: String,
}

/// Where a number stands: measure by its place, row, column, office (none where the measure is not by office).
type Key = (usize, Told, Told, Option<String>);

/// The numbers of a report, or of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    across: String,
    split: Option<String>,
    measures: Vec<Counted>,
    numbers: BTreeMap<Key, Decimal>,
}

impl Figures {
    /// What the cells of measures come to, with titles as of a day.
    pub(crate) fn of(
        (service, rt): (&Service, &RecordType),
        numbers: &Numbers,
        cells: &[Cells<'_>],
        day: Date,
    ) -> Self {
        let told = |measure: &Measure, name: Option<&String>, key: &[String]| {
            let at = name.and_then(|name| place(measure, name));
            let value = at.and_then(|at| key.get(at)).cloned().unwrap_or_default();
            let dimension: Option<&Dimension> = at.and_then(|at| measure.by.get(at));
            let title = dimension
                .map(|one| dimension_title(service, rt, one, &value, day))
                .unwrap_or_default();
            Told { value, title }
        };
        let mut sums: BTreeMap<Key, Decimal> = BTreeMap::new();
        for (at, (measure, cells)) in cells.iter().enumerate() {
            let office = crate::numbers::office(measure);
            for (key, amount) in cells {
                let across = told(measure, Some(&numbers.across), key);
                let split = told(measure, numbers.split.as_ref(), key);
                let office = office.and_then(|at| key.get(at)).cloned();
                *sums.entry((at, across, split, office)).or_default() += *amount;
            }
        }
        Self {
            across: numbers.across.clone(),
            split: numbers.split.clone(),
            measures: cells.iter().map(|(measure, _)| counted(measure)).collect(),
            numbers: sums,
        }
    }

    /// As a table: rows of one dimension; columns of another, or the measures themselves.
    pub(crate) fn sheet(&self) -> Sheet {
        let mut series: BTreeSet<(usize, Told)> = BTreeSet::new();
        if self.split.is_none() {
            series.extend((0..self.measures.len()).map(|at| (at, Told::default())));
        }
        let mut rows: BTreeMap<Told, BTreeMap<(usize, Told), Decimal>> = BTreeMap::new();
        for ((measure, across, split, _), number) in &self.numbers {
            let column = (*measure, split.clone());
            series.insert(column.clone());
            let row = rows.entry(across.clone()).or_default();
            *row.entry(column).or_default() += *number;
        }
        let rows: Vec<SheetRow> = rows
            .into_iter()
            .map(|(told, found)| SheetRow {
                value: told.value,
                title: told.title,
                numbers: series
                    .iter()
                    .map(|column| Some(found.get(column).copied().unwrap_or_default()))
                    .collect(),
            })
            .collect();
        let measure = |(at, _): &(usize, Told)| self.measures.get(*at).map(|one| one.name.clone());
        Sheet {
            across: self.across.clone(),
            totals: (0..series.len())
                .map(|at| Some(rows.iter().filter_map(|row| *row.numbers.get(at)?).sum()))
                .collect(),
            rows,
            columns: series.iter().map(|column| self.column(column)).collect(),
            measures: series
                .iter()
                .map(|at| measure(at).unwrap_or_default())
                .collect(),
        }
    }

    fn column(&self, (at, split): &(usize, Told)) -> (String, String) {
        let Some(measure) = self.measures.get(*at) else {
            return Default::default();
        };
        let heading = match (&self.split, self.measures.len()) {
            (Some(_), 1) => split.title.clone(),
            (Some(_), _) => format!("{}：{}", measure.title, split.title),
            (None, _) => measure.title.clone(),
        };
        (heading, measure.unit.clone())
    }

    /// The part that a reader's seats reach.
    pub(crate) fn within(mut self, reach: &Reach) -> Self {
        if let Reach::Offices(offices) = reach {
            self.numbers
                .retain(|(.., office), _| office.as_ref().is_some_and(|o| offices.contains(o)));
        }
        self
    }

    /// What is another number in `now`, in the order of the table.
    pub(crate) fn changes(&self, now: &Self) -> Vec<Change> {
        let (before, after) = (self.by_place(), now.by_place());
        let places: BTreeSet<&(String, String, String)> =
            before.keys().chain(after.keys()).collect();
        let mut changes = Vec::new();
        for place in places {
            let one = |side: &BTreeMap<_, (Decimal, Named)>| side.get(place).cloned();
            let (was, is) = (one(&before), one(&after));
            let Some(named) = is.as_ref().or(was.as_ref()).map(|(_, named)| named.clone()) else {
                continue;
            };
            let number = |side: Option<(Decimal, Named)>| side.map_or(Decimal::ZERO, |(n, _)| n);
            let (was, is) = (number(was), number(is));
            if was != is {
                changes.push(Change {
                    row: named.row,
                    column: named.column,
                    unit: named.unit,
                    was,
                    is,
                });
            }
        }
        changes
    }

    /// Sums by row, measure and column.
    fn by_place(&self) -> BTreeMap<(String, String, String), (Decimal, Named)> {
        let mut sums: BTreeMap<(String, String, String), (Decimal, Named)> = BTreeMap::new();
        for ((at, across, split, _), number) in &self.numbers {
            let name = self.measures.get(*at).map_or("", |measure| &measure.name);
            let key = (across.value.clone(), name.to_owned(), split.value.clone());
            let (column, unit) = self.column(&(*at, split.clone()));
            let named = Named {
                row: across.title.clone(),
                column,
                unit,
            };
            let sum = sums.entry(key).or_insert((Decimal::ZERO, named));
            sum.0 += *number;
        }
        sums
    }

    /// With the numbers of others added: measures by their names, rows and columns by their values, titled as here.
    pub(crate) fn join(mut self, others: &[Self]) -> Self {
        let mut titled: BTreeMap<String, Told> = BTreeMap::new();
        let mut same = |told: &Told| {
            let known = titled.entry(told.value.clone());
            known.or_insert_with(|| told.clone()).clone()
        };
        for (_, across, split, _) in self.numbers.keys() {
            same(across);
            same(split);
        }
        for other in others {
            for ((at, across, split, office), number) in &other.numbers {
                let Some(measure) = other.measures.get(*at) else {
                    continue;
                };
                let known = self
                    .measures
                    .iter()
                    .position(|one| one.name == measure.name);
                let at = known.unwrap_or_else(|| {
                    self.measures.push(measure.clone());
                    self.measures.len() - 1
                });
                let key = (at, same(across), same(split), office.clone());
                *self.numbers.entry(key).or_default() += *number;
            }
        }
        self
    }

    /// Without the numbers of some offices.
    pub(crate) fn without(mut self, offices: &BTreeSet<String>) -> Self {
        let of = |office: &Option<String>| office.as_ref().is_some_and(|one| offices.contains(one));
        self.numbers.retain(|(.., office), _| !of(office));
        self
    }

    /// As the file that a closed month keeps: CSV in UTF-8, one line a number. Equal numbers give equal bytes.
    pub(crate) fn freeze(&self) -> Result<Vec<u8>, sheet::WriteFault> {
        let mut writer = Writer::new(Format::Csv(Encoding::Utf8), "", Vec::new())?;
        let line = |cells: [&str; WIDTH]| cells.map(Cell::from);
        writer.row(&line(HEADS))?;
        let split = self.split.as_deref().unwrap_or_default();
        writer.row(&line(["軸", "", "", "", "", &self.across, "", split, ""]))?;
        for measure in &self.measures {
            let (name, title, unit) = (&measure.name, &measure.title, &measure.unit);
            writer.row(&line(["数", name, title, unit, "", "", "", "", ""]))?;
        }
        for ((at, across, split, office), number) in &self.numbers {
            let name = self.measures.get(*at).map_or("", |measure| &measure.name);
            let number = number.normalize().to_string();
            let place = office.as_deref().map(|office| format!("所:{office}"));
            let place = place.as_deref().unwrap_or_default();
            let (a, b) = (across, split);
            writer.row(&line([
                "値", name, &number, "", place, &a.value, &a.title, &b.value, &b.title,
            ]))?;
        }
        Ok(writer.finish()?.0)
    }

    /// Reads what [`Figures::freeze`] wrote; none if it is something else.
    pub(crate) fn thaw(bytes: &[u8]) -> Option<Self> {
        let table = sheet::read(bytes, &LIMITS).ok()?;
        let mut figures = Self {
            across: String::new(),
            split: None,
            measures: Vec::new(),
            numbers: BTreeMap::new(),
        };
        for row in table.rows {
            let cell = |at: usize| row.cells.get(at).cloned().unwrap_or_default();
            let told = |at: usize| Told {
                value: cell(at),
                title: cell(at + 1),
            };
            match cell(0).as_str() {
                "軸" => {
                    figures.across = cell(5);
                    figures.split = Some(cell(7)).filter(|name| !name.is_empty());
                }
                "数" => figures.measures.push(Counted {
                    name: cell(1),
                    title: cell(2),
                    unit: cell(3),
                }),
                "値" => {
                    let name = cell(1);
                    let at = figures.measures.iter().position(|one| one.name == name)?;
                    let office = cell(4).strip_prefix("所:").map(str::to_owned);
                    let key = (at, told(5), told(7), office);
                    figures.numbers.insert(key, cell(2).parse().ok()?);
                }
                _ => return None,
            }
        }
        (!figures.across.is_empty()).then_some(figures)
    }
}

/// How a number is named to people.
#[derive(Clone)]
struct Named {
    row: String,
    column: String,
    unit: String,
}

fn counted(measure: &Measure) -> Counted {
    Counted {
        name: measure.name.clone(),
        title: measure.title.clone(),
        unit: measure.unit.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn figures(split: bool, cells: &[(usize, u8, u8, u8, i32)]) -> Figures {
        let told = |prefix: &str, n: u8| Told {
            value: format!("{prefix}{n}"),
            title: format!("=名前「{prefix}」,{n}"),
        };
        let mut numbers = BTreeMap::new();
        for (measure, across, column, office, number) in cells {
            let column = if split {
                told("b", *column)
            } else {
                Told::default()
            };
            let office = (*office > 0).then(|| format!("所{office}"));
            let key = (*measure, told("a", *across), column, office);
            numbers.insert(key, Decimal::new(i64::from(*number), 1));
        }
        let counted = |n: usize| Counted {
            name: format!("m{n}"),
            title: format!("数{n}"),
            unit: "件".into(),
        };
        Figures {
            across: "種類".into(),
            split: split.then(|| "区分".into()),
            measures: (0..2).map(counted).collect(),
            numbers,
        }
    }

    proptest! {
        #[test]
        fn what_is_frozen_comes_back_and_gives_the_same_bytes(
            split: bool,
            cells in prop::collection::vec((0..2_usize, 0..9_u8, 0..4_u8, 0..3_u8, -500..500_i32), 0..40),
        ) {
            let figures = figures(split, &cells);
            let bytes = figures.freeze().unwrap();
            let back = Figures::thaw(&bytes).unwrap();
            prop_assert_eq!(back.sheet(), figures.sheet());
            prop_assert!(figures.changes(&back).is_empty());
            prop_assert_eq!(back.freeze().unwrap(), bytes);
            let one: BTreeSet<String> = ["所1".to_owned()].into();
            let part = back.within(&Reach::Offices(one));
            let kept: Decimal = part.numbers.values().sum();
            let wanted: Decimal = figures.numbers.iter().filter(|((.., o), _)| o.as_deref() == Some("所1")).map(|(_, n)| *n).sum();
            prop_assert_eq!(kept, wanted);
        }

        #[test]
        fn changes_are_the_difference_of_the_tables(
            was in prop::collection::vec((0..2_usize, 0..5_u8, 0..2_u8, 0..3_u8, 1..50_i32), 0..20),
            is in prop::collection::vec((0..2_usize, 0..5_u8, 0..2_u8, 0..3_u8, 1..50_i32), 0..20),
        ) {
            let (was, is) = (figures(true, &was), figures(true, &is));
            let moved: Decimal = was.changes(&is).iter().map(|change| change.is - change.was).sum();
            let sum = |figures: &Figures| -> Decimal { figures.numbers.values().sum() };
            prop_assert_eq!(moved, sum(&is) - sum(&was));
        }
    }

    #[test]
    fn another_file_is_no_frozen_month() {
        assert!(Figures::thaw("甲,乙\n1,2\n".as_bytes()).is_none());
        assert!(Figures::thaw(b"%PDF").is_none());
    }
}
