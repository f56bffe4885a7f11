//! A guide's questions and answers as its tables give them on a day.

use crate::model::{Guide, Service, Table};
use feel::Value;
use jiff::civil::Date;

/// One answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the person taps.
    pub answer: String,
    /// The next question.
    pub next: Option<String>,
    /// What they need, where the questions end.
    pub result: Option<String>,
    /// The record type that is begun.
    pub open: Option<String>,
    /// Values that the form begins with: paths of fields (`rows.0.field`) to values.
    pub fills: Vec<(String, String)>,
}

impl Guide {
    /// The title and help of a question; none if there is no such question on that day.
    #[must_use]
    pub fn question(
        &self,
        service: &Service,
        day: Date,
        code: &str,
    ) -> Option<(String, Option<String>)> {
        let table = service.tables.get(&self.questions)?;
        let row = table.call(day, &[Value::text(code)]).ok()?;
        Some((text(&row, "title")?, text(&row, "help")))
    }

    /// The answers to a question, in the order of the table.
    #[must_use]
    pub fn answers(&self, service: &Service, day: Date, code: &str) -> Vec<Answer> {
        let table = service.tables.get(&self.answers);
        let rows = table
            .and_then(|table: &std::sync::Arc<Table>| table.call(day, &[Value::text(code)]).ok());
        let Some(Value::List(rows)) = rows else {
            return Vec::new();
        };
        rows.iter()
            .filter_map(|row| {
                Some(Answer {
                    answer: text(row, "answer")?,
                    next: text(row, "next"),
                    result: text(row, "result"),
                    open: text(row, "open"),
                    fills: fills(&text(row, "fills").unwrap_or_default()),
                })
            })
            .collect()
    }
}

fn text(row: &Value, name: &str) -> Option<String> {
    row.get(name)
        .map(ToString::to_string)
        .filter(|text| !text.is_empty())
}

/// `a=1;b=2` as pairs.
fn fills(text: &str) -> Vec<(String, String)> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(path, value)| (path.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::fills;

    #[test]
    fn what_a_form_begins_with_is_written_in_pairs() {
        let pair = |path: &str, value: &str| (path.to_owned(), value.to_owned());
        assert_eq!(
            fills("rows.0.kind=a; rows.0.how = new;"),
            [pair("rows.0.kind", "a"), pair("rows.0.how", "new")]
        );
        assert!(fills("").is_empty());
    }
}
