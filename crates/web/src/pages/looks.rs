//! だれが見たか: who looked at one's records, for the person.

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::naming;
use super::show::instant;
use super::visitor::Visitor;
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use engine::{LookLine, RecordView, ToldPage};
use kernel::looks::{Face, Way};
use serde::Deserialize;

/// Where a page goes on.
#[derive(Deserialize)]
pub(super) struct Wanted {
    before: Option<u64>,
}

struct Line {
    who: String,
    office: String,
    when: String,
    way: String,
    purpose: String,
    href: String,
    record: String,
}

#[derive(Template)]
#[template(path = "looks.html")]
struct Page {
    c: Chrome,
    /// The record: address and name; none where the page is about all of one's own.
    record: Option<(String, String)>,
    lines: Vec<Line>,
    grounds: Vec<String>,
    next: Option<u64>,
    first: bool,
}

/// Where a record's own people are told who looked; whoever was asked to help is not.
pub(super) fn door(visitor: &Visitor, record: &RecordView) -> Option<String> {
    let party = visitor.signed.actor.whole_party()?;
    let own = record.parties.iter().any(|one| one.id == party);
    let guest = record.invitations.iter().any(|one| one.own);
    (own && !guest).then(|| format!("{}/looks", naming::page(record)))
}

/// Of all one's own records.
pub(super) async fn mine(
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let found = engine.told_of_all(actor, wanted.before, None).await?;
    Ok(shown(&visitor, found, wanted.before))
}

/// Of one record.
pub(super) async fn of_record(
    visitor: Visitor,
    Path((slug, kind, id)): Path<(String, String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let found = engine.told_of_record(actor, (&slug, &kind, id), wanted.before, None);
    let mut found = found.await?;
    found.record = found.record.map(|record| visitor.translated(record));
    Ok(shown(&visitor, found, wanted.before))
}

fn shown(visitor: &Visitor, found: ToldPage, before: Option<u64>) -> Response {
    let record = found.record.as_ref().map(|record| {
        let label = record.label.clone().unwrap_or_default();
        (
            naming::page(record),
            naming::or_kind(label, &record.record_type),
        )
    });
    ok(&Page {
        c: visitor.chrome(say("だれが見たか")),
        record,
        lines: found.items.iter().map(line).collect(),
        grounds: found.grounds,
        next: found.next,
        first: before.is_none(),
    })
}

fn line(look: &LookLine) -> Line {
    let (slug, kind, id, label) = &look.record;
    let who = match (&look.role, &look.name) {
        (Some(role), Some(name)) => with("{0}（{1}）", &[role, name]),
        (Some(role), None) => role.clone(),
        (None, _) => say("当事者・代理の方").to_owned(),
    };
    let way = match look.face {
        Face::Page => way(look.way).to_owned(),
        Face::Api => with("{0}（API）", &[&way(look.way)]),
    };
    Line {
        who,
        office: look.office.clone().unwrap_or_default(),
        when: instant(look.at),
        way,
        purpose: look.purpose.clone().unwrap_or_default(),
        href: naming::href(slug, kind, *id),
        record: label.clone(),
    }
}

/// How it was read, in the language of the page.
fn way(way: Way) -> &'static str {
    match way {
        Way::Record => say("記録の画面"),
        Way::Beside => say("関係する記録の欄"),
        Way::List => say("一覧"),
        Way::Search => say("検索"),
        Way::Export => say("書き出し"),
        Way::Print => say("文書・印刷"),
        Way::File => say("添付ファイル"),
        Way::Report => say("名前のある帳票"),
        Way::Number => say("個人番号"),
    }
}
