//! LINE, by its Messaging API: push messages with a retry key, and signed webhooks by which readers connect themselves.

mod signature;

pub(crate) use signature::{sign, signed};

use crate::SetupError;
use crate::http::Client;
use engine::outreach::{Channel, Incoming, Letter, SendFault, Sender, Sending};
use serde_json::{Value as Json, json};

/// Most UTF-16 units of a text message (Messaging API reference, "Text message").
pub(crate) const MAX_UNITS: usize = 5_000;

/// How LINE messages are sent. Does not print.
#[derive(Clone)]
pub struct LineSettings {
    /// `https://api.line.me`, or a stand-in's.
    pub api: String,
    /// Channel access token.
    pub token: String,
    /// Channel secret, which signs webhooks.
    pub secret: String,
    /// Where people add the official account as a friend.
    pub friend: String,
    /// Most messages a second.
    pub per_second: usize,
}

/// Sends by one official account.
pub struct Line {
    client: Client,
    settings: LineSettings,
}

impl Line {
    /// Makes ready to send.
    ///
    /// # Errors
    /// A URL that is none.
    pub fn new(settings: LineSettings) -> Result<Self, SetupError> {
        Ok(Self {
            client: Client::of("LINE", &settings.api)?,
            settings,
        })
    }
}

impl Sender for Line {
    fn channel(&self) -> Channel {
        Channel::Line
    }

    fn per_second(&self) -> usize {
        self.settings.per_second
    }

    fn address(&self, given: &str) -> Result<String, String> {
        let known = given.len() == 33
            && given.starts_with('U')
            && given[1..].chars().all(|c| c.is_ascii_hexdigit());
        known
            .then(|| given.to_owned())
            .ok_or_else(|| "LINEとのつながりを確かめられませんでした。".into())
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let url = format!(
                "{}/v2/bot/message/push",
                self.settings.api.trim_end_matches('/')
            );
            let headers = vec![
                ("authorization", format!("Bearer {}", self.settings.token)),
                ("content-type", "application/json".into()),
                ("x-line-retry-key", letter.id.to_string()),
            ];
            let body = json!({
                "to": letter.to,
                "messages": [{ "type": "text", "text": text(letter) }],
            });
            let answer = self
                .client
                .post(&url, headers, body.to_string().into())
                .await?;
            match answer.status {
                // 409: taken before under the same retry key.
                200..=299 | 409 => Ok(()),
                429 if answer.body.contains("monthly limit") => {
                    Err(SendFault::Later("LINEの今月の通数の上限です".into()))
                }
                400 if answer.body.contains("'to'") => {
                    Err(SendFault::Gone("LINEのこの友だちには送れません".into()))
                }
                _ => Err(answer.fault()),
            }
        })
    }

    fn public(&self) -> Option<&str> {
        Some(&self.settings.friend)
    }

    fn incoming(&self, body: &[u8], signature: &str) -> Option<Vec<Incoming>> {
        if !signed(&self.settings.secret, body, signature) {
            return None;
        }
        let call: Json = serde_json::from_slice(body).ok()?;
        let events = call.get("events")?.as_array()?;
        Some(events.iter().filter_map(written).collect())
    }
}

/// What a user wrote to the account.
fn written(event: &Json) -> Option<Incoming> {
    let text = event.pointer("/message/text")?.as_str()?;
    let from = event.pointer("/source/userId")?.as_str()?;
    Some(Incoming {
        from: from.to_owned(),
        text: text.to_owned(),
    })
}

/// All in one message; the way in is never cut off.
fn text(letter: &Letter) -> String {
    let tail = letter
        .link
        .as_ref()
        .map(|link| format!("\n{link}"))
        .unwrap_or_default();
    let mut head = format!("{}\n\n{}\n", letter.subject, letter.body);
    let units = |text: &str| text.encode_utf16().count();
    while units(&head) + units(&tail) > MAX_UNITS {
        head.pop();
    }
    head + &tail
}
