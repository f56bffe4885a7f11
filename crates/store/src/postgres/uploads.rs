//! Uploads in the database: sealed whole, kept in pieces beside their row, in one transaction.

use super::session::Session;
use crate::codec;
use crate::failure::Failure;
use crate::house::attachments;
use crate::keyring::Keys;
use crate::seal;
use kernel::AttachmentId;
use kernel::port::Attachment;

/// Bytes of a piece.
const PIECE: usize = 1 << 20;

/// Seals and writes an upload.
pub(super) fn put(
    session: &Session,
    keys: &dyn Keys,
    mut meta: Attachment,
    content: &[u8],
) -> Result<Attachment, Failure> {
    let key = keys.take()?;
    let sealed = seal::seal(&keys.key(key)?, &attachments::label(meta.id), content)?;
    meta.bytes = content.len() as u64;
    meta.sha256 = codec::hex(&seal::sha256(&[content]));
    session.batch_execute("BEGIN")?;
    let written = write(session, &meta, key, &sealed);
    session.batch_execute(if written.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    })?;
    written.map(|()| meta)
}

fn write(session: &Session, meta: &Attachment, key: u64, sealed: &[u8]) -> Result<(), Failure> {
    attachments::put(&session.into(), meta, key)?;
    for (no, piece) in (0_i64..).zip(sealed.chunks(PIECE)) {
        session.run(
            "INSERT INTO attachment_piece(attachment, no, bytes) VALUES ($1, $2, $3)",
            &[&meta.id.0, &no, &piece],
        )?;
    }
    Ok(())
}

/// Content of an upload, opened and checked against its hash.
pub(crate) fn content(
    session: &Session,
    keys: &dyn Keys,
    id: AttachmentId,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some((key, sha256)) = attachments::seal_of(&session.into(), id)? else {
        return Ok(None);
    };
    let pieces = session.rows(
        "SELECT bytes FROM attachment_piece WHERE attachment = $1 ORDER BY no",
        &[&id.0],
    )?;
    let mut sealed = Vec::new();
    for piece in &pieces {
        sealed.extend_from_slice(piece.try_get("bytes").map_err(Failure::damaged)?);
    }
    attachments::opened(keys, id, key, &sha256, &sealed).map(Some)
}
