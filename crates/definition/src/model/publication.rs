//! What goes out as open data, and what comes in as a file.

use super::{Condition, SetField, Who};
use feel::Typed;
use indexmap::IndexMap;

/// Open data made of a register.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Name (file stem).
    pub name: String,
    /// Title.
    pub title: String,
    /// What it is.
    pub summary: String,
    /// Record type.
    pub of: String,
    /// Only records for which this holds.
    pub condition: Option<Typed>,
    /// Records left out at the holder's wish.
    pub opt_out: Option<Typed>,
    /// Fields of free text that hold names of people: what equals one of them is a person's name.
    pub persons: Vec<String>,
    /// Staff have decided that a row with a person's name may go out.
    pub release: Option<Typed>,
    /// Staff have decided that it does not.
    pub keep: Option<Typed>,
    /// Fields published by law, with the basis.
    pub by_law: IndexMap<String, String>,
    /// Columns in order.
    pub columns: Vec<PublishedColumn>,
    /// Formats of its files: `csv`, `json`, `xlsx`.
    pub formats: Vec<String>,
    /// Encoding of the CSV: `utf8`, `utf8_bom`, `cp932`.
    pub encoding: String,
    /// File name without its ending.
    pub file: String,
    /// Who may make it anew and sees what was held back.
    pub by: Vec<Who>,
    /// When it is made.
    pub schedule: Schedule,
    /// Licence (`CC-BY-4.0`).
    pub licence: String,
    /// Theme, a code of the EU's data-theme.
    pub theme: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Keywords.
    pub keywords: Vec<String>,
}

/// One column.
#[derive(Clone, Debug)]
pub struct PublishedColumn {
    /// Heading.
    pub title: String,
    /// What it holds.
    pub kind: PublishedKind,
    /// Value over a record.
    pub value: Typed,
}

/// What a published column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishedKind {
    /// Text.
    Text,
    /// An exact number.
    Number,
    /// A civil day.
    Date,
}

/// When a publication is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Every day.
    Daily,
    /// On this day of each month, the last day where the month is shorter.
    Monthly(u8),
}

/// Rows of a file that become acts.
#[derive(Clone, Debug)]
pub struct Import {
    /// Name (file stem).
    pub name: String,
    /// Title.
    pub title: String,
    /// Which file it takes.
    pub summary: Option<String>,
    /// Record type.
    pub into: String,
    /// Action performed for each row.
    pub act: String,
    /// Field by which a row is known again.
    pub key: String,
    /// Index of the type that begins with that field.
    pub index: String,
    /// Names of expressions, with the headings that may stand in the file.
    pub headings: IndexMap<String, Vec<String>>,
    /// Fields and values.
    pub fields: Vec<SetField>,
    /// Whose record it becomes.
    pub party: Option<ImportParty>,
    /// What a row must meet.
    pub require: Vec<Condition>,
}

/// Whose record an imported row becomes.
#[derive(Clone, Debug)]
pub struct ImportParty {
    /// Name.
    pub name: Typed,
    /// `person` or `corporation`.
    pub kind: Typed,
    /// What makes it the same party.
    pub key: Option<Typed>,
}
