//! An answer that keeps its place at the gate until its last byte is sent: files lie in memory that long.

use crate::gate::Entered;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

struct Carried {
    body: Body,
    _place: Entered,
}

/// The answer with the place of its request.
pub(super) fn carry(response: Response, place: Entered) -> Response {
    response.map(|body| {
        Body::new(Carried {
            body,
            _place: place,
        })
    })
}

impl HttpBody for Carried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
