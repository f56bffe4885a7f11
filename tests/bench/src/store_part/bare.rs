//! The bare writer: rusqlite, one thread, group commit, the same statements with the same bytes, and nothing else.

use super::commits::{CALLERS, Run, cpu};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use store::Counts;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// Tables into which every act writes, with the column that says to which record a row belongs.
const TABLES: [(&str, &str); 8] = [
    ("event", "position"),
    ("record", "row"),
    ("found", "row"),
    ("list_entry", "row"),
    ("timer", "rowno"),
    ("outbox", "no"),
    ("unique_value", "claimed"),
    ("idempotency", "keyed"),
];
const NAMES: [&str; 3] = ["kind", "index_name", "scope_name"];
/// An upload lies there before the act that takes it into use.
const UPLOADS: &str = "attachment";
const TAKE_UPLOAD: &str =
    "UPDATE attachment SET record = coalesce(record, ?2) WHERE id = ?1 AND doomed = 0";

/// The rows of one act: for each table its rows.
type Act = Vec<(usize, Vec<Value>)>;

/// What a store wrote, act by act.
pub(crate) struct Rows {
    inserts: Vec<String>,
    names: Vec<(String, Vec<Vec<Value>>)>,
    acts: Vec<Act>,
    documents: Vec<String>,
}

impl Rows {
    /// Reads back what the store has written.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        let db = Connection::open(path)?;
        let mut acts: BTreeMap<i64, Act> = BTreeMap::new();
        let mut inserts = Vec::new();
        for (table, (name, owner)) in TABLES.iter().enumerate() {
            let owner = match *owner {
                "rowno" => "(SELECT row FROM record WHERE id = timer.record)".to_owned(),
                "claimed" => "(SELECT row FROM record WHERE id = unique_value.record)".to_owned(),
                "keyed" => "(SELECT row FROM record WHERE id = idempotency.record)".to_owned(),
                "position" => "(SELECT row FROM record WHERE id = event.record)".to_owned(),
                // Every act of a run leaves as many effects as the others.
                "no" => {
                    "(no - 1) * (SELECT count(*) FROM record) / (SELECT count(*) FROM outbox) + 1"
                        .to_owned()
                }
                column => column.to_owned(),
            };
            let rows = read(
                &db,
                &format!("SELECT {owner} AS owner, {name}.* FROM {name}"),
            )?;
            inserts.push(insert(name, rows.first().map_or(1, Vec::len) - 1));
            for mut row in rows {
                let Value::Integer(owner) = row.remove(0) else {
                    anyhow::bail!("a row of {name} has no owner")
                };
                acts.entry(owner).or_default().push((table, row));
            }
        }
        let taken = read(
            &db,
            "SELECT (SELECT row FROM record WHERE id = attachment.record) AS owner, id, record FROM attachment WHERE record IS NOT NULL",
        )?;
        inserts.push(TAKE_UPLOAD.to_owned());
        for mut row in taken {
            if let Value::Integer(owner) = row.remove(0) {
                acts.entry(owner).or_default().push((TABLES.len(), row));
            }
        }
        let uploads = read(&db, "SELECT * FROM attachment")?;
        let record = column(&db, UPLOADS, "record")?;
        let unused = |mut row: Vec<Value>| {
            row[record] = Value::Null;
            row
        };
        let uploads = uploads.into_iter().map(unused).collect();
        let mut names: Vec<_> = NAMES
            .iter()
            .map(|name| {
                Ok((
                    (*name).to_owned(),
                    read(&db, &format!("SELECT * FROM {name}"))?,
                ))
            })
            .collect::<anyhow::Result<_>>()?;
        names.push((UPLOADS.to_owned(), uploads));
        let documents = read(&db, "SELECT kind, scopes, text FROM found ORDER BY row")?
            .iter()
            .map(|row| document(row))
            .collect();
        Ok(Self {
            inserts,
            names,
            acts: acts.into_values().collect(),
            documents,
        })
    }
}

/// The place of a column.
fn column(db: &Connection, table: &str, name: &str) -> anyhow::Result<usize> {
    let find = db.prepare(&format!("SELECT * FROM {table}"))?;
    Ok(find.column_index(name)?)
}

fn document(row: &[Value]) -> String {
    let [Value::Integer(kind), Value::Blob(scopes), Value::Text(text)] = row else {
        return String::new();
    };
    let scopes: Vec<u32> = scopes
        .chunks_exact(4)
        .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        .collect();
    store::document(text, *kind, &scopes)
}

fn read(db: &Connection, sql: &str) -> anyhow::Result<Vec<Vec<Value>>> {
    let mut find = db.prepare(sql)?;
    let columns = find.column_count();
    let rows = find.query_map([], |row| {
        (0..columns)
            .map(|at| row.get(at))
            .collect::<Result<Vec<Value>, _>>()
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn insert(table: &str, columns: usize) -> String {
    format!(
        "INSERT INTO {table} VALUES ({})",
        vec!["?"; columns].join(", ")
    )
}

/// Nobody comes for so long only when all that is left waits already.
const LAST_GROUP: Duration = Duration::from_millis(50);

type Job = (usize, oneshot::Sender<()>);

/// Writes the same rows into a new file from 64 callers, in groups of `per_group`.
pub(crate) fn run(
    runtime: &Runtime,
    path: &Path,
    rows: Rows,
    per_group: f64,
) -> anyhow::Result<Run> {
    let batch = (per_group.round() as usize).clamp(1, CALLERS);
    let db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -24000; PRAGMA wal_autocheckpoint = 8000;",
    )?;
    db.execute_batch(&store::schema_sql())?;
    db.set_prepared_statement_cache_capacity(128);
    for (name, all) in &rows.names {
        for row in all {
            db.execute(&insert(name, row.len()), params_from_iter(row))?;
        }
    }
    let count = rows.acts.len();
    let (jobs, inbox) = sync_channel::<Job>(1_024);
    let before = (cpu(), Instant::now());
    let writer = std::thread::spawn(move || write(&db, &rows, batch, &inbox));
    runtime.block_on(call(jobs, count))?;
    let (took, cpu) = (before.1.elapsed(), cpu() - before.0);
    let groups = writer
        .join()
        .map_err(|_| anyhow::anyhow!("the bare writer panicked"))??;
    Ok(Run {
        counts: Counts {
            acts: count as u64,
            groups,
            ..Counts::default()
        },
        took,
        cpu,
    })
}

async fn call(jobs: SyncSender<Job>, count: usize) -> anyhow::Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (jobs, next) = (jobs.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return Ok::<(), anyhow::Error>(());
                }
                let (answer, answered) = oneshot::channel();
                jobs.try_send((at, answer))
                    .map_err(|_| anyhow::anyhow!("the queue is full"))?;
                answered.await?;
            }
        });
    }
    drop(jobs);
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

fn write(
    db: &Connection,
    rows: &Rows,
    batch: usize,
    inbox: &Receiver<Job>,
) -> rusqlite::Result<u64> {
    let mut groups = 0;
    while let Ok(first) = inbox.recv() {
        let jobs = gather(inbox, first, batch);
        db.execute_batch("BEGIN IMMEDIATE")?;
        for (at, _) in &jobs {
            db.prepare_cached("SAVEPOINT act")?.execute([])?;
            for (table, row) in &rows.acts[*at] {
                db.prepare_cached(&rows.inserts[*table])?
                    .execute(params_from_iter(row))?;
            }
            db.prepare_cached("RELEASE act")?.execute([])?;
        }
        let mut numbers: Vec<usize> = jobs.iter().map(|(at, _)| *at).collect();
        numbers.sort_unstable();
        let mut add =
            db.prepare_cached("INSERT INTO search_index(rowid, tokens) VALUES (?1, ?2)")?;
        for at in numbers {
            add.execute((at as i64 + 1, &rows.documents[at]))?;
        }
        drop(add);
        db.execute_batch("COMMIT")?;
        groups += 1;
        for (_, answer) in jobs {
            let _ = answer.send(());
        }
    }
    Ok(groups)
}

/// A group of so many: as many as the writer that is measured put into one on the average, so that both wait for the disk
/// as often. The last group takes what is left.
fn gather(inbox: &Receiver<Job>, first: Job, batch: usize) -> Vec<Job> {
    let mut jobs = vec![first];
    while jobs.len() < batch {
        match inbox.recv_timeout(LAST_GROUP) {
            Ok(job) => jobs.push(job),
            Err(_) => break,
        }
    }
    jobs
}
