//! Variables, members, places and properties.

use jiff::SignedDuration;
use rust_decimal::Decimal;

use crate::{
    EvalError, Span, Value,
    builtin::{dates, lists, numbers},
    ir::{Code, Id, Property},
    value::TOKYO,
};

use super::{Evaluator, Frame, Result, mismatch, size};

impl Evaluator<'_> {
    pub(super) fn bind(&mut self, slot: u32, frame: Frame) {
        let slot = slot as usize;
        if self.locals.len() <= slot {
            self.locals.resize(slot + 1, Frame::default());
        }
        if let Some(place) = self.locals.get_mut(slot) {
            *place = frame;
        }
    }

    pub(super) fn variable(&mut self, span: Span, name: &str, lenient: bool) -> Result<Value> {
        match self.scope.variable(name) {
            Some(value) if value != Value::Null => {
                self.charge(size(&value))?;
                Ok(value)
            }
            _ if lenient => Ok(Value::Null),
            _ => Err(EvalError::Absent {
                path: vec![name.to_owned()],
                span,
            }),
        }
    }

    pub(super) fn local(&mut self, slot: u32) -> Result<Value> {
        let value = self
            .locals
            .get(slot as usize)
            .map(|frame| frame.value.clone())
            .unwrap_or_default();
        self.charge(size(&value))?;
        Ok(value)
    }

    /// The value of a path without copying what it passes through.
    fn borrow(&self, id: Id) -> Option<&Value> {
        match &self.program.node(id)?.code {
            Code::Const(value) => Some(value),
            Code::Var { name, .. } => self.scope.borrow(name),
            Code::Local(slot) => self.locals.get(*slot as usize).map(|frame| &frame.value),
            Code::Member { base, name, .. } => self.borrow(*base)?.get(name),
            _ => None,
        }
    }

    pub(super) fn member(&mut self, id: Id, base: Id, name: &str, lenient: bool) -> Result<Value> {
        if let Some(found) = self.borrow(base).and_then(|base| base.get(name)) {
            let found = found.clone();
            self.charge(size(&found))?;
            return Ok(found);
        }
        if let Some(found) = self.member_of_call(base, name)? {
            return Ok(found);
        }
        let value = self.eval(base)?;
        let span = self.span(id);
        match &value {
            Value::Context(_) => match value.get(name) {
                Some(found) => Ok(found.clone()),
                None if lenient => Ok(Value::Null),
                None => Err(self.missing(base, None, name, span)),
            },
            Value::List(rows) => self.projection(base, rows, name, lenient, span),
            Value::Null if lenient => Ok(Value::Null),
            Value::Null => Err(self.missing(base, None, name, span)),
            other => match dynamic(other, name) {
                Some(found) => property(other, found, span),
                None => Err(mismatch("項目の組", other, span)),
            },
        }
    }

    /// A member that is there, of a call that answers by reference.
    fn member_of_call(&mut self, base: Id, name: &str) -> Result<Option<Value>> {
        let program = self.program;
        let Some(Code::Call {
            name: function,
            args,
        }) = program.node(base).map(|node| &node.code)
        else {
            return Ok(None);
        };
        if !self.scope.lends(function) {
            return Ok(None);
        }
        self.charge(1)?;
        let args = args
            .iter()
            .map(|arg| self.eval(*arg))
            .collect::<Result<Vec<_>>>()?;
        let scope = self.scope;
        let Some(answer) = scope.call_borrowed(function, &args) else {
            return Ok(None);
        };
        let found = answer?.get(name).cloned();
        self.charge(found.as_ref().map_or(0, size))?;
        Ok(found)
    }

    fn projection(
        &self,
        base: Id,
        rows: &[Value],
        name: &str,
        lenient: bool,
        span: Span,
    ) -> Result<Value> {
        let member = |(index, row): (usize, &Value)| match row.get(name) {
            Some(found) => Ok(found.clone()),
            None if !matches!(row, Value::Context(_) | Value::Null) => {
                Err(mismatch("項目の組", row, span))
            }
            None if lenient => Ok(Value::Null),
            None => Err(self.missing(base, Some(index), name, span)),
        };
        rows.iter()
            .enumerate()
            .map(member)
            .collect::<Result<Vec<_>>>()
            .map(Value::List)
    }

    fn missing(&self, base: Id, index: Option<usize>, name: &str, span: Span) -> EvalError {
        let mut path = self.origin(base).unwrap_or_default();
        if let Some(index) = index.filter(|_| !path.is_empty() && self.keeps_places(base)) {
            path.push(index.to_string());
        }
        path.push(name.to_owned());
        EvalError::Absent { path, span }
    }

    /// Whether the places of a list are those of the stored one: not so after a filter.
    fn keeps_places(&self, list: Id) -> bool {
        self.program.node(list).is_some_and(|node| {
            matches!(
                node.code,
                Code::Var { .. } | Code::Member { .. } | Code::Local(_)
            )
        })
    }

    /// Where a value came from, as a path from a variable.
    fn origin(&self, id: Id) -> Option<Vec<String>> {
        match &self.program.node(id)?.code {
            Code::Var { name, .. } => Some(vec![name.clone()]),
            Code::Member { base, name, .. } => {
                let mut path = self.origin(*base)?;
                path.push(name.clone());
                Some(path)
            }
            Code::Local(slot) => {
                let frame = self.locals.get(*slot as usize)?;
                let list = frame.list?;
                let mut path = self.origin(list)?;
                if self.keeps_places(list) {
                    path.push(frame.index.to_string());
                }
                Some(path)
            }
            Code::Filter(bind, _) => self.origin(bind.list),
            Code::At(list, _) => self.origin(*list),
            _ => None,
        }
    }

    pub(super) fn at(&mut self, list: Id, index: Id, span: Span) -> Result<Value> {
        let items = self.items(list)?;
        let index = match self.eval(index)? {
            Value::Number(n) => numbers::whole(n, span)?,
            other => return Err(mismatch("数値", &other, span)),
        };
        let length = items.len();
        let found = lists::place(index, length).and_then(|place| items.into_iter().nth(place));
        found.ok_or(EvalError::NoSuchPlace {
            index: index.to_string(),
            length,
            span,
        })
    }

    /// The elements of a list.
    pub(super) fn items(&mut self, list: Id) -> Result<Vec<Value>> {
        match self.eval(list)? {
            Value::List(items) => Ok(items),
            other => Err(mismatch("一覧", &other, self.span(list))),
        }
    }
}

/// The property of a value whose type was not known before.
fn dynamic(value: &Value, name: &str) -> Option<Property> {
    Some(match (value, name) {
        (Value::Date(_) | Value::DateTime(_), "year") => Property::Year,
        (Value::Date(_) | Value::DateTime(_), "month") => Property::Month,
        (Value::Date(_) | Value::DateTime(_), "day") => Property::Day,
        (Value::Date(_) | Value::DateTime(_), "weekday") => Property::Weekday,
        (Value::DaysTime(_), "days") => Property::Days,
        (Value::YearsMonths(_), "years") => Property::Years,
        (Value::YearsMonths(_), "months") => Property::Months,
        _ => return None,
    })
}

/// A property of a date, an instant (in Tokyo) or a duration.
pub(super) fn property(value: &Value, property: Property, span: Span) -> Result<Value> {
    let found = match value {
        Value::Date(date) => of_date(*date, property),
        Value::DateTime(instant) => {
            let local = TOKYO.to_datetime(*instant);
            match property {
                Property::Hour => Some(i64::from(local.hour())),
                Property::Minute => Some(i64::from(local.minute())),
                Property::Second => Some(i64::from(local.second())),
                Property::Date => return Ok(Value::Date(dates::tokyo(*instant))),
                _ => of_date(local.date(), property),
            }
        }
        Value::DaysTime(duration) => of_duration(*duration, property),
        Value::YearsMonths(months) => match property {
            Property::Years => Some(months / 12),
            Property::Months => Some(months % 12),
            _ => None,
        },
        _ => None,
    };
    found
        .map(|n| Value::Number(Decimal::from(n)))
        .ok_or_else(|| mismatch("日付か期間", value, span))
}

fn of_date(date: jiff::civil::Date, property: Property) -> Option<i64> {
    Some(match property {
        Property::Year => i64::from(date.year()),
        Property::Month => i64::from(date.month()),
        Property::Day => i64::from(date.day()),
        Property::Weekday => i64::from(date.weekday().to_monday_one_offset()),
        _ => return None,
    })
}

fn of_duration(duration: SignedDuration, property: Property) -> Option<i64> {
    let seconds = duration.as_secs();
    Some(match property {
        Property::Days => seconds / 86_400,
        Property::Hours => seconds % 86_400 / 3600,
        Property::Minutes => seconds % 3600 / 60,
        Property::Seconds => seconds % 60,
        _ => return None,
    })
}
