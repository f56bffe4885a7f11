//! What is asked of a payment gateway, rendered, so that a retry asks the same.

use crate::decision::EffectOrder;
use crate::facts::Facts;
use crate::perform::invalid;
use crate::refusal::{Fault, Refusal};
use crate::scope::{Around, RecordScope};
use definition::model::Effect;
use feel::{Typed, Value};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

/// What the record that the facts are about asks of its payer as it stands; none if it charges nothing.
#[must_use]
pub fn charged(facts: &Facts) -> Option<EffectOrder> {
    let snapshot = facts.record.as_ref()?;
    let rt = facts.service.types.get(&snapshot.record_type)?;
    let scope = RecordScope::new(Around::of(facts), rt, snapshot, None);
    let mut effects = rt.actions.values().flat_map(|action| &action.effect);
    effects.find_map(|effect| match effect {
        Effect::Charge { .. } => order(&scope, effect).ok().flatten(),
        _ => None,
    })
}

/// The order of a `charge`, `refund` or `recall`; none if its condition does not hold.
pub(crate) fn order(
    scope: &RecordScope<'_>,
    effect: &Effect,
) -> Result<Option<EffectOrder>, Refusal> {
    let record = scope.snapshot().id;
    let service = scope.service_slug().to_owned();
    let record_type = scope.record_type().name.clone();
    let wanted = |when: &Option<Typed>| when.as_ref().is_none_or(|when| scope.holds(when));
    Ok(match effect {
        Effect::Charge {
            amount,
            title,
            until,
            when,
        } if wanted(when) => Some(EffectOrder::Charge {
            record,
            service,
            record_type,
            amount_yen: yen(scope, amount)?,
            title: text(scope, title)?,
            until: day(scope, until)?,
        }),
        Effect::Refund {
            amount,
            payment,
            reason,
            when,
        } if wanted(when) => Some(EffectOrder::Refund {
            record,
            service,
            record_type,
            amount_yen: yen(scope, amount)?,
            payment: text(scope, payment)?,
            reason: text(scope, reason)?,
        }),
        Effect::Recall { when } if wanted(when) => Some(EffectOrder::Recall {
            record,
            service,
            record_type,
        }),
        _ => None,
    })
}

fn refuse(detail: &str) -> Refusal {
    invalid(vec![Fault::new("/input", "computed", detail)])
}

fn value(scope: &RecordScope<'_>, typed: &Typed) -> Result<Value, Refusal> {
    match scope.value(typed) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(refuse("納付に要る値が決まっていません。")),
        Err(error) => Err(refuse(&format!("納付に要る値を決められません。{error}"))),
    }
}

/// Whole yen, at least one: a gateway takes neither fractions nor nothing.
fn yen(scope: &RecordScope<'_>, typed: &Typed) -> Result<u64, Refusal> {
    let Value::Number(amount) = value(scope, typed)? else {
        return Err(refuse("納付の額が決まっていません。"));
    };
    let whole = amount.fract().is_zero().then(|| amount.to_u64()).flatten();
    whole
        .filter(|yen| *yen > 0)
        .ok_or_else(|| refuse("納付の額は、1円以上の整数です。"))
}

fn text(scope: &RecordScope<'_>, typed: &Typed) -> Result<String, Refusal> {
    Ok(value(scope, typed)?.to_string())
}

fn day(scope: &RecordScope<'_>, typed: &Typed) -> Result<Date, Refusal> {
    match value(scope, typed)? {
        Value::Date(day) => Ok(day),
        _ => Err(refuse("納付の期限が決まっていません。")),
    }
}
