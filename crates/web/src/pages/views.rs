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
    office: Option<String>,
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
        _ => {
            let picked = numbers::Picked {
                month: asked.month,
                office: asked.office,
            };
            numbers::page(&visitor, slug, kind, name, &picked).await
        }
    }
}
