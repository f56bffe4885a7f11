//! Web push: RFC 8030 with message encryption (RFC 8291) and VAPID (RFC 8292).

mod encrypt;
mod vapid;

pub(crate) use encrypt::decrypt;
pub use vapid::VapidKey;
pub(crate) use vapid::verify;

/// A browser's public key as pages hand it over.
pub(crate) fn public_of(secret: &p256::SecretKey) -> String {
    text_of(&encrypt::point(&secret.public_key()))
}

/// Bytes in URL-safe Base64.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

use crate::http::Client;
use crate::{Now, Random};
use engine::outreach::{Channel, Letter, SendFault, Sender, Sending};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Services of the browsers that people use. What a page names as its endpoint we call from inside, so nobody may name
/// any other.
const SERVICES: &[&str] = &[
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
];
/// Windows names a server of its own for each browser.
const SERVICES_BELOW: &[&str] = &[".notify.windows.com", ".push.apple.com"];
/// How long a push service keeps what it could not show: a day.
const TTL_SECONDS: u32 = 24 * 60 * 60;
/// Most bytes of text: a record of 4,096 less its header, tag and delimiter.
const MAX_BYTES: usize = 3_900;

/// How pushes are sent.
pub struct PushSettings {
    /// The key that names us to push services.
    pub key: VapidKey,
    /// Whom a push service may write to: `mailto:…`.
    pub contact: String,
    /// Further services (`127.0.0.1:9999`): a stand-in's.
    pub services: Vec<String>,
    /// Most pushes a second.
    pub per_second: usize,
}

/// Sends pushes to browsers.
pub struct Push {
    client: Client,
    settings: PushSettings,
    public: String,
    now: Now,
    random: Random,
}

/// A browser's subscription, as `PushSubscription.toJSON()` gives it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) endpoint: String,
    pub(crate) keys: Keys,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Keys {
    pub(crate) p256dh: String,
    pub(crate) auth: String,
}

impl Push {
    /// Makes ready to send. Time and randomness are handed in: the proof runs out, and each text has its own key.
    #[must_use]
    pub fn new(settings: PushSettings, now: Now, random: Random) -> Self {
        // A page names where its browser is reached; only a stand-in lies inside.
        let client = match settings.services.is_empty() {
            true => Client::outside(),
            false => Client::new(),
        };
        Self {
            client,
            public: settings.key.public(),
            settings,
            now,
            random,
        }
    }

    fn known(&self, host: &str) -> bool {
        SERVICES.contains(&host)
            || SERVICES_BELOW.iter().any(|below| host.ends_with(below))
            || self.settings.services.iter().any(|known| known == host)
    }

    fn payload(letter: &Letter) -> Vec<u8> {
        let mut body = letter.body.clone();
        loop {
            let json = json!({
                "title": letter.subject, "body": body, "url": letter.link, "tag": letter.id, "lang": letter.language,
            });
            let bytes = json.to_string().into_bytes();
            if bytes.len() <= MAX_BYTES || body.pop().is_none() {
                return bytes;
            }
        }
    }
}

impl Sender for Push {
    fn channel(&self) -> Channel {
        Channel::Push
    }

    fn per_second(&self) -> usize {
        self.settings.per_second
    }

    fn address(&self, given: &str) -> Result<String, String> {
        let wrong = || {
            "このブラウザーの通知を登録できませんでした。ブラウザーを開き直して、もう一度お試しください。".to_owned()
        };
        let subscription: Subscription = serde_json::from_str(given).map_err(|_| wrong())?;
        let host = host_of(&subscription.endpoint).ok_or_else(wrong)?;
        if !self.known(host) || encrypt::Reader::of(&subscription).is_none() {
            return Err(wrong());
        }
        serde_json::to_string(&subscription).map_err(|_| wrong())
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let unusable = || SendFault::Gone("このブラウザーの登録は使えません".into());
            let subscription: Subscription =
                serde_json::from_str(&letter.to).map_err(|_| unusable())?;
            let reader = encrypt::Reader::of(&subscription).ok_or_else(unusable)?;
            let sealed = encrypt::encrypt(&reader, &Self::payload(letter), &self.random)
                .ok_or_else(unusable)?;
            let origin = origin_of(&subscription.endpoint).ok_or_else(unusable)?;
            let token = self
                .settings
                .key
                .token(origin, &self.settings.contact, (self.now)());
            let urgency = if letter.urgent { "high" } else { "normal" };
            let headers = vec![
                (
                    "authorization",
                    format!("vapid t={token}, k={}", self.public),
                ),
                ("content-encoding", "aes128gcm".into()),
                ("content-type", "application/octet-stream".into()),
                ("ttl", TTL_SECONDS.to_string()),
                ("urgency", urgency.into()),
                // Of two with one topic the service shows the later, so a push that went twice is seen once.
                ("topic", letter.id.simple().to_string()),
            ];
            let answer = self
                .client
                .post(&subscription.endpoint, headers, sealed)
                .await?;
            match answer.status {
                200..=299 => Ok(()),
                404 | 410 => Err(unusable()),
                _ => Err(answer.fault()),
            }
        })
    }

    fn public(&self) -> Option<&str> {
        Some(&self.public)
    }
}

/// `https://host` of a URL; `http://` on loopback only.
fn origin_of(url: &str) -> Option<&str> {
    let scheme = match url.split_once("://")? {
        ("https", _) => 8,
        ("http", _) if crate::is_loopback(url) => 7,
        _ => return None,
    };
    let rest = url.get(scheme..)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..scheme + end)
}

fn host_of(url: &str) -> Option<&str> {
    let (_, host) = origin_of(url)?.split_once("://")?;
    (!host.contains('@')).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_inside_our_house_is_not_called() {
        for url in [
            "http://169.254.169.254/latest",
            "https://user@fcm.googleapis.com@10.0.0.1/x",
            "ftp://fcm.googleapis.com/x",
            "fcm.googleapis.com/x",
        ] {
            assert_eq!(host_of(url), None, "{url}");
        }
        assert_eq!(
            host_of("https://fcm.googleapis.com/fcm/send/abc"),
            Some("fcm.googleapis.com")
        );
        assert_eq!(
            origin_of("https://web.push.apple.com/a?b"),
            Some("https://web.push.apple.com")
        );
    }
}
