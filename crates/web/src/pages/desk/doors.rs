//! Doors of the desk: what may be looked through, and what may be keyed in at the counter.

use super::super::apply::begun_at_desk;
use super::super::naming;
use super::super::visitor::Visitor;
use super::running;
use definition::model::{RecordType, Service, View, ViewKind, Who};
use std::collections::BTreeMap;

/// Services whose lists lie open together.
const MOST_OPEN: usize = 2;

/// What a service holds for this official.
pub(super) struct Place {
    pub(super) title: String,
    /// Whether it lies open: what people look for does, as long as there is little of it.
    pub(super) open: bool,
    pub(super) kinds: Vec<Kind>,
}

/// A record type: its search, and its views.
pub(super) struct Kind {
    pub(super) title: String,
    /// The page that searches all of them, where this official may.
    pub(super) search: Option<String>,
    pub(super) views: Vec<Door>,
}

/// A view.
pub(super) struct Door {
    pub(super) href: String,
    pub(super) title: String,
    /// How many records it holds, where that is known and not nothing.
    pub(super) count: Option<String>,
    /// Whether it is a list; others are pictures and numbers.
    pub(super) list: bool,
}

/// Every list, board, calendar and chart of this official, by service and record type.
pub(super) fn places(visitor: &Visitor, counts: &BTreeMap<String, String>) -> Vec<Place> {
    let services = running(visitor);
    let places = services.iter().map(|service| Place {
        title: service.title.clone(),
        open: service.in_catalogue(),
        kinds: kinds(visitor, service, counts),
    });
    let mut places: Vec<Place> = places.filter(|place| !place.kinds.is_empty()).collect();
    if places.iter().filter(|place| place.open).count() > MOST_OPEN {
        for place in &mut places {
            place.open = false;
        }
    }
    places
}

fn kinds(visitor: &Visitor, service: &Service, counts: &BTreeMap<String, String>) -> Vec<Kind> {
    let kinds = service.types.values().map(|rt| {
        let mut views: Vec<Door> = rt
            .views
            .values()
            .filter(|view| engine::has_desk_view(view, &visitor.signed.actor))
            .map(|view| door(service, rt, view, counts))
            .collect();
        views.sort_by_key(|door| !door.list);
        Kind {
            title: rt.title.clone(),
            search: searched(visitor, service, rt).then(|| search(service, rt)),
            views,
        }
    });
    kinds
        .filter(|kind| kind.search.is_some() || !kind.views.is_empty())
        .collect()
}

fn door(
    service: &Service,
    rt: &RecordType,
    view: &View,
    counts: &BTreeMap<String, String>,
) -> Door {
    let href = naming::view(&service.slug, &rt.name, &view.name);
    Door {
        title: view.title.clone(),
        count: counts.get(&href).filter(|count| !count.is_empty()).cloned(),
        list: view.kind == ViewKind::List,
        href,
    }
}

fn search(service: &Service, rt: &RecordType) -> String {
    format!("/desk/{}/{}", service.slug, rt.name)
}

/// Whether this official may look through the records of a type.
fn searched(visitor: &Visitor, service: &Service, rt: &RecordType) -> bool {
    let actor = &visitor.signed.actor;
    let desk = |rule: &definition::model::SeeRule| matches!(rule.who, Who::Desk(_));
    !kernel::scope_keys_where(service, rt, actor, desk).is_empty()
}

/// Types whose records this official may look through: link and title.
pub(in super::super) fn registers(visitor: &Visitor) -> Vec<(String, String)> {
    let services = running(visitor);
    let each = |service: &std::sync::Arc<Service>| {
        let types = service.types.values();
        let types = types.filter(|rt| searched(visitor, service, rt));
        let door = |rt: &std::sync::Arc<RecordType>| {
            let title = format!("{}：{}", service.title, rt.title);
            (search(service, rt), title)
        };
        types.map(door).collect::<Vec<_>>()
    };
    services.iter().flat_map(each).collect()
}

/// Record types that this official may begin of their own: link and title of the action.
pub(super) fn begun(visitor: &Visitor) -> Vec<(String, String)> {
    let services = running(visitor);
    let actor = &visitor.signed.actor;
    let each = |service: &std::sync::Arc<Service>| {
        let types = service.types.values();
        let door = |rt: &std::sync::Arc<RecordType>| {
            let mut actions = rt.actions.values();
            let action = actions.find(|action| begun_at_desk(service, rt, action, actor))?;
            let href = format!("/apply/{}/{}", service.slug, rt.name);
            Some((href, action.title.clone()))
        };
        types.filter_map(door).collect::<Vec<_>>()
    };
    services.iter().flat_map(each).collect()
}

/// Record types that this official may key in for somebody at the counter: link and title.
pub(super) fn counters(visitor: &Visitor) -> Vec<(String, String)> {
    let services = running(visitor);
    let each = |service: &std::sync::Arc<Service>| {
        let types = service.types.values();
        let sits = types.filter(|rt| kernel::counter::sits(rt, &visitor.signed.actor));
        let door = |rt: &std::sync::Arc<RecordType>| {
            let href = format!("{}/counter", search(service, rt));
            (href, rt.title.clone())
        };
        sits.map(door).collect::<Vec<_>>()
    };
    services.iter().flat_map(each).collect()
}
