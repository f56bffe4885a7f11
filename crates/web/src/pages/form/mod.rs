//! Forms from definitions: what was posted, the values it means, the fields as a page shows them.

mod build;
mod field;
mod ops;
mod posted;
mod read;

pub(super) use build::{Builder, Summary, faults_by_path};
pub(super) use field::{Control, FieldView, Group, Opt};
pub(super) use ops::{apply, drop_empty_rows};
pub(super) use posted::{MAX_FORM_BYTES, Posted, receive};
pub(super) use read::read;
