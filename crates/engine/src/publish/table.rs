//! The content of an edition: one line of JSON for the layout, then one for each row. Read back, the cells lie in one
//! text, so that forty thousand rows cost little more than their characters.

use crate::Failure;
use definition::model::{Publication, PublishedKind};
use feel::Value;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::OnceLock;

/// A column of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenColumn {
    /// Heading.
    pub title: String,
    /// `text`, `number` or `date`.
    pub kind: String,
}

/// The first line: all that the files of an edition need besides the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Layout {
    pub(super) title: String,
    pub(super) file: String,
    pub(super) encoding: String,
    pub(super) columns: Vec<OpenColumn>,
}

/// Writes the content of an edition.
pub(super) struct Lines(Vec<u8>);

impl Lines {
    pub(super) fn new(publication: &Publication) -> Self {
        let columns = publication.columns.iter().map(|column| OpenColumn {
            title: column.title.clone(),
            kind: match column.kind {
                PublishedKind::Text => "text",
                PublishedKind::Number => "number",
                PublishedKind::Date => "date",
            }
            .to_owned(),
        });
        let layout = Layout {
            title: publication.title.clone(),
            file: publication.file.clone(),
            encoding: publication.encoding.clone(),
            columns: columns.collect(),
        };
        let mut lines = Self(Vec::new());
        lines.put(&serde_json::to_value(&layout).unwrap_or_default());
        lines
    }

    pub(super) fn add(&mut self, cells: &[Option<Value>]) {
        let cells = cells.iter().map(|cell| match cell {
            None => Json::Null,
            Some(Value::Number(number)) => Json::String(number.normalize().to_string()),
            Some(Value::Date(date)) => Json::String(date.to_string()),
            // A line feed inside a cell breaks readers that count lines.
            Some(other) => Json::String(other.to_string().replace(['\r', '\n'], " ")),
        });
        self.put(&Json::Array(cells.collect()));
    }

    fn put(&mut self, line: &Json) {
        self.0.extend_from_slice(line.to_string().as_bytes());
        self.0.push(b'\n');
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// The rows of an edition.
pub struct OpenTable {
    /// Columns in order.
    pub columns: Vec<OpenColumn>,
    text: String,
    /// Where each cell lies in `text`, row by row; `u32::MAX` for the start of an absent one.
    cells: Vec<(u32, u32)>,
    /// Where each row begins in `text`.
    begins: Vec<u32>,
    /// Rows in the order of a column, each made when first asked for: upwards and downwards.
    orders: Vec<[OnceLock<Vec<u32>>; 2]>,
}

impl OpenTable {
    pub(super) fn read(content: &[u8]) -> Result<(Layout, Self), Failure> {
        let broken = |error: serde_json::Error| Failure::Internal(format!("edition: {error}"));
        let mut lines = content.split(|byte| *byte == b'\n');
        let head = lines.next().unwrap_or_default();
        let layout: Layout = serde_json::from_slice(head).map_err(broken)?;
        let mut table = Self {
            columns: layout.columns.clone(),
            text: String::with_capacity(content.len()),
            cells: Vec::new(),
            begins: Vec::new(),
            orders: layout.columns.iter().map(|_| Default::default()).collect(),
        };
        for line in lines.filter(|line| !line.is_empty()) {
            let row: Vec<Option<std::borrow::Cow<'_, str>>> =
                serde_json::from_slice(line).map_err(broken)?;
            if row.len() != table.columns.len() {
                return Err(Failure::Internal("edition: a row does not fit".into()));
            }
            table.begins.push(place(table.text.len()));
            for cell in row {
                table.push(cell.as_deref());
            }
        }
        Ok((layout, table))
    }

    fn push(&mut self, cell: Option<&str>) {
        let from = place(self.text.len());
        match cell {
            None => self.cells.push((u32::MAX, 0)),
            Some(text) => {
                self.text.push_str(text);
                self.cells.push((from, place(self.text.len())));
            }
        }
    }

    /// Rows in the order of a column, equal ones as they stand.
    #[must_use]
    pub fn order(&self, column: usize, descending: bool) -> &[u32] {
        let Some(orders) = self.orders.get(column) else {
            return &[];
        };
        orders[usize::from(descending)].get_or_init(|| {
            let mut rows: Vec<u32> = (0..place(self.rows())).collect();
            match (self.is_number(column), descending) {
                (true, down) => {
                    let read = |row: &u32| self.number(*row as usize, column);
                    match down {
                        false => rows.sort_by_cached_key(read),
                        true => rows.sort_by_cached_key(|row| std::cmp::Reverse(read(row))),
                    }
                }
                (false, false) => rows.sort_by_key(|row| self.cell(*row as usize, column)),
                (false, true) => {
                    rows.sort_by_key(|row| std::cmp::Reverse(self.cell(*row as usize, column)));
                }
            }
            rows
        })
    }

    /// Rows whose cell in a column is this text, without a pass over the table.
    #[must_use]
    pub fn equal(&self, column: usize, text: &str) -> Vec<u32> {
        if self.is_number(column) {
            let Ok(wanted) = text.parse::<Decimal>() else {
                let all = 0..place(self.rows());
                let same = |row: &u32| self.cell(*row as usize, column).unwrap_or_default() == text;
                return all.filter(same).collect();
            };
            let order = self.order(column, false);
            let from =
                order.partition_point(|row| self.number(*row as usize, column) < Some(wanted));
            let same = |row: &&u32| self.number(**row as usize, column) == Some(wanted);
            let found = order.get(from..).unwrap_or_default().iter();
            let found = found.take_while(same).copied();
            let mut rows: Vec<u32> = found
                .filter(|row| self.cell(*row as usize, column) == Some(text))
                .collect();
            rows.sort_unstable();
            return rows;
        }
        let order = self.order(column, false);
        let cell = |row: &u32| self.cell(*row as usize, column).unwrap_or_default();
        let from = order.partition_point(|row| cell(row) < text);
        let found = order.get(from..).unwrap_or_default().iter();
        let mut rows: Vec<u32> = found.copied().take_while(|row| cell(row) == text).collect();
        rows.sort_unstable();
        rows
    }

    /// Rows in whose text a word stands, across cells too: one search through the whole text.
    #[must_use]
    pub fn with_word(&self, word: &str) -> Vec<u32> {
        let (mut rows, mut at) = (Vec::new(), 0);
        while let Some(found) = self.text.get(at..).and_then(|rest| rest.find(word)) {
            let row = self
                .begins
                .partition_point(|begin| *begin as usize <= at + found);
            let Some(next) = row.checked_sub(1) else {
                break;
            };
            rows.push(place(next));
            match self.begins.get(row) {
                Some(begin) => at = *begin as usize,
                None => break,
            }
        }
        rows
    }

    fn is_number(&self, column: usize) -> bool {
        self.columns
            .get(column)
            .is_some_and(|one| one.kind == "number")
    }

    fn number(&self, row: usize, column: usize) -> Option<Decimal> {
        self.cell(row, column)?.parse().ok()
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// A cell; none if it is absent.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let (from, until) = *self.cells.get(row * self.columns.len() + column)?;
        self.text.get(from as usize..until as usize)
    }

    /// A cell as JSON: numbers as numbers, everything else as text.
    #[must_use]
    pub fn json(&self, row: usize, column: usize) -> Json {
        let Some(text) = self.cell(row, column) else {
            return Json::Null;
        };
        let number = self.columns.get(column).is_some_and(|c| c.kind == "number");
        match number.then(|| serde_json::from_str(text)) {
            Some(Ok(value)) => value,
            _ => Json::String(text.to_owned()),
        }
    }
}

/// A place in the text or a row's number: an edition is far below four thousand million of either.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(rows: &[(Option<String>, Option<i32>)]) -> OpenTable {
        let column = |title: &str, kind: &str| OpenColumn {
            title: title.into(),
            kind: kind.into(),
        };
        let layout = Layout {
            title: "t".into(),
            file: "t".into(),
            encoding: "utf8".into(),
            columns: vec![column("a", "text"), column("n", "number")],
        };
        let mut content = serde_json::to_vec(&layout).unwrap();
        for (text, number) in rows {
            let number = number.map(|number| number.to_string());
            content.push(b'\n');
            content.extend(serde_json::to_vec(&(text, number)).unwrap());
        }
        OpenTable::read(&content).unwrap().1
    }

    fn naive(rows: usize, fits: impl Fn(usize) -> bool) -> Vec<u32> {
        (0..rows).filter(|row| fits(*row)).map(place).collect()
    }

    proptest! {
        /// What is looked up is what a pass over the table finds.
        #[test]
        fn orders_and_words_say_what_a_pass_would(
            rows in prop::collection::vec((prop::option::of("[あいab]{0,3}"), prop::option::of(-3..3)), 0..40),
            word in "[あいab]{1,2}",
        ) {
            let table = table(&rows);
            let cell = |row: usize, column: usize| table.cell(row, column).unwrap_or_default();
            prop_assert_eq!(table.equal(0, &word), naive(rows.len(), |row| cell(row, 0) == word));
            for text in ["", "1", "-3", "x"] {
                prop_assert_eq!(table.equal(0, text), naive(rows.len(), |row| cell(row, 0) == text));
                prop_assert_eq!(table.equal(1, text), naive(rows.len(), |row| cell(row, 1) == text));
            }
            let words = table.with_word(&word);
            let having = naive(rows.len(), |row| (0..2).any(|column| cell(row, column).contains(word.as_str())));
            prop_assert!(having.iter().all(|row| words.contains(row)), "{:?} {:?}", words, having);
            for (column, down) in [(0, false), (0, true), (1, false), (1, true)] {
                let mut by_hand: Vec<u32> = (0..place(rows.len())).collect();
                by_hand.sort_by(|a, b| {
                    let (a, b) = (*a as usize, *b as usize);
                    let order = match column {
                        0 => rows[a].0.cmp(&rows[b].0),
                        _ => rows[a].1.cmp(&rows[b].1),
                    };
                    if down { order.reverse() } else { order }
                });
                prop_assert_eq!(table.order(column, down), by_hand.as_slice());
            }
        }
    }
}
