//! Loops over lists.

use rust_decimal::Decimal;

use crate::{
    EvalError, RangeValue, Span, Value,
    builtin::numbers,
    ir::{Bind, Id},
};

use super::{Evaluator, Frame, MAX_STEPS, Result, mismatch, size};

impl Evaluator<'_> {
    /// Visits every combination of the bound variables until the visitor says stop.
    fn each(
        &mut self,
        binds: &[Bind],
        visit: &mut dyn FnMut(&mut Self) -> Result<bool>,
    ) -> Result<bool> {
        let Some((bind, rest)) = binds.split_first() else {
            return visit(self);
        };
        let items = match self.eval(bind.list)? {
            Value::List(items) => items,
            Value::Range(range) => counted(&range, self.span(bind.list))?,
            other => return Err(mismatch("一覧", &other, self.span(bind.list))),
        };
        for (index, value) in items.into_iter().enumerate() {
            self.charge(1)?;
            self.bind(
                bind.slot,
                Frame {
                    value,
                    list: Some(bind.list),
                    index,
                },
            );
            if !self.each(rest, visit)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn for_each(&mut self, binds: &[Bind], body: Id) -> Result<Value> {
        let mut made = Vec::new();
        self.each(binds, &mut |this| {
            let value = this.eval(body)?;
            this.charge(size(&value))?;
            made.push(value);
            Ok(true)
        })?;
        Ok(Value::List(made))
    }

    pub(super) fn quantified(&mut self, every: bool, binds: &[Bind], body: Id) -> Result<Value> {
        let through = self.each(binds, &mut |this| Ok(this.condition(body)? == every))?;
        Ok(Value::Boolean(through == every))
    }

    pub(super) fn filter(&mut self, bind: Bind, condition: Id) -> Result<Value> {
        let items = self.items(bind.list)?;
        let mut kept = Vec::new();
        for (index, value) in items.into_iter().enumerate() {
            self.bind(
                bind.slot,
                Frame {
                    value,
                    list: Some(bind.list),
                    index,
                },
            );
            if self.condition(condition)?
                && let Some(frame) = self.locals.get_mut(bind.slot as usize)
            {
                kept.push(std::mem::take(&mut frame.value));
            }
        }
        Ok(Value::List(kept))
    }

    pub(super) fn sort(&mut self, list: Id, slot: u32, precedes: Id) -> Result<Value> {
        let items = self.items(list)?;
        self.merged(items, slot, precedes).map(Value::List)
    }

    /// A stable merge sort whose order may fail; the standard one cannot.
    fn merged(&mut self, mut items: Vec<Value>, slot: u32, precedes: Id) -> Result<Vec<Value>> {
        if items.len() < 2 {
            return Ok(items);
        }
        let right = items.split_off(items.len() / 2);
        let mut left = self.merged(items, slot, precedes)?.into_iter().peekable();
        let mut right = self.merged(right, slot, precedes)?.into_iter().peekable();
        let mut merged = Vec::with_capacity(left.len() + right.len());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            self.bind(
                slot,
                Frame {
                    value: b.clone(),
                    list: None,
                    index: 0,
                },
            );
            self.bind(
                slot + 1,
                Frame {
                    value: a.clone(),
                    list: None,
                    index: 0,
                },
            );
            let next = if self.condition(precedes)? {
                right.next()
            } else {
                left.next()
            };
            merged.extend(next);
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }
}

/// The whole numbers from one end to the other, upwards or downwards.
fn counted(range: &RangeValue, span: Span) -> Result<Vec<Value>> {
    let end = |value: &Option<Value>| match value {
        Some(Value::Number(n)) => numbers::whole(*n, span),
        _ => Err(EvalError::Invalid {
            message: "数える範囲の両端には整数が要ります。".into(),
            span,
        }),
    };
    let (low, high) = (end(&range.low)?, end(&range.high)?);
    if low.abs_diff(high) > MAX_STEPS as u64 {
        return Err(EvalError::Limit {
            what: "数える範囲が広すぎます。".into(),
        });
    }
    let step = if low <= high { 1 } else { -1 };
    let (from, until) = (
        low + i64::from(!range.low_closed) * step,
        high - i64::from(!range.high_closed) * step,
    );
    let number = |n: i64| Value::Number(Decimal::from(n));
    Ok(if step > 0 {
        (from..=until).map(number).collect()
    } else {
        (until..=from).rev().map(number).collect()
    })
}
