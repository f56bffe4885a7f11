//! What can go wrong while a typed expression is evaluated or lowered.

use serde::{Deserialize, Serialize};

use crate::Span;

/// Why an evaluation gave no value. `Display` is Japanese and plain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvalError {
    /// A value that the expression needs is not there. The path starts at a variable; places in
    /// a list are numbered from 0, as in a JSON pointer.
    #[error("「{}」が入力されていません。", path.join("."))]
    Absent {
        /// Where the value would stand, e.g. `["trades", "1", "fee"]`.
        path: Vec<String>,
        /// The part of the source that reads it.
        span: Span,
    },
    /// A division or `modulo` by zero.
    #[error("0で割ることはできません。")]
    DivisionByZero {
        /// The division.
        span: Span,
    },
    /// A result does not fit 28 digits, or a date its calendar (years -9999 to 9999).
    #[error("計算の結果が扱える範囲を超えました。")]
    Overflow {
        /// The operation.
        span: Span,
    },
    /// A table has no row for what was asked. Raised by the scope.
    #[error("基準表「{table}」に当てはまる行がありません。{message}")]
    NoRow {
        /// The table's name.
        table: String,
        /// What was looked for.
        message: String,
    },
    /// The evaluation took too many steps or made too large a value.
    #[error("計算が長すぎるため止めました。{what}")]
    Limit {
        /// Which limit.
        what: String,
    },
    /// `list[n]` where the list has no such place.
    #[error("一覧の{index}番目はありません({length}件です)。")]
    NoSuchPlace {
        /// What was asked, from 1; negative counts from the end.
        index: String,
        /// How many there are.
        length: usize,
        /// The access.
        span: Span,
    },
    /// `min`, `max` or `mean` of an empty list.
    #[error("空の一覧には「{function}」を使えません。先に count(…) > 0 を確かめてください。")]
    EmptyList {
        /// The function.
        function: String,
        /// The call.
        span: Span,
    },
    /// A value of another type than the expression was checked with, or inside `Any`.
    #[error("{expected}が要りますが、{found}でした。")]
    Mismatch {
        /// The type that was needed, in Japanese.
        expected: String,
        /// The type that was found, in Japanese.
        found: String,
        /// The part of the source.
        span: Span,
    },
    /// A text that is no date, number, duration or pattern, or an argument out of its bounds.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
        /// The part of the source.
        span: Span,
    },
    /// A refusal of the scope's own.
    #[error("{message}")]
    Custom {
        /// What is wrong and what to do, in Japanese.
        message: String,
    },
}

/// Why a filter cannot be lowered to a [`crate::Predicate`], and how to write it instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{hint}")]
pub struct NotSargable {
    /// The part of the source that an index cannot serve.
    pub span: Span,
    /// What is wrong, in Japanese.
    pub message: String,
    /// How to write it, in Japanese.
    pub hint: String,
}
