//! `datastore_search`: rows of an edition by equality, words and order. Bounded: at most 32,000 rows an answer, as CKAN.

use super::ckan::{Asked, Fault, invalid};
use engine::OpenTable;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use std::cmp::Ordering;

/// CKAN's own default and limit.
const DEFAULT_ROWS: usize = 100;
const MOST_ROWS: usize = 32_000;
/// Values in one filter.
const MOST_VALUES: usize = 1_000;

/// What is asked of a table.
pub(super) struct Question {
    resource: String,
    filters: Vec<(usize, Vec<String>)>,
    /// Words anywhere in a row, and in one column.
    words: Vec<(Option<usize>, String)>,
    sort: Vec<(usize, bool)>,
    columns: Vec<usize>,
    limit: usize,
    offset: usize,
    total: bool,
}

impl Question {
    pub(super) fn read(resource: &str, asked: &Asked, table: &OpenTable) -> Result<Self, Fault> {
        Ok(Self {
            resource: resource.to_owned(),
            filters: filters(asked, table)?,
            words: words(asked, table)?,
            sort: sort(asked, table)?,
            columns: columns(asked, table)?,
            limit: asked.number("limit", DEFAULT_ROWS, MOST_ROWS)?,
            offset: asked.number("offset", 0, usize::MAX)?,
            total: asked
                .text("include_total")
                .is_none_or(|text| !text.eq_ignore_ascii_case("false")),
        })
    }

    pub(super) fn answer(&self, table: &OpenTable) -> Json {
        let (total, rows) = self.page(table);
        let records: Vec<Json> = rows.map(|row| self.record(table, row)).collect();
        let fields = std::iter::once(json!({"id": "_id", "type": "int"})).chain(
            self.columns.iter().filter_map(|at| {
                let column = table.columns.get(*at)?;
                let kind = match column.kind.as_str() {
                    "number" => "numeric",
                    "date" => "date",
                    _ => "text",
                };
                Some(json!({"id": column.title, "type": kind}))
            }),
        );
        let fields: Vec<Json> = fields.collect();
        let mut answer = json!({
            "resource_id": self.resource, "include_total": self.total, "records_format": "objects", "fields": fields,
            "records": records, "limit": self.limit, "offset": self.offset, "total_was_estimated": false,
            "_links": {"start": "/api/3/action/datastore_search", "next": format!("/api/3/action/datastore_search?offset={}", self.offset + self.limit)},
        });
        if self.total
            && let Some(members) = answer.as_object_mut()
        {
            members.insert("total".into(), total.into());
        }
        answer
    }

    /// How many rows there are in all, and those of the page. What is not asked for is not looked at: filters and words
    /// are looked up, and a whole table lies in the order of each column.
    fn page<'t>(&'t self, table: &'t OpenTable) -> (usize, Box<dyn Iterator<Item = usize> + 't>) {
        let Some(mut found) = self.candidates(table) else {
            let rows: Box<dyn Iterator<Item = usize>> = match self.sort.as_slice() {
                [] => Box::new(0..table.rows()),
                [(column, down)] => {
                    let order = table.order(*column, *down).iter();
                    Box::new(order.map(|row| *row as usize))
                }
                _ => {
                    let mut all: Vec<usize> = (0..table.rows()).collect();
                    all.sort_by(|a, b| self.order(table, *a, *b));
                    Box::new(all.into_iter())
                }
            };
            let page = rows.skip(self.offset).take(self.limit);
            return (table.rows(), Box::new(page));
        };
        found.retain(|row| self.fits(table, *row));
        if !self.sort.is_empty() {
            found.sort_by(|a, b| self.order(table, *a, *b));
        }
        let total = found.len();
        let page = found.into_iter().skip(self.offset).take(self.limit);
        (total, Box::new(page))
    }

    /// Rows among which all lie that fit, in their order; none where every row fits.
    fn candidates(&self, table: &OpenTable) -> Option<Vec<usize>> {
        let filtered = self.filters.iter().map(|(column, values)| {
            let rows = values.iter().flat_map(|value| table.equal(*column, value));
            let mut rows: Vec<usize> = rows.map(|row| row as usize).collect();
            rows.sort_unstable();
            rows.dedup();
            rows
        });
        let worded = self.words.iter().map(|(_, word)| {
            let rows = table.with_word(word).into_iter();
            rows.map(|row| row as usize).collect()
        });
        filtered.chain(worded).min_by_key(Vec::len)
    }

    fn fits(&self, table: &OpenTable, row: usize) -> bool {
        self.filters.iter().all(|(column, values)| {
            let cell = table.cell(row, *column).unwrap_or_default();
            values.iter().any(|value| value == cell)
        }) && self.words.iter().all(|(column, word)| match column {
            Some(column) => has(table, row, *column, word),
            None => (0..table.columns.len()).any(|column| has(table, row, column, word)),
        })
    }

    fn order(&self, table: &OpenTable, a: usize, b: usize) -> Ordering {
        for (column, descending) in &self.sort {
            let number = table
                .columns
                .get(*column)
                .is_some_and(|one| one.kind == "number");
            let (x, y) = (table.cell(a, *column), table.cell(b, *column));
            let order = if number {
                let read = |text: Option<&str>| text.and_then(|text| text.parse::<Decimal>().ok());
                read(x).cmp(&read(y))
            } else {
                x.cmp(&y)
            };
            let order = if *descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        a.cmp(&b)
    }

    fn record(&self, table: &OpenTable, row: usize) -> Json {
        let mut members = Map::new();
        members.insert("_id".into(), (row + 1).into());
        for at in &self.columns {
            if let Some(column) = table.columns.get(*at) {
                members.insert(column.title.clone(), table.json(row, *at));
            }
        }
        Json::Object(members)
    }
}

fn has(table: &OpenTable, row: usize, column: usize, word: &str) -> bool {
    table
        .cell(row, column)
        .is_some_and(|cell| cell.contains(word))
}

fn column(table: &OpenTable, parameter: &str, title: &str) -> Result<usize, Fault> {
    let found = table
        .columns
        .iter()
        .position(|column| column.title == title);
    found.ok_or_else(|| invalid(parameter, format!("field \"{title}\" not in table")))
}

fn filters(asked: &Asked, table: &OpenTable) -> Result<Vec<(usize, Vec<String>)>, Fault> {
    let Some(filters) = asked.structure("filters")? else {
        return Ok(Vec::new());
    };
    let Json::Object(filters) = filters else {
        return Err(invalid("filters", "Not a json object"));
    };
    let mut read = Vec::new();
    for (title, values) in filters {
        let values = match values {
            Json::Array(values) => values,
            one => vec![one],
        };
        if values.len() > MOST_VALUES {
            return Err(invalid("filters", "Too many values"));
        }
        let texts = values.iter().map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        });
        read.push((column(table, "filters", &title)?, texts.collect()));
    }
    Ok(read)
}

fn words(asked: &Asked, table: &OpenTable) -> Result<Vec<(Option<usize>, String)>, Fault> {
    let split = |column: Option<usize>, text: &str| -> Vec<(Option<usize>, String)> {
        text.split_whitespace()
            .map(|word| (column, word.to_owned()))
            .collect()
    };
    match asked.structure("q")? {
        None => Ok(Vec::new()),
        Some(Json::String(text)) => Ok(split(None, &text)),
        Some(Json::Object(members)) => {
            let mut all = Vec::new();
            for (title, text) in members {
                all.extend(split(
                    Some(column(table, "q", &title)?),
                    text.as_str().unwrap_or_default(),
                ));
            }
            Ok(all)
        }
        Some(_) => Err(invalid("q", "Must be a string or an object")),
    }
}

fn sort(asked: &Asked, table: &OpenTable) -> Result<Vec<(usize, bool)>, Fault> {
    let mut sort = Vec::new();
    for part in asked
        .text("sort")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (title, descending) = match part.rsplit_once(' ') {
            Some((title, order)) if order.eq_ignore_ascii_case("desc") => (title, true),
            Some((title, order)) if order.eq_ignore_ascii_case("asc") => (title, false),
            _ => (part, false),
        };
        sort.push((
            column(table, "sort", title.trim().trim_matches('"'))?,
            descending,
        ));
    }
    Ok(sort)
}

fn columns(asked: &Asked, table: &OpenTable) -> Result<Vec<usize>, Fault> {
    let titles: Vec<String> = match asked.structure("fields")? {
        None => return Ok((0..table.columns.len()).collect()),
        Some(Json::String(text)) => text
            .split(',')
            .map(|title| title.trim().to_owned())
            .collect(),
        Some(Json::Array(titles)) => titles
            .iter()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
        Some(_) => return Err(invalid("fields", "Must be a list")),
    };
    titles
        .iter()
        .filter(|title| *title != "_id")
        .map(|title| column(table, "fields", title))
        .collect()
}
