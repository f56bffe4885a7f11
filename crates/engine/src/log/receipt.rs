//! Receipts: what shows to anybody, without asking the platform, that a record arrived when and as it did.

use super::internal;
use crate::{Engine, Failure};
use evidence::{Receipt, Subject, prove_entry, tiles_for_entry};
use kernel::port::Stored;
use kernel::{Actor, Patch, RecordId, Refusal, RefusalKind};

/// An event is under a signed head at most so long after its commit.
pub const SIGNED_WITHIN_SECONDS: u32 = 60;
/// Events of a record that are looked through for its number.
const MAX_EVENTS: usize = 10_000;

/// What came of asking for a receipt.
#[derive(Clone, Debug)]
pub enum Receipted {
    /// Here it is.
    Ready {
        /// The receipt.
        receipt: Box<Receipt>,
        /// The record's number; empty where its type has none.
        number: String,
    },
    /// The event is committed, and no head over it is signed yet.
    Soon,
}

impl Engine {
    /// The receipt of a record: for the event that gave it its official number; of a record without one, its arrival;
    /// else its beginning.
    ///
    /// # Errors
    /// 404 if the actor may not see the record; refused while it is a draft that has arrived nowhere.
    pub async fn receipt(
        &self,
        actor: &Actor,
        purpose: Option<&str>,
        service: &str,
        record_type: &str,
        id: RecordId,
    ) -> Result<Receipted, Failure> {
        let opened = self.open_record(actor, purpose, service, record_type, id);
        let opened = opened.await?;
        if opened.rt.arrives_at.is_some() && opened.record.arrived_on.is_none() {
            let title = "まだ提出されていないため、受付の証明はありません";
            return Err(Refusal::new(RefusalKind::WrongState, title, Vec::new()).into());
        }
        let events = self.store.history(id, 0, MAX_EVENTS).await?;
        let (event, number) = attested(&events).ok_or_else(Failure::not_found)?;
        self.receipt_of(id, event.event.header.seq, number).await
    }

    async fn receipt_of(
        &self,
        id: RecordId,
        seq: u64,
        number: String,
    ) -> Result<Receipted, Failure> {
        let log = self.store.log();
        let event = log.sealed_event(id, seq).await?;
        let event = event.ok_or_else(Failure::not_found)?;
        let covering = self.newest_head().await?;
        let Some((signed, head)) = covering.filter(|(_, head)| head.size >= event.position) else {
            return Ok(Receipted::Soon);
        };
        let subject = Subject {
            number: number.clone(),
            header: event.header,
            sealed: event.sealed,
            previous: event.previous,
            index: event.position - 1,
        };
        let names = tiles_for_entry(subject.index, head.size).map_err(internal)?;
        let tiles = log.tiles(names.into_iter().collect()).await?;
        let top = (head.size, &head.root);
        let proof = prove_entry(&subject.hash(), subject.index, top, &tiles);
        let proof = proof.map_err(super::damaged)?;
        let key = self.log_key(signed.key).await?;
        let receipt = Receipt::new(&key, &subject, &proof, signed.checkpoint).map_err(internal)?;
        Ok(Receipted::Ready {
            receipt: Box::new(receipt),
            number,
        })
    }
}

/// The event that a receipt is for, with the number that stands in it.
fn attested(events: &[Stored]) -> Option<(&Stored, String)> {
    let numbered = events.iter().find_map(|stored| {
        let number = stored
            .event
            .body
            .patches
            .iter()
            .find_map(|patch| match patch {
                Patch::Number(number) => Some(number.clone()),
                _ => None,
            });
        number.map(|number| (stored, number))
    });
    let arrived = || {
        let arrives = |patch: &Patch| matches!(patch, Patch::Arrived(_));
        let arrived = events
            .iter()
            .find(|stored| stored.event.body.patches.iter().any(arrives));
        arrived
            .or(events.first())
            .map(|stored| (stored, String::new()))
    };
    numbered.or_else(arrived)
}
