//! CSV (RFC 4180) with the place of every cell. Quoted cells may hold commas, quotes and breaks.

use crate::yaml::{At, File};
use std::sync::Arc;

/// One cell and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    start: usize,
}

impl Cell {
    pub(crate) fn at(&self, file: &Arc<File>) -> At {
        file.at(self.start, self.text.chars().count().max(1))
    }
}

/// Rows of cells; empty lines are left out.
pub(crate) fn rows(text: &str) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < text.len() {
        let (cell, next) = cell(text, at);
        row.push(cell);
        at = next;
        match text.as_bytes().get(at) {
            Some(b',') => {
                at += 1;
                if at == text.len() {
                    row.push(Cell {
                        text: String::new(),
                        start: at,
                    });
                }
            }
            _ => {
                at += text.get(at..).map_or(0, |rest| {
                    if rest.starts_with("\r\n") {
                        2
                    } else {
                        usize::from(!rest.is_empty())
                    }
                });
                finish(&mut row, &mut rows);
            }
        }
    }
    finish(&mut row, &mut rows);
    rows
}

fn finish(row: &mut Vec<Cell>, rows: &mut Vec<Vec<Cell>>) {
    let row = std::mem::take(row);
    if row.len() > 1 || row.first().is_some_and(|cell| !cell.text.is_empty()) {
        rows.push(row);
    }
}

fn cell(text: &str, start: usize) -> (Cell, usize) {
    let rest = text.get(start..).unwrap_or("");
    if !rest.starts_with('"') {
        let len = rest.find([',', '\n', '\r']).unwrap_or(rest.len());
        return (
            Cell {
                text: rest.get(..len).unwrap_or("").trim().to_owned(),
                start,
            },
            start + len,
        );
    }
    let mut out = String::new();
    let mut at = 1;
    while let Some(tail) = rest.get(at..) {
        match tail.find('"') {
            Some(quote) => {
                out.push_str(tail.get(..quote).unwrap_or(""));
                at += quote + 1;
                if !rest.get(at..).is_some_and(|after| after.starts_with('"')) {
                    break;
                }
                out.push('"');
                at += 1;
            }
            None => {
                out.push_str(tail);
                at = rest.len();
                break;
            }
        }
    }
    // What stands between the closing quote and the next comma is no part of a cell.
    let len = rest
        .get(at..)
        .map_or(0, |tail| tail.find([',', '\n', '\r']).unwrap_or(tail.len()));
    (Cell { text: out, start }, start + at + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<Vec<String>> {
        rows(text)
            .into_iter()
            .map(|row| row.into_iter().map(|cell| cell.text).collect())
            .collect()
    }

    #[test]
    fn quotes_commas_breaks() {
        assert_eq!(
            texts("a,b\r\n\"x,\"\"y\"\"\n\",z\n\n1,"),
            [vec!["a", "b"], vec!["x,\"y\"\n", "z"], vec!["1", ""]]
        );
        assert_eq!(texts("\u{feff}a\n"), [vec!["a"]]);
        assert!(texts("").is_empty());
        assert_eq!(texts("\"open"), [vec!["open"]]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[ab,\"\r\n花]{0,40}") {
            let _ = rows(&text);
        }
    }
}
