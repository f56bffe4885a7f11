//! One service: what it is, for whom, how it goes, where it is received, and the way in.

use super::error::PageError;
use super::layout::{Chrome, encode, ok};
use super::office::{self, Office};
use super::visitor::Visitor;
use super::{markdown, portal, show};
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use definition::model::{Plan, RecordType, Service, Status};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Asked {
    municipality: Option<String>,
}

/// Ways in under one heading; empty titles for one without.
struct Ways {
    title: String,
    help: Option<String>,
    doors: Vec<Door>,
}

/// A way in.
struct Door {
    href: String,
    title: String,
    help: Option<String>,
}

struct Link {
    href: String,
    title: String,
}

struct Group {
    title: String,
    options: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "service.html")]
struct ServicePage {
    c: Chrome,
    s: Arc<Service>,
    running: bool,
    audience: String,
    area: String,
    /// Document and page of the plan.
    plan: Option<String>,
    ways: Vec<Ways>,
    /// Whether there is but one thing to begin.
    single: bool,
    pages: Vec<Link>,
    /// Questions that lead to what one needs.
    guides: Vec<Link>,
    registers: Vec<Link>,
    /// The form that asks where to apply: its regions; empty where no type's office follows from an address.
    regions: Vec<Group>,
    office: Option<Office>,
}

pub(super) async fn get(
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let service = visitor.service(&slug)?;
    let running = service.status == Status::Running;
    let deciding = office::deciding(&service);
    let code = asked.municipality.as_deref().unwrap_or_default();
    let places = visitor.places();
    let found = match deciding {
        Some((rt, field)) if places.has(code) => {
            Some(office::find(&visitor, &service, rt, field, code).await?)
        }
        _ => None,
    };
    let mut regions: Vec<Group> = Vec::new();
    for row in places.all.iter().filter(|_| deciding.is_some()) {
        let option = (row.code.clone(), row.title.clone(), row.code == code);
        match regions.last_mut() {
            Some(group) if group.title == row.region => group.options.push(option),
            _ => regions.push(Group {
                title: row.region.clone(),
                options: vec![option],
            }),
        }
    }
    let pages = service.content.values().map(|content| Link {
        href: format!("/services/{slug}/pages/{}", content.name),
        title: content.title.clone(),
    });
    let registers = service
        .types
        .values()
        .filter(|rt| rt.register && show::public(rt));
    let registers = registers
        .map(|rt| Link {
            href: format!("/services/{slug}/{}", rt.name),
            title: with("{0}の一覧を見る", &[&rt.title]),
        })
        .collect();
    let ways = match running {
        true => ways(&visitor, &service),
        false => Vec::new(),
    };
    Ok(ok(&ServicePage {
        c: visitor.chrome(service.title.clone()),
        running,
        audience: audience(&service),
        area: portal::area(&service),
        plan: service.plan.as_ref().map(plan),
        single: ways.iter().map(|one| one.doors.len()).sum::<usize>() == 1,
        ways,
        pages: pages.collect(),
        guides: service
            .guides
            .values()
            .filter(|_| running)
            .map(|guide| Link {
                href: format!("/services/{slug}/guides/{}", guide.name),
                title: guide.title.clone(),
            })
            .collect(),
        registers,
        regions,
        office: found,
        s: service,
    }))
}

/// What a person can begin, under the headings of the package.
fn ways(visitor: &Visitor, service: &Service) -> Vec<Ways> {
    let titled = !service.doors.is_empty();
    let groups = service.beginnings().into_iter();
    let ways = groups.map(|(door, types)| Ways {
        title: match door {
            Some(door) => door.title.clone(),
            None if titled => say("そのほかの手続き").to_owned(),
            None => say("手続き").to_owned(),
        },
        help: door.and_then(|door| door.help.clone()),
        doors: types
            .iter()
            .map(|rt| way_in(visitor, service, rt))
            .collect(),
    });
    ways.collect()
}

/// Signed in or not: the sign-in page lies between.
fn way_in(visitor: &Visitor, service: &Service, rt: &RecordType) -> Door {
    let form = format!("/apply/{}/{}", service.slug, rt.name);
    let href = if visitor.signed.account.is_some() {
        form
    } else {
        format!("/sign-in?next={}", encode(&form))
    };
    Door {
        href,
        title: rt.title.clone(),
        help: rt.help.clone(),
    }
}

fn plan(plan: &Plan) -> String {
    match plan.page {
        Some(page) => with("{0} {1}ページ", &[&plan.document, &page]),
        None => plan.document.clone(),
    }
}

fn audience(service: &Service) -> String {
    let word = |name: &String| {
        say(match name.as_str() {
            "residents" => "都民の方",
            "businesses" => "事業者の方",
            "providers" => "福祉サービスなどを行う方",
            "hospitals" => "医療機関の方",
            "municipalities" => "区市町村の職員",
            "staff" => "都の職員",
            _ => "",
        })
    };
    service
        .audience
        .iter()
        .map(word)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(say("、"))
}

#[derive(Template)]
#[template(path = "content.html")]
struct ContentPage {
    c: Chrome,
    s: Arc<Service>,
    title: String,
    html: String,
    pages: Vec<Link>,
}

pub(super) async fn content(
    visitor: Visitor,
    Path((slug, name)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let service = visitor.service(&slug)?;
    let content = service
        .content
        .get(&name)
        .ok_or_else(PageError::not_found)?;
    let others = service.content.values().filter(|other| other.name != name);
    let pages = others
        .map(|other| Link {
            href: format!("/services/{slug}/pages/{}", other.name),
            title: other.title.clone(),
        })
        .collect();
    let (title, html) = (
        content.title.clone(),
        markdown::html(markdown::without_title(&content.markdown), 0),
    );
    Ok(ok(&ContentPage {
        c: visitor.chrome(format!("{title}（{}）", service.title)),
        s: service,
        title,
        html,
        pages,
    }))
}
