//! The order of keys is the order of values, and equal values have equal keys.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use feel::Value;
use kernel::key::{ABSENT, encode, encode_json, join};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::cmp::Ordering;

fn decimals() -> impl Strategy<Value = Decimal> {
    let near = (-2000i64..2000, 0u32..4).prop_map(|(n, scale)| Decimal::new(n, scale));
    let any = (any::<i128>(), 0u32..=28).prop_map(|(n, scale)| {
        let limit = 79_228_162_514_264_337_593_543_950_335i128;
        Decimal::from_i128_with_scale(n % limit, scale)
    });
    prop_oneof![near, any]
}

fn dates() -> impl Strategy<Value = jiff::civil::Date> {
    (-9999i16..=9999, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

fn instants() -> impl Strategy<Value = jiff::Timestamp> {
    (-300_000_000_000_i64..250_000_000_000, 0i32..1_000_000_000)
        .prop_map(|(s, n)| jiff::Timestamp::new(s, n).unwrap())
}

fn same_order(a: &Value, b: &Value) {
    let expected = a.compare(b).unwrap();
    assert_eq!(encode(a).cmp(&encode(b)), expected, "{a} {b}");
    assert_eq!(a == b, expected == Ordering::Equal);
    assert!(encode(a).as_slice() > ABSENT);
}

proptest! {
    #[test]
    fn numbers(a in decimals(), b in decimals(), more in 0u32..6) {
        same_order(&Value::Number(a), &Value::Number(b));
        let mut longer = a;
        longer.rescale((a.scale() + more).min(28));
        if longer == a {
            prop_assert_eq!(encode(&Value::Number(longer)), encode(&Value::Number(a)));
        }
        prop_assert_eq!(encode(&Value::Number(-a)).cmp(&encode(&Value::Number(-b))), (-a).cmp(&-b));
    }

    #[test]
    fn texts(a in ".{0,6}", b in ".{0,6}") {
        same_order(&Value::text(&a), &Value::text(&b));
    }

    #[test]
    fn days(a in dates(), b in dates()) {
        same_order(&Value::Date(a), &Value::Date(b));
    }

    #[test]
    fn times(a in instants(), b in instants()) {
        same_order(&Value::DateTime(a), &Value::DateTime(b));
    }

    #[test]
    fn joined_keys_are_apart(a in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..4), b in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..4)) {
        prop_assert_eq!(join(&a) == join(&b), a == b);
    }
}

#[test]
fn the_small_and_the_absent() {
    assert_eq!(encode(&Value::Null), ABSENT);
    assert!(encode(&Value::from(false)) < encode(&Value::from(true)));
    let n = |text: &str| encode(&Value::Number(text.parse().unwrap()));
    assert_eq!(n("1.0"), n("1.00"));
    assert_eq!(n("-0"), n("0.00"));
    assert!(
        n("-1.25") < n("-1.2") && n("-1.2") < n("0") && n("0") < n("0.001") && n("9") < n("10")
    );
    let yen = definition::model::FieldKind::Yen {
        min: None,
        max: None,
    };
    assert_eq!(encode_json(&yen, &serde_json::json!(100)), n("100"));
    let date = definition::model::FieldKind::Date;
    assert_eq!(
        encode_json(&date, &serde_json::json!("2026-11-22")),
        encode(&Value::Date(jiff::civil::date(2026, 11, 22)))
    );
}
