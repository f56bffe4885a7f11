//! What the engine needs of a store to reach people outside My Page: where they want to be reached, what is on its way,
//! and what did not arrive. Addresses are personal data: they do not print, and the store keeps them sealed.

use crate::ids::{EffectId, PartyId, RecordId};
use crate::port::{MessageRow, Task};
use jiff::{Timestamp, civil::Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A way to reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Mail.
    Mail,
    /// Short message to a telephone.
    Sms,
    /// LINE.
    Line,
    /// Web push to a browser.
    Push,
}

impl Channel {
    /// All, in the order of My Page.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Sms, Self::Line, Self::Push];

    /// As it stands in tables and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Line => "line",
            Self::Push => "push",
        }
    }

    /// The channel of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Where and how a party wants to be reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Whose.
    pub party: PartyId,
    /// Counts writings, so that two at a time do not lose one; 0 where nothing was ever written.
    pub revision: u64,
    /// Tag of the language in which messages are read (`ja`, `ja-easy`, `en`).
    pub language: String,
    /// Hours of the night in which only urgent messages come: from, until, Asia/Tokyo. None: at any time.
    pub quiet: Option<(Time, Time)>,
    /// The addresses, confirmed or not.
    pub ways: Vec<Way>,
    /// An official who asks for it gets the messages of their desks too.
    pub desks: bool,
    /// When codes were last sent, so that nobody is flooded with them.
    #[serde(default)]
    pub codes_sent: Vec<Timestamp>,
}

impl Contact {
    /// Of a party that has said nothing yet: quiet from 21:00 until 8:00, no way but My Page.
    #[must_use]
    pub fn new(party: PartyId) -> Self {
        Self {
            party,
            revision: 0,
            language: "ja".into(),
            quiet: Some((Time::constant(21, 0, 0, 0), Time::constant(8, 0, 0, 0))),
            ways: Vec::new(),
            desks: false,
            codes_sent: Vec::new(),
        }
    }

    /// The ways by which messages go out: confirmed and switched on.
    pub fn open_ways(&self) -> impl Iterator<Item = &Way> {
        self.ways
            .iter()
            .filter(|way| way.on && way.confirmed.is_some())
    }
}

/// One address. It does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Names it in deliveries, which hold no address.
    pub id: Uuid,
    /// Channel.
    pub channel: Channel,
    /// Mail address, telephone number in E.164, LINE user id, or the browser's subscription as JSON.
    pub address: String,
    /// Whether messages go there.
    pub on: bool,
    /// When its owner proved that it is theirs.
    pub confirmed: Option<Timestamp>,
    /// The proof that is awaited.
    pub awaited: Option<Awaited>,
    /// What went wrong last and when, if it could not be reached.
    pub fault: Option<(Timestamp, String)>,
}

/// A code that was sent to an address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// SHA-256 (hex) over way and code.
    pub hash: String,
    /// Until when it is taken.
    pub until: Timestamp,
    /// Wrong codes that may still be given.
    pub tries: u8,
}

/// One message on its way to one address. Holds no address and no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Idempotency key towards the provider: follows from message and way.
    pub id: Uuid,
    /// The message, in its mailbox.
    pub message: EffectId,
    /// Mailbox that the message stands in.
    pub mailbox: String,
    /// Whose contact.
    pub party: PartyId,
    /// Which way of it.
    pub way: Uuid,
    /// Channel.
    pub channel: Channel,
    /// The record that it is about.
    pub record: RecordId,
    /// Office of the record: its desk sees what did not arrive.
    pub office: Option<String>,
    /// When it may first be sent.
    pub first_try: Timestamp,
}

/// A delivery as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The delivery.
    pub delivery: Delivery,
    /// Tries so far.
    pub tries: u32,
    /// When it is tried next; none once it ended.
    pub next_try: Option<Timestamp>,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// How a try to deliver ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The provider took it.
    Sent(Timestamp),
    /// To be tried again then; counted as a try.
    Failed(String, Timestamp),
    /// Not before then: night, or a provider's limit. Not counted.
    Later(Timestamp),
    /// It will never arrive.
    Never(String),
    /// Its reader wants it there no longer.
    Withdrawn,
}

/// The part of a store that reaches people.
pub trait Mailroom: Send + Sync + 'static {
    /// Shows a message in a mailbox and queues its deliveries, once per effect id, in one transaction.
    fn put_message(&self, message: MessageRow, deliveries: Vec<Delivery>) -> Task<'_, ()>;
    /// One message of a mailbox.
    fn message<'a>(&'a self, mailbox: &'a str, id: EffectId) -> Task<'a, Option<MessageRow>>;
    /// How a party wants to be reached.
    fn contact(&self, party: PartyId) -> Task<'_, Option<Contact>>;
    /// Writes it, if it still has the revision before; `desks` are the mailboxes whose messages it gets too, from now
    /// on; none: those that it gets already. Answers whether it was written.
    fn put_contact(&self, contact: Contact, desks: Option<Vec<String>>) -> Task<'_, bool>;
    /// Parties that get the messages of a desk's mailbox.
    fn watchers<'a>(&'a self, mailbox: &'a str) -> Task<'a, Vec<PartyId>>;
    /// Keeps a code under its hash, to be given by a stranger's channel (LINE).
    fn put_code<'a>(&'a self, hash: &'a str, party: PartyId, until: Timestamp) -> Task<'a, ()>;
    /// Takes a code; none if there is none or its time is over.
    fn take_code<'a>(&'a self, hash: &'a str, now: Timestamp) -> Task<'a, Option<PartyId>>;
    /// Deliveries of a channel whose time has come, oldest first, at most `limit`.
    fn deliveries(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: usize,
    ) -> Task<'_, Vec<DeliveryRow>>;
    /// Deliveries of a channel that have failed are tried again at once: its provider is back.
    fn hurry_deliveries(&self, channel: Channel, now: Timestamp) -> Task<'_, ()>;
    /// Writes how a try ended.
    fn delivery_tried(&self, id: Uuid, tried: Tried) -> Task<'_, ()>;
    /// Deliveries of an office's records that ended without arriving and were not put away, newest first. Without an
    /// office: those of all.
    fn undelivered<'a>(
        &'a self,
        office: Option<&'a str>,
        limit: usize,
    ) -> Task<'a, Vec<DeliveryRow>>;
    /// Puts away a delivery that a person has seen to.
    fn delivery_seen(&self, id: Uuid) -> Task<'_, ()>;
    /// How many wait, by channel, and since when the oldest.
    fn waiting(&self) -> Task<'_, BTreeMap<Channel, (u64, Timestamp)>>;
}
