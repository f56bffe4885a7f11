//! Statements that took long, for the operator's page. Their text has placeholders, never values.

use parking_lot::Mutex;
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What takes longer is kept.
const LONG: Duration = Duration::from_millis(100);
/// Statements kept at most; those of lists differ by filter.
const MOST: usize = 64;

/// A statement that took long, since the store was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowStatement {
    /// Its text.
    pub statement: String,
    /// How often.
    pub times: u64,
    /// All of them together.
    pub total: Duration,
    /// The longest.
    pub longest: Duration,
}

/// What took long. Cheap to share.
#[derive(Clone, Default)]
pub(crate) struct Slow(Arc<Mutex<HashMap<String, SlowStatement>>>);

impl Slow {
    /// Watches a connection.
    pub(crate) fn watch(&self, db: &mut Connection) -> rusqlite::Result<()> {
        let slow = self.clone();
        let seen = move |event: TraceEvent<'_>| {
            if let TraceEvent::Profile(statement, took) = event
                && took >= LONG
            {
                slow.note(&statement.sql(), took);
            }
        };
        db.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(seen))
    }

    fn note(&self, sql: &str, took: Duration) {
        let mut all = self.0.lock();
        if all.len() >= MOST && !all.contains_key(sql) {
            return;
        }
        let one = all.entry(sql.to_owned()).or_insert_with(|| SlowStatement {
            statement: sql.to_owned(),
            times: 0,
            total: Duration::ZERO,
            longest: Duration::ZERO,
        });
        one.times += 1;
        one.total += took;
        one.longest = one.longest.max(took);
    }

    /// All of them, those first that took most together.
    pub(crate) fn all(&self) -> Vec<SlowStatement> {
        let mut all: Vec<_> = self.0.lock().values().cloned().collect();
        all.sort_by(|a, b| {
            b.total
                .cmp(&a.total)
                .then_with(|| a.statement.cmp(&b.statement))
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_kept_without_its_values() {
        let mut db = Connection::open_in_memory().unwrap();
        let slow = Slow::default();
        slow.watch(&mut db).unwrap();
        db.query_row("SELECT ?1", ["柴崎"], |_| Ok(())).unwrap();
        assert!(slow.all().is_empty());
        let long = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?1) SELECT max(n) FROM t WHERE n <> ?2";
        // Until it takes long enough, on whatever machine.
        let mut rows = 200_000;
        while slow.all().is_empty() {
            db.query_row(long, rusqlite::params![rows, "柴崎"], |_| Ok(()))
                .unwrap();
            rows *= 4;
        }
        let all = slow.all();
        assert_eq!((all.len(), all[0].times), (1, 1));
        assert!(all[0].statement.contains("?2") && !all[0].statement.contains("柴崎"));
        for n in 0..2 * MOST {
            slow.note(&n.to_string(), LONG);
        }
        assert_eq!(slow.all().len(), MOST);
    }
}
