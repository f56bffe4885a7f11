//! The last look before an application goes: everything as it will be sent, tried without leaving a trace.

use super::act::{self, At};
use super::error::PageError;
use super::layout::{Chrome, ok, see};
use super::show::{Show, Shown, Value, values, with_named};
use super::target::{again, went};
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Request};
use axum::response::Response;
use definition::model::Action;
use serde_json::Map;

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm {
    c: Chrome,
    heading: String,
    action: Action,
    values: Vec<Value>,
    office: Option<String>,
    version: u64,
    once: String,
    form: String,
}

pub(super) async fn get(visitor: Visitor, Path(at): At) -> Result<Response, PageError> {
    let target = act::target(&visitor, &at).await?;
    let (slug, kind, id, action) = at;
    let form = format!("/my/{slug}/{kind}/{id}/{action}");
    let Some(record) = target.record.as_ref().filter(|_| target.possible()) else {
        return Ok(see(&target.href()));
    };
    super::level::held(target.short(&visitor)?, &visitor.path)?;
    // Tried first: what is still missing is better said on the form than after the last press.
    let outcome = match target.tried(&visitor).await {
        Ok(outcome) => outcome,
        Err(engine::Failure::Refused(_)) => return Ok(see(&format!("{form}?check=1"))),
        Err(fault) => return Err(fault.into()),
    };
    let asked = target.asked();
    let rt = &target.rt;
    let shown = outcome.view.fields.iter().filter(|(name, _)| {
        asked.iter().any(|field| field.name == **name)
            || rt
                .fields
                .get(*name)
                .is_some_and(|field| field.value.is_some())
    });
    let fields = shown
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let files = visitor.files(rt, &fields).await?;
    let places = visitor.places();
    let show = Show {
        service: &target.service,
        day: visitor.app.engine.today(),
        files: &files,
        places: &places,
    };
    let office = outcome.view.office.clone();
    let values = values(&show, rt, &fields, &[office.as_deref().unwrap_or_default()]);
    let values = with_named(values, &outcome.view);
    let heading = crate::i18n::with("{0}の内容の確認", &[&rt.title]);
    Ok(ok(&Confirm {
        c: visitor.chrome(heading.clone()),
        heading,
        values,
        office,
        version: record.version,
        once: visitor.app.secret(),
        form,
        action: target.action.clone(),
    }))
}

pub(super) async fn post(
    visitor: Visitor,
    Path(at): At,
    request: Request,
) -> Result<Response, PageError> {
    let (posted, target) = act::posted(&visitor, &at, request).await?;
    let (.., action) = at;
    match target
        .perform(&visitor, &target.action, &Map::new(), &posted, false)
        .await
    {
        Ok(outcome) => {
            let next = format!("{}?done={action}", target.href());
            Ok(went(&outcome, &next))
        }
        Err(failure) => {
            let (status, mut shown) = again(failure)?;
            shown.base = posted.get("_version").and_then(|text| text.parse().ok());
            target.show(&visitor, status, target.kept(), shown).await
        }
    }
}
