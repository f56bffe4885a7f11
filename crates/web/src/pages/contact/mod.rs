//! 連絡先と受け取り方: where and when a person wants to hear from us. My Page has every message whatever stands here.

mod change;
mod shown;

pub(super) use change::{add, again, confirm, line, preferences, push, remove, sample};
pub(super) use shown::title;

use super::error::PageError;
use super::layout::{Chrome, page};
use super::visitor::Visitor;
use crate::i18n::say;
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use engine::outreach::{Channel, LANGUAGES};
use kernel::mailroom::Contact;
use serde::Deserialize;
use shown::{Line, hours};

/// What a page asks anew after a fault.
#[derive(Default)]
struct Again {
    /// The channel or way at which the fault stands, what was typed, and what is wrong.
    fault: Option<(String, String, String)>,
    /// A code that the reader must write to us on LINE.
    line_code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "contact.html")]
struct Page {
    c: Chrome,
    name: String,
    lines: Vec<Line>,
    languages: Vec<(&'static str, &'static str, bool)>,
    quiet: Option<(String, String)>,
    hours: Vec<String>,
    /// Whether the desks' messages are wanted; none for who has no desk.
    desks: Option<bool>,
    mail: bool,
    sms: bool,
    line: Option<String>,
    push: Option<String>,
    samples: bool,
    any: bool,
    done: Option<&'static str>,
    again: Again,
}

impl Page {
    /// What was typed into a field that is asked anew.
    fn typed(&self, name: &str) -> &str {
        let at = self.again.fault.as_ref().filter(|fault| fault.0 == name);
        at.map_or("", |fault| fault.1.as_str())
    }

    /// What is wrong there.
    fn wrong(&self, name: &str) -> Option<&str> {
        let at = self.again.fault.as_ref().filter(|fault| fault.0 == name);
        at.map(|fault| fault.2.as_str())
    }
}

pub(super) async fn get(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let done = asked.done.as_deref().and_then(said);
    shown(&visitor, StatusCode::OK, done, Again::default()).await
}

/// What the page says after something was done.
fn said(done: &str) -> Option<&'static str> {
    Some(match done {
        "saved" => "受け取り方を保存しました。",
        "sent" => "確認番号を送りました。届いた番号を下に入れてください。",
        "confirmed" => "確認できました。これからこの宛先にもお知らせを送ります。",
        "removed" => "宛先を消しました。",
        "connected" => "つながりました。これからこの宛先にもお知らせを送ります。",
        _ => return None,
    })
}

async fn shown(
    visitor: &Visitor,
    status: StatusCode,
    done: Option<&'static str>,
    again: Again,
) -> Result<Response, PageError> {
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let contact: Contact = engine.contact(actor).await?;
    let channels = engine.channels();
    let has = |channel| channels.contains(&channel);
    let public = |channel| engine.channel_public(channel).map(str::to_owned);
    let languages = LANGUAGES.iter();
    let languages = languages.map(|(tag, name)| (*tag, *name, *tag == contact.language));
    Ok(page(
        status,
        &Page {
            c: visitor.chrome(say("連絡先と受け取り方")),
            name: actor
                .on_behalf_name
                .clone()
                .unwrap_or_else(|| actor.name.clone()),
            lines: contact.ways.iter().map(Line::of).collect(),
            languages: languages.collect(),
            quiet: contact
                .quiet
                .map(|(from, until)| (hours(from), hours(until))),
            hours: (0..24).map(|hour| format!("{hour:02}:00")).collect(),
            desks: (!actor.seats.is_empty()).then_some(contact.desks),
            mail: has(Channel::Mail),
            sms: has(Channel::Sms),
            line: public(Channel::Line),
            push: public(Channel::Push),
            samples: engine.samples().is_some(),
            any: !channels.is_empty(),
            done: done.map(say),
            again,
        },
    ))
}
