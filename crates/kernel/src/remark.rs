//! Where a remark stands on a drawing, in words: for letters and messages, which have no picture beside them.

use feel::Value;
use rust_decimal::prelude::ToPrimitive;

/// Numbers up to here have a character of their own in a circle (U+2460 to U+2473).
const CIRCLED: usize = 20;

/// The number of a remark as its mark on the drawing shows it: ③; （21） beyond twenty.
#[must_use]
pub fn circled(number: usize) -> String {
    let sign = u32::try_from(number)
        .ok()
        .filter(|_| (1..=CIRCLED).contains(&number));
    match sign.and_then(|n| char::from_u32(0x245f + n)) {
        Some(sign) => sign.to_string(),
        None => format!("（{number}）"),
    }
}

/// 2ページ目の印①（左から41％、上から62％）; none for a remark that is pinned to no point and no page. `number` is its
/// place among the record's remarks, from 1.
#[must_use]
pub fn mark(number: usize, remark: &Value) -> Option<String> {
    let page = remark.get("page").and_then(whole);
    let page = page.map(|page| format!("{page}ページ目"));
    let at = remark.get("at").and_then(point);
    let at = at.map(|(x, y)| {
        let number = circled(number);
        format!("印{number}（左から{x}％、上から{y}％）")
    });
    match (page, at) {
        (Some(page), Some(at)) => Some(format!("{page}の{at}")),
        (page, at) => page.or(at),
    }
}

fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(n) => n.to_u64(),
        _ => None,
    }
}

/// Whole per cent from the left and from above.
fn point(value: &Value) -> Option<(u64, u64)> {
    let Value::List(xy) = value else { return None };
    let share = |n: &Value| match n {
        Value::Number(n) => (n * rust_decimal::Decimal::ONE_HUNDRED).round().to_u64(),
        _ => None,
    };
    Some((share(xy.first()?)?, share(xy.get(1)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use definition::model::FieldKind;
    use serde_json::json;

    fn said(remark: serde_json::Value) -> Option<String> {
        let Value::List(all) = FieldKind::Remarks.to_feel(&json!([remark])) else {
            return None;
        };
        mark(3, all.first()?)
    }

    #[test]
    fn a_mark_is_told_by_page_number_and_place() {
        let place = "/fields/plans/0";
        let both = json!({"pointer": place, "text": "a", "page": 2, "at": [0.414, 0.62]});
        assert_eq!(
            said(both).as_deref(),
            Some("2ページ目の印③（左から41％、上から62％）")
        );
        let page = json!({"pointer": place, "text": "a", "page": 2});
        assert_eq!(said(page).as_deref(), Some("2ページ目"));
        // As remarks were before pages were told.
        let old = json!({"pointer": place, "text": "a", "at": [0, 1]});
        assert_eq!(said(old).as_deref(), Some("印③（左から0％、上から100％）"));
        assert_eq!(said(json!({"pointer": "", "text": "a"})), None);
    }

    #[test]
    fn numbers_stand_in_circles_as_far_as_there_are_circles() {
        assert_eq!(circled(1), "①");
        assert_eq!(circled(20), "⑳");
        assert_eq!(circled(21), "（21）");
        assert_eq!(circled(0), "（0）");
    }
}
