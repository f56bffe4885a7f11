//! `options: services`: what people may begin, as options of a field. A package knows nothing of the others, so they are
//! filled in once all have been read; a package by itself has none.

use crate::model::{FieldKind, Options, RecordType, Service, Status, Who};
use indexmap::IndexMap;
use std::sync::Arc;

/// Stands for them until then; no table has such a name.
pub(super) const OFFERS: &str = "(services)";

/// Fills the options in.
pub(crate) fn fill(services: &mut IndexMap<String, Arc<Service>>) {
    let asking = |rt: &Arc<RecordType>| rt.fields.values().any(|field| asks(&field.kind));
    if !services
        .values()
        .any(|service| service.types.values().any(asking))
    {
        return;
    }
    let all: Vec<(String, IndexMap<String, String>)> = services
        .iter()
        .map(|(slug, service)| (slug.clone(), offers(service)))
        .collect();
    for (slug, service) in services.iter_mut() {
        if !service.types.values().any(asking) {
            continue;
        }
        let others = all.iter().filter(|(other, _)| other != slug);
        let options: IndexMap<String, String> =
            others.flat_map(|(_, offers)| offers.clone()).collect();
        for rt in Arc::make_mut(service)
            .types
            .values_mut()
            .filter(|rt| asking(rt))
        {
            for field in Arc::make_mut(rt).fields.values_mut() {
                give(&mut field.kind, &options);
            }
        }
    }
}

fn asks(kind: &FieldKind) -> bool {
    matches!(kind, FieldKind::Choice(Options::Table(name)) | FieldKind::Choices(Options::Table(name)) if name == OFFERS)
}

fn give(kind: &mut FieldKind, offers: &IndexMap<String, String>) {
    if asks(kind)
        && let FieldKind::Choice(options) | FieldKind::Choices(options) = kind
    {
        *options = Options::Inline(offers.clone());
    }
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
