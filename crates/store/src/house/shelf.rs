//! Editions of open data, runs of imports, and registers read from end to end.

use crate::codec;
use crate::db::{Connection, OptionalExtension, Row, params};
use crate::failure::Failure;
use crate::names::Names;
use jiff::{Timestamp, civil::Date};
use kernel::Snapshot;
use kernel::shelf::{Edition, ImportRun, RejectedRow};

/// Records of a kind after a local number, in order, with the number of the last.
pub(crate) fn records_of(
    db: &Connection,
    names: &Names,
    service: &str,
    record_type: &str,
    after: i64,
    limit: usize,
) -> Result<(Vec<Snapshot>, i64), Failure> {
    let Some(kind) = names.kind(db, service, record_type)? else {
        return Ok((Vec::new(), after));
    };
    let mut find = db.prepare_cached(
        "SELECT row, body FROM record WHERE row > ?1 AND kind = ?2 ORDER BY row LIMIT ?3",
    )?;
    let mut rows = find.query(params![after, kind, codec::limit(limit)])?;
    let (mut found, mut last) = (Vec::new(), after);
    while let Some(row) = rows.next()? {
        last = row.get("row")?;
        let body = row.get_ref("body")?;
        found.push(codec::json(body.as_blob().map_err(Failure::damaged)?)?);
    }
    Ok((found, last))
}

/// The last position of the journal; zero while it is empty.
pub(crate) fn position(db: &Connection) -> Result<u64, Failure> {
    let mut find = db.prepare_cached("SELECT coalesce(max(position), 0) AS last FROM event")?;
    let last: i64 = find.query_row(params![], |row| row.get("last"))?;
    u64::try_from(last).map_err(Failure::damaged)
}

/// The package that was in force for a slug at an instant.
pub(crate) fn package_at(
    db: &Connection,
    slug: &str,
    at: Timestamp,
) -> Result<Option<String>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT package FROM publication WHERE slug = ?1 AND at < ?2 ORDER BY no DESC LIMIT 1",
    )?;
    find.query_row(params![slug, codec::nanos(at)], |row| row.get("package"))
        .optional()
}

/// Keeps an edition and lets go of the content of the others.
pub(crate) fn put_edition(
    db: &Connection,
    edition: &Edition,
    content: &[u8],
) -> Result<u64, Failure> {
    let (service, publication) = (&edition.service, &edition.publication);
    let mut clear = db.prepare_cached(
        "UPDATE edition SET content = NULL WHERE service = ?1 AND publication = ?2 AND content IS NOT NULL",
    )?;
    clear.execute([service, publication])?;
    let mut put = db.prepare_cached(
        "INSERT INTO edition(service, publication, day, body, content) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT(service, publication, day) DO UPDATE SET body = excluded.body, content = excluded.content",
    )?;
    let body = text(edition)?;
    let put = put.execute(params![
        service,
        publication,
        edition.day.to_string(),
        body,
        content
    ])?;
    Ok(put as u64)
}

/// Editions, newest first.
pub(crate) fn editions(
    db: &Connection,
    service: &str,
    publication: &str,
    upto: Option<Date>,
    limit: usize,
) -> Result<Vec<Edition>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT body FROM edition WHERE service = ?1 AND publication = ?2 AND day <= ?3 ORDER BY day DESC LIMIT ?4",
    )?;
    let upto = upto.map_or_else(|| "9999-12-31".to_owned(), |day| day.to_string());
    let rows = find.query_map(
        params![service, publication, upto, codec::limit(limit)],
        body,
    )?;
    read(rows)
}

/// The content of an edition.
pub(crate) fn content(
    db: &Connection,
    service: &str,
    publication: &str,
    day: Date,
) -> Result<Option<Vec<u8>>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT content FROM edition WHERE service = ?1 AND publication = ?2 AND day = ?3",
    )?;
    let found = find
        .query_row(params![service, publication, day.to_string()], |row| {
            row.get::<_, Option<Vec<u8>>>("content")
        })
        .optional()?;
    Ok(found.flatten())
}

/// Writes where a run stands, with rows that were not taken in its present phase.
pub(crate) fn put_run(
    db: &Connection,
    run: &ImportRun,
    not_taken: &[RejectedRow],
) -> Result<u64, Failure> {
    let mut put = db.prepare_cached(
        "INSERT INTO import_run(id, service, import, at, going, body, upload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT(id) DO UPDATE SET going = excluded.going, body = excluded.body",
    )?;
    let put = put.execute(params![
        run.id.to_string(),
        run.service,
        run.import,
        codec::nanos(run.at),
        run.phase.under_way(),
        text(run)?,
        run.upload.0.into_bytes(),
    ])?;
    let mut add = db.prepare_cached(
        "INSERT INTO import_rejected(run, going, line, reasons) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT(run, going, line) DO UPDATE SET reasons = excluded.reasons",
    )?;
    for row in not_taken {
        add.execute(params![
            run.id.to_string(),
            run.phase.changes(),
            codec::column(row.number as u64)?,
            text(&row.reasons)?
        ])?;
    }
    Ok((put + not_taken.len()) as u64)
}

/// Rows of a run that were not taken, in the order of the file.
pub(crate) fn rejected(
    db: &Connection,
    run: uuid::Uuid,
    going: bool,
    after: usize,
    limit: usize,
) -> Result<Vec<RejectedRow>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT line, reasons FROM import_rejected WHERE run = ?1 AND going = ?2 AND line > ?3 ORDER BY line LIMIT ?4",
    )?;
    let after = codec::column(after as u64)?;
    let rows = find.query_map(
        params![run.to_string(), going, after, codec::limit(limit)],
        |row| Ok((row.get::<_, i64>("line")?, row.get::<_, String>("reasons")?)),
    )?;
    rows.map(|row| {
        let (line, reasons) = row?;
        Ok(RejectedRow {
            number: usize::try_from(codec::count(line)?).unwrap_or(usize::MAX),
            reasons: codec::json(reasons.as_bytes())?,
        })
    })
    .collect()
}

/// A run.
pub(crate) fn run(db: &Connection, id: uuid::Uuid) -> Result<Option<ImportRun>, Failure> {
    let mut find = db.prepare_cached("SELECT body FROM import_run WHERE id = ?1")?;
    let rows = find.query_map([id.to_string()], body)?;
    Ok(read(rows)?.into_iter().next())
}

/// Runs of an import, newest first.
pub(crate) fn runs(
    db: &Connection,
    service: &str,
    import: &str,
    limit: usize,
) -> Result<Vec<ImportRun>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT body FROM import_run WHERE service = ?1 AND import = ?2 ORDER BY at DESC LIMIT ?3",
    )?;
    let rows = find.query_map(params![service, import, codec::limit(limit)], body)?;
    read(rows)
}

/// Runs that are being carried out, oldest first.
pub(crate) fn going(db: &Connection) -> Result<Vec<ImportRun>, Failure> {
    let mut find = db.prepare_cached("SELECT body FROM import_run WHERE going = 1 ORDER BY at")?;
    let rows = find.query_map(params![], body)?;
    read(rows)
}

fn body(row: Row<'_>) -> Result<String, Failure> {
    row.get("body")
}

fn read<T: serde::de::DeserializeOwned>(
    rows: impl Iterator<Item = Result<String, Failure>>,
) -> Result<Vec<T>, Failure> {
    rows.map(|text| codec::json(text?.as_bytes())).collect()
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::damaged)
}
