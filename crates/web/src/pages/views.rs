//! A view by its kind: a list, a board, a calendar, or numbers.

use super::desk::{self, After};
use super::error::PageError;
use super::visitor::Visitor;
use super::{boards, calendar, numbers};
use axum::extract::{Path, Query};
use axum::response::Response;
use definition::model::ViewKind;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
    month: Option<String>,
}

pub(super) async fn get(
    visitor: Visitor,
    path: Path<(String, String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (slug, kind, name) = &path.0;
    let service = visitor.service(slug)?;
    let rt = visitor.kind(&service, kind)?;
    let shape = rt.views.get(name).map(|view| view.kind.clone());
    match shape.ok_or_else(PageError::not_found)? {
        ViewKind::List => {
            let after = After { after: asked.after };
            desk::view(visitor, path, Query(after)).await
        }
        ViewKind::Board(_) => boards::page(&visitor, slug, kind, name).await,
        ViewKind::Calendar(_) => {
            calendar::page(&visitor, slug, kind, name, asked.month.as_deref()).await
        }
        _ => numbers::page(&visitor, slug, kind, name, asked.month.as_deref()).await,
    }
}

/// The views of a type that are no lists, for those who have them: title and link.
pub(super) fn doors(visitor: &Visitor) -> Vec<(String, String)> {
    let catalogue = visitor.app.engine.catalogue();
    let mut found = Vec::new();
    let running = definition::model::Status::Running;
    for service in catalogue
        .services
        .values()
        .filter(|one| one.status == running)
    {
        for rt in service.types.values() {
            for view in rt.views.values().filter(|view| view.kind != ViewKind::List) {
                let held = |who: &definition::model::Who| matches!(who, definition::model::Who::Desk(role) if visitor.signed.actor.seats.iter().any(|seat| &seat.role == role));
                if view.who.iter().any(held) {
                    let href = format!("/desk/{}/{}/views/{}", service.slug, rt.name, view.name);
                    found.push((href, format!("{}（{}）", view.title, rt.title)));
                }
            }
        }
    }
    found
}
