//! One page of an index: the streams of the actor's scopes, merged in key order, each record once.

use super::{SCAN_AT_MOST, records};
use crate::failure::Failure;
use crate::filter::{COLUMNS, Plan, holds, plan};
use crate::names::{Names, unpack_entries};
use kernel::port::{ListCursor, ListQuery, Page};
use rusqlite::types::ToSql;
use rusqlite::{CachedStatement, Connection, Row, Rows};
use std::cmp::Ordering;
use std::fmt::Write as _;

/// Lists.
pub(crate) fn list(db: &Connection, names: &Names, query: &ListQuery) -> Result<Page, Failure> {
    let Some(kind) = names.kind(db, &query.service, &query.record_type)? else {
        return Ok(Page::default());
    };
    let Some(index) = names.index(db, kind, &query.index)? else {
        return Ok(Page::default());
    };
    let scopes = names.known_scopes(db, &query.scopes)?;
    let plan = plan(query)?;
    let sql = statement(query, &plan);
    // A statement for each stream: the note at its end keeps them apart in the cache of ready statements.
    let texts: Vec<String> = (0..scopes.len())
        .map(|stream| format!("{sql} /*{stream}*/"))
        .collect();
    let mut statements = texts
        .iter()
        .map(|text| db.prepare_cached(text))
        .collect::<Result<Vec<_>, _>>()?;
    let mut streams = Vec::with_capacity(scopes.len());
    for (statement, scope) in statements.iter_mut().zip(&scopes) {
        let values = values(query, &plan, &index, scope);
        streams.push(Stream {
            rows: statement.query(values.as_slice())?,
            head: None,
        });
    }
    let merged = Merge {
        streams,
        once: query
            .many
            .then(|| Once::new(db, query, index))
            .transpose()?,
        keys: query.keys.len().min(COLUMNS.len()),
        descending: query.descending,
    }
    .page(query.limit)?;
    let items = records::by_rows(db, merged.rows.into_iter())?;
    Ok(Page {
        items,
        next: merged.next,
        stopped: merged.stopped,
    })
}

/// `SELECT` of one scope's stream; bare `?` are numbered in the order of [`values`].
fn statement(query: &ListQuery, plan: &Plan) -> String {
    let fits = plan.test.as_deref().unwrap_or("1");
    let mut sql = format!(
        "SELECT k1, k2, k3, k4, row, ({fits}) AS fits FROM list_entry WHERE index_no = ? AND scope = ?"
    );
    for column in COLUMNS.iter().take(plan.fixed.len()) {
        // Writing to a String cannot fail.
        let _ = write!(sql, " AND {column} = ?");
    }
    for (operator, _) in &plan.bounds {
        let _ = write!(sql, " AND {} {operator} ?", COLUMNS[plan.fixed.len()]);
    }
    let ordered: Vec<&str> = COLUMNS
        .iter()
        .skip(plan.fixed.len())
        .copied()
        .chain(["row"])
        .collect();
    if query.after.is_some() {
        let (marks, side) = (
            vec!["?"; ordered.len()].join(", "),
            if query.descending { "<" } else { ">" },
        );
        let _ = write!(sql, " AND ({}) {side} ({marks})", ordered.join(", "));
    }
    let way = if query.descending { " DESC" } else { "" };
    let _ = write!(sql, " ORDER BY {}{way}", ordered.join(&format!("{way}, ")));
    sql
}

fn values<'v>(
    query: &'v ListQuery,
    plan: &'v Plan,
    index: &'v i64,
    scope: &'v u32,
) -> Vec<&'v dyn ToSql> {
    let mut values: Vec<&dyn ToSql> = Vec::with_capacity(16);
    values.extend(plan.values.iter().map(|value| value as &dyn ToSql));
    values.extend([index as &dyn ToSql, scope as &dyn ToSql]);
    values.extend(plan.fixed.iter().map(|value| value as &dyn ToSql));
    values.extend(plan.bounds.iter().map(|(_, value)| value as &dyn ToSql));
    if let Some(after) = &query.after {
        const EMPTY: &[u8] = &[];
        for at in plan.fixed.len()..COLUMNS.len() {
            values.push(
                after
                    .keys
                    .get(at)
                    .map_or(&EMPTY as &dyn ToSql, |key| key as &dyn ToSql),
            );
        }
        values.push(&after.row);
    }
    values
}

struct Stream<'s> {
    rows: Rows<'s>,
    head: Option<Head>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    keys: [Vec<u8>; 4],
    row: i64,
    fits: bool,
}

impl Stream<'_> {
    fn step(&mut self) -> Result<(), Failure> {
        self.head = self.rows.next()?.map(head).transpose()?;
        Ok(())
    }
}

fn head(row: &Row<'_>) -> Result<Head, Failure> {
    let key = |at: usize| -> Result<Vec<u8>, Failure> {
        Ok(row
            .get_ref(at)?
            .as_blob()
            .map_err(Failure::damaged)?
            .to_vec())
    };
    // By place here and only here: this runs for each of thousands of entries.
    Ok(Head {
        keys: [key(0)?, key(1)?, key(2)?, key(3)?],
        row: row.get(4)?,
        fits: row.get(5)?,
    })
}

struct Merge<'s> {
    streams: Vec<Stream<'s>>,
    once: Option<Once<'s>>,
    keys: usize,
    descending: bool,
}

/// A record of several entries stands in the list where the first of them that fits stands. That is told from the
/// record itself, so that a page needs to know nothing of the pages before it.
struct Once<'s> {
    find: CachedStatement<'s>,
    query: &'s ListQuery,
    index: i64,
}

impl<'s> Once<'s> {
    fn new(db: &'s Connection, query: &'s ListQuery, index: i64) -> Result<Self, Failure> {
        Ok(Self {
            find: db.prepare_cached("SELECT entries FROM found WHERE row = ?1")?,
            query,
            index,
        })
    }

    /// Whether no entry of the record that fits lies before this one.
    fn is_first(&mut self, head: &Head) -> Result<bool, Failure> {
        let before = if self.query.descending {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        let mut rows = self.find.query([head.row])?;
        let row = rows.next()?.ok_or_else(|| {
            Failure::damaged(format!("record {} is indexed, yet not found", head.row))
        })?;
        let entries = row.get_ref("entries")?;
        let entries = unpack_entries(entries.as_blob().map_err(Failure::damaged)?)?;
        let here = head.keys.iter().map(Vec::as_slice);
        Ok(!entries.iter().any(|(index, entry)| {
            let there = (0..COLUMNS.len()).map(|at| entry.get(at).map_or(&[][..], Vec::as_slice));
            *index == self.index
                && there.cmp(here.clone()) == before
                && holds(&self.query.filter, &self.query.keys, entry)
        }))
    }
}

#[derive(Default)]
struct Merged {
    rows: Vec<i64>,
    next: Option<ListCursor>,
    stopped: bool,
}

impl Merge<'_> {
    fn page(mut self, limit: usize) -> Result<Merged, Failure> {
        let mut merged = Merged::default();
        let (mut scanned, mut end) = (0, None);
        for stream in &mut self.streams {
            stream.step()?;
        }
        while let Some(head) = self.pop(&mut scanned)? {
            if head.fits && self.is_first(&head)? {
                if merged.rows.len() == limit {
                    merged.next = end;
                    return Ok(merged);
                }
                merged.rows.push(head.row);
                end = Some(self.cursor(&head));
            }
            if scanned >= SCAN_AT_MOST {
                merged.next = Some(self.cursor(&head));
                merged.stopped = true;
                return Ok(merged);
            }
        }
        Ok(merged)
    }

    fn is_first(&mut self, head: &Head) -> Result<bool, Failure> {
        self.once
            .as_mut()
            .map_or(Ok(true), |once| once.is_first(head))
    }

    /// The first entry of all streams; equal ones of other streams go with it.
    fn pop(&mut self, scanned: &mut usize) -> Result<Option<Head>, Failure> {
        let first = self
            .streams
            .iter()
            .filter_map(|stream| stream.head.as_ref())
            .min_by(|a, b| self.order(a, b))
            .cloned();
        let Some(first) = first else { return Ok(None) };
        for stream in &mut self.streams {
            if stream.head.as_ref() == Some(&first) {
                stream.step()?;
                *scanned += 1;
            }
        }
        Ok(Some(first))
    }

    fn order(&self, a: &Head, b: &Head) -> Ordering {
        if self.descending { b.cmp(a) } else { a.cmp(b) }
    }

    fn cursor(&self, head: &Head) -> ListCursor {
        ListCursor {
            keys: head.keys.iter().take(self.keys).cloned().collect(),
            row: head.row,
        }
    }
}
