//! What the stand-ins took, and how they are told to behave.

use crate::line::sign;
use crate::push::VapidKey;
use crate::{Now, Random, SetupError};
use engine::outreach::{Channel, Sample, Samples};
use parking_lot::Mutex;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// Letters kept; older ones are forgotten.
const KEPT: usize = 500;

/// What the stand-ins took. Locks are held for no longer than a look.
pub struct SampleBox {
    pub(super) now: Now,
    pub(super) token: String,
    pub(super) secret: String,
    /// The private key and the auth secret of the browser that the stand-in plays.
    pub(super) browser: (p256::SecretKey, Vec<u8>),
    pub(super) state: Mutex<State>,
    address: Mutex<Option<SocketAddr>>,
}

#[derive(Default)]
pub(super) struct State {
    taken: VecDeque<Sample>,
    /// Idempotency keys by channel.
    keys: BTreeSet<(Channel, String)>,
    down: BTreeSet<Channel>,
    /// The next so many calls are too many, to come again after so long.
    limited: BTreeMap<Channel, (u32, Duration)>,
    /// What is left of the month.
    quota: BTreeMap<Channel, u32>,
    calls: BTreeMap<Channel, u32>,
}

/// How a stand-in answers before it looks at the letter.
pub(super) enum Mood {
    Down,
    Limited(Duration),
    Spent,
    Willing,
}

impl SampleBox {
    pub(super) fn new(now: Now, random: &Random) -> Result<Self, SetupError> {
        let mut bytes = [0_u8; 64];
        random(&mut bytes);
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let browser = VapidKey::new(random)?;
        Ok(Self {
            now,
            token: hex(&bytes[..16]),
            secret: hex(&bytes[16..32]),
            browser: (browser.into_secret(), bytes[32..48].to_vec()),
            state: Mutex::default(),
            address: Mutex::new(None),
        })
    }

    pub(super) fn set_address(&self, address: SocketAddr) {
        *self.address.lock() = Some(address);
    }

    /// The next `calls` by a channel are too many; to come again after `pause`.
    pub fn limit(&self, channel: Channel, calls: u32, pause: Duration) {
        self.state.lock().limited.insert(channel, (calls, pause));
    }

    /// So many letters are left of the month.
    pub fn quota(&self, channel: Channel, left: u32) {
        self.state.lock().quota.insert(channel, left);
    }

    /// How often a channel was called, taken or not.
    pub fn calls(&self, channel: Channel) -> u32 {
        self.state.lock().calls.get(&channel).copied().unwrap_or(0)
    }

    /// A browser's subscription that the stand-in can read, as JSON.
    #[must_use]
    pub fn subscription(&self) -> String {
        let address = self
            .address
            .lock()
            .map(|a| a.to_string())
            .unwrap_or_default();
        let (secret, auth) = &self.browser;
        json!({
            "endpoint": format!("http://{address}/push/sample"),
            "keys": { "p256dh": crate::push::public_of(secret), "auth": crate::push::text_of(auth) },
        })
        .to_string()
    }

    /// A webhook as LINE would send it when a user writes `text`: body and signature.
    #[must_use]
    pub fn line_webhook(&self, user: &str, text: &str) -> (String, String) {
        let body = json!({
            "destination": "U00000000000000000000000000000000",
            "events": [{ "type": "message", "mode": "active", "source": { "type": "user", "userId": user },
                         "message": { "type": "text", "id": "1", "text": text } }],
        })
        .to_string();
        let signature = sign(&self.secret, body.as_bytes());
        (body, signature)
    }

    pub(super) fn mood(&self, channel: Channel) -> Mood {
        let mut state = self.state.lock();
        *state.calls.entry(channel).or_default() += 1;
        if state.down.contains(&channel) {
            return Mood::Down;
        }
        if let Some((left, pause)) = state
            .limited
            .get_mut(&channel)
            .filter(|(left, _)| *left > 0)
        {
            *left -= 1;
            return Mood::Limited(*pause);
        }
        match state.quota.get(&channel) {
            Some(0) => Mood::Spent,
            _ => Mood::Willing,
        }
    }

    /// Whether a key was seen before.
    pub(super) fn known(&self, channel: Channel, key: &str) -> bool {
        self.state.lock().keys.contains(&(channel, key.to_owned()))
    }

    pub(super) fn take(&self, channel: Channel, key: &str, to: &str, subject: &str, body: &str) {
        let sample = Sample {
            channel,
            at: (self.now)(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            body: body.to_owned(),
        };
        let mut state = self.state.lock();
        state.keys.insert((channel, key.to_owned()));
        if let Some(left) = state.quota.get_mut(&channel) {
            *left = left.saturating_sub(1);
        }
        state.taken.push_front(sample);
        state.taken.truncate(KEPT);
    }
}

impl Samples for SampleBox {
    fn letters(&self) -> Vec<Sample> {
        self.state.lock().taken.iter().cloned().collect()
    }

    fn is_down(&self, channel: Channel) -> bool {
        self.state.lock().down.contains(&channel)
    }

    fn set_down(&self, channel: Channel, down: bool) {
        let mut state = self.state.lock();
        if down {
            state.down.insert(channel);
        } else {
            state.down.remove(&channel);
        }
    }

    fn write_to_us(&self, channel: Channel, from: &str, text: &str) -> Option<(String, String)> {
        (channel == Channel::Line).then(|| self.line_webhook(from, text))
    }

    fn subscription(&self) -> String {
        Self::subscription(self)
    }
}
