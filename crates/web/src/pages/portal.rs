//! The portal: search, life events, areas, and the whole catalogue with its honest states.

use super::error::PageError;
use super::layout::{Chrome, encode, ok};
use super::visitor::Visitor;
use crate::Lang;
use crate::i18n::{current, say, t, with};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use definition::model::{Service, Status};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The plan's categories by code, in short.
const CATEGORIES: &[(&str, &str)] = &[
    ("01", "申請・手続・サービス"),
    ("02", "データの利活用"),
    ("03", "人材の確保・育成"),
    ("04", "業務システム"),
    ("05", "業務のデジタル化"),
    ("06", "先端技術の活用"),
];
/// 領域, in the order of the plan.
const AREAS: &[&str] = &[
    "生活福祉",
    "子供・子育て",
    "高齢者",
    "障害者",
    "保健",
    "医療",
    "健康安全",
    "感染症対策",
    "共通",
];
const MAX_QUERY_CHARS: usize = 100;

/// A service in a list.
pub(super) struct Card {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) area: String,
    pub(super) running: bool,
    pub(super) state: &'static str,
}

/// A link with a count.
struct Chip {
    href: String,
    title: String,
    count: usize,
    on: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    c: Chrome,
    running: Vec<Card>,
    events: Vec<Chip>,
    areas: Vec<Chip>,
    total: usize,
    preparing: usize,
}

pub(super) async fn home(visitor: Visitor) -> Response {
    let catalogue = visitor.app.engine.catalogue();
    let all: Vec<&Arc<Service>> = listed(&catalogue.services).collect();
    let running: Vec<Card> = all
        .iter()
        .filter(|service| service.status == Status::Running)
        .map(|service| card(&visitor, service))
        .collect();
    let mut events: BTreeMap<&str, usize> = BTreeMap::new();
    for event in all
        .iter()
        .filter(|service| service.status == Status::Running)
        .flat_map(|service| &service.life_events)
    {
        *events.entry(event).or_default() += 1;
    }
    let events = events.into_iter().map(|(title, count)| Chip {
        href: format!("/services?event={}", encode(title)),
        title: event(&all, title),
        count,
        on: false,
    });
    let areas = areas(&all, &Wanted::default());
    let preparing = all.len() - running.len();
    ok(&Home {
        c: visitor.chrome(say("福祉・保健医療の手続きと相談")),
        running,
        events: events.collect(),
        areas,
        total: all.len(),
        preparing,
    })
}

/// What a visitor looks for.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
    area: String,
    category: String,
    state: String,
    event: String,
}

#[derive(Template)]
#[template(path = "services.html")]
struct Services {
    c: Chrome,
    wanted: Wanted,
    found: Vec<Card>,
    areas: Vec<Chip>,
    categories: Vec<Chip>,
    states: Vec<Chip>,
    total: usize,
    /// The life event asked for, in the language of the page.
    event: String,
}

pub(super) async fn services(
    visitor: Visitor,
    Query(mut wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    wanted.q = wanted.q.trim().chars().take(MAX_QUERY_CHARS).collect();
    let catalogue = visitor.app.engine.catalogue();
    let all: Vec<&Arc<Service>> = listed(&catalogue.services).collect();
    let mut found: Vec<&Arc<Service>> = all
        .iter()
        .copied()
        .filter(|service| fits(service, &wanted))
        .collect();
    found.sort_by_key(|service| {
        (
            service.status != Status::Running,
            service.initiatives.first().cloned(),
        )
    });
    let categories = CATEGORIES.iter().map(|(code, title)| {
        let count = all
            .iter()
            .filter(|service| service.category == *code)
            .count();
        let on = wanted.category == *code;
        Chip {
            href: href(&Wanted {
                category: if on { String::new() } else { (*code).into() },
                ..wanted.clone()
            }),
            title: say(title).to_owned(),
            count,
            on,
        }
    });
    let states = [
        ("running", "運用中", Status::Running),
        ("preparing", "準備中", Status::Preparing),
    ]
    .map(|(code, title, status)| {
        let count = all
            .iter()
            .filter(|service| service.status == status)
            .count();
        let on = wanted.state == code;
        Chip {
            href: href(&Wanted {
                state: if on { String::new() } else { code.into() },
                ..wanted.clone()
            }),
            title: say(title).to_owned(),
            count,
            on,
        }
    });
    let title = if wanted.q.is_empty() {
        say("サービスをさがす").to_owned()
    } else {
        with("「{0}」をさがした結果", &[&wanted.q])
    };
    Ok(ok(&Services {
        c: visitor.chrome(title),
        found: found
            .iter()
            .map(|service| card(&visitor, service))
            .collect(),
        areas: areas(&all, &wanted),
        categories: categories.filter(|chip| chip.count > 0).collect(),
        states: states.into(),
        total: all.len(),
        event: event(&all, &wanted.event),
        wanted,
    }))
}

fn listed(
    services: &indexmap::IndexMap<String, Arc<Service>>,
) -> impl Iterator<Item = &Arc<Service>> {
    services.values().filter(|service| service.in_catalogue())
}

fn areas(all: &[&Arc<Service>], wanted: &Wanted) -> Vec<Chip> {
    let one = |title: &&str| {
        let count = all.iter().filter(|service| service.area == **title).count();
        let on = wanted.area == **title;
        Chip {
            href: href(&Wanted {
                area: if on { String::new() } else { (**title).into() },
                ..wanted.clone()
            }),
            title: say(title).to_owned(),
            count,
            on,
        }
    };
    AREAS
        .iter()
        .map(one)
        .filter(|chip| chip.count > 0)
        .collect()
}

/// A life event in the language of the page, as the first service that has it in translation says it.
fn event(all: &[&Arc<Service>], japanese: &str) -> String {
    let said = |service: &&Arc<Service>| {
        let at = service
            .life_events
            .iter()
            .position(|event| event == japanese)?;
        let text = t(
            service,
            current(),
            &format!("service.life_events.{at}"),
            japanese,
        );
        (text != japanese).then_some(text)
    };
    all.iter()
        .find_map(said)
        .unwrap_or_else(|| say(japanese).to_owned())
}

/// 領域 in the language of the page.
pub(super) fn area(service: &Service) -> String {
    say(&service.area).to_owned()
}

fn href(wanted: &Wanted) -> String {
    let pairs = [
        ("q", &wanted.q),
        ("area", &wanted.area),
        ("category", &wanted.category),
        ("state", &wanted.state),
        ("event", &wanted.event),
    ];
    let query: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if query.is_empty() {
        "/services".into()
    } else {
        format!("/services?{}", query.join("&"))
    }
}

/// What a visitor who reads another language would look for.
fn translations(service: &Service) -> String {
    let lang = current();
    if lang == Lang::Ja {
        return String::new();
    }
    let texts = [
        ("service.title", &service.title),
        ("service.summary", &service.summary),
        ("service.area", &service.area),
    ];
    texts
        .map(|(path, text)| t(service, lang, path, text))
        .join(" ")
}

fn fits(service: &Service, wanted: &Wanted) -> bool {
    let is = |want: &str, have: &str| want.is_empty() || want == have;
    let state = match service.status {
        Status::Running => "running",
        _ => "preparing",
    };
    let event = wanted.event.is_empty() || service.life_events.contains(&wanted.event);
    let text = || {
        japanese::fold::search_key(
            &[
                &service.title,
                &service.summary,
                &service.area,
                &service.keywords.join(" "),
                &service.life_events.join(" "),
                &service.actors.join(" "),
                &translations(service),
            ]
            .map(|text| text.as_str())
            .join(" "),
        )
    };
    is(&wanted.area, &service.area)
        && is(&wanted.category, &service.category)
        && is(&wanted.state, state)
        && event
        && (wanted.q.is_empty() || japanese::fold::matches(&text(), &wanted.q))
}

pub(super) fn card(visitor: &Visitor, service: &Arc<Service>) -> Card {
    let service = visitor.app.localised.of(service, current());
    let running = service.status == Status::Running;
    Card {
        slug: service.slug.clone(),
        title: service.title.clone(),
        summary: service.summary.clone(),
        area: area(&service),
        running,
        state: say(if running { "運用中" } else { "準備中" }),
    }
}
