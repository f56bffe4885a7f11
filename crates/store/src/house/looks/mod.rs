//! Who looked: notes in a chain of hashes, found by record, by reader and by time.

pub(crate) mod chain;
pub(crate) mod check;
pub(crate) mod find;
pub(crate) mod index;
pub(crate) mod prune;
pub(crate) mod seal;

use crate::codec;
use crate::db::Row;
use crate::failure::Failure;
use kernel::looks::{Face, Look, ReadNote, Way};
use kernel::{AccountId, PartyId, RecordId};

/// What a note is read from.
pub(crate) const COLUMNS: &str = "no, at, account, behalf, role, office, session, way, face, service, record_type, record, more, purpose, salt, glass, said, hash";

/// Bytes of an id.
const ID: usize = 16;

/// A note as its row has it.
pub(crate) fn look(row: Row<'_>) -> Result<Look, Failure> {
    let id = |column: &str| codec::optional_id(row.get(column)?);
    let text = |column: &str| row.get::<_, Option<String>>(column);
    let mut records = vec![RecordId(codec::id(&row.get::<_, Vec<u8>>("record")?)?)];
    let more: Option<Vec<u8>> = row.get("more")?;
    for one in more.unwrap_or_default().chunks(ID) {
        records.push(RecordId(codec::id(one)?));
    }
    Ok(Look {
        no: codec::count(row.get("no")?)?,
        note: ReadNote {
            at: codec::instant(row.get("at")?)?,
            account: id("account")?.map(AccountId),
            behalf: id("behalf")?.map(PartyId),
            role: text("role")?,
            office: text("office")?,
            session: text("session")?,
            way: text("way")?
                .and_then(|name| Way::read(&name))
                .unwrap_or_default(),
            face: text("face")?.map_or(Face::Page, |name| Face::read(&name)),
            service: text("service")?.unwrap_or_default(),
            record_type: text("record_type")?.unwrap_or_default(),
            records,
            purpose: text("purpose")?,
            salt: id("salt")?,
            glass: id("glass")?,
        },
    })
}

/// The records after the first, as they are stored: none for the reading of one record alone.
pub(crate) fn more(note: &ReadNote) -> Option<Vec<u8>> {
    if note.records.len() < 2 && !matches!(note.way, Way::List | Way::Beside | Way::Search) {
        return None;
    }
    let rest = note.records.iter().skip(1);
    Some(rest.flat_map(|id| id.0.into_bytes()).collect())
}
