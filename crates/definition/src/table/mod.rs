//! Tables (基準表): from YAML and CSV to rows, and their calls.

mod call;
mod csv;
mod overlap;
mod read;

#[cfg(test)]
mod tests;

pub(crate) use overlap::check as check_rows;
pub(crate) use read::{TableFiles, read};
