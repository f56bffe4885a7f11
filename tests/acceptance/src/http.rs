//! A small HTTP client: plain requests, whole answers.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value as Json;

/// How long an answer may take before the run counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bodies longer than this wait for the server's leave, so that a refusal by length is read and not lost.
const ASK_FIRST_BYTES: usize = 64 * 1024;

/// Talks to one server.
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
}

/// What is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// `GET`, `POST` …
    pub(crate) method: String,
    /// Path and query, readable: what may not stand in an address is encoded on the way.
    pub(crate) path: String,
    /// Headers.
    pub(crate) headers: Vec<(String, String)>,
    /// Body; none for `GET`.
    pub(crate) body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
    /// The body as text; what is no UTF-8 is replaced.
    pub(crate) text: String,
    /// The body, where it is JSON; else null.
    pub(crate) json: Json,
}

impl Client {
    pub(crate) fn new(base: String) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE));
        Self {
            agent: config.build().into(),
            base,
        }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn send(&self, request: &Request) -> Result<Answer> {
        let url = format!("{}{}", self.base, address(&request.path));
        let mut builder = ureq::http::Request::builder()
            .method(request.method.as_str())
            .uri(&url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let response = match &request.body {
            None => self.agent.run(builder.body(())?),
            Some(body) => {
                if body.len() > ASK_FIRST_BYTES {
                    builder = builder.header("expect", "100-continue");
                }
                self.agent.run(builder.body(body)?)
            }
        };
        let mut response =
            response.with_context(|| format!("{} {}", request.method, request.path))?;
        let headers = response
            .headers()
            .iter()
            .map(|(n, v)| {
                (
                    n.as_str().to_owned(),
                    String::from_utf8_lossy(v.as_bytes()).into_owned(),
                )
            })
            .collect();
        let status = response.status().as_u16();
        let bytes = response
            .body_mut()
            .read_to_vec()
            .with_context(|| format!("body of {} {}", request.method, request.path))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Json::Null);
        Ok(Answer {
            status,
            headers,
            bytes,
            text,
            json,
        })
    }
}

impl Answer {
    /// A header's first value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the act or read was done.
    pub(crate) fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Status and body, for the report of a failure.
    pub(crate) fn told(&self) -> String {
        const MOST_CHARS: usize = 2_000;
        let mut json = self.json.clone();
        // Schemas fill pages and are hardly ever why something failed.
        for action in json
            .get_mut("actions")
            .and_then(Json::as_array_mut)
            .into_iter()
            .flatten()
        {
            action
                .as_object_mut()
                .map(|action| action.remove("input_schema"));
        }
        let body = if json.is_null() {
            self.text.clone()
        } else {
            json.to_string()
        };
        let body: String = body.chars().take(MOST_CHARS).collect();
        format!("{} {body}", self.status)
    }
}

/// One file as `multipart/form-data`: content type and body.
pub(crate) fn multipart(name: &str, media_type: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "----tsumugi-acceptance-7MA4YWxkTrZu0gW";
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
    );
    let body = [
        head.as_bytes(),
        bytes,
        format!("\r\n--{BOUNDARY}--\r\n").as_bytes(),
    ]
    .concat();
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// A readable path and query in the form of an address. In the query `&` parts, the first `=` of a part names.
fn address(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else {
        return encoded(path, b"/");
    };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) => format!("{}={}", encoded(name, b""), encoded(value, b"")),
        None => encoded(part, b""),
    });
    format!(
        "{}?{}",
        encoded(path, b"/"),
        parts.collect::<Vec<_>>().join("&")
    )
}

/// A text as a part of an address or of a form; bytes of `more` stay as they are.
pub(crate) fn encoded(text: &str, more: &[u8]) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || more.contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_part_by_part() {
        assert_eq!(address("/a/b"), "/a/b");
        assert_eq!(
            address("/a?q=柴&filter=x = \"y\"&sort=-z"),
            "/a?q=%E6%9F%B4&filter=x%20%3D%20%22y%22&sort=-z"
        );
    }
}
