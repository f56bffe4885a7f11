//! Tables (基準表): dated DMN decision tables.

use feel::{Closed, Type, Typed, Value};
use jiff::civil::Date;
use std::sync::Arc;

/// A dated decision table. Called like a function with the day first.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name; also the function's name.
    pub name: String,
    /// Title.
    pub title: String,
    /// What happens when several rows fit.
    pub hit: HitPolicy,
    /// Inputs in order.
    pub inputs: Vec<(String, ColumnKind)>,
    /// Outputs in order.
    pub outputs: Vec<(String, ColumnKind)>,
    /// Rows in order.
    pub rows: Vec<TableRow>,
    /// Rows by the literal value of the input `index_input`, for tables with many rows.
    pub index: std::collections::HashMap<Box<str>, Vec<usize>>,
    /// The other rows: those without a literal there.
    pub unindexed: Vec<usize>,
    /// Which input `index` is over (a text input whose cells are mostly literals).
    pub index_input: Option<usize>,
}

/// DMN hit policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitPolicy {
    /// At most one row may fit.
    Unique,
    /// The first that fits.
    First,
    /// Several may fit if their outputs are equal.
    Any,
    /// All that fit, as a list.
    Collect,
}

/// Type of a column; `optional` ones may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnKind {
    /// `text`, `number`, `yen`, `date`, `boolean`.
    pub ty: Type,
    /// Whether yen (shown with 円).
    pub yen: bool,
    /// May be empty.
    pub optional: bool,
    /// The texts that stand in the column, all days together, where they are few and no cell is a condition.
    pub closed: Option<Arc<Closed>>,
}

/// One row.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// First day; none: always was.
    pub from: Option<Date>,
    /// Last day; none: open.
    pub until: Option<Date>,
    /// A test for each input.
    pub tests: Vec<CellTest>,
    /// A value for each output.
    pub outputs: Vec<Value>,
    /// The outputs by name as a context, without those that are empty: what a call answers.
    pub context: Value,
    /// Where the fact was found.
    pub source: Option<String>,
    /// Legal basis.
    pub basis: Option<String>,
    /// `verified`, `transcribed`, `assumed`.
    pub verified: Option<String>,
    /// Line in the CSV.
    pub line: usize,
}

/// One input cell.
#[derive(Clone, Debug)]
pub enum CellTest {
    /// `-`.
    Any,
    /// Equal to this.
    Is(Value),
    /// A FEEL unary test over `?`.
    Test(Typed),
}
