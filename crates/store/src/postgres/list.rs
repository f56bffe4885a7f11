//! One page of an index: the streams of the actor's scopes, merged in key order, each record once.
//!
//! The filter is compiled as for SQLite. A stream comes in pieces, each with a limit and a keyset of its own, so that
//! nothing is read that no page shows; the first pieces of all streams come in one go.

use super::reads;
use super::session::{Answered, Batch, Session, Wants};
use crate::codec;
use crate::failure::Failure;
use crate::filter::{COLUMNS, Plan, holds, plan};
use crate::names::{Names, unpack_entries};
use crate::read::SCAN_AT_MOST;
use kernel::port::{ListCursor, ListQuery, Page};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::fmt::Write as _;
use tokio_postgres::types::ToSql;

/// Entries of a piece when none of the first fitted.
const MORE: usize = 1_000;

/// Lists.
pub(super) fn list(session: &Session, names: &Names, query: &ListQuery) -> Result<Page, Failure> {
    let Some(kind) = names.kind(session, &query.service, &query.record_type)? else {
        return Ok(Page::default());
    };
    let Some(index) = names.index(session, kind, &query.index)? else {
        return Ok(Page::default());
    };
    let ask = Ask {
        session,
        query,
        plan: plan(query)?,
        index,
    };
    let scopes = names.known_scopes(session, &query.scopes)?;
    let mut merge = Merge {
        streams: ask.streams(&scopes)?,
        ask,
    };
    let (rows, next, stopped) = merge.page()?;
    Ok(Page {
        items: reads::by_rows(session, &rows)?,
        next,
        stopped,
    })
}

struct Ask<'a> {
    session: &'a Session,
    query: &'a ListQuery,
    plan: Plan,
    index: i64,
}

/// An entry that the merge has come to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    keys: [Vec<u8>; 4],
    row: i64,
    fits: bool,
    /// All entries of its record, where a record may have several.
    entries: Option<Vec<u8>>,
}

struct Stream {
    scope: i64,
    heads: VecDeque<Head>,
    /// Where the last piece ended; none at the end of the stream.
    more: Option<ListCursor>,
}

impl Ask<'_> {
    /// `SELECT` of one piece.
    fn statement(&self, is_after: bool) -> String {
        let mut number = 0;
        let mut mark = move || {
            number += 1;
            format!("${number}")
        };
        let fits = self.plan.test.as_deref().unwrap_or("TRUE");
        let mut test = String::new();
        for (at, part) in fits.split('?').enumerate() {
            if at > 0 {
                test.push_str(&mark());
            }
            test.push_str(part);
        }
        let entries = match self.query.many {
            true => "(SELECT found.entries FROM found WHERE found.row = list_entry.row)",
            false => "NULL::bytea",
        };
        let mut sql = format!(
            "SELECT k1, k2, k3, k4, row, ({test}) AS fits, {entries} AS entries FROM list_entry WHERE index_no = {} AND scope = {}",
            mark(),
            mark()
        );
        // Writing to a String cannot fail.
        for column in COLUMNS.iter().take(self.plan.fixed.len()) {
            let _ = write!(sql, " AND {column} = {}", mark());
        }
        for (operator, _) in &self.plan.bounds {
            let _ = write!(
                sql,
                " AND {} {operator} {}",
                COLUMNS[self.plan.fixed.len()],
                mark()
            );
        }
        let ordered: Vec<&str> = COLUMNS
            .iter()
            .skip(self.plan.fixed.len())
            .copied()
            .chain(["row"])
            .collect();
        if is_after {
            let side = if self.query.descending { "<" } else { ">" };
            let marks: Vec<String> = ordered.iter().map(|_| mark()).collect();
            let _ = write!(
                sql,
                " AND ({}) {side} ({})",
                ordered.join(", "),
                marks.join(", ")
            );
        }
        let way = if self.query.descending { " DESC" } else { "" };
        let order = ordered.join(&format!("{way}, "));
        let _ = write!(sql, " ORDER BY {order}{way} LIMIT {}", mark());
        sql
    }

    fn values<'v>(
        &'v self,
        scope: i64,
        after: Option<&'v ListCursor>,
        limit: usize,
    ) -> Vec<Box<dyn ToSql + Sync + 'v>> {
        let mut values: Vec<Box<dyn ToSql + Sync + 'v>> = Vec::with_capacity(16);
        let bytes = |value: &'v Vec<u8>| Box::new(value) as Box<dyn ToSql + Sync + 'v>;
        values.extend(self.plan.values.iter().map(bytes));
        values.push(Box::new(self.index));
        values.push(Box::new(scope));
        values.extend(self.plan.fixed.iter().map(bytes));
        values.extend(self.plan.bounds.iter().map(|(_, value)| bytes(value)));
        if let Some(after) = after {
            for at in self.plan.fixed.len()..COLUMNS.len() {
                values.push(Box::new(after.keys.get(at).cloned().unwrap_or_default()));
            }
            values.push(Box::new(after.row));
        }
        values.push(Box::new(codec::limit(limit)));
        values
    }

    /// The streams with their first pieces.
    fn streams(&self, scopes: &[u32]) -> Result<Vec<Stream>, Failure> {
        let first = self.query.limit.saturating_add(2);
        let after = self.query.after.as_ref();
        let sql = self.statement(after.is_some());
        let mut batch = Batch::default();
        for scope in scopes {
            let values = self.values(i64::from(*scope), after, first);
            batch.push(self.session, &sql, values, Wants::Rows)?;
        }
        let mut streams = Vec::with_capacity(scopes.len());
        for (answer, scope) in self.session.pipeline(&batch)?.into_iter().zip(scopes) {
            let mut stream = Stream {
                scope: i64::from(*scope),
                heads: VecDeque::new(),
                more: None,
            };
            if let Answered::Rows(rows) = answer? {
                stream.take(&rows, first)?;
            }
            streams.push(stream);
        }
        Ok(streams)
    }

    fn fill(&self, stream: &mut Stream) -> Result<(), Failure> {
        let Some(after) = stream.more.take() else {
            return Ok(());
        };
        let values = self.values(stream.scope, Some(&after), MORE);
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
        let rows = self.session.rows(&self.statement(true), &values)?;
        stream.take(&rows, MORE)
    }

    fn order(&self, a: &Head, b: &Head) -> Ordering {
        match self.query.descending {
            true => b.cmp(a),
            false => a.cmp(b),
        }
    }

    /// A record of several entries stands where the first of them that fits stands: whether none lies before this one.
    fn is_first(&self, head: &Head) -> Result<bool, Failure> {
        if !self.query.many {
            return Ok(true);
        }
        let before = match self.query.descending {
            true => Ordering::Greater,
            false => Ordering::Less,
        };
        let entries = head.entries.as_deref().ok_or_else(|| {
            Failure::damaged(format!("record {} is indexed, yet not found", head.row))
        })?;
        let here = head.keys.iter().map(Vec::as_slice);
        Ok(!unpack_entries(entries)?.iter().any(|(index, entry)| {
            let there = (0..COLUMNS.len()).map(|at| entry.get(at).map_or(&[][..], Vec::as_slice));
            *index == self.index
                && there.cmp(here.clone()) == before
                && holds(&self.query.filter, &self.query.keys, entry)
        }))
    }

    fn cursor(&self, head: &Head) -> ListCursor {
        let keys = self.query.keys.len().min(COLUMNS.len());
        ListCursor {
            keys: head.keys.iter().take(keys).cloned().collect(),
            row: head.row,
        }
    }
}

impl Stream {
    fn take(&mut self, rows: &[tokio_postgres::Row], asked: usize) -> Result<(), Failure> {
        for row in rows {
            let key = |at: usize| row.try_get::<_, Vec<u8>>(at).map_err(Failure::damaged);
            // By place here and only here: this runs for each of thousands of entries.
            self.heads.push_back(Head {
                keys: [key(0)?, key(1)?, key(2)?, key(3)?],
                row: row.try_get(4).map_err(Failure::damaged)?,
                fits: row.try_get(5).map_err(Failure::damaged)?,
                entries: row.try_get(6).map_err(Failure::damaged)?,
            });
        }
        if let Some(last) = self.heads.back().filter(|_| rows.len() == asked) {
            self.more = Some(ListCursor {
                keys: last.keys.to_vec(),
                row: last.row,
            });
        }
        Ok(())
    }
}

struct Merge<'a> {
    ask: Ask<'a>,
    streams: Vec<Stream>,
}

type Merged = (Vec<i64>, Option<ListCursor>, bool);

impl Merge<'_> {
    fn page(&mut self) -> Result<Merged, Failure> {
        let (mut rows, mut scanned, mut end) = (Vec::new(), 0, None);
        while let Some(head) = self.pop(&mut scanned)? {
            if head.fits && self.ask.is_first(&head)? {
                if rows.len() == self.ask.query.limit {
                    return Ok((rows, end, false));
                }
                rows.push(head.row);
                end = Some(self.ask.cursor(&head));
            }
            if scanned >= SCAN_AT_MOST {
                return Ok((rows, Some(self.ask.cursor(&head)), true));
            }
        }
        Ok((rows, None, false))
    }

    /// The first entry of all streams; equal ones of other streams go with it.
    fn pop(&mut self, scanned: &mut usize) -> Result<Option<Head>, Failure> {
        for stream in &mut self.streams {
            if stream.heads.is_empty() {
                self.ask.fill(stream)?;
            }
        }
        let heads = self
            .streams
            .iter()
            .filter_map(|stream| stream.heads.front());
        let Some(first) = heads.min_by(|a, b| self.ask.order(a, b)).cloned() else {
            return Ok(None);
        };
        for stream in &mut self.streams {
            if stream.heads.front() == Some(&first) {
                stream.heads.pop_front();
                *scanned += 1;
            }
        }
        Ok(Some(first))
    }
}
