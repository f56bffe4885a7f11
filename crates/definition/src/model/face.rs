//! What a record shows beside its fields, and how records and numbers are shown.

use super::{Part, Who};
use feel::Typed;
use indexmap::IndexMap;

/// The day that a record's owner looks forward to. Computed whenever it is read, never stored.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// What day it is (早くて営業できる日).
    pub title: String,
    /// The day; nothing is shown while it is absent.
    pub value: Typed,
    /// Why.
    pub because: Vec<Part>,
}

/// Fields of this record compared with those of records beside it.
#[derive(Clone, Debug)]
pub struct Compare {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Where the other records are.
    pub with: Beside,
    /// Type of the other records.
    pub of: String,
    /// Own field to the other's field.
    pub fields: IndexMap<String, String>,
}

/// Where a record beside this one is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// By a lookup.
    Lookup(String),
    /// In a slot of children.
    Children(String),
    /// Under a link.
    Link(String),
    /// The parent.
    Parent,
}

/// Notes that a desk keeps in the history of a record.
#[derive(Clone, Debug)]
pub struct Notes {
    /// Who writes them.
    pub by: Vec<Who>,
}

/// Entry at the counter for people without an account.
#[derive(Clone, Debug)]
pub struct Counter {
    /// Desk roles that may.
    pub roles: Vec<String>,
    /// One sentence for the clerk.
    pub help: Option<String>,
}

/// A number kept in the same commit as the records that it counts.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Unit (件, 円).
    pub unit: String,
    /// Only records for which this holds.
    pub only: Option<Typed>,
    /// What is added up; each record counts one if none.
    pub sum: Option<Typed>,
    /// Dimensions: heading and text.
    pub by: Vec<Dimension>,
    /// Fewer than so many are not told to whoever may not read the records; none: as the platform has it.
    pub small: Option<u64>,
}

/// A dimension of a measure.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Heading, by which views name it.
    pub title: String,
    /// The value by which records are told apart: a text expression.
    pub value: Typed,
}

/// How a view is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewKind {
    /// Rows, page by page.
    List,
    /// A column a state.
    Board(Vec<String>),
    /// Days of a month or week, by the key that holds the day.
    Calendar(String),
    /// Bars or a line, with the table beside it.
    Chart(Numbers, Shape),
    /// The municipalities, with the table beside them.
    Map(Numbers),
    /// A table of a month or a longer period: rows of one dimension, a column a measure.
    Report {
        /// What is shown.
        numbers: Numbers,
        /// The dimension by which the month is picked.
        month: String,
        /// Periods that it is made for; at least one.
        periods: Vec<Period>,
    },
    /// Other views of the type on one page.
    Dashboard(Vec<String>),
}

/// A period of a report. Quarters are those of the fiscal year, which begins in April (会計年度, 地方自治法208条).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// 月報.
    Month,
    /// 四半期報.
    Quarter,
    /// 年度報.
    FiscalYear,
    /// 年報, by the calendar's year.
    Year,
}

/// How a period of a report is closed for good (締め).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Desk roles that close a period and record corrections of it.
    pub by: Vec<Who>,
    /// Desk roles that open a closed period again, with a reason.
    pub reopen: Vec<Who>,
    /// Whether each office closes its own figures.
    pub per_office: bool,
}

/// Which numbers a view shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Measures of the type.
    pub measures: Vec<String>,
    /// Dimension along the axis.
    pub across: String,
    /// Dimension of the series.
    pub split: Option<String>,
}

/// Shape of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Bars.
    Bar,
    /// A line.
    Line,
}
