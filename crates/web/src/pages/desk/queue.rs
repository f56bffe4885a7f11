//! What waits for one official over all services and record types, in one list by deadline.

use super::super::naming;
use super::super::show::left;
use super::table;
use definition::model::ViewColumn;
use engine::{Board, RecordView};
use jiff::civil::Date;
use kernel::RecordId;
use std::collections::BTreeSet;

/// Rows of the list: what does not fit stands in the lists that it came from.
const MOST: usize = 60;

/// One record that waits.
pub(super) struct Waiting {
    pub(super) href: String,
    /// What it is called.
    pub(super) name: String,
    /// What else its list tells of it, as heading and value.
    pub(super) facts: Vec<(String, String)>,
    /// The kind of record.
    pub(super) kind: String,
    /// What is to be done: the title of its list.
    pub(super) task: String,
    pub(super) arrived: String,
    pub(super) due: Option<(String, &'static str)>,
    /// Whether it has changed since this official last looked at it.
    pub(super) updated: bool,
}

/// All that waits, as far as one page holds it.
pub(super) struct Queue {
    pub(super) rows: Vec<Waiting>,
    /// Lists that hold more than is shown here: link and title.
    pub(super) more: Vec<(String, String)>,
}

/// Merges what waits for one of `roles` in these lists and is not `told` yet: the earliest deadline first, then what
/// arrived first.
pub(super) fn merge(
    boards: &[Board],
    told: BTreeSet<RecordId>,
    roles: &[String],
    today: Date,
) -> Queue {
    let mut seen = told;
    let mut found = Vec::new();
    for board in boards {
        for (record, cells) in &board.rows {
            let waits = |who: &String| roles.contains(who);
            if record.waits_for.as_ref().is_some_and(waits) && seen.insert(record.id) {
                found.push((board, record, cells));
            }
        }
    }
    found.sort_by_key(|(_, record, _)| {
        let due = record.deadline();
        (due.is_none(), due, record.arrived_on, record.created_at)
    });
    let cut = found.split_off(found.len().min(MOST));
    let mut more: Vec<(String, String)> = Vec::new();
    let waiting = |board: &&Board| found.iter().any(|(of, _, _)| std::ptr::eq(*of, *board));
    let longer = boards
        .iter()
        .filter(|board| board.next.is_some())
        .filter(waiting);
    for board in longer.chain(cut.iter().map(|(board, _, _)| *board)) {
        let title = format!("{}（{}）", board.title, board.record_type.title);
        let one = (table::href(board), title);
        if !more.contains(&one) {
            more.push(one);
        }
    }
    let rows = found
        .iter()
        .map(|(board, record, cells)| row(board, record, cells, today));
    Queue {
        rows: rows.collect(),
        more,
    }
}

fn row(board: &Board, record: &RecordView, cells: &[String], today: Date) -> Waiting {
    let view = board.record_type.views.get(&board.view);
    let columns = view.map(|view| &view.columns[..]).unwrap_or_default();
    let told = columns.iter().zip(cells);
    let facts = told.filter(|(column, cell)| !cell.is_empty() && !stands_apart(column));
    Waiting {
        href: naming::page(record),
        name: naming::called(record),
        facts: facts
            .map(|(column, cell)| (column.title.clone(), cell.clone()))
            .collect(),
        kind: record.record_type.title.clone(),
        task: board.title.clone(),
        due: record.deadline().map(|day| left(day, today)),
        updated: board.updated.contains(&record.id),
        arrived: record
            .arrived_on
            .map(japanese::wareki::format)
            .unwrap_or_default(),
    }
}

/// Whether a column says what has a place of its own in the list.
fn stands_apart(column: &ViewColumn) -> bool {
    const OWN: [&str; 4] = ["number", "label", "arrived_on", "due"];
    let reads = column.value.reads();
    !reads.is_empty()
        && reads
            .iter()
            .all(|path| matches!(&path[..], [one] if OWN.contains(&one.as_str())))
}
