//! Uploads. The content lies in a file of its own, sealed under a key of its own, written before its row: so a row
//! that was acknowledged always has its file.

use crate::codec;
use crate::db::{Connection, Row, params};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::seal;
use crate::whole;
use jiff::{SignedDuration, Timestamp};
use kernel::port::Attachment;
use kernel::{AccountId, AttachmentId, RecordId};
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where an upload lies: spread by the last bytes of its id, which are random; the first are its time.
pub(crate) fn place(files: &Path, id: AttachmentId) -> PathBuf {
    let name = codec::hex(id.0.as_bytes());
    files.join(&name[28..30]).join(&name[30..32]).join(name)
}

/// What the seal is bound to.
pub(crate) fn label(id: AttachmentId) -> Vec<u8> {
    [b"attachment ".as_slice(), id.0.as_bytes()].concat()
}

/// Writes the file of an upload durably; answers the number of its key and the hash of its content.
pub(crate) fn write_file(
    files: &Path,
    keys: &dyn Keys,
    id: AttachmentId,
    content: &[u8],
) -> Result<(u64, String), Failure> {
    let key = keys.take()?;
    let sealed = seal::seal(&keys.key(key)?, &label(id), content)?;
    write_sealed(files, id, &sealed)?;
    Ok((key, codec::hex(&seal::sha256(&[content]))))
}

/// Writes the file of an upload durably.
pub(crate) fn write_sealed(files: &Path, id: AttachmentId, sealed: &[u8]) -> Result<(), Failure> {
    let path = place(files, id);
    let dir = path.parent().unwrap_or(files);
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    whole::write(&path, sealed, true)?;
    // A name is durable once each directory above it is.
    for dir in dir.ancestors().take(3) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// Adds the row of an upload whose file lies safe.
pub(crate) fn put(db: &Connection, attachment: &Attachment, key: u64) -> Result<u64, Failure> {
    let mut add = db.prepare_cached(
        "INSERT INTO attachment(id, name, media_type, bytes, sha256, owner, record, at, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let added = add.execute(params![
        attachment.id.0.into_bytes(),
        attachment.name,
        attachment.media_type,
        codec::column(attachment.bytes)?,
        attachment.sha256,
        attachment.owner.map(|id| id.0.into_bytes()),
        attachment.record.map(|id| id.0.into_bytes()),
        codec::nanos(attachment.at),
        codec::column(key)?,
    ])?;
    Ok(added as u64)
}

/// What is known of uploads; those not there are left out.
pub(crate) fn known(db: &Connection, ids: &[AttachmentId]) -> Result<Vec<Attachment>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT id, name, media_type, bytes, sha256, owner, record, at FROM attachment WHERE id = ?1 AND doomed = 0",
    )?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut rows = find.query(params![id.0.into_bytes()])?;
        if let Some(row) = rows.next()? {
            found.push(Attachment {
                also: also(db, *id)?,
                ..attachment(row)?
            });
        }
    }
    Ok(found)
}

/// The further records that have named an upload, in the order in which they were opened.
fn also(db: &Connection, id: AttachmentId) -> Result<Vec<RecordId>, Failure> {
    let mut find = db.prepare_cached(
        "SELECT record FROM attachment_use WHERE attachment = ?1 ORDER BY record",
    )?;
    let records = find.query_map(params![id.0.into_bytes()], |row| {
        row.get::<_, Vec<u8>>("record")
    })?;
    records
        .map(|record| Ok(RecordId(codec::id(&record?)?)))
        .collect()
}

pub(crate) fn attachment(row: Row<'_>) -> Result<Attachment, Failure> {
    Ok(Attachment {
        id: AttachmentId(codec::id(&row.get::<_, Vec<u8>>("id")?)?),
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        bytes: codec::count(row.get("bytes")?)?,
        sha256: row.get("sha256")?,
        owner: codec::optional_id(row.get("owner")?)?.map(AccountId),
        record: codec::optional_id(row.get("record")?)?.map(RecordId),
        also: Vec::new(),
        at: codec::instant(row.get("at")?)?,
    })
}

/// The number of an upload's key and the hash that its content must have.
pub(crate) fn seal_of(db: &Connection, id: AttachmentId) -> Result<Option<(u64, String)>, Failure> {
    let mut find =
        db.prepare_cached("SELECT key, sha256 FROM attachment WHERE id = ?1 AND doomed = 0")?;
    let mut rows = find.query(params![id.0.into_bytes()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some((codec::count(row.get("key")?)?, row.get("sha256")?)))
}

/// Content of an upload, opened and checked against its hash.
pub(crate) fn read_file(
    files: &Path,
    keys: &dyn Keys,
    id: AttachmentId,
    key: u64,
    sha256: &str,
) -> Result<Vec<u8>, Failure> {
    opened(keys, id, key, sha256, &fs::read(place(files, id))?)
}

/// Opens the sealed content of an upload and checks it against its hash.
pub(crate) fn opened(
    keys: &dyn Keys,
    id: AttachmentId,
    key: u64,
    sha256: &str,
    sealed: &[u8],
) -> Result<Vec<u8>, Failure> {
    let content = seal::open(&keys.key(key)?, &label(id), sealed)?;
    if codec::hex(&seal::sha256(&[&content])) != sha256 {
        return Err(Failure::damaged(format!(
            "upload {id} is not what was written"
        )));
    }
    Ok(content)
}

/// How long the file of an import stays after its run began: rows that were not taken are read from it.
const IMPORTED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Dooms uploads that no record and no import uses: from then on no act can take them into use.
pub(crate) fn doom(db: &Connection, before: Timestamp) -> Result<u64, Failure> {
    let mut doom = db.prepare_cached(
        "UPDATE attachment SET doomed = 1 WHERE record IS NULL AND at < ?1
         AND NOT EXISTS (SELECT 1 FROM import_run AS run WHERE run.upload = attachment.id AND run.at >= ?2)",
    )?;
    let imported = before.checked_sub(IMPORTED).unwrap_or(Timestamp::MIN);
    Ok(doom.execute([codec::nanos(before), codec::nanos(imported)])? as u64)
}

/// Doomed uploads, those of an interrupted earlier round too.
pub(crate) fn doomed(db: &Connection) -> Result<Vec<AttachmentId>, Failure> {
    let mut find =
        db.prepare_cached("SELECT id FROM attachment WHERE record IS NULL AND doomed = 1")?;
    let ids = find.query_map(params![], |row| row.get::<_, Vec<u8>>("id"))?;
    ids.map(|id| Ok(AttachmentId(codec::id(&id?)?))).collect()
}

/// Removes the file of a doomed upload, then its row.
pub(crate) fn remove_file(files: &Path, id: AttachmentId) -> Result<(), Failure> {
    match fs::remove_file(place(files, id)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Forgets doomed uploads whose files are gone; their keys are to be destroyed.
pub(crate) fn forget(db: &Connection, ids: &[AttachmentId]) -> Result<u64, Failure> {
    let mut remove = db.prepare_cached("DELETE FROM attachment WHERE id = ?1 AND doomed = 1")?;
    let mut removed = 0;
    for id in ids {
        super::keep::doom_key(db, id.0)?;
        super::quarantine::release(db, *id)?;
        removed += remove.execute(params![id.0.into_bytes()])? as u64;
    }
    Ok(removed)
}
