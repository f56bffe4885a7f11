//! Messages outside My Page: by mail, SMS, LINE and web push, as their readers chose. Every message stands on My Page
//! whatever happens out there. Each way of each reader is a delivery of its own, so that one provider's fault never
//! holds another, nor the message itself.

mod codes;
pub(crate) mod courier;
mod handover;
mod queue;
mod quiet;
mod settings;
mod text;
mod undelivered;

pub use settings::Preferences;
pub use undelivered::Undelivered;

pub use kernel::mailroom::Channel;

use crate::Engine;
use crate::pace::Pace;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Languages in which messages are read, with their names.
pub const LANGUAGES: [(&str, &str); 3] = [
    ("ja", "日本語"),
    ("ja-easy", "やさしい日本語"),
    ("en", "English"),
];

/// What is sent to one address. Personal: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Idempotency key: a retry carries the same.
    pub id: Uuid,
    /// Address, as [`Sender::address`] made it.
    pub to: String,
    /// Subject, one line.
    pub subject: String,
    /// Body, lines.
    pub body: String,
    /// Where to read on; none in a letter that says all.
    pub link: Option<String>,
    /// Tag of the language that it is written in.
    pub language: &'static str,
    /// Whether it may wake its reader.
    pub urgent: bool,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Why a letter was not taken. The sentences are for officials and operators; they name no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// The provider is away or asks to come again: tried again with back-off.
    #[error("{0}")]
    Later(String),
    /// Too many at a time: not before so long. Not counted as a try.
    #[error("送る数の上限です")]
    Limited(Duration),
    /// This letter will never be taken.
    #[error("{0}")]
    Never(String),
    /// Nor will any other to this address: it is switched off.
    #[error("{0}")]
    Gone(String),
}

/// What somebody wrote to us by a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Their address.
    pub from: String,
    /// What they wrote.
    pub text: String,
}

/// A future of a sender.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendFault>> + Send + 'a>>;

/// A provider of one channel: the port that `connect` implements.
pub trait Sender: Send + Sync + 'static {
    /// Which channel.
    fn channel(&self) -> Channel;
    /// The most letters a second that the provider takes from us.
    fn per_second(&self) -> usize;
    /// An address in the form that the provider wants.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what to do.
    fn address(&self, given: &str) -> Result<String, String>;
    /// Hands a letter over. `Ok` means that the provider has taken it.
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a>;
    /// What pages must know to connect a reader: the public key of web push, the link by which to befriend us on LINE.
    fn public(&self) -> Option<&str> {
        None
    }
    /// What a signed call of the provider says; none if the signature is not the provider's.
    fn incoming(&self, _body: &[u8], _signature: &str) -> Option<Vec<Incoming>> {
        None
    }
}

/// A letter that a stand-in took. Made-up people's only.
#[derive(Clone, PartialEq, Eq)]
pub struct Sample {
    /// By which channel.
    pub channel: Channel,
    /// When.
    pub at: jiff::Timestamp,
    /// Address.
    pub to: String,
    /// Subject; empty where the channel has none.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// The stand-ins of a demo.
pub trait Samples: Send + Sync + 'static {
    /// What they took, newest first.
    fn letters(&self) -> Vec<Sample>;
    /// Whether a channel's is told to be down.
    fn is_down(&self, channel: Channel) -> bool;
    /// Tells it to be down, or up again.
    fn set_down(&self, channel: Channel, down: bool);
    /// The signed call that the provider makes when somebody writes to us: body and signature.
    fn write_to_us(&self, channel: Channel, from: &str, text: &str) -> Option<(String, String)>;
    /// A browser's subscription that leads to the stand-in.
    fn subscription(&self) -> String;
}

/// The ways out that are wired in, and where readers are led.
pub struct Outreach {
    senders: Vec<Arc<dyn Sender>>,
    paces: BTreeMap<Channel, Arc<Pace>>,
    base: String,
    samples: Option<Arc<dyn Samples>>,
}

impl Outreach {
    /// `base` is the address under which people reach the portal (`https://…`, without a slash at the end).
    #[must_use]
    pub fn new(senders: Vec<Arc<dyn Sender>>, base: impl Into<String>) -> Self {
        let base: String = base.into();
        let pace = |sender: &Arc<dyn Sender>| Arc::new(Pace::new(sender.per_second()));
        Self {
            paces: senders
                .iter()
                .map(|sender| (sender.channel(), pace(sender)))
                .collect(),
            senders,
            base: base.trim_end_matches('/').to_owned(),
            samples: None,
        }
    }

    /// The same in a demo, whose letters go to stand-ins.
    #[must_use]
    pub fn with_samples(self, samples: Arc<dyn Samples>) -> Self {
        Self {
            samples: Some(samples),
            ..self
        }
    }
}

impl Engine {
    /// Wires in the ways out, once.
    pub fn connect(&self, outreach: Outreach) {
        // Whoever comes second changes nothing: a product is wired once, before it serves.
        let _ = self.outreach.set(outreach);
    }

    /// The channels that are wired in.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        self.senders()
            .iter()
            .map(|sender| sender.channel())
            .collect()
    }

    /// What pages must know to connect a reader by a channel.
    #[must_use]
    pub fn channel_public(&self, channel: Channel) -> Option<&str> {
        self.sender(channel).ok()?.public()
    }

    /// The address under which people reach the portal; empty if none is set.
    #[must_use]
    pub fn base(&self) -> &str {
        self.outreach.get().map_or("", |out| out.base.as_str())
    }

    /// The stand-ins, where letters go to them.
    #[must_use]
    pub fn samples(&self) -> Option<&Arc<dyn Samples>> {
        self.outreach.get()?.samples.as_ref()
    }

    pub(crate) fn senders(&self) -> &[Arc<dyn Sender>] {
        self.outreach.get().map_or(&[], |out| &out.senders)
    }

    /// The pace of a channel; a fresh one where none is wired in.
    pub(crate) fn pace(&self, channel: Channel) -> Arc<Pace> {
        let kept = self.outreach.get().and_then(|out| out.paces.get(&channel));
        kept.map_or_else(|| Arc::new(Pace::new(1)), Arc::clone)
    }

    fn sender(&self, channel: Channel) -> Result<&Arc<dyn Sender>, crate::Failure> {
        self.senders()
            .iter()
            .find(|sender| sender.channel() == channel)
            .ok_or_else(crate::Failure::not_found)
    }
}
