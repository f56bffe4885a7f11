//! Read-only connections, as many as the machine has cores.

use crate::failure::Failure;
use parking_lot::{Condvar, Mutex};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// Statements kept ready on each connection; a list has one for each scope stream of each shape of filter.
const READY_STATEMENTS: usize = 160;

/// A pool that opens connections as they are first needed.
pub(crate) struct Pool {
    path: PathBuf,
    most: usize,
    idle: Mutex<Idle>,
    returned: Condvar,
}

struct Idle {
    connections: Vec<Connection>,
    open: usize,
}

impl Pool {
    pub(crate) fn new(path: &Path, most: usize) -> Self {
        let idle = Idle {
            connections: Vec::new(),
            open: 0,
        };
        Self {
            path: path.to_owned(),
            most: most.max(1),
            idle: Mutex::new(idle),
            returned: Condvar::new(),
        }
    }

    /// Runs a read on one connection, in one snapshot of the database.
    ///
    /// A read takes microseconds, so it runs where it is called: handing it to another thread and back would cost
    /// more than the read. The wait for a connection is as short, since none is held over an `await`.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let connection = self.take()?;
        let outcome = in_snapshot(&connection, work);
        self.idle.lock().connections.push(connection);
        self.returned.notify_one();
        outcome
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
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -6000; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000;")?;
        connection.set_prepared_statement_cache_capacity(READY_STATEMENTS);
        Ok(connection)
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
