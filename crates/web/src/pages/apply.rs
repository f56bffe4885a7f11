//! Beginning something: an empty form. Nothing is kept until the person saves or goes on.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::see;
use super::step::Step;
use super::target::{Again, Target};
use super::visitor::Visitor;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use definition::model::{Action, Form, Import, RecordType, Service, Status, Who};
use kernel::Actor;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) async fn target(visitor: &Visitor, slug: &str, kind: &str) -> Result<Target, PageError> {
    let service = visitor.service(slug)?;
    if service.status != Status::Running {
        return Err(PageError::not_found());
    }
    let rt = visitor.kind(&service, kind)?;
    let owner = |role: &String| rt.parties.get(role).is_some_and(|party| party.owner);
    let may = |action: &&Action| {
        action.opens
            && (action.by.iter().any(|who| {
                matches!(who, Who::Party(role) if owner(role))
                    || matches!(who, Who::SignedIn | Who::Public)
            }) || begun_at_desk(&service, &rt, action, &visitor.signed.actor))
    };
    let opening: Vec<&Action> = rt.actions.values().filter(may).collect();
    let save = opening
        .iter()
        .find(|action| action.form == Form::Any)
        .map(|action| (*action).clone());
    let fields = |action: &Action| {
        if let Form::Fields(names) = &action.form {
            names.len()
        } else {
            0
        }
    };
    let action = opening
        .iter()
        .filter(|action| action.form != Form::Any)
        .max_by_key(|action| fields(action))
        .map(|action| (*action).clone());
    let (action, save) = match (action, save) {
        (Some(action), save) => (action, save),
        (None, Some(save)) => (save, None),
        (None, None) => return Err(PageError::not_found()),
    };
    Ok(Target {
        service,
        rt,
        record: None,
        action,
        save,
        counter: None,
    })
}

/// Whether an official begins such a record by this action, of their own: not in a party's place at the counter, and not
/// from a row of an import.
pub(super) fn begun_at_desk(
    service: &Service,
    rt: &RecordType,
    action: &Action,
    actor: &Actor,
) -> bool {
    let imported = |import: &Arc<Import>| import.into == rt.name && import.act == action.name;
    let held = |role: &String| actor.seats.iter().any(|seat| seat.role == *role);
    action.opens
        && rt.counter.is_none()
        && !service.imports.values().any(imported)
        && action
            .by
            .iter()
            .any(|who| matches!(who, Who::Desk(role) if held(role)))
}

pub(super) async fn get(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let target = target(&visitor, &slug, &kind).await?;
    target.held(&visitor)?;
    let input = target.given(&given);
    let again = Again {
        fill: true,
        ..Again::default()
    };
    target.show(&visitor, StatusCode::OK, input, again).await
}

pub(super) async fn post(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.account()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let target = target(&visitor, &slug, &kind).await?;
    submitted(&visitor, &target, posted).await
}

/// What a filled form leads to: itself again, a draft, or the page that asks once more.
pub(super) async fn submitted(
    visitor: &Visitor,
    target: &Target,
    posted: Posted,
) -> Result<Response, PageError> {
    let (slug, kind) = (&target.service.slug, &target.rt.name);
    let order = posted.get("_do").unwrap_or("save").to_owned();
    let input = match target.step(visitor, &posted, &order).await? {
        Step::Shown(page) => return Ok(page),
        Step::Act(input) => input,
    };
    let act = target
        .save
        .as_ref()
        .filter(|_| order != "act")
        .unwrap_or(&target.action);
    match target.perform(visitor, act, &input, &posted, false).await {
        Ok(outcome) => {
            let id = outcome.view.id;
            let form = format!("/my/{slug}/{kind}/{id}/{}", target.action.name);
            Ok(see(&match (order.as_str(), &target.save) {
                ("save", Some(_)) => format!("{form}?saved=1"),
                ("confirm", Some(_)) => format!("{form}/confirm"),
                _ => format!("/r/{slug}/{kind}/{id}?done={}", target.action.name),
            }))
        }
        Err(failure) => target.show_again(visitor, &posted, input, failure).await,
    }
}
