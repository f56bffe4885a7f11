//! The action API of CKAN, as far as data is read: `https://docs.ckan.org/en/2.11/api/`. Parameters come as a query or
//! as a JSON body; every answer has `help`, `success` and `result` or `error`.

use super::{base, datastore, package, published};
use crate::App;
use axum::Json as Answer;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::{Failure, Published};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Packages in an answer of `package_search`.
const MOST_PACKAGES: usize = 1000;

/// Why an action failed, in CKAN's words.
pub(super) enum Fault {
    NotFound(&'static str),
    /// Parameter and what is wrong with it.
    Invalid(String, String),
    Broken(Failure),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(_) => Self::NotFound("Not found"),
            other => Self::Broken(other),
        }
    }
}

pub(super) fn invalid(name: &str, text: impl Into<String>) -> Fault {
    Fault::Invalid(name.to_owned(), text.into())
}

/// The parameters of an action: of a query every value is a text, of a body it is JSON.
pub(super) struct Asked(Map<String, Json>);

impl Asked {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .and_then(Json::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A whole number, also as text.
    pub(super) fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Fault> {
        let Some(value) = self.0.get(name) else {
            return Ok(default);
        };
        let number = match value {
            Json::String(text) => text.trim().parse().ok(),
            other => other
                .as_u64()
                .and_then(|number| usize::try_from(number).ok()),
        };
        number
            .map(|number: usize| number.min(most))
            .ok_or_else(|| invalid(name, "Invalid integer"))
    }

    /// A structure, also as the text of its JSON.
    pub(super) fn structure(&self, name: &str) -> Result<Option<Json>, Fault> {
        match self.0.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) if text.trim_start().starts_with(['{', '[']) => {
                serde_json::from_str(text)
                    .map(Some)
                    .map_err(|_| invalid(name, "Cannot parse JSON"))
            }
            Some(other) => Ok(Some(other.clone())),
        }
    }
}

pub(super) async fn action(
    State(app): State<Arc<App>>,
    Path(action): Path<String>,
    method: Method,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let base = base(&app, &headers);
    let help = format!("{base}/api/3/action/help_show?name={action}");
    let asked = match asked(&method, query, &body) {
        Ok(asked) => asked,
        Err(fault) => return failed(&help, fault),
    };
    match perform(&app, &base, &action, &asked).await {
        Ok(result) => {
            Answer(json!({"help": help, "success": true, "result": result})).into_response()
        }
        Err(fault) => failed(&help, fault),
    }
}

fn asked(method: &Method, query: HashMap<String, String>, body: &[u8]) -> Result<Asked, Fault> {
    let mut all: Map<String, Json> = query
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    if *method == Method::POST && !body.is_empty() {
        match serde_json::from_slice(body) {
            Ok(Json::Object(members)) => all.extend(members),
            _ => return Err(invalid("body", "Bad request data: expected a JSON object")),
        }
    }
    Ok(Asked(all))
}

fn failed(help: &str, fault: Fault) -> Response {
    let (status, error) = match fault {
        Fault::NotFound(message) => (
            StatusCode::NOT_FOUND,
            json!({"__type": "Not Found Error", "message": message}),
        ),
        Fault::Invalid(name, text) => {
            let mut error = Map::new();
            error.insert("__type".into(), "Validation Error".into());
            error.insert(name, json!([text]));
            (StatusCode::CONFLICT, Json::Object(error))
        }
        Fault::Broken(failure) => {
            tracing::error!(%failure, "open data failed");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({"__type": "Internal Server Error", "message": "Try again later"}),
            )
        }
    };
    (
        status,
        Answer(json!({"help": help, "success": false, "error": error})),
    )
        .into_response()
}

async fn perform(app: &App, base: &str, action: &str, asked: &Asked) -> Result<Json, Fault> {
    let all = published(app).await?;
    match action {
        "status_show" | "site_read" => Ok(status(base)),
        "help_show" => Ok("https://docs.ckan.org/en/2.11/api/".into()),
        "package_list" => {
            let (limit, offset) = (
                asked.number("limit", MOST_PACKAGES, MOST_PACKAGES)?,
                asked.number("offset", 0, MOST_PACKAGES)?,
            );
            Ok(all
                .iter()
                .skip(offset)
                .take(limit)
                .map(|one| Json::from(package::name(one)))
                .collect())
        }
        "package_show" => {
            let wanted = asked.text("id").or_else(|| asked.text("name_or_id"));
            let wanted = wanted.ok_or_else(|| invalid("id", "Missing value"))?;
            let found = all.iter().find(|one| {
                package::name(one) == wanted || package::id(&package::name(one)) == wanted
            });
            found
                .map(|one| package::package(base, one))
                .ok_or(Fault::NotFound("Not found"))
        }
        "package_search" => search(base, &all, asked),
        "resource_show" => {
            let wanted = asked
                .text("id")
                .ok_or_else(|| invalid("id", "Missing value"))?;
            let (one, format, at) = resource(&all, wanted)?;
            Ok(package::resource(base, one, format, at))
        }
        "datastore_search" => {
            let wanted = asked
                .text("resource_id")
                .ok_or_else(|| invalid("resource_id", "Missing value"))?;
            let (one, ..) = resource(&all, wanted)?;
            let data = app
                .engine
                .open_data(&one.service.slug, &one.publication.name, None)
                .await?;
            let table = Arc::clone(&data);
            let question = datastore::Question::read(wanted, asked, &data.table)?;
            // A pass over forty thousand rows takes milliseconds: not on a thread that others wait for.
            let found = tokio::task::spawn_blocking(move || question.answer(&table.table)).await;
            found.map_err(|error| Fault::Broken(Failure::Internal(error.to_string())))
        }
        _ => Err(Fault::NotFound("Bad request - Action name not known")),
    }
}

fn status(base: &str) -> Json {
    json!({"ckan_version": "2.11.0", "site_url": base, "site_title": "つむぎ オープンデータ", "locale_default": "ja",
        "extensions": ["datastore"], "error_emails_to": null})
}

/// The publication and format of a resource.
fn resource<'a>(all: &'a [Published], id: &str) -> Result<(&'a Published, &'a str, usize), Fault> {
    let formats = all.iter().flat_map(|one| {
        one.publication
            .formats
            .iter()
            .enumerate()
            .map(move |(at, format)| (one, format.as_str(), at))
    });
    let mut found = formats.filter(|(one, format, _)| package::resource_id(one, format) == id);
    found
        .next()
        .ok_or(Fault::NotFound("Resource was not found."))
}

fn search(base: &str, all: &[Published], asked: &Asked) -> Result<Json, Fault> {
    let (rows, start) = (
        asked.number("rows", 10, MOST_PACKAGES)?,
        asked.number("start", 0, MOST_PACKAGES)?,
    );
    let q = asked
        .text("q")
        .filter(|q| *q != "*:*" && *q != "*")
        .unwrap_or_default();
    let fits = |one: &&Published| {
        let publication = &one.publication;
        let text = format!(
            "{} {} {} {} {}",
            package::name(one),
            publication.title,
            publication.summary,
            publication.keywords.join(" "),
            one.service.title
        );
        japanese::fold::matches(&japanese::fold::search_key(&text), q)
    };
    let found: Vec<&Published> = all.iter().filter(fits).collect();
    let results: Vec<Json> = found
        .iter()
        .skip(start)
        .take(rows)
        .map(|one| package::package(base, one))
        .collect();
    Ok(
        json!({"count": found.len(), "sort": "name asc", "results": results, "facets": {}, "search_facets": {}}),
    )
}
