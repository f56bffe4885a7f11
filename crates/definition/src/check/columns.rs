//! Cells of a table that no choice handed over to it can ever meet.

use crate::diagnostic::Sink;
use crate::model::{CellTest, Table};
use crate::yaml::{At, File};
use feel::{Passed, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Checks a table that no other package uses. A column is judged where every call hands over a choice: what a row of
/// today or later asks for must then be an option of one of them. A row that has ended may speak of what is no more.
pub(crate) fn check(table: &Table, file: &Arc<File>, sink: &mut Sink) {
    for (column, (name, _)) in table.inputs.iter().enumerate() {
        let Some(known) = handed_over(&sink.passed, &table.name, column + 1) else {
            continue;
        };
        for row in table.rows.iter().filter(|row| row.until.is_none()) {
            let Some(CellTest::Is(Value::Text(text))) = row.tests.get(column) else {
                continue;
            };
            if !known.contains(&**text) {
                let at = At {
                    line: row.line,
                    ..file.top()
                };
                let message = format!(
                    "入力「{name}」に渡される選択肢に「{text}」はないので、この行が使われることはありません。"
                );
                sink.error(&at, "unknown-option", message)
                    .hint_if(crate::diagnostic::nearest(
                        text,
                        known.iter().map(String::as_str),
                    ));
            }
        }
    }
}

/// All options that the calls of a function hand over in one place; none where one may hand over anything, or none does.
fn handed_over(passed: &[Passed], function: &str, param: usize) -> Option<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for one in passed {
        if one.function == function && one.param == param {
            known.extend(one.closed.as_ref()?.texts.iter().cloned());
        }
    }
    (!known.is_empty()).then_some(known)
}
