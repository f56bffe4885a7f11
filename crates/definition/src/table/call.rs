//! Calling a table: the day and the inputs in, what its hit policy says out.

use crate::model::{CellTest, HitPolicy, Table, TableRow};
use feel::{EvalError, MapScope, Value};
use jiff::civil::Date;

impl Table {
    /// The outputs of the rows that hold on `day` and fit the inputs: a context, or a list of them under `collect`.
    ///
    /// # Errors
    /// [`EvalError::NoRow`] where none fits; a refusal where several do although the hit policy forbids it.
    pub fn call(&self, day: Date, args: &[Value]) -> Result<Value, EvalError> {
        let hits = self.hits(day, args)?;
        match self.hit {
            HitPolicy::Collect => Ok(Value::List(
                hits.iter().map(|row| row.context.clone()).collect(),
            )),
            _ => self.one(&hits, day, args).cloned(),
        }
    }

    /// The same by reference, for a table that answers with one row: a call of which one member is read copies no row.
    /// None for a table that collects.
    pub fn call_one(&self, day: Date, args: &[Value]) -> Option<Result<&Value, EvalError>> {
        (self.hit != HitPolicy::Collect).then(|| self.one(&self.hits(day, args)?, day, args))
    }

    fn hits(&self, day: Date, args: &[Value]) -> Result<Vec<&TableRow>, EvalError> {
        let mut hits = Vec::new();
        for number in self.candidates(args) {
            let Some(row) = self.rows.get(number) else {
                continue;
            };
            if row.holds_on(day) && row.fits(args)? {
                hits.push(row);
                if self.hit == HitPolicy::First {
                    break;
                }
            }
        }
        Ok(hits)
    }

    fn one<'t>(
        &'t self,
        hits: &[&'t TableRow],
        day: Date,
        args: &[Value],
    ) -> Result<&'t Value, EvalError> {
        match (self.hit, hits) {
            (_, []) => Err(EvalError::NoRow {
                table: self.title.clone(),
                message: self.asked(day, args),
            }),
            (HitPolicy::First, [row, ..]) | (_, [row]) => Ok(&row.context),
            (HitPolicy::Any, [first, rest @ ..])
                if rest.iter().all(|row| row.outputs == first.outputs) =>
            {
                Ok(&first.context)
            }
            (_, [first, second, ..]) => Err(EvalError::Custom {
                message: format!(
                    "基準表「{}」の{}行目と{}行目がどちらも当てはまります。{}",
                    self.title,
                    first.line,
                    second.line,
                    self.asked(day, args)
                ),
            }),
        }
    }

    /// Numbers of the rows that may fit, in order.
    fn candidates(&self, args: &[Value]) -> Candidates<'_> {
        let keyed = match self.index_input.and_then(|input| args.get(input)) {
            Some(Value::Text(text)) => self
                .index
                .get(&**text)
                .map(Vec::as_slice)
                .unwrap_or_default(),
            _ => &[],
        };
        Candidates {
            keyed,
            rest: &self.unindexed,
        }
    }

    fn asked(&self, day: Date, args: &[Value]) -> String {
        let inputs = self
            .inputs
            .iter()
            .zip(args)
            .map(|((name, _), value)| format!("、{name}: {value}"))
            .collect::<String>();
        format!("（日: {day}{inputs}）")
    }

    /// Rows that hold on a day: what a choice offers.
    pub fn rows_on(&self, day: Date) -> impl Iterator<Item = &TableRow> {
        self.rows.iter().filter(move |row| row.holds_on(day))
    }

    /// The code and title of each row of a code list that holds on a day; none if this is no code list.
    #[must_use]
    pub fn options_on(&self, day: Date) -> Vec<(String, String)> {
        let title = self.outputs.iter().position(|(name, _)| name == "title");
        let (Some(title), true) = (title, self.is_code_list()) else {
            return Vec::new();
        };
        self.rows_on(day)
            .filter_map(|row| match (row.tests.first(), row.outputs.get(title)) {
                (Some(CellTest::Is(Value::Text(code))), Some(Value::Text(title))) => {
                    Some((code.to_string(), title.to_string()))
                }
                _ => None,
            })
            .collect()
    }

    /// Whether choices may take their options from it: one text input `code` and an output `title`.
    #[must_use]
    pub fn is_code_list(&self) -> bool {
        matches!(self.inputs.as_slice(), [(name, kind)] if name == "code" && kind.ty == feel::Type::Text)
            && self.outputs.iter().any(|(name, _)| name == "title")
    }
}

/// Two ascending lists of row numbers as one.
struct Candidates<'t> {
    keyed: &'t [usize],
    rest: &'t [usize],
}

impl Iterator for Candidates<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let from = match (self.keyed.first(), self.rest.first()) {
            (Some(keyed), Some(rest)) if rest < keyed => &mut self.rest,
            (None, _) => &mut self.rest,
            _ => &mut self.keyed,
        };
        let (first, rest) = from.split_first()?;
        *from = rest;
        Some(*first)
    }
}

impl TableRow {
    /// Whether the row is in force on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    fn fits(&self, args: &[Value]) -> Result<bool, EvalError> {
        for (index, test) in self.tests.iter().enumerate() {
            if !test.passes(args.get(index).unwrap_or(&Value::Null))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl CellTest {
    /// Whether a value passes the test.
    ///
    /// # Errors
    /// What evaluating the test gives.
    pub fn passes(&self, value: &Value) -> Result<bool, EvalError> {
        match self {
            Self::Any => Ok(true),
            Self::Is(wanted) => Ok(wanted == value),
            Self::Test(_) if *value == Value::Null => Ok(false),
            Self::Test(test) => {
                Ok(test.evaluate(&MapScope::new().with("?", value.clone()))?
                    == Value::Boolean(true))
            }
        }
    }
}
