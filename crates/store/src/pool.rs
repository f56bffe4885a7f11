//! Read-only connections, as many as the machine has cores.

use crate::failure::Failure;
use crate::slow::Slow;
use parking_lot::{Condvar, Mutex};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// Statements kept ready on each connection; a list has one for each scope stream of each shape of filter.
const READY_STATEMENTS: usize = 160;

/// Opens a connection whose statements keep their plan whatever values they are given. Without that, one with `ORDER BY` on
/// the rest of a compound key is planned anew at each use, which costs more than most of our reads.
pub(crate) fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// A pool that opens connections as they are first needed.
pub(crate) struct Pool {
    path: PathBuf,
    most: usize,
    slow: Slow,
    idle: Mutex<Idle>,
    returned: Condvar,
}

struct Idle {
    connections: Vec<Connection>,
    open: usize,
}

impl Pool {
    pub(crate) fn new(path: &Path, most: usize, slow: Slow) -> Self {
        let idle = Idle {
            connections: Vec::new(),
            open: 0,
        };
        Self {
            path: path.to_owned(),
            most: most.max(1),
            slow,
            idle: Mutex::new(idle),
            returned: Condvar::new(),
        }
    }

    /// What took long on its connections and the writer's.
    pub(crate) fn slow(&self) -> &Slow {
        &self.slow
    }

    /// Runs a read on one connection, in one snapshot of the database.
    ///
    /// A read takes microseconds, so it runs where it is called: handing it to another thread and back would cost
    /// more than the read. The wait for a connection is as short, since none is held over an `await`.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let lent = Lent {
            pool: self,
            connection: Some(self.take()?),
        };
        match &lent.connection {
            Some(connection) => in_snapshot(connection, work),
            None => Err(Failure::Unavailable("no connection".into())),
        }
    }

    /// Runs long work on a connection of its own, which may have temporary tables, in one snapshot of the database.
    pub(crate) fn aside<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let connection = self.open_one()?;
        // It visits everything, some of it in another order than it lies in.
        connection.execute_batch("PRAGMA query_only = OFF; PRAGMA cache_size = -64000")?;
        in_snapshot(&connection, work)
    }

    fn take(&self) -> Result<Connection, Failure> {
        let mut idle = self.idle.lock();
        loop {
            if let Some(connection) = idle.connections.pop() {
                return Ok(connection);
            }
            if idle.open < self.most {
                idle.open += 1;
                drop(idle);
                return self.open_one().inspect_err(|_| self.idle.lock().open -= 1);
            }
            self.returned.wait(&mut idle);
        }
    }

    fn open_one(&self) -> Result<Connection, Failure> {
        // Write access is for the shared memory of the WAL only; `query_only` forbids the rest.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = open(&self.path, flags)?;
        self.slow.watch(&mut connection)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -12000; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000;")?;
        connection.set_prepared_statement_cache_capacity(READY_STATEMENTS);
        Ok(connection)
    }
}

/// A connection that goes back when its read is over. After a panic it is closed instead, since its snapshot may
/// still be open.
struct Lent<'p> {
    pool: &'p Pool,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self.pool.idle.lock();
        match self.connection.take().filter(|_| !std::thread::panicking()) {
            Some(connection) => idle.connections.push(connection),
            None => idle.open -= 1,
        }
        drop(idle);
        self.pool.returned.notify_one();
    }
}

fn in_snapshot<T>(
    db: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    db.prepare_cached("BEGIN")?.execute([])?;
    let outcome = work(db);
    // Nothing was written: ending the snapshot is all that either ending does.
    db.prepare_cached("COMMIT")?.execute([])?;
    outcome
}

#[cfg(test)]
mod tests {
    use super::open;
    use rusqlite::{OpenFlags, StatementStatus};

    #[test]
    fn a_statement_is_planned_once() {
        let dir = tempfile::tempdir().unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let db = open(&dir.path().join("one.sqlite"), flags).unwrap();
        db.execute_batch("CREATE TABLE t(a BLOB, b BLOB, PRIMARY KEY(a, b)) WITHOUT ROWID")
            .unwrap();
        for n in 0..3_u8 {
            let mut find = db
                .prepare_cached("SELECT b FROM t WHERE a = ?1 ORDER BY b")
                .unwrap();
            assert!(!find.exists([vec![n]]).unwrap());
            assert_eq!(find.get_status(StatementStatus::RePrepare), 0);
        }
    }
}
