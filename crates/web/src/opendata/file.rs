//! One file of an edition.

use crate::App;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Failure;
use jiff::civil::Date;

/// Media types by format.
pub(crate) fn media(format: &str) -> &'static str {
    match format {
        "csv" => "text/csv",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/json",
    }
}

/// Serves a file, or says that the reader has it already.
pub(crate) async fn serve(
    app: &App,
    headers: &HeaderMap,
    service: &str,
    name: &str,
    as_of: Option<Date>,
) -> Result<Response, Failure> {
    let (publication, format) = name.rsplit_once('.').ok_or_else(Failure::not_found)?;
    let declared = app
        .engine
        .catalogue()
        .services
        .get(service)
        .and_then(|service| service.publications.get(publication))
        .is_some_and(|publication| publication.formats.iter().any(|one| one == format));
    if !declared {
        return Err(Failure::not_found());
    }
    let data = app.engine.open_data(service, publication, as_of).await?;
    let file = app.engine.open_file(&data, format).await?;
    let etag = format!("\"{}\"", file.sha256.get(..32).unwrap_or(&file.sha256));
    let modified = data
        .edition
        .made_at
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .split(',')
                .any(|one| one.trim().trim_start_matches("W/") == etag)
        });
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(Bytes::from_owner(std::sync::Arc::clone(&file.bytes))).into_response()
    };
    let day = data.edition.day;
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    for (name, value) in [
        (header::CONTENT_TYPE, file.media_type),
        (header::ETAG, etag.as_str()),
        (header::LAST_MODIFIED, modified.as_str()),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (
            header::HeaderName::from_static("x-edition"),
            day.to_string().as_str(),
        ),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
