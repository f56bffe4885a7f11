//! Where a list goes on, as clients carry it.

use crate::Failure;
use crate::list::MAX_CANDIDATES;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::port::ListCursor;

/// Cursors as clients carry them.
pub(crate) struct CursorText;

impl CursorText {
    pub(crate) fn write(cursor: &ListCursor) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).unwrap_or_default())
    }

    pub(crate) fn read(text: &str) -> Result<ListCursor, Failure> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(cursor_fault)
    }
}

/// How many hits of a search were shown already.
///
/// # Errors
/// As for a cursor.
pub(crate) fn read_offset(text: &str) -> Result<usize, Failure> {
    text.parse()
        .ok()
        .filter(|offset| *offset <= MAX_CANDIDATES)
        .ok_or_else(cursor_fault)
}

fn cursor_fault() -> Failure {
    Failure::malformed(
        "/query/after",
        "cursor",
        "続きの位置（after）が読み取れません。一覧の最初から取り直してください。",
    )
}
