//! The builtin functions: names and shapes here, what they do in the modules.

pub(crate) mod dates;
pub(crate) mod lists;
pub(crate) mod numbers;
pub(crate) mod texts;

use serde::{Deserialize, Serialize};

/// A builtin function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Builtin {
    Abs,
    Floor,
    Ceiling,
    Decimal,
    RoundHalfUp,
    RoundHalfDown,
    RoundHalfEven,
    RoundUp,
    RoundDown,
    Modulo,
    Number,
    Odd,
    Even,
    Min,
    Max,
    Sum,
    Mean,
    Count,
    ListContains,
    DistinctValues,
    Append,
    Concatenate,
    Flatten,
    Reverse,
    IndexOf,
    Sublist,
    Sort,
    All,
    Any,
    Substring,
    SubstringBefore,
    SubstringAfter,
    StringLength,
    UpperCase,
    LowerCase,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Replace,
    Split,
    StringJoin,
    String,
    Date,
    DateTime,
    Duration,
    MonthsBetween,
    DaysBetween,
    AddDays,
    AddMonths,
    FiscalYear,
    IsDefined,
    GetOrElse,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Number,
    Text,
    Date,
    /// A date or an instant.
    Moment,
    /// A list of anything.
    List,
    Numbers,
    Texts,
    Booleans,
    /// A list of what `<` can order.
    Orderables,
    /// One element of the list in the first parameter.
    Element,
    /// Anything that is there.
    Value,
    /// Anything, also absent.
    Optional,
}

/// What a function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Number,
    Text,
    Boolean,
    Date,
    DateTime,
    YearsMonths,
    Numbers,
    Texts,
    /// The type of the first parameter.
    Same,
    /// The element of the first parameter's list.
    Element,
    /// Told by the checker.
    Special,
}

/// The shape of one builtin function.
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) function: Builtin,
    pub(crate) params: &'static [Shape],
    /// How many of the last parameters may be left out.
    pub(crate) optional: usize,
    /// Whether the last parameter may be repeated.
    pub(crate) repeats: bool,
    pub(crate) answer: Answer,
}

const fn spec(
    name: &'static str,
    function: Builtin,
    params: &'static [Shape],
    optional: usize,
    answer: Answer,
) -> Spec {
    Spec {
        name,
        function,
        params,
        optional,
        repeats: false,
        answer,
    }
}

const fn repeated(
    name: &'static str,
    function: Builtin,
    params: &'static [Shape],
    answer: Answer,
) -> Spec {
    Spec {
        name,
        function,
        params,
        optional: 0,
        repeats: true,
        answer,
    }
}

use self::{Answer as A, Builtin as B, Shape as S};

/// Every builtin function.
pub(crate) const SPECS: &[Spec] = &[
    spec("abs", B::Abs, &[S::Number], 0, A::Number),
    spec("floor", B::Floor, &[S::Number, S::Number], 1, A::Number),
    spec("ceiling", B::Ceiling, &[S::Number, S::Number], 1, A::Number),
    spec("decimal", B::Decimal, &[S::Number, S::Number], 0, A::Number),
    spec(
        "round half up",
        B::RoundHalfUp,
        &[S::Number, S::Number],
        0,
        A::Number,
    ),
    spec(
        "round half down",
        B::RoundHalfDown,
        &[S::Number, S::Number],
        0,
        A::Number,
    ),
    spec(
        "round half even",
        B::RoundHalfEven,
        &[S::Number, S::Number],
        0,
        A::Number,
    ),
    spec(
        "round up",
        B::RoundUp,
        &[S::Number, S::Number],
        0,
        A::Number,
    ),
    spec(
        "round down",
        B::RoundDown,
        &[S::Number, S::Number],
        0,
        A::Number,
    ),
    spec("modulo", B::Modulo, &[S::Number, S::Number], 0, A::Number),
    spec("number", B::Number, &[S::Text], 0, A::Number),
    spec("odd", B::Odd, &[S::Number], 0, A::Boolean),
    spec("even", B::Even, &[S::Number], 0, A::Boolean),
    spec("min", B::Min, &[S::Orderables], 0, A::Element),
    spec("max", B::Max, &[S::Orderables], 0, A::Element),
    spec("sum", B::Sum, &[S::Numbers], 0, A::Number),
    spec("mean", B::Mean, &[S::Numbers], 0, A::Number),
    spec("count", B::Count, &[S::List], 0, A::Number),
    spec(
        "list contains",
        B::ListContains,
        &[S::List, S::Element],
        0,
        A::Boolean,
    ),
    spec("distinct values", B::DistinctValues, &[S::List], 0, A::Same),
    repeated("append", B::Append, &[S::List, S::Optional], A::Special),
    repeated("concatenate", B::Concatenate, &[S::List], A::Special),
    spec("flatten", B::Flatten, &[S::List], 0, A::Special),
    spec("reverse", B::Reverse, &[S::List], 0, A::Same),
    spec(
        "index of",
        B::IndexOf,
        &[S::List, S::Element],
        0,
        A::Numbers,
    ),
    spec(
        "sublist",
        B::Sublist,
        &[S::List, S::Number, S::Number],
        1,
        A::Same,
    ),
    spec("sort", B::Sort, &[S::List, S::Optional], 1, A::Special),
    spec("all", B::All, &[S::Booleans], 0, A::Boolean),
    spec("any", B::Any, &[S::Booleans], 0, A::Boolean),
    spec(
        "substring",
        B::Substring,
        &[S::Text, S::Number, S::Number],
        1,
        A::Text,
    ),
    spec(
        "substring before",
        B::SubstringBefore,
        &[S::Text, S::Text],
        0,
        A::Text,
    ),
    spec(
        "substring after",
        B::SubstringAfter,
        &[S::Text, S::Text],
        0,
        A::Text,
    ),
    spec("string length", B::StringLength, &[S::Text], 0, A::Number),
    spec("upper case", B::UpperCase, &[S::Text], 0, A::Text),
    spec("lower case", B::LowerCase, &[S::Text], 0, A::Text),
    spec("contains", B::Contains, &[S::Text, S::Text], 0, A::Boolean),
    spec(
        "starts with",
        B::StartsWith,
        &[S::Text, S::Text],
        0,
        A::Boolean,
    ),
    spec("ends with", B::EndsWith, &[S::Text, S::Text], 0, A::Boolean),
    spec(
        "matches",
        B::Matches,
        &[S::Text, S::Text, S::Text],
        1,
        A::Boolean,
    ),
    spec(
        "replace",
        B::Replace,
        &[S::Text, S::Text, S::Text, S::Text],
        1,
        A::Text,
    ),
    spec("split", B::Split, &[S::Text, S::Text], 0, A::Texts),
    spec(
        "string join",
        B::StringJoin,
        &[S::Texts, S::Text],
        1,
        A::Text,
    ),
    spec("string", B::String, &[S::Value], 0, A::Text),
    spec(
        "date",
        B::Date,
        &[S::Value, S::Number, S::Number],
        2,
        A::Date,
    ),
    spec("date and time", B::DateTime, &[S::Value], 0, A::DateTime),
    spec("duration", B::Duration, &[S::Text], 0, A::Special),
    spec(
        "years and months duration",
        B::MonthsBetween,
        &[S::Moment, S::Moment],
        0,
        A::YearsMonths,
    ),
    spec(
        "days between",
        B::DaysBetween,
        &[S::Moment, S::Moment],
        0,
        A::Number,
    ),
    spec("add days", B::AddDays, &[S::Date, S::Number], 0, A::Date),
    spec(
        "add months",
        B::AddMonths,
        &[S::Date, S::Number],
        0,
        A::Date,
    ),
    spec("fiscal year", B::FiscalYear, &[S::Moment], 0, A::Number),
    spec("is defined", B::IsDefined, &[S::Optional], 0, A::Boolean),
    spec(
        "get or else",
        B::GetOrElse,
        &[S::Optional, S::Optional],
        0,
        A::Special,
    ),
];

/// The builtin function of a name.
pub(crate) fn find(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.name == name)
}
