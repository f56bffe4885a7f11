//! Calling a table: the day and the inputs in, what its hit policy says out.

use crate::model::{CellTest, HitPolicy, Table, TableRow};
use feel::{EvalError, MapScope, Value};
use jiff::civil::Date;
use std::sync::Arc;

impl Table {
    /// The outputs of the rows that hold on `day` and fit the inputs: a context, or a list of them under `collect`.
    ///
    /// # Errors
    /// [`EvalError::NoRow`] where none fits; a refusal where several do although the hit policy forbids it.
    pub fn call(&self, day: Date, args: &[Value]) -> Result<Value, EvalError> {
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
        self.answer(&hits, day, args)
    }

    fn answer(&self, hits: &[&TableRow], day: Date, args: &[Value]) -> Result<Value, EvalError> {
        match (self.hit, hits) {
            (HitPolicy::Collect, _) => Ok(Value::List(
                hits.iter().map(|row| self.context(row)).collect(),
            )),
            (_, []) => Err(EvalError::NoRow {
                table: self.title.clone(),
                message: self.asked(day, args),
            }),
            (HitPolicy::First, [row, ..]) | (_, [row]) => Ok(self.context(row)),
            (HitPolicy::Any, [first, rest @ ..])
                if rest.iter().all(|row| row.outputs == first.outputs) =>
            {
                Ok(self.context(first))
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
    fn candidates(&self, args: &[Value]) -> Vec<usize> {
        let always = self.index.get(&None).map(Vec::as_slice).unwrap_or_default();
        let keyed = match self.index_input.and_then(|input| args.get(input)) {
            Some(Value::Text(text)) => self
                .index
                .get(&Some(text.to_string()))
                .map(Vec::as_slice)
                .unwrap_or_default(),
            _ => &[],
        };
        let mut all = [always, keyed].concat();
        all.sort_unstable();
        all
    }

    fn context(&self, row: &TableRow) -> Value {
        let members = self
            .outputs
            .iter()
            .zip(&row.outputs)
            .filter(|(_, value)| **value != Value::Null);
        Value::Context(
            members
                .map(|((name, _), value)| (Arc::from(name.as_str()), value.clone()))
                .collect(),
        )
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
