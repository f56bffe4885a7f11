//! Notes of who looked, column by column. Copies append to one chain in turn: the lock is held until the commit.

use crate::codec;
use crate::failure::Failure;
use crate::house::looks::{chain, more};
use crate::postgres::session::{Batch, Session, Wants};
use crate::postgres::terms;
use kernel::looks::ReadNote;
use uuid::Uuid;

/// The lock under which notes get their places in the chain. Who needs it and that of positions takes it first.
const CHAIN: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' looks', 0))";

/// Notes of one group.
#[derive(Default)]
pub(super) struct Notes {
    nos: Vec<i64>,
    times: Vec<i64>,
    ids: [Vec<Option<Uuid>>; 4],
    texts: [Vec<Option<String>>; 8],
    records: Vec<Uuid>,
    more: Vec<Option<Vec<u8>>>,
    said: Vec<Option<Vec<u8>>>,
    hashes: Vec<Vec<u8>>,
}

impl Notes {
    /// Gives them their places.
    pub(super) fn of(session: &Session, notes: &[ReadNote]) -> Result<Self, Failure> {
        let mut all = Self::default();
        if notes.iter().all(|note| note.records.is_empty()) {
            return Ok(all);
        }
        session.rows(CHAIN, &[])?;
        let mut end = chain::End::of(&session.into())?;
        for note in notes {
            let Some(first) = note.records.first() else {
                continue;
            };
            // As it will be read: what is hashed is what is stored.
            let purpose = note.purpose.as_deref().map(terms::stored);
            let note = ReadNote {
                purpose,
                ..note.clone()
            };
            let link = end.next(&note);
            all.nos.push(codec::column(link.no)?);
            all.times.push(codec::nanos(note.at));
            let ids = [
                note.account.map(|id| id.0),
                note.behalf.map(|id| id.0),
                note.salt,
                note.glass,
            ];
            for (column, id) in all.ids.iter_mut().zip(ids) {
                column.push(id);
            }
            all.records.push(first.0);
            all.more.push(more(&note));
            let texts = [
                note.role,
                note.office,
                note.session,
                Some(note.way.name().to_owned()),
                Some(note.face.name().to_owned()),
                Some(note.service),
                Some(note.record_type),
                note.purpose,
            ];
            for (column, text) in all.texts.iter_mut().zip(texts) {
                column.push(text);
            }
            all.said.push(link.said.map(Vec::from));
            all.hashes.push(link.hash.to_vec());
        }
        Ok(all)
    }

    pub(super) fn write<'b>(
        &'b self,
        session: &Session,
        batch: &mut Batch<'b>,
    ) -> Result<(), Failure> {
        if self.nos.is_empty() {
            return Ok(());
        }
        let [account, behalf, salt, glass] = &self.ids;
        let [
            role,
            office,
            login,
            way,
            face,
            service,
            record_type,
            purpose,
        ] = &self.texts;
        batch.push(
            session,
            "INSERT INTO read_note(no, at, account, behalf, salt, glass, record, more, said, hash,
               role, office, session, way, face, service, record_type, purpose)
             SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
               $8::bytea[], $9::bytea[], $10::bytea[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
               $16::text[], $17::text[], $18::text[])",
            vec![
                Box::new(&self.nos),
                Box::new(&self.times),
                Box::new(account),
                Box::new(behalf),
                Box::new(salt),
                Box::new(glass),
                Box::new(&self.records),
                Box::new(&self.more),
                Box::new(&self.said),
                Box::new(&self.hashes),
                Box::new(role),
                Box::new(office),
                Box::new(login),
                Box::new(way),
                Box::new(face),
                Box::new(service),
                Box::new(record_type),
                Box::new(purpose),
            ],
            Wants::Count,
        )
    }
}
