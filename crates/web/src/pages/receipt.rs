//! 受付の証明（電子）: the receipt as a file, from the record's page and My Page.

use super::error::PageError;
use super::visitor::Visitor;
use crate::api::receipt::answer;
use axum::extract::Path;
use axum::http::HeaderMap;
use engine::RecordView;

pub(super) async fn get(
    visitor: Visitor,
    Path((service, kind, id)): Path<(String, String, String)>,
) -> Result<(HeaderMap, Vec<u8>), PageError> {
    visitor.account()?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let engine = &visitor.app.engine;
    let receipted = engine
        .receipt(&visitor.signed.actor, None, &service, &kind, id)
        .await?;
    Ok(answer(&receipted)?)
}

/// Where the receipt of a record is had; none for a draft, and for what bears no number.
pub(super) fn door(record: &RecordView) -> Option<String> {
    let is_draft = record.record_type.arrives_at.is_some() && record.arrived_on.is_none();
    let place = || format!("{}/receipt", super::naming::page(record));
    (record.number.is_some() && !is_draft).then(place)
}
