//! `POST /api/v1/uploads`: one file, in the multipart part `file`. The id in the answer stands in an input.
//!
//! `Idempotency-Key` is welcome but not needed: a file sent twice is collected when no record uses it.

use super::access;
use crate::{App, MAX_UPLOAD_BYTES, Problem, Signed};
use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use engine::Upload;
use serde_json::{Value, json};
use std::sync::Arc;

/// The largest file, as people are told.
const LARGEST_FILE_BYTES: usize = 20 * 1024 * 1024;

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let not_multipart = |_| {
        Problem::unsupported(
            "multipart/form-data で、ファイルを file という名前の部分に入れて送ってください。",
        )
    };
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(not_multipart)?;
    let (name, content) = file(&mut parts).await?;
    let upload = app
        .engine
        .upload(&signed.actor, &name, content)
        .await
        .map_err(|failure| size(failure.into()))?;
    Ok((StatusCode::CREATED, Json(to_json(&upload))))
}

async fn file(parts: &mut Multipart) -> Result<(String, Vec<u8>), Problem> {
    let mut found = None;
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        if part.name() != Some("file") {
            continue;
        }
        if found.is_some() {
            return Err(Problem::invalid(
                "/file",
                "too_many",
                "ファイルは1つずつ送ってください。",
            ));
        }
        let name = part.file_name().unwrap_or_default().to_owned();
        let content = part.bytes().await.map_err(|error| broken(&error))?;
        found = Some((name, content.to_vec()));
    }
    found.ok_or_else(|| {
        Problem::invalid(
            "/file",
            "required",
            "ファイルが入っていません。file という名前の部分に入れて送ってください。",
        )
    })
}

fn broken(error: &MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(LARGEST_FILE_BYTES),
        _ => Problem::malformed(
            "",
            "multipart",
            "multipart/form-data として読み取れません。もう一度送ってください。",
        ),
    }
}

/// A file beyond the limit is 413 whether the frame or the engine says so.
fn size(problem: Problem) -> Problem {
    match problem.errors.iter().any(|fault| fault.code == "too_large") {
        true => Problem::too_large(LARGEST_FILE_BYTES.min(MAX_UPLOAD_BYTES)),
        false => problem,
    }
}

fn to_json(upload: &Upload) -> Value {
    json!({"id": upload.id, "name": upload.name, "media_type": upload.media_type, "bytes": upload.bytes, "sha256": upload.sha256})
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    const PNG: &[u8] =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

    #[tokio::test]
    async fn a_file_is_sniffed_kept_and_given_back_to_its_owner() {
        let site = Site::new().await;
        let reply = site.person("owner").upload("図面.png", PNG).await;
        let body = reply.json();
        assert_eq!(reply.status, 201, "{body}");
        assert_eq!(
            (&body["name"], &body["media_type"], &body["bytes"]),
            (&json!("図面.png"), &json!("image/png"), &json!(PNG.len()))
        );
        let place = format!("/api/v1/uploads/{}", body["id"].as_str().unwrap());
        let back = site
            .person("owner")
            .raw("GET", &place, &[], Vec::new())
            .await;
        assert_eq!((back.status, back.body.as_slice()), (200, PNG));
        assert!(
            back.headers["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment; filename*=UTF-8''%E5%9B%B3")
        );
        assert!(
            back.headers["content-security-policy"]
                .to_str()
                .unwrap()
                .starts_with("sandbox")
        );
        assert_eq!(site.person("other").get(&place).await.0, 404);
        let (status, record) = site
            .person("owner")
            .post(
                site.requests(),
                json!({"action": "submit", "input": {"name": "花", "papers": [body["id"]]}}),
            )
            .await;
        assert_eq!(status, 201, "{record}");
        assert_eq!(
            site.person("examiner")
                .raw("GET", &place, &[], Vec::new())
                .await
                .status,
            200
        );
    }

    #[tokio::test]
    async fn what_is_no_upload_is_refused_by_kind() {
        let site = Site::new().await;
        let owner = site.person("owner");
        assert_eq!(site.public().upload("a.png", PNG).await.status, 401);
        assert_eq!(
            owner
                .raw(
                    "POST",
                    "/api/v1/uploads",
                    &[("content-type", "application/json")],
                    b"{}".to_vec()
                )
                .await
                .status,
            415
        );
        assert_eq!(owner.upload("a.png", b"").await.status, 422);
        assert_eq!(
            owner
                .upload("a.png", b"<html><script>alert(1)</script></html>")
                .await
                .status,
            422
        );
        assert_eq!(
            owner
                .upload("a.txt", &vec![b'a'; 20 * 1024 * 1024 + 1])
                .await
                .status,
            413
        );
        assert_eq!(
            owner
                .upload("a.txt", &vec![b'a'; 22 * 1024 * 1024])
                .await
                .status,
            413
        );
        let cut = owner
            .raw(
                "POST",
                "/api/v1/uploads",
                &[("content-type", "multipart/form-data; boundary=frame")],
                b"--frame\r\ncontent".to_vec(),
            )
            .await;
        assert_eq!(cut.status, 400);
    }
}
