//! Looking records up: the desk's search, a register's list, and what everybody may see of one.

use super::error::PageError;
use super::layout::{Chrome, encode, ok};
use super::naming;
use super::show::{self, Show, values};
use super::visitor::Visitor;
use super::{csv, desk};
use crate::Problem;
use crate::i18n::{current, fault, say, with};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use definition::model::{Field, FieldKind, IndexKey, Options, RecordType, Service};
use engine::by_way;
use engine::{Failure, ListRequest, ListView, RecordView};
use kernel::looks::Way;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

const MAX_QUERY_CHARS: usize = 100;
const PAGE: usize = 50;
/// Hits of each type in a search over all.
const EACH: usize = 10;
const COLUMNS: usize = 4;

/// What is looked for; every further parameter is the name of a filter.
type Params = BTreeMap<String, String>;

/// A filter that an index serves.
struct Filter {
    name: String,
    title: String,
    options: Vec<(String, String, bool)>,
}

/// A record found.
struct Hit {
    href: String,
    title: String,
    state: String,
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "finder.html")]
struct FinderPage {
    c: Chrome,
    desk: bool,
    service: Arc<Service>,
    title: String,
    q: String,
    filters: Vec<Filter>,
    filtered: bool,
    hits: Vec<Hit>,
    refused: Option<String>,
    stopped: bool,
    next: Option<String>,
    csv: String,
    here: String,
}

pub(super) async fn desk(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
    Query(params): Query<Params>,
) -> Result<Response, PageError> {
    visitor.official()?;
    list(visitor, &slug, &kind, params, true).await
}

/// What everybody may see, whoever they are: nothing more is shown for being signed in.
pub(super) async fn public(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
    Query(params): Query<Params>,
) -> Result<Response, PageError> {
    let service = visitor.service(&slug)?;
    let rt = visitor.kind(&service, &kind)?;
    if !show::public(&rt) {
        return Err(PageError::not_found());
    }
    list(visitor, &slug, &kind, params, false).await
}

async fn list(
    visitor: Visitor,
    slug: &str,
    kind: &str,
    params: Params,
    desk: bool,
) -> Result<Response, PageError> {
    let service = visitor.service(slug)?;
    let rt = visitor.kind(&service, kind)?;
    let here = if desk {
        format!("/desk/{slug}/{kind}")
    } else {
        format!("/services/{slug}/{kind}")
    };
    let places = visitor.places();
    let today = visitor.app.engine.today();
    let files = BTreeMap::new();
    let show = Show {
        service: &service,
        day: today,
        files: &files,
        places: &places,
    };
    let filters = filters(&show, &rt, &params, desk);
    let q: String = params
        .get("q")
        .map(|q| q.trim().chars().take(MAX_QUERY_CHARS).collect())
        .unwrap_or_default();
    let filter = expression(&rt, &filters, &params);
    let request = ListRequest {
        filter: filter.clone(),
        sort: None,
        limit: Some(PAGE),
        after: params.get("after").cloned(),
        q: (!q.is_empty()).then(|| q.clone()),
    };
    let public = kernel::Actor::public();
    let actor = if desk { &visitor.signed.actor } else { &public };
    let as_csv = params.get("format").is_some_and(|format| format == "csv");
    let listed = visitor.app.engine.list(actor, slug, kind, &request);
    let listed = match as_csv {
        true => by_way(Way::Export, listed).await,
        false => listed.await,
    };
    let (found, refused) = match listed {
        Ok(mut found) => {
            let items = found.items.into_iter();
            found.items = items.map(|one| visitor.translated(one)).collect();
            (found, None)
        }
        Err(Failure::Refused(refusal)) => {
            let said = refusal
                .faults
                .first()
                .map_or_else(|| Problem::from(refusal.clone()).said(current()).0, fault);
            (
                ListView {
                    items: Vec::new(),
                    next: None,
                    stopped: false,
                },
                Some(said),
            )
        }
        Err(fault) => return Err(fault.into()),
    };
    if as_csv {
        return Ok(csv::download(&show, &rt, &found.items, desk).into_response());
    }
    let query = query(&params, &["after", "format", "lang"]);
    let further = |more: &str| {
        if query.is_empty() {
            format!("{here}?{more}")
        } else {
            format!("{here}?{query}&{more}")
        }
    };
    let after = params
        .get("after")
        .map(|after| format!("after={}&", encode(after)))
        .unwrap_or_default();
    Ok(ok(&FinderPage {
        c: visitor.chrome(with("{0}をさがす", &[&rt.title])),
        desk,
        title: rt.title.clone(),
        filtered: filter.is_some() || !q.is_empty(),
        q,
        filters,
        hits: found
            .items
            .iter()
            .map(|record| hit(&show, record))
            .collect(),
        refused,
        stopped: found.stopped,
        next: found
            .next
            .as_ref()
            .map(|cursor| further(&format!("after={}", encode(cursor)))),
        csv: further(&format!("{after}format=csv")),
        here,
        service: Arc::clone(&service),
    }))
}

fn query(params: &Params, without: &[&str]) -> String {
    let kept = params
        .iter()
        .filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_empty());
    kept.map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn hit(show: &Show<'_>, record: &RecordView) -> Hit {
    let known = [
        record.label.as_deref().unwrap_or_default(),
        record.number.as_deref().unwrap_or_default(),
    ];
    let mut facts: Vec<(String, String)> = Vec::new();
    if let Some(day) = record.arrived_on {
        facts.push((say("到達した日").to_owned(), show::date(day)));
    }
    for value in values(show, &record.record_type, &record.fields, &known) {
        let show::Shown::Text(text) = value.shown else {
            continue;
        };
        let field = record.record_type.fields.get(&value.name);
        if known.contains(&text.as_str())
            || field.is_some_and(|field| matches!(field.kind, FieldKind::Boolean))
        {
            continue;
        }
        if facts.len() < COLUMNS && !facts.iter().any(|(_, other)| *other == text) {
            facts.push((value.title, text));
        }
    }
    Hit {
        href: naming::page(record),
        title: naming::called(record),
        state: record.state_title.clone(),
        facts,
    }
}

/// One filter for each index that begins with something that has options.
fn filters(show: &Show<'_>, rt: &RecordType, params: &Params, desk: bool) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    for key in rt.indexes.iter().filter_map(|index| index.keys.first()) {
        let Some((name, title, options)) = choices(show, rt, key, desk) else {
            continue;
        };
        if filters.iter().any(|filter| filter.name == name) {
            continue;
        }
        let chosen = params.get(&name).cloned().unwrap_or_default();
        let options = options
            .into_iter()
            .map(|(code, title)| {
                let on = code == chosen;
                (code, title, on)
            })
            .collect();
        filters.push(Filter {
            name,
            title,
            options,
        });
    }
    filters
}

type Choices = (String, String, Vec<(String, String)>);

fn choices(show: &Show<'_>, rt: &RecordType, key: &IndexKey, desk: bool) -> Option<Choices> {
    let municipalities = || {
        show.places
            .all
            .iter()
            .map(|row| (row.code.clone(), row.title.clone()))
            .collect()
    };
    match key {
        IndexKey::State if desk => Some((
            "state".into(),
            say("状態").to_owned(),
            rt.states
                .values()
                .map(|state| (state.name.clone(), state.title.clone()))
                .collect(),
        )),
        IndexKey::Field(path) => {
            let field = rt.fields.get(path.first()?)?;
            let name = path.join(".");
            match (&field.kind, path.get(1)) {
                (FieldKind::Choice(options), None) => {
                    Some((name, field.title.clone(), codes(show, options)))
                }
                (FieldKind::Municipality, None) => {
                    Some((name, field.title.clone(), municipalities()))
                }
                (FieldKind::Address, Some(part)) if part == "municipality" => Some((
                    name,
                    with("{0}（区市町村）", &[&field.title]),
                    municipalities(),
                )),
                (FieldKind::Rows { fields, .. }, Some(member)) => {
                    let member: &Field = fields.get(member)?;
                    let FieldKind::Choice(options) = &member.kind else {
                        return None;
                    };
                    Some((name, member.title.clone(), codes(show, options)))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn codes(show: &Show<'_>, options: &Options) -> Vec<(String, String)> {
    match options {
        Options::Inline(titles) => titles
            .iter()
            .map(|(code, title)| (code.clone(), title.clone()))
            .collect(),
        Options::Table(name) => show
            .service
            .tables
            .get(name)
            .map(|table| table.options_on(show.day))
            .unwrap_or_default(),
    }
}

/// FEEL of the filters chosen. Only known options pass, so nothing typed becomes part of it.
fn expression(rt: &RecordType, filters: &[Filter], params: &Params) -> Option<String> {
    let mut terms = Vec::new();
    for filter in filters {
        let Some(code) = params
            .get(&filter.name)
            .filter(|code| filter.options.iter().any(|(known, _, _)| known == *code))
        else {
            continue;
        };
        let rows = filter
            .name
            .split('.')
            .next()
            .and_then(|head| rt.fields.get(head))
            .is_some_and(|field| matches!(field.kind, FieldKind::Rows { .. }));
        let quoted = code.replace('\\', "\\\\").replace('"', "\\\"");
        terms.push(if rows {
            format!("list contains({}, \"{quoted}\")", filter.name)
        } else {
            format!("{} = \"{quoted}\"", filter.name)
        });
    }
    (!terms.is_empty()).then(|| terms.join(" and "))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

struct Found {
    title: String,
    href: String,
    hits: Vec<Hit>,
    more: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    c: Chrome,
    q: String,
    found: Vec<Found>,
    places: Vec<(String, String)>,
}

/// One search over every type that this official may look through.
pub(super) async fn everywhere(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let q: String = asked.q.trim().chars().take(MAX_QUERY_CHARS).collect();
    let places = desk::registers(&visitor);
    let names = visitor.places();
    let mut found = Vec::new();
    for (href, title) in &places {
        let mut parts = href.rsplit('/');
        let (Some(kind), Some(slug)) = (parts.next(), parts.next()) else {
            continue;
        };
        if q.is_empty() {
            break;
        }
        let service = visitor.service(slug)?;
        let files = BTreeMap::new();
        let show = Show {
            service: &service,
            day: visitor.app.engine.today(),
            files: &files,
            places: &names,
        };
        let request = ListRequest {
            q: Some(q.clone()),
            limit: Some(EACH),
            ..ListRequest::default()
        };
        let Ok(list) = visitor
            .app
            .engine
            .list(&visitor.signed.actor, slug, kind, &request)
            .await
        else {
            continue;
        };
        if !list.items.is_empty() {
            let href = format!("{href}?q={}", encode(&q));
            found.push(Found {
                title: title.clone(),
                href,
                more: list.next.is_some(),
                hits: list.items.iter().map(|record| hit(&show, record)).collect(),
            });
        }
    }
    Ok(ok(&SearchPage {
        c: visitor.chrome("番号、名前、所在地でさがす"),
        q,
        found,
        places,
    }))
}
