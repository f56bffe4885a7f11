//! Cursors over numbers, opaque to clients.

use crate::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A number as a cursor of one kind; another endpoint's cursor does not fit.
pub(super) fn write(kind: &str, number: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}:{number}"))
}

/// The number of a cursor; 0 without one.
pub(super) fn read(kind: &str, text: Option<&str>) -> Result<u64, Problem> {
    let Some(text) = text else { return Ok(0) };
    let plain = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let number = plain
        .as_deref()
        .and_then(|plain| plain.strip_prefix(kind)?.strip_prefix(':')?.parse().ok());
    number.ok_or_else(|| {
        Problem::malformed(
            "/query/after",
            "cursor",
            "after には前の応答の next をそのまま指定してください。",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_others_are_refused() {
        assert_eq!(read("h", Some(&write("h", 42))).unwrap(), 42);
        assert_eq!(read("h", None).unwrap(), 0);
        for bad in [
            write("c", 42),
            "42".into(),
            "%%%".into(),
            write("h", 1) + "A",
        ] {
            assert!(read("h", Some(&bad)).is_err(), "{bad}");
        }
    }
}
