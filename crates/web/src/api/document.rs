//! `GET …/{id}/documents/{name}?copy=`: a letter as PDF. The issued one, the latest unless `copy` says which; else one
//! made of the record as it is now.

use super::query::Query;
use super::{access, record};
use crate::{App, Problem, Signed, percent};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use engine::{Face, PrintedLetter};
use std::sync::Arc;

/// A letter runs nothing.
const SANDBOX: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, id, name)): Path<(String, String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<(HeaderMap, Vec<u8>), Problem> {
    let rt = access::record_type(&app, &service, &record_type)?;
    access::reader(&signed, &rt)?;
    let copy = copy(Query::read(&uri, &["copy"])?.get("copy"))?;
    let purpose = access::purpose(&headers)?;
    let of = (service.as_str(), record_type.as_str(), record::id(&id)?);
    let letter = app
        .engine
        .document(
            &signed.actor,
            purpose.as_deref(),
            of,
            (&name, copy),
            Face::Pdf,
        )
        .await?;
    Ok(answer(letter))
}

/// Which copy is asked for; what is no number is none of them.
pub(crate) fn copy(text: Option<&str>) -> Result<Option<u32>, Problem> {
    text.map(|text| text.parse().map_err(|_| Problem::not_found()))
        .transpose()
}

/// The PDF, shown in the browser under a name of its own.
pub(crate) fn answer(letter: PrintedLetter) -> (HeaderMap, Vec<u8>) {
    let name = percent::value(&format!("{}.pdf", letter.name));
    let disposition = HeaderValue::try_from(format!("inline; filename*=UTF-8''{name}"))
        .unwrap_or(HeaderValue::from_static("inline"));
    let headers = HeaderMap::from_iter([
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/pdf"),
        ),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(SANDBOX),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ]);
    (headers, letter.content)
}
