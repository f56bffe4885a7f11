//! Writing down who looked.

use super::Looking;
use crate::{Engine, Failure};
use definition::model::RecordType;
use kernel::looks::{MAX_RECORDS_A_NOTE, Way};
use kernel::port::ReadNote;
use kernel::{Actor, Pass, RecordId, Seat, Snapshot};

/// What was read: records of one type, and the one from which the reader's seat is told.
pub(crate) struct Read<'r> {
    /// Slug of the service.
    pub(crate) service: &'r str,
    /// Their type.
    pub(crate) rt: &'r RecordType,
    /// The seat from which they were read.
    pub(crate) seat: Option<&'r Seat>,
    /// The records.
    pub(crate) records: Vec<RecordId>,
    /// Whether one of them is closed beyond role: then the note is kept before anything of them is answered.
    pub(crate) closed: bool,
    /// The emergency access (緊急閲覧) by which one of them was read: then the note is waited for, too.
    pub(crate) glass: Option<&'r Pass>,
}

impl<'r> Read<'r> {
    /// One record.
    pub(crate) fn one(rt: &'r RecordType, actor: &'r Actor, record: &'r Snapshot) -> Self {
        Self {
            service: &record.service,
            rt,
            seat: kernel::see::seat_of(rt, actor, record).or(actor.seats.first()),
            records: vec![record.id],
            closed: record.closed.is_some(),
            glass: kernel::see::by_glass(rt, actor, record),
        }
    }

    /// A page of records, from which those that are shown are still to be named.
    pub(crate) fn page(
        service: &'r str,
        rt: &'r RecordType,
        actor: &'r Actor,
        items: &[Snapshot],
    ) -> Self {
        let first = items.first();
        let mut all = items.iter();
        Self {
            service,
            rt,
            seat: first.and_then(|item| kernel::see::seat_of(rt, actor, item)),
            records: Vec::new(),
            closed: items.iter().any(|item| item.closed.is_some()),
            glass: all.find_map(|item| kernel::see::by_glass(rt, actor, item)),
        }
    }
}

impl Engine {
    /// Writes down that somebody read records. `way` is what it is unless the caller of the reading knows better. The
    /// platform's own reading, that of the public, and that of what is about nobody is not written down. Reading what is
    /// closed beyond role waits until the note is kept.
    ///
    /// # Errors
    /// If it cannot be written down now: then nothing may be read.
    pub(crate) async fn noted(
        &self,
        actor: &Actor,
        way: Way,
        purpose: Option<&str>,
        read: Read<'_>,
    ) -> Result<(), Failure> {
        let nobody = actor.account.is_none() && actor.acting_party().is_none();
        if actor.system || nobody || read.records.is_empty() || !kernel::see::is_personal(read.rt) {
            return Ok(());
        }
        let looking = Looking::now();
        // Of what stands beside a record, whoever asks for its file or print sees nothing.
        if way == Way::Beside && looking.way.is_some() {
            return Ok(());
        }
        let way = looking.way.unwrap_or(way);
        if let [record] = read.records.as_slice()
            && looking.knows(*record, way)
        {
            return Ok(());
        }
        let purpose = purpose.map(str::to_owned).or(looking.purpose);
        let role = read.seat.map(|seat| seat.role.as_str());
        let ground = role.and_then(|role| kernel::sharing::ground_of_role(read.rt, role));
        let purpose = match (purpose, ground) {
            (Some(said), Some(ground)) => Some(format!("{said}／{ground}")),
            (said, ground) => said.or(ground),
        };
        // In an emergency the reason given is the purpose, whatever the request says.
        let because = read.glass.map(|pass| format!("緊急閲覧：{}", pass.reason));
        let purpose = because.or(purpose);
        let waits = read.closed || read.glass.is_some();
        let at = self.clock.now();
        let mut note = ReadNote {
            at,
            account: actor.account,
            behalf: actor.on_behalf_of,
            role: read.seat.map(|seat| seat.role.clone()),
            office: read.seat.and_then(|seat| seat.office.clone()),
            session: looking.session,
            way,
            face: looking.face,
            service: read.service.to_owned(),
            record_type: read.rt.name.clone(),
            records: Vec::new(),
            salt: purpose.is_some().then(|| self.ids.uuid(at)),
            purpose,
            glass: read.glass.map(|pass| pass.id.0),
        };
        if read.records.len() <= MAX_RECORDS_A_NOTE {
            note.records = read.records;
            return self.keep_note(note, waits).await;
        }
        for records in read.records.chunks(MAX_RECORDS_A_NOTE) {
            let mut part = note.clone();
            part.records = records.to_vec();
            self.keep_note(part, waits).await?;
        }
        Ok(())
    }

    async fn keep_note(&self, note: ReadNote, waits: bool) -> Result<(), Failure> {
        match waits {
            true => Ok(self.store.looks().note_now(note).await?),
            false => Ok(self.store.note_read(note)?),
        }
    }
}
