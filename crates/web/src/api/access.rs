//! What every endpoint over records asks first: is there such a service and type, and must one sign in?
//!
//! 401 depends on the definition alone, never on whether a record is there; all else that one may not see is 404.

use crate::{App, Problem, Signed, csrf_ok};
use axum::http::HeaderMap;
use definition::model::{RecordType, Service, Status, Who};
use std::sync::Arc;

/// A service of the catalogue.
pub(super) fn service(app: &App, slug: &str) -> Result<Arc<Service>, Problem> {
    let catalogue = app.engine.catalogue();
    let found = catalogue
        .services
        .get(slug)
        .filter(|service| service.status != Status::Register);
    found.cloned().ok_or_else(Problem::not_found)
}

/// A record type of a service.
pub(super) fn record_type(app: &App, slug: &str, name: &str) -> Result<Arc<RecordType>, Problem> {
    service(app, slug)?
        .types
        .get(name)
        .cloned()
        .ok_or_else(Problem::not_found)
}

/// Whether this reader need not sign in first.
pub(super) fn reader(signed: &Signed, rt: &RecordType) -> Result<(), Problem> {
    let open = rt.see.iter().any(|rule| rule.who == Who::Public);
    if open {
        Ok(())
    } else {
        signed.require().map(|_| ())
    }
}

/// Whether this actor need not sign in first. An action that is not there is refused where actions are decided.
pub(super) fn actor(signed: &Signed, rt: &RecordType, action: &str) -> Result<(), Problem> {
    let open = rt
        .actions
        .get(action)
        .is_some_and(|action| action.by.contains(&Who::Public));
    if open {
        Ok(())
    } else {
        signed.require().map(|_| ())
    }
}

/// A browser's cookie alone does not prove that the person meant it: the page's token or the browser's own word that
/// the request is of this site does. Bearer tokens need neither.
pub(super) fn meant(signed: &Signed, headers: &HeaderMap) -> Result<(), Problem> {
    if signed.session.is_none() {
        return Ok(());
    }
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    match text("sec-fetch-site") == "same-origin" || csrf_ok(signed, text("x-csrf-token")) {
        true => Ok(()),
        false => Err(Problem::form_expired()),
    }
}

/// The purpose stated in the header `Purpose`.
pub(crate) fn purpose(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    const LONGEST_CHARACTERS: usize = 200;
    let Some(value) = headers.get("purpose") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes())
        .ok()
        .map(str::trim)
        .filter(|text| text.chars().count() <= LONGEST_CHARACTERS);
    let detail = "Purpose には閲覧や操作の目的を200文字以内のUTF-8で書いてください。";
    let text = text.ok_or_else(|| Problem::malformed("/headers/Purpose", "format", detail))?;
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}
