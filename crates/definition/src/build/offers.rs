//! `options: services` and `options: roles`: what people may begin, and the roles that officials have, as options of a
//! field. A package knows nothing of the others, so they are filled in once all have been read; a package by itself has
//! none.

use crate::model::{FieldKind, Options, RecordType, Service, Status, Who};
use indexmap::IndexMap;
use std::sync::Arc;

/// Words for what the other packages have.
pub(crate) const WORDS: [&str; 2] = ["services", "roles"];

/// Stands for a word of [`WORDS`] until all packages have been read; no table has such a name.
pub(super) fn stand_in(word: &str) -> Option<String> {
    WORDS.contains(&word).then(|| format!("({word})"))
}

/// Fills the options in.
pub(crate) fn fill(services: &mut IndexMap<String, Arc<Service>>) {
    for word in WORDS {
        let name = format!("({word})");
        let asking = |rt: &Arc<RecordType>| rt.fields.values().any(|one| asks(&one.kind, &name));
        let askers: Vec<String> = services
            .iter()
            .filter(|(_, service)| service.types.values().any(asking))
            .map(|(slug, _)| slug.clone())
            .collect();
        for slug in askers {
            let options = match word {
                "services" => offers_beside(services, &slug),
                _ => roles(services),
            };
            let Some(service) = services.get_mut(&slug) else {
                continue;
            };
            let types = Arc::make_mut(service).types.values_mut();
            for rt in types.filter(|rt| asking(rt)) {
                for field in Arc::make_mut(rt).fields.values_mut() {
                    give(&mut field.kind, &name, &options);
                }
            }
        }
    }
}

fn asks(kind: &FieldKind, name: &str) -> bool {
    matches!(kind, FieldKind::Choice(Options::Table(table)) | FieldKind::Choices(Options::Table(table)) if table == name)
}

fn give(kind: &mut FieldKind, name: &str, given: &IndexMap<String, String>) {
    if asks(kind, name)
        && let FieldKind::Choice(options) | FieldKind::Choices(options) = kind
    {
        *options = Options::Inline(given.clone());
    }
}

/// The roles of officials by name. Several packages may have one: what the catalogue shows gives it its title.
fn roles(services: &IndexMap<String, Arc<Service>>) -> IndexMap<String, String> {
    let mut holders: Vec<&Arc<Service>> = services.values().collect();
    holders.sort_by_key(|service| !service.in_catalogue());
    let mut all = IndexMap::new();
    for (name, role) in holders.iter().flat_map(|service| &service.roles) {
        let title = || role.title.clone();
        all.entry(name.clone()).or_insert_with(title);
    }
    all
}

fn offers_beside(
    services: &IndexMap<String, Arc<Service>>,
    slug: &str,
) -> IndexMap<String, String> {
    let others = services.iter().filter(|(other, _)| *other != slug);
    others.flat_map(|(_, service)| offers(service)).collect()
}

/// The service, and its record types where people may begin more than one.
fn offers(service: &Service) -> IndexMap<String, String> {
    let mut offers = IndexMap::new();
    let begun = |rt: &&Arc<RecordType>| {
        let mut opening = rt.actions.values().filter(|action| action.opens);
        opening.any(|action| action.by.iter().any(|who| matches!(who, Who::Party(_))))
    };
    let types: Vec<&Arc<RecordType>> = service.types.values().filter(begun).collect();
    let inside = !service.audience.is_empty() && service.audience.iter().all(|one| one == "staff");
    if service.status != Status::Running || types.is_empty() || inside {
        return offers;
    }
    offers.insert(service.slug.clone(), service.title.clone());
    for rt in types.iter().filter(|_| types.len() > 1) {
        let title = format!("{}（{}だけ）", service.title, rt.title);
        offers.insert(format!("{}/{}", service.slug, rt.name), title);
    }
    offers
}
