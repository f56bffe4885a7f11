//! Percent-encoding of what stands in addresses and headers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but RFC 3986's unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same, with the slashes of a path left as they are.
const PATH: &AsciiSet = &VALUE.remove(b'/');

/// For a value: also RFC 8187's `value-chars`, as in `filename*=UTF-8''…`.
pub(crate) fn value(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// For a path that is itself a value, as in `?next=/my`.
pub(crate) fn path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_header_or_an_address_is_encoded() {
        assert_eq!(value("図面 1.png"), "%E5%9B%B3%E9%9D%A2%201.png");
        assert_eq!(value("a\"\r\n/b"), "a%22%0D%0A%2Fb");
        assert_eq!(path("/my?a=1"), "/my%3Fa%3D1");
    }
}
