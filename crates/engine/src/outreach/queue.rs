//! A message is shown, and its deliveries are queued with it.

use crate::desk::desk_mailboxes;
use crate::worker::mailbox;
use crate::{Engine, Failure};
use definition::model::Outside;
use kernel::mailroom::{Contact, Delivery};
use kernel::port::MessageRow;
use kernel::{
    AccountId, EffectId, EffectOrder, MessageTo, OutboxEntry, PartyId, Reach, RecordId, Said,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

impl Engine {
    /// Shows a message of the outbox on My Page or at a desk, and queues what goes outside; once per effect id.
    pub(crate) async fn show_message(&self, entry: &OutboxEntry) -> Result<(), Failure> {
        let EffectOrder::Notify {
            record,
            service,
            record_type,
            to,
            subject,
            body,
            others,
            reach,
            ..
        } = &entry.order
        else {
            return Ok(());
        };
        let message = MessageRow {
            id: entry.id,
            mailbox: mailbox(to),
            record: *record,
            service: service.clone(),
            record_type: record_type.clone(),
            subject: subject.clone(),
            body: body.clone(),
            others: others.clone(),
            reach: *reach,
            at: self.clock.now(),
            read_at: None,
        };
        self.show(message, to).await
    }

    async fn show(&self, message: MessageRow, to: &MessageTo) -> Result<(), Failure> {
        let deliveries = self.deliveries_of(&message, to).await?;
        let some = !deliveries.is_empty();
        self.store.put_message(message, deliveries).await?;
        if some {
            self.outreach_wake.notify_waiters();
        }
        Ok(())
    }

    /// Tells somebody of their own account, on My Page and by the ways that they opened, at night too. It is about no
    /// record: the message names none.
    pub(crate) async fn tell_account(
        &self,
        account: AccountId,
        said: Said,
        others: BTreeMap<String, Said>,
    ) -> Result<(), Failure> {
        let (now, to) = (self.clock.now(), MessageTo::Account(account));
        let message = MessageRow {
            id: EffectId(self.ids.uuid(now)),
            mailbox: mailbox(&to),
            record: RecordId(Uuid::nil()),
            service: String::new(),
            record_type: String::new(),
            subject: said.subject,
            body: said.body,
            others,
            reach: Reach {
                outside: Outside::Full,
                urgent: true,
                plain_subject: true,
            },
            at: now,
            read_at: None,
        };
        self.show(message, &to).await
    }

    /// One for each open way of each reader, by the channels that are wired in.
    async fn deliveries_of(
        &self,
        message: &MessageRow,
        to: &MessageTo,
    ) -> Result<Vec<Delivery>, Failure> {
        let channels = self.channels();
        if channels.is_empty() || message.reach.outside == Outside::None {
            return Ok(Vec::new());
        }
        let mut contacts = Vec::new();
        for party in self.readers(message, to).await? {
            contacts.extend(self.store.contact(party).await?);
        }
        if contacts
            .iter()
            .all(|contact| contact.open_ways().next().is_none())
        {
            return Ok(Vec::new());
        }
        let record = self.store.snapshots(&[message.record]).await?.pop();
        if record
            .as_ref()
            .is_some_and(|record| !Self::may_go_out(record, to))
        {
            return Ok(Vec::new());
        }
        let office = record.and_then(|record| record.office);
        let of = |contact: &Contact| {
            let ways = contact.open_ways();
            let ways = ways.filter(|way| channels.contains(&way.channel));
            let delivery = |way: &kernel::mailroom::Way| Delivery {
                id: delivery_id(message.id, contact.party, way.id),
                message: message.id,
                mailbox: message.mailbox.clone(),
                party: contact.party,
                way: way.id,
                channel: way.channel,
                record: message.record,
                office: office.clone(),
                first_try: message.at,
            };
            ways.map(delivery).collect::<Vec<_>>()
        };
        Ok(contacts.iter().flat_map(of).collect())
    }

    async fn readers(&self, message: &MessageRow, to: &MessageTo) -> Result<Vec<PartyId>, Failure> {
        Ok(match to {
            MessageTo::Party(party) => vec![*party],
            MessageTo::Account(account) => {
                let account = self.store.account(*account).await?;
                account.into_iter().map(|account| account.party).collect()
            }
            MessageTo::Desk { .. } => {
                let mut readers = Vec::new();
                for party in self.store.watchers(&message.mailbox).await? {
                    if self.sits_at(party, &message.mailbox).await? {
                        readers.push(party);
                    }
                }
                readers
            }
        })
    }

    /// Whether somebody who once asked for a desk's messages still has a seat there.
    async fn sits_at(&self, party: PartyId, mailbox: &str) -> Result<bool, Failure> {
        let Some(id) = self.store.looks().account_of(party).await? else {
            return Ok(false);
        };
        let account = self.acting_account(id).await?;
        let boxes = account.map_or_else(Vec::new, |account| desk_mailboxes(&account.seats));
        Ok(boxes.iter().any(|one| one == mailbox))
    }
}

/// The same for the same message and way, so that a provider that knows it takes it once.
fn delivery_id(message: EffectId, party: PartyId, way: Uuid) -> Uuid {
    let digest = Sha256::digest(format!("{message}/{party}/{way}").as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
