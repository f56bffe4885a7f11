//! Between columns and the kernel's types.

use crate::failure::Failure;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// An instant as nanoseconds since 1970, so that columns compare as instants do. Ends of the range stand for what
/// lies beyond (before 1677, after 2262).
pub(crate) fn nanos(at: Timestamp) -> i64 {
    let wide = at.as_nanosecond();
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

/// The instant of a column.
pub(crate) fn instant(nanos: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_nanosecond(i128::from(nanos)).map_err(Failure::damaged)
}

/// The exact decimal of a text column.
pub(crate) fn decimal(text: &str) -> Result<Decimal, Failure> {
    text.parse().map_err(Failure::damaged)
}

/// An id of a 16-byte column.
pub(crate) fn id(bytes: &[u8]) -> Result<Uuid, Failure> {
    Uuid::from_slice(bytes).map_err(Failure::damaged)
}

/// An id that may be absent.
pub(crate) fn optional_id(bytes: Option<Vec<u8>>) -> Result<Option<Uuid>, Failure> {
    bytes.map(|bytes| id(&bytes)).transpose()
}

/// Parses what a text column must be (a date, an instant).
pub(crate) fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Failure>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(Failure::damaged)
}

/// A count of a column that is never negative.
pub(crate) fn count(value: i64) -> Result<u64, Failure> {
    u64::try_from(value).map_err(Failure::damaged)
}

/// A count as a column holds it.
pub(crate) fn column(value: u64) -> Result<i64, Failure> {
    i64::try_from(value).map_err(Failure::damaged)
}

/// A limit as SQL takes it.
pub(crate) fn limit(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A JSON column.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    // Looked at as a whole, which is quicker than string by string.
    let text = std::str::from_utf8(bytes).map_err(Failure::damaged)?;
    Ok(serde_json::from_str(text)?)
}

/// 32 bytes of a hash column.
pub(crate) fn hash(bytes: &[u8]) -> Result<[u8; 32], Failure> {
    <[u8; 32]>::try_from(bytes).map_err(|_| Failure::damaged("a hash does not have 32 bytes"))
}

/// 32 bytes of a hexadecimal text.
pub(crate) fn unhex(text: &str) -> Result<[u8; 32], Failure> {
    let wrong = || Failure::damaged("a hash does not have 64 hexadecimal digits");
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}
