//! Bodies of requests. Small ones are read before their request is let in, so that who sends slowly takes no place, and
//! what a refused form held can be given back. Large ones are read by their handler, at a pace.

use crate::gate::{Class, Gate, Held};
use crate::pace::Pace;
use crate::{MAX_BODY_BYTES, Problem};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Patience before the first byte of a body, and the most that is ever left.
const FIRST_BYTE: Duration = Duration::from_secs(10);
/// Bytes a second that a sender must reach: a slow telephone has ten times as much.
const BYTES_A_SECOND: u32 = 8 * 1024;

/// A request whose small body is here.
pub(super) struct Read {
    pub(super) request: Request,
    /// What a form held, should it be refused.
    pub(super) form: Option<Bytes>,
    /// Gives the memory back when the request has ended.
    pub(super) _held: Option<Held>,
}

/// The client was too slow: its body ended before its time.
#[derive(Debug, thiserror::Error)]
#[error("the client sent too slowly")]
struct TooSlow;

/// Reads a small body, and sets a pace for a large one.
pub(super) async fn read(gate: &Gate, class: Class, request: Request) -> Result<Read, Problem> {
    if request.body().is_end_stream() || request.method().is_safe() {
        return Ok(Read {
            request,
            form: None,
            _held: None,
        });
    }
    let is_form = is_form(request.headers());
    let (parts, body) = request.into_parts();
    let paced = Paced {
        body,
        pace: Pace::new(FIRST_BYTE, BYTES_A_SECOND),
    };
    if class == Class::Files || is_large(&paced, &parts.headers) {
        let request = Request::from_parts(parts, Body::new(paced));
        return Ok(Read {
            request,
            form: None,
            _held: None,
        });
    }
    let mut held = gate.room().body();
    let bytes = whole(paced, &mut held).await?;
    Ok(Read {
        form: is_form.then(|| bytes.clone()),
        request: Request::from_parts(parts, Body::from(bytes)),
        _held: Some(held),
    })
}

/// Forms with files come in parts, of which nobody knows how many.
fn is_large(body: &Paced, headers: &HeaderMap) -> bool {
    match body.size_hint().exact() {
        Some(bytes) => bytes > MAX_BODY_BYTES as u64,
        None => kind(headers).starts_with("multipart/"),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = kind(headers);
    kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/form-data")
}

fn kind(headers: &HeaderMap) -> &str {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn whole(mut body: Paced, held: &mut Held) -> Result<Bytes, Problem> {
    let mut first = Bytes::new();
    let mut more: Option<Vec<u8>> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| cut_off(&error))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if !held.take(data.len()) {
            return Err(Problem::crowded());
        }
        let so_far = more.as_ref().map_or(first.len(), Vec::len);
        if so_far + data.len() > MAX_BODY_BYTES {
            return Err(Problem::too_large(MAX_BODY_BYTES));
        }
        match &mut more {
            None if first.is_empty() => first = data,
            None => more = Some([first.as_ref(), data.as_ref()].concat()),
            Some(more) => more.extend_from_slice(&data),
        }
    }
    Ok(more.map_or(first, Bytes::from))
}

fn cut_off(error: &axum::Error) -> Problem {
    let source = std::error::Error::source(error);
    match source.is_some_and(|source| source.is::<TooSlow>()) {
        true => Problem::too_slow(),
        false => Problem::malformed(
            "",
            "body",
            "送られたデータが途中で切れました。もう一度送ってください。",
        ),
    }
}

/// A body that ends with a fault when its sender is too slow.
struct Paced {
    body: Body,
    pace: Pace,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                if let Some(Ok(frame)) = &frame {
                    this.pace.moved(frame.data_ref().map_or(0, Bytes::len));
                }
                Poll::Ready(frame)
            }
            Poll::Pending => match this.pace.poll_over(context) {
                Poll::Ready(()) => Poll::Ready(Some(Err(axum::Error::new(TooSlow)))),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
