//! The content of an edition: one line of JSON for the layout, then one for each row. Read back, the cells lie in one
//! text, so that forty thousand rows cost little more than their characters.

use crate::Failure;
use definition::model::{Publication, PublishedKind};
use feel::Value;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

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
        };
        for line in lines.filter(|line| !line.is_empty()) {
            let row: Vec<Option<std::borrow::Cow<'_, str>>> =
                serde_json::from_slice(line).map_err(broken)?;
            if row.len() != table.columns.len() {
                return Err(Failure::Internal("edition: a row does not fit".into()));
            }
            for cell in row {
                table.push(cell.as_deref());
            }
        }
        Ok((layout, table))
    }

    fn push(&mut self, cell: Option<&str>) {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX - 1);
        let from = place(self.text.len());
        match cell {
            None => self.cells.push((u32::MAX, 0)),
            Some(text) => {
                self.text.push_str(text);
                self.cells.push((from, place(self.text.len())));
            }
        }
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
