//! One value of a table.

use jiff::civil::Date;
use rust_decimal::Decimal;

/// A cell to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text; guarded against being run as a formula.
    Text(String),
    /// An exact number.
    Number(Decimal),
    /// A civil day, written `2026-11-22`; in XLSX a date cell.
    Date(Date),
}

impl Cell {
    /// The cell as text without a guard: what JSON and CSV show.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// What a spreadsheet would run as a formula gets a quote mark before it (OWASP, CSV Injection): in Japanese ones the wide
/// signs begin one too. So does text that already looks guarded, so that [`unguarded`] gives every text back.
#[must_use]
pub fn guarded(text: &str) -> std::borrow::Cow<'_, str> {
    if runs(text) || quoted(text) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// Takes the guard off again: for files that this or another system has written.
#[must_use]
pub fn unguarded(text: &str) -> &str {
    if quoted(text) { &text[1..] } else { text }
}

fn runs(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A quote mark and then what [`guarded`] would guard.
fn quoted(text: &str) -> bool {
    text.strip_prefix('\'')
        .is_some_and(|rest| runs(rest) || quoted(rest))
}
