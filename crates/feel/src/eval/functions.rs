//! The builtin functions at run time: lists, dates and the rest. Numbers and texts have files of
//! their own.

use std::cmp::Ordering;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{
    EvalError, Span, Value,
    builtin::{Builtin, dates, lists, numbers},
    ir::Id,
    literal,
};

use super::{Evaluator, Result, mismatch};

/// The evaluated arguments of one call.
pub(super) struct Args {
    values: std::vec::IntoIter<Value>,
    pub(super) span: Span,
}

impl Args {
    pub(super) fn next(&mut self) -> Option<Value> {
        self.values.next()
    }

    pub(super) fn value(&mut self) -> Value {
        self.values.next().unwrap_or_default()
    }

    pub(super) fn number(&mut self) -> Result<Decimal> {
        match self.value() {
            Value::Number(n) => Ok(n),
            other => Err(mismatch("数値", &other, self.span)),
        }
    }

    pub(super) fn whole(&mut self) -> Result<i64> {
        numbers::whole(self.number()?, self.span)
    }

    /// A whole number that may be left out.
    pub(super) fn optional_whole(&mut self) -> Result<Option<i64>> {
        if self.values.len() == 0 {
            Ok(None)
        } else {
            self.whole().map(Some)
        }
    }

    pub(super) fn text(&mut self) -> Result<std::sync::Arc<str>> {
        match self.value() {
            Value::Text(text) => Ok(text),
            other => Err(mismatch("文字", &other, self.span)),
        }
    }

    pub(super) fn optional_text(&mut self) -> Result<std::sync::Arc<str>> {
        if self.values.len() == 0 {
            Ok("".into())
        } else {
            self.text()
        }
    }

    pub(super) fn list(&mut self) -> Result<Vec<Value>> {
        match self.value() {
            Value::List(items) => Ok(items),
            other => Err(mismatch("一覧", &other, self.span)),
        }
    }

    /// A date, or the date of an instant in Tokyo.
    fn date(&mut self) -> Result<Date> {
        match self.value() {
            Value::Date(date) => Ok(date),
            Value::DateTime(instant) => Ok(dates::tokyo(instant)),
            other => Err(mismatch("日付", &other, self.span)),
        }
    }
}

impl Evaluator<'_> {
    pub(super) fn builtin(&mut self, function: Builtin, args: &[Id], span: Span) -> Result<Value> {
        let values = args
            .iter()
            .map(|arg| self.eval(*arg))
            .collect::<Result<Vec<_>>>()?;
        let mut args = Args {
            values: values.into_iter(),
            span,
        };
        if let Some(value) = super::numeric::call(function, &mut args)? {
            return Ok(value);
        }
        if let Some(value) = super::textual::call(function, &mut args)? {
            return self.bounded(value);
        }
        if let Some(value) = self.listed(function, &mut args)? {
            return Ok(value);
        }
        dated(function, &mut args)
    }

    fn listed(&mut self, function: Builtin, args: &mut Args) -> Result<Option<Value>> {
        Ok(Some(match function {
            Builtin::Count => Value::from(args.list()?.len() as u64),
            Builtin::ListContains => {
                let (list, element) = (args.list()?, args.value());
                Value::Boolean(list.contains(&element))
            }
            Builtin::DistinctValues => {
                let list = args.list()?;
                // Quadratic in the number of values, so it is charged for.
                self.charge(list.len().saturating_mul(list.len()) / 1024)?;
                Value::List(lists::distinct(list))
            }
            Builtin::Append => {
                let mut list = args.list()?;
                while let Some(item) = args.next() {
                    list.push(item);
                }
                Value::List(list)
            }
            Builtin::Concatenate => {
                let mut all = args.list()?;
                while args.values.len() > 0 {
                    all.append(&mut args.list()?);
                }
                Value::List(all)
            }
            Builtin::Flatten => {
                let mut flat = Vec::new();
                lists::flatten(args.list()?, &mut flat);
                Value::List(flat)
            }
            Builtin::Reverse => Value::List(args.list()?.into_iter().rev().collect()),
            Builtin::IndexOf => {
                let (list, element) = (args.list()?, args.value());
                let found = list
                    .iter()
                    .enumerate()
                    .filter(|(_, item)| **item == element);
                Value::List(found.map(|(at, _)| Value::from(at as u64 + 1)).collect())
            }
            Builtin::Sublist => {
                let (list, start) = (args.list()?, args.whole()?);
                let count = args.optional_whole()?;
                let length = list.len();
                let slice = lists::slice(&list, start, count);
                let missing = EvalError::NoSuchPlace {
                    index: start.to_string(),
                    length,
                    span: args.span,
                };
                Value::List(slice.ok_or(missing)?.to_vec())
            }
            Builtin::Sort => ordered(args.list()?, args.span)?,
            Builtin::All => Value::Boolean(booleans(args)?.into_iter().all(|b| b)),
            Builtin::Any => Value::Boolean(booleans(args)?.into_iter().any(|b| b)),
            Builtin::IsDefined => Value::Boolean(args.value() != Value::Null),
            Builtin::GetOrElse => match args.value() {
                Value::Null => args.value(),
                found => found,
            },
            _ => return Ok(None),
        }))
    }
}

fn booleans(args: &mut Args) -> Result<Vec<bool>> {
    let span = args.span;
    let boolean = |item: Value| match item {
        Value::Boolean(b) => Ok(b),
        other => Err(mismatch("真偽", &other, span)),
    };
    args.list()?.into_iter().map(boolean).collect()
}

/// Ascending order of values of one type.
fn ordered(mut items: Vec<Value>, span: Span) -> Result<Value> {
    if let Some(first) = items.first()
        && let Some(odd) = items.iter().find(|item| first.compare(item).is_none())
    {
        return Err(mismatch(first.type_name_ja(), odd, span));
    }
    items.sort_by(|a, b| a.compare(b).unwrap_or(Ordering::Equal));
    Ok(Value::List(items))
}

fn dated(function: Builtin, args: &mut Args) -> Result<Value> {
    let span = args.span;
    let overflow = EvalError::Overflow { span };
    Ok(match function {
        Builtin::Date => Value::Date(date(args)?),
        Builtin::DateTime => match args.value() {
            Value::Text(text) => Value::DateTime(
                literal::date_time(&text).ok_or_else(|| unreadable("日時", &text, span))?,
            ),
            Value::Date(date) => Value::DateTime(dates::midnight(date).ok_or(overflow)?),
            Value::DateTime(instant) => Value::DateTime(instant),
            other => return Err(mismatch("日時", &other, span)),
        },
        Builtin::Duration => {
            let text = args.text()?;
            literal::duration(&text).ok_or_else(|| unreadable("期間", &text, span))?
        }
        Builtin::MonthsBetween => {
            Value::YearsMonths(dates::months_between(args.date()?, args.date()?))
        }
        Builtin::DaysBetween => Value::from(dates::days_between(args.date()?, args.date()?)),
        Builtin::AddDays => {
            Value::Date(dates::add_days(args.date()?, args.whole()?).ok_or(overflow)?)
        }
        Builtin::AddMonths => {
            Value::Date(dates::add_months(args.date()?, args.whole()?).ok_or(overflow)?)
        }
        Builtin::FiscalYear => Value::from(dates::fiscal_year(args.date()?)),
        _ => {
            return Err(EvalError::Custom {
                message: "この関数はまだ使えません。".into(),
            });
        }
    })
}

fn date(args: &mut Args) -> Result<Date> {
    let span = args.span;
    match args.value() {
        Value::Date(date) => Ok(date),
        Value::DateTime(instant) => Ok(dates::tokyo(instant)),
        Value::Text(text) => literal::date(&text).ok_or_else(|| unreadable("日付", &text, span)),
        Value::Number(year) => {
            let (year, month, day) = (numbers::whole(year, span)?, args.whole()?, args.whole()?);
            let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
            let made = match parts {
                (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
                _ => None,
            };
            let message = || format!("{year}年{month}月{day}日という日付はありません。");
            made.ok_or_else(|| EvalError::Invalid {
                message: message(),
                span,
            })
        }
        other => Err(mismatch("日付", &other, span)),
    }
}

fn unreadable(what: &str, text: &str, span: Span) -> EvalError {
    EvalError::Invalid {
        message: format!("「{text}」は{what}として読めません。"),
        span,
    }
}
