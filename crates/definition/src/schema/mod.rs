//! What clients and editors are told: JSON Schemas, and the manual.

mod editor;
mod field;
mod manual;
mod of_type;

pub use editor::json_schema;
pub use manual::manual;
pub use of_type::{form_fields, input_schema, record_fields, type_schema};
