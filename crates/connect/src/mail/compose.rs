//! A letter as a mail.

use engine::outreach::Letter;
use lettre::message::header::{
    self, ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, SinglePart};
use lettre::{Address, Message};
use std::error::Error;

/// Answering machines must not answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// The language of the text (RFC 3282).
#[derive(Clone)]
struct Language(String);

impl Header for Language {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self(text.into()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// An address in the form that servers take.
pub(super) fn mailbox(given: &str) -> Result<String, String> {
    let checked = japanese::check::email(given).map_err(|fault| fault.to_string())?;
    let address: Address = checked
        .parse()
        .map_err(|_| "メールアドレスは name@example.jp の形で入れてください。".to_owned())?;
    Ok(address.to_string())
}

/// The mail. Its Message-ID follows from the letter's id, so that a mail that went twice is seen to be one.
pub(super) fn compose(letter: &Letter, from: &Mailbox) -> Result<Message, Box<dyn Error>> {
    let to: Address = letter.to.parse()?;
    let id = format!("<{}@{}>", letter.id, from.email.domain());
    let mut text = letter.body.clone();
    if let Some(link) = &letter.link {
        text.push_str("\n\n");
        text.push_str(link);
    }
    text.push('\n');
    let part = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::Base64)
        .header(Language(letter.language.into()))
        .body(text);
    Ok(Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject.clone())
        .message_id(Some(id))
        .header(AutoSubmitted)
        .header(header::MIME_VERSION_1_0)
        .singlepart(part)?)
}
