//! Order-preserving byte form of values: comparing bytes compares values, so that a filter over an index has the
//! same result in SQL as in Rust. Absent is the single byte 0 and lies below everything; values of different types
//! are apart by their first byte.

use definition::model::FieldKind;
use feel::Value;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// The key of an absent value.
pub const ABSENT: &[u8] = &[0];

const BOOLEAN: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;
const DATE: u8 = 4;
const DATE_TIME: u8 = 5;
const DAYS_TIME: u8 = 6;
const YEARS_MONTHS: u8 = 7;
const OTHER: u8 = 0x7f;

/// The key of a value. Numbers compare exactly whatever their scale; texts by their own bytes. Lists, contexts and
/// ranges have no order: equal ones have equal keys.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => ABSENT.to_vec(),
        Value::Boolean(b) => vec![BOOLEAN, u8::from(*b)],
        Value::Number(n) => number(*n),
        Value::Text(text) => tagged(TEXT, text.as_bytes()),
        Value::Date(d) => {
            let days = (i32::from(d.year()) * 16 + i32::from(d.month())) * 32 + i32::from(d.day());
            tagged(DATE, &bias32(days))
        }
        Value::DateTime(t) => tagged(DATE_TIME, &bias128(t.as_nanosecond())),
        Value::DaysTime(d) => tagged(DAYS_TIME, &bias128(d.as_nanos())),
        Value::YearsMonths(m) => tagged(YEARS_MONTHS, &bias128(i128::from(*m))),
        other => tagged(OTHER, other.to_json().to_string().as_bytes()),
    }
}

/// The key of a stored JSON value of a field of this kind.
#[must_use]
pub fn encode_json(kind: &FieldKind, json: &Json) -> Vec<u8> {
    encode(&kind.to_feel(json))
}

/// Several keys as one, so that no two different lists of keys give the same bytes.
#[must_use]
pub fn join(keys: &[Vec<u8>]) -> Vec<u8> {
    let mut all = Vec::with_capacity(keys.iter().map(|k| k.len() + 4).sum());
    for key in keys {
        all.extend_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
        all.extend_from_slice(key);
    }
    all
}

fn tagged(tag: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(rest.len() + 1);
    key.push(tag);
    key.extend_from_slice(rest);
    key
}

/// Two's complement with the sign bit turned over sorts as unsigned bytes.
fn bias32(n: i32) -> [u8; 4] {
    (n ^ i32::MIN).to_be_bytes()
}

fn bias128(n: i128) -> [u8; 16] {
    (n ^ i128::MIN).to_be_bytes()
}

/// Sign, decimal exponent, then the significant digits, two a byte, each byte from 1 to 100. A negative number has
/// all that turned over and a last byte above every digit, so that -1.25 lies below -1.2.
fn number(n: Decimal) -> Vec<u8> {
    let n = n.normalize();
    if n.is_zero() {
        return vec![NUMBER, 1];
    }
    let mut digits = n.mantissa().unsigned_abs().to_string().into_bytes();
    let point = digits.len() as i32 - n.scale() as i32;
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.len() % 2 == 1 {
        digits.push(b'0');
    }
    let mut rest = Vec::with_capacity(digits.len() / 2 + 2);
    rest.push(u8::try_from(point + 64).unwrap_or(0));
    rest.extend(
        digits
            .chunks_exact(2)
            .map(|pair| (pair[0] - b'0') * 10 + (pair[1] - b'0') + 1),
    );
    if n.is_sign_negative() {
        rest.iter_mut().for_each(|byte| *byte = !*byte);
        rest.push(0xff);
    }
    let mut key = vec![NUMBER, if n.is_sign_negative() { 0 } else { 2 }];
    key.append(&mut rest);
    key
}
