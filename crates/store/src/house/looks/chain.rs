//! The chain: each note's hash is over the one before and everything that it says, the purpose by a salted digest.

use crate::codec;
use crate::db::{Connection, OptionalExtension as _, params};
use crate::failure::Failure;
use crate::seal::sha256;
use kernel::looks::ReadNote;

/// A word for the form of what is hashed.
const FORM: &[u8] = b"tsumugi-look-1";

/// Where the chain has got to.
#[derive(Clone, Copy, Default)]
pub(crate) struct End {
    /// The last number given.
    pub(crate) no: u64,
    /// Its hash; zeros before the first.
    pub(crate) hash: [u8; 32],
}

impl End {
    pub(crate) fn of(db: &Connection<'_>) -> Result<Self, Failure> {
        let mut last = db.prepare_cached("SELECT no FROM read_note ORDER BY no DESC LIMIT 1")?;
        let last = last.query_row(params![], |row| codec::count(row.get("no")?));
        let Some(no) = last.optional()? else {
            return Ok(Self::default());
        };
        let mut find = db.prepare_cached(
            "SELECT hash FROM read_note WHERE hash IS NOT NULL ORDER BY no DESC LIMIT 1",
        )?;
        let hash = find.query_row(params![], |row| {
            codec::hash(&row.get::<_, Vec<u8>>("hash")?)
        });
        let hash = hash.optional()?.unwrap_or_default();
        Ok(Self { no, hash })
    }

    /// The next link: number, digest of the purpose, hash.
    pub(crate) fn next(&mut self, note: &ReadNote) -> Link {
        self.no += 1;
        let said = said(note);
        self.hash = hash(&self.hash, self.no, note, said.as_ref());
        Link {
            no: self.no,
            said,
            hash: self.hash,
        }
    }
}

/// A note's place in the chain.
pub(crate) struct Link {
    pub(crate) no: u64,
    pub(crate) said: Option<[u8; 32]>,
    pub(crate) hash: [u8; 32],
}

/// The digest of a purpose.
fn said(note: &ReadNote) -> Option<[u8; 32]> {
    let purpose = note.purpose.as_deref()?;
    let salt = note.salt.unwrap_or_default().into_bytes();
    Some(sha256(&[&salt, purpose.as_bytes()]))
}

/// Whether a purpose that is still there is the one that was hashed.
pub(crate) fn is_said(note: &ReadNote, digest: Option<&[u8; 32]>) -> bool {
    note.purpose.is_none() || said(note).as_ref() == digest
}

/// The hash of a note after another. Each part goes with its length before it, four bytes, most significant first;
/// absent parts have the length 2^32 - 1.
pub(crate) fn hash(
    previous: &[u8; 32],
    no: u64,
    note: &ReadNote,
    said: Option<&[u8; 32]>,
) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(256 + note.records.len() * 16);
    bytes.extend_from_slice(previous);
    let mut put = |part: Option<&[u8]>| {
        let length = part.map_or(u32::MAX, |part| {
            u32::try_from(part.len()).unwrap_or(u32::MAX)
        });
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part.unwrap_or_default());
    };
    put(Some(FORM));
    put(Some(&no.to_be_bytes()));
    put(Some(&codec::nanos(note.at).to_be_bytes()));
    put(note.account.as_ref().map(|id| id.0.as_bytes().as_slice()));
    put(note.behalf.as_ref().map(|id| id.0.as_bytes().as_slice()));
    for text in [&note.role, &note.office, &note.session] {
        put(text.as_deref().map(str::as_bytes));
    }
    for text in [
        note.way.name(),
        note.face.name(),
        &note.service,
        &note.record_type,
    ] {
        put(Some(text.as_bytes()));
    }
    let records: Vec<u8> = note
        .records
        .iter()
        .flat_map(|id| id.0.into_bytes())
        .collect();
    put(Some(&records));
    put(said.map(<[u8; 32]>::as_slice));
    put(note.glass.as_ref().map(|id| id.as_bytes().as_slice()));
    sha256(&[&bytes])
}

/// Appends notes, on SQLite.
pub(crate) fn append(db: &Connection<'_>, notes: &[ReadNote]) -> Result<(), Failure> {
    let notes = notes.iter().filter(|note| !note.records.is_empty());
    let mut end = None;
    let mut add = db.prepare_cached(
        "INSERT INTO read_note(no, at, account, behalf, role, office, session, way, face, service, record_type, record, more,
           purpose, salt, glass, said, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    for note in notes {
        let mut from = match end {
            Some(end) => end,
            None => End::of(db)?,
        };
        let link = from.next(note);
        end = Some(from);
        let id = |id: uuid::Uuid| id.into_bytes();
        add.execute(params![
            codec::column(link.no)?,
            codec::nanos(note.at),
            note.account.map(|one| id(one.0)),
            note.behalf.map(|one| id(one.0)),
            note.role,
            note.office,
            note.session,
            note.way.name(),
            note.face.name(),
            note.service,
            note.record_type,
            note.records.first().map(|one| id(one.0)),
            super::more(note),
            note.purpose,
            note.salt.map(id),
            note.glass.map(id),
            link.said,
            link.hash,
        ])?;
    }
    Ok(())
}
