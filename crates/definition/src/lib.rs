//! The language: reads packages, extends archetypes, checks, explains. Files in, a checked, content-addressed
//! [`model::Service`] out.
//!
//! [`load`] reads all packages of a [`Source`], [`load_package`] one that was published. The words of the grammar are
//! described once in [`word`]; the editors' schema ([`json_schema`]) and the [`manual`] are printed from there.

mod build;
mod check;
mod diagnostic;
mod env;

mod explain;
mod guide;
mod kinds;
mod letter;
mod load;
pub mod model;
mod package;
mod scaffold;
mod schema;
mod source;
mod table;
pub mod word;
mod yaml;

/// What the actions of a route ask for besides the record's fields: the reason of a send-back, how far back, a comment.
pub const ROUTE_INPUTS: [&str; 3] = ["reason", "back_to", "comment"];

#[cfg(test)]
mod tests;

pub use build::{
    AFTER_REVIEW_INDEX, NOTE, NOTE_HOW, NOTE_SHARED, NOTE_TEXT, NOTE_WITH, RECENT_INDEX, before,
    hand_over, handed_by, held_index,
};
pub use diagnostic::{Diagnostic, Severity};
pub use env::{env, filter_env};

pub use explain::explain;
pub use guide::Answer;
pub use kinds::{may_be_absent, row_to_feel};
pub use letter::letter_samples;
pub use load::{Catalogue, Loaded, load, load_package};
pub use package::package_files;
pub use scaffold::scaffold;
pub use schema::{form_fields, input_schema, json_schema, manual, record_fields, type_schema};
pub use source::{Source, slug_of};

#[cfg(test)]
mod fuzz;
