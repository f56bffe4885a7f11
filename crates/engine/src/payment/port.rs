//! The trait of a payment gateway. Amounts are whole yen; days are civil days in Asia/Tokyo.

use jiff::{Timestamp, civil::Date};
use kernel::{EffectId, RecordId};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;

/// A future of a call to a gateway.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, GatewayError>> + Send + 'a>>;

/// Why a gateway did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Not to be reached, or overloaded: ask again later.
    #[error("納付の代行会社につながりません：{0}")]
    Unavailable(String),
    /// It says no, and would say no again.
    #[error("納付の代行会社に断られました：{0}")]
    Refused(String),
}

/// What was sent does not carry the gateway's signature, or is too old. Nothing more is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct Forged;

/// The record that a charge or refund is for, as the gateway keeps and returns it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// Slug of the service.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The record.
    pub record: RecordId,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.service, self.record_type, self.record)
    }
}

impl FromStr for Reference {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('/');
        let (Some(service), Some(record_type), Some(record), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        Ok(Self {
            service: service.to_owned(),
            record_type: record_type.to_owned(),
            record: record.parse().map_err(|_| ())?,
        })
    }
}

/// A payment to be taken.
#[derive(Clone)]
pub struct Charge {
    /// The effect: asked twice with the same, there is still one session.
    pub key: EffectId,
    /// For which record.
    pub reference: Reference,
    /// How much, in yen.
    pub amount_yen: u64,
    /// What for, as the payer reads it.
    pub title: String,
    /// When it can no longer be paid.
    pub until: Timestamp,
    /// Path of our page to which the payer comes back.
    pub return_path: String,
}

/// A session at the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The gateway's name for it.
    pub id: String,
    /// The payer's page there.
    pub url: String,
}

/// Money to be given back.
#[derive(Clone)]
pub struct GiveBack {
    /// The effect: asked twice with the same, it is given back once.
    pub key: EffectId,
    /// The record of the money.
    pub reference: Reference,
    /// The gateway's number of the payment.
    pub payment: String,
    /// How much, in yen.
    pub amount_yen: u64,
    /// Why.
    pub reason: String,
}

/// What a gateway tells.
#[derive(Clone, PartialEq, Eq)]
pub struct News {
    /// What has happened.
    pub kind: NewsKind,
    /// The reference that was given with the charge or refund, as it came back.
    pub reference: String,
    /// The session, where there is one.
    pub session: Option<String>,
    /// How much, in yen.
    pub amount_yen: u64,
    /// When it happened.
    pub at: Timestamp,
}

/// Kinds of news, each with the gateway's number that names it once for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewsKind {
    /// Money has arrived.
    Paid {
        /// Number of the payment.
        payment: String,
        /// `card`, `konbini`, `pay_easy`.
        method: String,
    },
    /// A session ran out unpaid.
    Expired,
    /// Money was given back.
    Refunded {
        /// Number of the refund.
        refund: String,
    },
    /// Money could not be given back.
    RefundRefused {
        /// Number of the refund.
        refund: String,
        /// Why not.
        reason: String,
    },
}

/// One line of a gateway's daily file: money taken, or given back (`refund` set).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The reference.
    pub reference: String,
    /// The session.
    pub session: Option<String>,
    /// Number of the payment.
    pub payment: String,
    /// Number of the refund; none for money taken.
    pub refund: Option<String>,
    /// How much, in yen.
    pub amount_yen: u64,
    /// How it was paid.
    pub method: String,
    /// When.
    pub at: Timestamp,
}

/// The three headers of a Standard Webhook.
#[derive(Clone, Copy, Debug)]
pub struct SignedHeaders<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`, seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: blank-separated `v1,BASE64`.
    pub signature: &'a str,
}

/// A payment gateway (収納代行・決済代行).
pub trait Gateway: Send + Sync + 'static {
    /// Its name in settings, files and records.
    fn name(&self) -> &str;
    /// Opens a session for a charge; the same key gives the same session.
    fn open<'a>(&'a self, charge: &'a Charge) -> Asked<'a, Session>;
    /// Ends what is still open for a reference. What was paid stays paid.
    fn recall<'a>(&'a self, reference: &'a Reference) -> Asked<'a, ()>;
    /// Gives money back; the answer comes as news.
    fn refund<'a>(&'a self, refund: &'a GiveBack) -> Asked<'a, ()>;
    /// What has happened to a session so far: asked when the payer comes back before the news does.
    fn query<'a>(&'a self, session: &'a str) -> Asked<'a, Vec<News>>;
    /// The daily file of a civil day.
    fn settled(&self, day: Date) -> Asked<'_, Vec<Settled>>;
    /// Reads news that were sent to us.
    ///
    /// # Errors
    /// If they are not signed by the gateway, or signed too long ago.
    fn read(&self, headers: SignedHeaders<'_>, body: &[u8], now: Timestamp)
    -> Result<News, Forged>;
}
