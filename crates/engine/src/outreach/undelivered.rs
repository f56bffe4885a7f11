//! 届かなかった連絡: what the desk must see to by another way, a telephone call or a letter.

use super::Channel;
use crate::view::RecordView;
use crate::{Engine, Failure};
use jiff::Timestamp;
use kernel::Actor;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Shown at a time.
const AT_MOST: usize = 200;

/// A message that did not reach its reader by one way. It stands on My Page all the same.
pub struct Undelivered {
    /// Which delivery.
    pub id: Uuid,
    /// By which channel.
    pub channel: Channel,
    /// Subject of the message.
    pub subject: String,
    /// Why not.
    pub why: String,
    /// When the message was made.
    pub since: Timestamp,
    /// The record, as the official may see it.
    pub record: RecordView,
}

impl Engine {
    /// What did not arrive from the actor's offices, newest first; of records that they may see.
    ///
    /// # Errors
    /// 404 for who holds no seat.
    pub async fn undelivered(&self, actor: &Actor) -> Result<Vec<Undelivered>, Failure> {
        let offices = offices(actor)?;
        let mut rows = Vec::new();
        for office in &offices {
            rows.extend(self.store.undelivered(office.as_deref(), AT_MOST).await?);
        }
        let mut found = Vec::new();
        for row in rows {
            let delivery = &row.delivery;
            let Some(message) = self
                .store
                .message(&delivery.mailbox, delivery.message)
                .await?
            else {
                continue;
            };
            let (service, kind) = (&message.service, &message.record_type);
            let Ok(record) = self
                .record(actor, None, service, kind, delivery.record, None)
                .await
            else {
                continue;
            };
            found.push(Undelivered {
                id: delivery.id,
                channel: delivery.channel,
                subject: message.subject,
                why: row.error.unwrap_or_default(),
                since: message.at,
                record,
            });
        }
        Ok(found)
    }

    /// Puts away one that the official has seen to.
    ///
    /// # Errors
    /// 404 if it is none of theirs.
    pub async fn undelivered_seen(&self, actor: &Actor, id: Uuid) -> Result<(), Failure> {
        let theirs = self.undelivered(actor).await?;
        if !theirs.iter().any(|one| one.id == id) {
            return Err(Failure::not_found());
        }
        Ok(self.store.delivery_seen(id).await?)
    }
}

/// The offices of the actor's seats; none stands for all, which an administrator has.
fn offices(actor: &Actor) -> Result<Vec<Option<String>>, Failure> {
    if actor.seats.is_empty() {
        return Err(Failure::not_found());
    }
    if actor.seats.iter().any(|seat| seat.role == "administrator") {
        return Ok(vec![None]);
    }
    let offices = actor.seats.iter().filter_map(|seat| seat.office.clone());
    Ok(offices
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(Some)
        .collect())
}
