//! What goes by mail to an address before, or beside, any message on My Page: links by which an account is made, recovered or
//! moved to another address, and news of an account to an address that it has left. Addresses are personal data: they do
//! not print, and the store keeps them sealed.

use crate::ids::AccountId;
use crate::mailroom::Contact;
use crate::port::{Account, Task};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a slip is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Whoever holds the address may make an account.
    Register,
    /// Whoever holds the address may give its account another password.
    Recover,
    /// Whoever holds the address may make it that of an account.
    Move,
    /// Says something, leads nowhere.
    Tell,
}

/// What a letter says that leads nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Subject, one line.
    pub subject: String,
    /// Body, lines.
    pub body: String,
}

/// One letter to one address. It does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// Names it; the link in the letter holds it beside a proof that only we can make.
    pub id: Uuid,
    /// What for.
    pub purpose: Purpose,
    /// Mail address, as its sender wants it.
    pub address: String,
    /// Tag of the language that was spoken when it was asked for.
    pub language: String,
    /// The account that moves to the address.
    pub account: Option<AccountId>,
    /// Where the person wanted to go; empty where nowhere.
    pub next: String,
    /// What the letter says; none where that is decided when it is sent.
    pub words: Option<Words>,
}

/// A slip as the store holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipRow {
    /// The slip.
    pub slip: Slip,
    /// Digest of the address: all slips of one address go together.
    pub about: String,
    /// Tries to send it so far.
    pub tries: u32,
    /// When it is sent next; none once it was, or never will be.
    pub next_try: Option<Timestamp>,
    /// Until when it is kept; of one that was sent with a link: until when the link holds.
    pub ends: Timestamp,
}

/// What is written when a slip is spent, all or nothing.
pub struct Spending {
    /// The account as it is from then on. All its sessions and tokens end.
    pub account: Account,
    /// Where its party is reached from then on; none: as before.
    pub contact: Option<Contact>,
}

/// The part of a store that keeps slips.
pub trait SlipStore: Send + Sync + 'static {
    /// Keeps a slip; removes those that ended before `now`.
    fn put_slip(&self, row: SlipRow, now: Timestamp) -> Task<'_, ()>;
    /// A slip that has not ended.
    fn slip(&self, id: Uuid, now: Timestamp) -> Task<'_, Option<SlipRow>>;
    /// Those that are to be sent, oldest first, at most `limit`.
    fn slips_due(&self, now: Timestamp, limit: usize) -> Task<'_, Vec<SlipRow>>;
    /// Takes one that is to be sent, until `until`; answers whether nobody else did.
    fn claim_slip(&self, id: Uuid, was: Timestamp, until: Timestamp) -> Task<'_, bool>;
    /// Writes how sending went: when next, none for never again, and until when it is kept.
    fn slip_tried(&self, id: Uuid, next: Option<Timestamp>, ends: Timestamp) -> Task<'_, ()>;
    /// Those that failed are tried again at once: the provider is back.
    fn hurry_slips(&self, now: Timestamp) -> Task<'_, ()>;
    /// Spends a slip that has not ended and takes all others of its address with it. Answers whether it was there and the
    /// account's sign-in name is no other account's; nothing is written otherwise.
    fn spend_slip(&self, id: Uuid, now: Timestamp, spending: Spending) -> Task<'_, bool>;
    /// Forgets all slips with links of an address.
    fn forget_slips<'a>(&'a self, about: &'a str) -> Task<'a, ()>;
}
