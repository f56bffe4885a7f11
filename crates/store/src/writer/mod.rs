//! The one writer: a thread that takes whatever waits as one group, and commits it with one fsync.

mod act;
mod event;
mod group;
pub(crate) mod heal;
mod ledger;
mod pending;
mod ready;
mod record;
pub(crate) mod side;

use crate::failure::Failure;
use crate::pool;
use crate::queue::{self, Queue};
pub(crate) use group::Parts;
use kernel::port::StoreError;
use parking_lot::FairMutex;
pub(crate) use ready::{Ready, Step, Work};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;

/// The row of `counter` that says which key was given out last.
pub(crate) const KEY_COUNTER: &str = "@key";

type Write = Box<dyn FnOnce(&Connection) -> Result<u64, Failure> + Send>;
type Job = queue::Job<Write>;
/// Held while a group is written. Who waits for it gets it before the next group.
pub(crate) type Turn = Arc<FairMutex<()>>;
/// The way to the writer.
pub(crate) type Handle = Queue<Write>;

/// Opens the writing connection.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = pool::open(path, flags)?;
    // Deleted personal data is overwritten. Checkpoints are ours to time: after the answers, not before them.
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -24000; PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 2000; PRAGMA foreign_keys = OFF;",
    )?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

impl Handle {
    pub(crate) fn start(parts: Parts, queue: usize) -> std::io::Result<Self> {
        Self::spawn(Arc::clone(&parts.counters), queue, move |inbox, notes| {
            group::Writer::new(parts, notes).run(inbox);
        })
    }

    /// Does any other write in the next group.
    pub(crate) async fn write(
        &self,
        write: impl FnOnce(&crate::db::Connection<'_>) -> Result<u64, Failure> + Send + 'static,
    ) -> Result<u64, StoreError> {
        self.put(Box::new(move |db: &Connection| write(&db.into())))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::{Handle, Parts, connect};
    use crate::counters::Counters;
    use crate::house::accounts;
    use crate::keyring::Keyring;
    use crate::schema;
    use kernel::port::StoreError;
    use parking_lot::Mutex;
    use std::fs::File;
    use std::sync::Arc;

    /// A writer whose disk is full after some forty pages more.
    fn nearly_full(dir: &std::path::Path, health: &Arc<Mutex<Option<String>>>) -> Arc<Handle> {
        let path = dir.join("tsumugi.sqlite");
        let file = |path| {
            File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)
                .unwrap()
        };
        drop(file(path.clone()));
        let mut db = connect(&path).unwrap();
        schema::migrate(&mut db).unwrap().unwrap();
        let pages: i64 = db
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        db.query_row(
            &format!("PRAGMA max_page_count = {}", pages + 40),
            [],
            |_| Ok(()),
        )
        .unwrap();
        let counters = Arc::new(Counters::default());
        let keys = Keyring::open(
            dir,
            &crate::masters::Masters::default(),
            0,
            Box::new(|bytes| bytes.fill(7)),
            Arc::clone(&counters),
        );
        Arc::new(
            Handle::start(
                Parts {
                    db,
                    path,
                    slow: crate::slow::Slow::default(),
                    keys: Arc::new(keys.unwrap()),
                    counters,
                    health: Arc::clone(health),
                    turn: super::Turn::default(),
                },
                64,
            )
            .unwrap(),
        )
    }

    #[tokio::test]
    async fn what_a_full_disk_refused_is_not_acknowledged_and_the_rest_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let health = Arc::default();
        let handle = nearly_full(dir.path(), &health);
        let large = "x".repeat(20_000);
        let writers = (0..30).map(|n| {
            let (handle, large) = (Arc::clone(&handle), large.clone());
            tokio::spawn(async move {
                handle
                    .write(move |db| accounts::put_setting(db, &format!("s{n}"), &large))
                    .await
            })
        });
        let mut acknowledged = Vec::new();
        for (n, writer) in writers.collect::<Vec<_>>().into_iter().enumerate() {
            match writer.await.unwrap() {
                Ok(_) => acknowledged.push(n),
                Err(StoreError::Unavailable(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        // One after the other: the first that finds no room makes health red.
        for n in 30..60 {
            let large = large.clone();
            let write = move |db: &crate::db::Connection<'_>| {
                accounts::put_setting(db, &format!("s{n}"), &large)
            };
            if handle.write(write).await.is_err() {
                break;
            }
            assert_eq!(*health.lock(), None);
            acknowledged.push(n);
        }
        assert!((1..=8).contains(&acknowledged.len()), "{acknowledged:?}");
        assert!(health.lock().is_some());
        let small = |db: &crate::db::Connection<'_>| accounts::put_setting(db, "small", "fits");
        handle.write(small).await.unwrap();
        assert_eq!(*health.lock(), None, "it recovers by itself");
        drop(handle);
        let db = connect(&dir.path().join("tsumugi.sqlite")).unwrap();
        for n in 0..60 {
            let kept = accounts::setting(&(&db).into(), &format!("s{n}")).unwrap();
            assert_eq!(kept.is_some(), acknowledged.contains(&n), "setting {n}");
        }
    }
}
