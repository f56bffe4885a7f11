//! Away from one's desk: naming who decides meanwhile (代決), and coming back.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, page, see};
use super::visitor::Visitor;
use super::{naming, show};
use askama::Template;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use definition::model::{FieldKind, Options};
use engine::{AbsenceRequest, Failure};

#[derive(Template)]
#[template(path = "absence.html")]
struct Page {
    c: Chrome,
    /// Own seats: role and title.
    seats: Vec<(String, String)>,
    /// What is said of each substitution asked for, and its record.
    named: Vec<(String, String)>,
    /// Why one is away: code and title.
    reasons: Vec<(String, String)>,
    asked: AbsenceRequest,
    from: String,
    until: String,
    /// Field and what is wrong with it.
    faults: Vec<(String, String)>,
}

impl Page {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| name == field);
        found.map(|(_, text)| text.as_str())
    }
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    show(
        &visitor,
        StatusCode::OK,
        AbsenceRequest::default(),
        Vec::new(),
    )
    .await
}

pub(super) async fn post(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let actor = &visitor.signed.actor;
    if posted.get("_do") == Some("back") {
        visitor.app.engine.end_absences(actor).await?;
        return Ok(see("/desk/absence"));
    }
    let text = |name: &str| posted.get(name).unwrap_or_default().trim().to_owned();
    let asked = AbsenceRequest {
        role: text("role"),
        substitute: text("substitute"),
        from: text("from").parse().ok(),
        until: text("until").parse().ok(),
        reason: text("reason"),
        note: text("note"),
    };
    match visitor.app.engine.name_substitute(actor, &asked).await {
        Ok(_) => Ok(see("/desk/absence")),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let faults = refusal.faults.iter().map(|fault| {
                let field = fault.pointer.trim_start_matches('/');
                (field.to_owned(), fault.detail.clone())
            });
            let faults = faults.collect();
            show(&visitor, StatusCode::UNPROCESSABLE_ENTITY, asked, faults).await
        }
        Err(fault) => Err(fault.into()),
    }
}

async fn show(
    visitor: &Visitor,
    status: StatusCode,
    asked: AbsenceRequest,
    faults: Vec<(String, String)>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let actor = &visitor.signed.actor;
    let catalogue = visitor.app.engine.catalogue();
    let title = |role: &str| catalogue.role_title(role).unwrap_or(role).to_owned();
    let named = visitor.app.engine.absences(actor).await?;
    let named = named.iter().map(|one| {
        let said = format!(
            "{}：{}さんが、{}から{}まで代わりに決めます",
            one.role_title,
            one.name,
            show::date(one.from),
            show::date(one.until)
        );
        (
            said,
            naming::href(engine::ABSENCES, engine::ABSENCE, one.id),
        )
    });
    let own = actor.seats.iter().filter(|seat| seat.substitute.is_none());
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |d| d.to_string());
    Ok(page(
        status,
        &Page {
            c: visitor.chrome("不在と代決"),
            seats: own.map(|s| (s.role.clone(), title(&s.role))).collect(),
            named: named.collect(),
            reasons: reasons(visitor),
            from: day(asked.from.or(Some(visitor.app.engine.today()))),
            until: day(asked.until),
            asked,
            faults,
        },
    ))
}

/// The reasons that the register knows.
fn reasons(visitor: &Visitor) -> Vec<(String, String)> {
    let catalogue = visitor.app.engine.catalogue();
    let register = catalogue.services.get(engine::ABSENCES);
    let field = register
        .and_then(|service| service.types.get(engine::ABSENCE))
        .and_then(|rt| rt.fields.get("reason"));
    match field.map(|field| &field.kind) {
        Some(FieldKind::Choice(Options::Inline(titles))) => titles
            .iter()
            .map(|(code, title)| (code.clone(), title.clone()))
            .collect(),
        _ => Vec::new(),
    }
}
