//! The file of a run. It lies sealed, for thirty days, and nothing of its rows is kept anywhere else: what is shown of
//! them is read from it, no further than is needed, and never on a thread that others wait for.

use super::{Importing, LIMITS, row};
use crate::{Engine, Failure};
use kernel::intake::Found;
use kernel::shelf::ImportRun;
use sheet::{Go, Row, Sniffed, Table};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows shown in a preview.
const SAMPLE: usize = 10;
/// Rows among which they are looked for.
const SAMPLED: usize = 200;

/// What a file is, without its rows.
pub(super) struct Outline {
    /// What it was found to be.
    pub(super) sniffed: Sniffed,
    /// Headings.
    pub(super) heads: Vec<String>,
    /// Rows below them.
    pub(super) rows: usize,
}

impl Engine {
    /// The content of a run's file.
    pub(super) async fn content_of(&self, run: &ImportRun) -> Result<Vec<u8>, Failure> {
        let content = self.store.attachment_content(run.upload).await?;
        content.ok_or_else(|| {
            let detail = "ファイルの保存の期間が過ぎました。もう一度ファイルを選んでください。";
            Failure::invalid("/input/upload", "gone", detail)
        })
    }

    /// The first rows of a run as they will be taken: titles of fields and their values. None once its file is not
    /// kept any more.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn import_sample(
        &self,
        what: &Importing,
        run: &ImportRun,
    ) -> Result<Vec<Vec<(String, String)>>, Failure> {
        let content = match self.content_of(run).await {
            Err(Failure::Refused(_)) => return Ok(Vec::new()),
            other => other?,
        };
        let table = head(content, SAMPLED).await?;
        let found = Found::new(&what.import, &table.heads);
        let (calendar, today) = (Arc::clone(&self.catalogue().calendar), self.today());
        let intake = row::intake(what, &calendar, today);
        let rows = table.rows.iter();
        let taken = rows.filter_map(|row| intake.row(&found, &row.cells).ok());
        let shown = |taken: kernel::intake::Taken| {
            let fields = taken.input.iter().filter_map(|(name, json)| {
                let field = what.record_type.fields.get(name)?;
                let text = kernel::render::field_text(&what.service, field, json, today);
                Some((field.title.clone(), text))
            });
            fields.collect()
        };
        Ok(taken.take(SAMPLE).map(shown).collect())
    }
}

/// Reads a whole file.
pub(super) async fn read(content: Vec<u8>) -> Result<Table, Failure> {
    aside(move || sheet::read(&content, &LIMITS)).await
}

/// Reads the headings and so many rows.
async fn head(content: Vec<u8>, most: usize) -> Result<Table, Failure> {
    aside(move || {
        let mut rows = Vec::new();
        let sniffed = sheet::each_row(&content, &LIMITS, |row| {
            rows.push(row);
            if rows.len() > most { Go::Stop } else { Go::On }
        })?;
        let heads = heads_of(&mut rows);
        Ok(Table {
            sniffed,
            heads,
            rows,
        })
    })
    .await
}

/// Reads a file through, and keeps its headings only.
pub(super) async fn outline(content: Vec<u8>) -> Result<Outline, Failure> {
    aside(move || {
        let (mut first, mut count) = (Vec::new(), 0);
        let sniffed = sheet::each_row(&content, &LIMITS, |row| {
            match first.is_empty() {
                true => first.push(row),
                false => count += 1,
            }
            Go::On
        })?;
        Ok(Outline {
            sniffed,
            heads: heads_of(&mut first),
            rows: count,
        })
    })
    .await
}

/// The headings, and the cells of rows by their numbers, which are given in ascending order.
pub(super) async fn some(
    content: Vec<u8>,
    numbers: Vec<usize>,
) -> Result<(Vec<String>, BTreeMap<usize, Vec<String>>), Failure> {
    aside(move || {
        let (mut first, mut found) = (Vec::new(), BTreeMap::new());
        let last = numbers.last().copied().unwrap_or(0);
        sheet::each_row(&content, &LIMITS, |row| {
            let number = row.number;
            if first.is_empty() {
                first.push(row);
            } else if numbers.binary_search(&number).is_ok() {
                found.insert(number, row.cells);
            }
            if number < last { Go::On } else { Go::Stop }
        })?;
        Ok((heads_of(&mut first), found))
    })
    .await
}

fn heads_of(rows: &mut Vec<Row>) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let first = rows.remove(0);
    first
        .cells
        .iter()
        .map(|head| head.trim().to_owned())
        .collect()
}

/// Does what takes long where it keeps nobody waiting.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, sheet::ReadFault> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?
        .map_err(|fault| Failure::invalid("/input/upload", "file", fault.to_string()))
}
