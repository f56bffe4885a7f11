//! Short messages, by a gateway over HTTPS. Which company's it is decides a tender; its own interface is a shim behind
//! this one: `POST {url}` with a bearer token, `Idempotency-Key` and `{"to": "+8190…", "text": "…"}`; 2xx taken, 409
//! taken before, 422 with `{"code": "unknown_number"}`, 429 with `Retry-After`.

use crate::SetupError;
use crate::http::Client;
use engine::outreach::{Channel, Letter, SendFault, Sender, Sending};
use serde_json::{Value as Json, json};

/// Most characters of a long message between Japanese telephones (assumed: the carriers name 660 to 670 full-width).
pub(crate) const MAX_CHARS: usize = 660;

/// How short messages are sent. Does not print.
#[derive(Clone)]
pub struct SmsSettings {
    /// Where to post.
    pub url: String,
    /// Bearer token.
    pub token: String,
    /// Most messages a second.
    pub per_second: usize,
}

/// Sends short messages by one gateway.
pub struct Sms {
    client: Client,
    settings: SmsSettings,
}

impl Sms {
    /// Makes ready to send.
    ///
    /// # Errors
    /// A URL that is none.
    pub fn new(settings: SmsSettings) -> Result<Self, SetupError> {
        Ok(Self {
            client: Client::of("SMS", &settings.url)?,
            settings,
        })
    }
}

impl Sender for Sms {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn per_second(&self) -> usize {
        self.settings.per_second
    }

    fn address(&self, given: &str) -> Result<String, String> {
        mobile(given)
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let headers = vec![
                ("authorization", format!("Bearer {}", self.settings.token)),
                ("content-type", "application/json".into()),
                ("idempotency-key", letter.id.to_string()),
            ];
            let body = json!({ "to": letter.to, "text": text(letter) }).to_string();
            let answer = self
                .client
                .post(&self.settings.url, headers, body.into())
                .await?;
            match answer.status {
                200..=299 | 409 => Ok(()),
                422 if code(&answer.body).as_deref() == Some("unknown_number") => {
                    Err(SendFault::Gone("この電話番号は使われていません".into()))
                }
                _ => Err(answer.fault()),
            }
        })
    }
}

fn code(body: &str) -> Option<String> {
    let json: Json = serde_json::from_str(body).ok()?;
    Some(json.get("code")?.as_str()?.to_owned())
}

/// A mobile number of Japan in E.164.
fn mobile(given: &str) -> Result<String, String> {
    let digits = japanese::check::phone_digits(given).map_err(|fault| fault.to_string())?;
    let mobile = digits.len() == 11
        && ["070", "080", "090"]
            .iter()
            .any(|head| digits.starts_with(head));
    if !mobile {
        return Err(
            "SMSを受け取れる携帯電話の番号（070、080、090で始まる11けた）を入れてください。".into(),
        );
    }
    Ok(format!("+81{}", &digits[1..]))
}

/// All on a few lines; the way in is never cut off.
fn text(letter: &Letter) -> String {
    let tail = letter
        .link
        .as_ref()
        .map(|link| format!("\n{link}"))
        .unwrap_or_default();
    let head = format!("【つむぎ】{}\n{}", letter.subject, letter.body);
    let room = MAX_CHARS.saturating_sub(tail.chars().count());
    if head.chars().count() <= room {
        return head + &tail;
    }
    let cut: String = head.chars().take(room.saturating_sub(1)).collect();
    format!("{cut}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mobile_numbers_are_taken() {
        assert_eq!(
            mobile("０９０－１２３４－５６７８"),
            Ok("+819012345678".into())
        );
        assert!(mobile("03-5320-4111").is_err());
        assert!(mobile("090-1234-567").is_err());
    }

    #[test]
    fn a_long_text_is_cut_and_keeps_the_way_in() {
        let letter = Letter {
            id: uuid::Uuid::nil(),
            to: "+819012345678".into(),
            subject: "件名".into(),
            body: "あ".repeat(2_000),
            link: Some("https://example.jp/my/messages".into()),
            language: "ja",
            urgent: false,
        };
        let text = text(&letter);
        assert_eq!(text.chars().count(), MAX_CHARS);
        assert!(text.ends_with("…\nhttps://example.jp/my/messages"));
    }
}
