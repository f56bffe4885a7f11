//! 続きを頼む, for the owner of a record: the form, the slip with link and code apart, and taking it back.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, ok, page, see};
use super::visitor::Visitor;
use super::{naming, show};
use crate::auth::digest;
use crate::i18n::{say, with};
use crate::invite::fresh_code;
use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::{Failure, IdempotencyKey, InvitationView, InviteRequest, InvitedView, RecordView};
use kernel::{RecordId, RefusalKind};

type At = (String, String, String);

/// Somebody who was asked to go on with a record, as pages list them.
pub(super) struct Asked {
    /// Whom the owner means.
    pub(super) to: String,
    /// What became of it, in a word.
    pub(super) state: String,
    pub(super) class: &'static str,
    /// More of it, in a sentence.
    pub(super) more: String,
    /// Where it is ended; none when it is over.
    pub(super) end: Option<String>,
}

/// The list of a record's page: what still counts first, the newest first.
pub(super) fn asked(record: &RecordView) -> Vec<Asked> {
    let href = naming::href(&record.service.slug, &record.record_type.name, record.id);
    let mut all: Vec<&InvitationView> = record.invitations.iter().rev().collect();
    all.sort_by_key(|one| !matches!(one.standing, "open" | "accepted"));
    all.into_iter().map(|one| of(one, &href)).collect()
}

fn of(one: &InvitationView, href: &str) -> Asked {
    let until = show::date(one.until);
    let name = one.accepted_by.as_deref().unwrap_or_default();
    let (state, class, more) = match one.standing {
        "open" => (
            say("返事を待っています"),
            "wait",
            with("{0}まで引き受けられます。", &[&until]),
        ),
        "accepted" => (
            say("引き受けています"),
            "done",
            with("{0}さんが、見て続きを書けます。", &[&name]),
        ),
        "expired" => (
            say("期限が過ぎました"),
            "",
            with("{0}まででした。", &[&until]),
        ),
        "spent" => (
            say("使えなくなりました"),
            "late",
            say("番号のまちがいが続きました。").to_owned(),
        ),
        _ => (say("取りやめました"), "", String::new()),
    };
    Asked {
        to: one.to.clone(),
        state: state.to_owned(),
        class,
        more,
        end: matches!(one.standing, "open" | "accepted")
            .then(|| format!("{href}/invite/{}/end", one.id)),
    }
}

#[derive(Template)]
#[template(path = "invite.html")]
struct Form {
    c: Chrome,
    what: String,
    title: String,
    back: String,
    /// Roles to choose from: code, title.
    roles: Vec<(String, String)>,
    /// How many days a link can be accepted, where there is but one role.
    days: Option<u16>,
    mails: bool,
    once: String,
    to: String,
    role: String,
    mail: String,
    /// Field and what is wrong with it.
    faults: Vec<(String, String)>,
    refused: Option<String>,
}

impl Form {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| name == field);
        found.map(|(_, text)| text.as_str())
    }
}

#[derive(Template)]
#[template(path = "invite_slip.html")]
struct Slip {
    c: Chrome,
    what: String,
    to: String,
    by: String,
    back: String,
    until: String,
    /// Link, its code as SVG, and the digits in groups; none when the page is asked for a second time.
    secrets: Option<(String, String, String)>,
    /// Mail address, and whether it went.
    mailed: Option<(String, bool)>,
}

pub(super) async fn get(visitor: Visitor, Path(at): Path<At>) -> Result<Response, PageError> {
    visitor.account()?;
    let record = record(&visitor, &at).await?;
    if record.invites.is_empty() {
        return Ok(see(&href(&record)));
    }
    Ok(form(
        &visitor,
        StatusCode::OK,
        &record,
        &Posted::default(),
        (Vec::new(), None),
    ))
}

pub(super) async fn post(
    visitor: Visitor,
    Path(at): Path<At>,
    request: Request,
) -> Result<Response, PageError> {
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    visitor.account()?;
    let record = record(&visitor, &at).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().trim().to_owned();
    let some = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    let once = text("_once");
    let about = format!(
        "{}\n{}\n{}\n{}",
        visitor.path,
        text("to"),
        text("role"),
        text("mail")
    );
    let made = visitor
        .app
        .engine
        .invite(InviteRequest {
            actor: visitor.signed.actor.clone(),
            service: record.service.slug.clone(),
            record_type: record.record_type.name.clone(),
            record: record.id,
            role: some("role"),
            to: text("to"),
            mail: some("mail"),
            secret: visitor.app.secret(),
            code: fresh_code(&*visitor.app.random),
            idempotency: (!once.is_empty()).then(|| IdempotencyKey {
                key: once,
                request: digest(&[about.as_bytes()]),
            }),
        })
        .await;
    match made {
        Ok(made) => Ok(slip(&visitor, &record, &made, some("mail"))),
        Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Invalid => {
            let faults = refusal.faults.iter().map(|fault| {
                let field = fault.pointer.trim_start_matches("/input/");
                (field.to_owned(), fault.detail.clone())
            });
            let faults = (faults.collect(), None);
            Ok(form(
                &visitor,
                StatusCode::UNPROCESSABLE_ENTITY,
                &record,
                &posted,
                faults,
            ))
        }
        Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::WrongState => {
            let said = (Vec::new(), Some(refusal.title));
            Ok(form(&visitor, StatusCode::CONFLICT, &record, &posted, said))
        }
        Err(failure) => Err(failure.into()),
    }
}

pub(super) async fn end(
    visitor: Visitor,
    Path((slug, kind, id, invitation)): Path<(String, String, String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    receive(&visitor.app, &visitor.signed, request).await?;
    visitor.account()?;
    let record = record(&visitor, &(slug, kind, id)).await?;
    let invitation = invitation.parse().map_err(|_| PageError::not_found())?;
    let engine = &visitor.app.engine;
    let at = (
        record.service.slug.as_str(),
        record.record_type.name.as_str(),
    );
    let actor = &visitor.signed.actor;
    match engine
        .revoke_invitation(actor, at, record.id, invitation)
        .await
    {
        // Twice, or by two: it is as they wanted it.
        Ok(()) => {}
        Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::WrongState => {}
        Err(failure) => return Err(failure.into()),
    }
    let own = record
        .invitations
        .iter()
        .any(|one| one.own && one.id == invitation);
    Ok(see(&match own {
        true => "/my".to_owned(),
        false => format!("{}#invited", href(&record)),
    }))
}

async fn record(visitor: &Visitor, (slug, kind, id): &At) -> Result<RecordView, PageError> {
    let id: RecordId = id.parse().map_err(|_| PageError::not_found())?;
    let actor = &visitor.signed.actor;
    let found = visitor.app.engine.record(actor, None, slug, kind, id, None);
    Ok(visitor.translated(found.await?))
}

fn href(record: &RecordView) -> String {
    naming::href(&record.service.slug, &record.record_type.name, record.id)
}

fn form(
    visitor: &Visitor,
    status: StatusCode,
    record: &RecordView,
    posted: &Posted,
    (faults, refused): (Vec<(String, String)>, Option<String>),
) -> Response {
    let rt = &record.record_type;
    let rule = |role: &String| rt.parties.get(role);
    let roles = record.invites.iter().filter_map(rule);
    let days = roles
        .clone()
        .filter_map(|rule| rule.invited.as_ref())
        .map(|one| one.days);
    let kept = |name: &str| posted.get(name).unwrap_or_default().to_owned();
    let channels = visitor.app.engine.channels();
    page(
        status,
        &Form {
            c: visitor.chrome(say("ほかの人に続きを頼む")),
            what: rt.title.clone(),
            title: naming::or_kind(record.label.clone().unwrap_or_default(), rt),
            back: href(record),
            days: days.max(),
            roles: roles
                .map(|rule| (rule.role.clone(), rule.title.clone()))
                .collect(),
            mails: channels.contains(&engine::outreach::Channel::Mail),
            once: visitor.app.secret(),
            to: kept("to"),
            role: kept("role"),
            mail: kept("mail"),
            faults,
            refused,
        },
    )
}

fn slip(
    visitor: &Visitor,
    record: &RecordView,
    made: &InvitedView,
    mail: Option<String>,
) -> Response {
    let secrets = made.secrets.as_ref().map(|(path, code)| {
        let link = format!("{}{path}", visitor.app.engine.base());
        let picture = engine::qr::svg(&link).unwrap_or_default();
        let (first, last) = code.split_at(code.len() / 2);
        (link, picture, format!("{first} {last}"))
    });
    let actor = &visitor.signed.actor;
    ok(&Slip {
        c: visitor.chrome(say("続きを頼むリンクと番号")),
        what: record.record_type.title.clone(),
        to: made.invitation.to.clone(),
        by: actor.on_behalf_name.as_ref().unwrap_or(&actor.name).clone(),
        back: href(record),
        until: show::date(made.invitation.until),
        secrets,
        mailed: mail.zip(made.mailed),
    })
}
