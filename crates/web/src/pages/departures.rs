//! データの書き出し: how a service leaves as a whole, and what has left. It is a command: what leaves is more than any one
//! person may see, and lies on a disk.

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::show::instant;
use super::visitor::Visitor;
use askama::Template;
use axum::response::Response;
use definition::model::Status;

/// Departures shown.
const SHOWN: usize = 200;

struct Row {
    at: String,
    by: String,
    purpose: String,
    services: String,
    position: u64,
    /// Sum of the manifest, in pieces between which a line may end; none while it was only begun.
    manifest: Option<Vec<String>>,
}

struct Offered {
    slug: String,
    title: String,
}

#[derive(Template)]
#[template(path = "departures.html")]
struct Page {
    c: Chrome,
    services: Vec<Offered>,
    rows: Vec<Row>,
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    visitor.account()?;
    let engine = &visitor.app.engine;
    let found = engine.departures(&visitor.signed.actor, SHOWN).await?;
    let catalogue = engine.catalogue();
    let title = |slug: &String| {
        let service = catalogue.services.get(slug);
        service.map_or_else(|| slug.clone(), |service| service.title.clone())
    };
    let rows = found.into_iter().map(|one| Row {
        at: instant(one.at),
        by: one.by,
        purpose: one.purpose,
        services: match one.services.is_empty() {
            true => "すべて".into(),
            false => one
                .services
                .iter()
                .map(title)
                .collect::<Vec<_>>()
                .join("、"),
        },
        position: one.position,
        manifest: one.manifest.as_deref().map(pieces),
    });
    let services = catalogue.services.values();
    let services =
        services.filter(|service| service.status == Status::Running && !service.types.is_empty());
    Ok(ok(&Page {
        services: services
            .map(|service| Offered {
                slug: service.slug.clone(),
                title: service.title.clone(),
            })
            .collect(),
        rows: rows.collect(),
        c: visitor.chrome("データの書き出し"),
    }))
}

fn pieces(sum: &str) -> Vec<String> {
    let signs: Vec<char> = sum.chars().collect();
    signs
        .chunks(8)
        .map(|piece| piece.iter().collect())
        .collect()
}
