//! A package's files: what belongs to it, laid upon its archetypes.

mod archetype;
mod files;
mod parts;

pub use files::package_files;
pub(crate) use files::{files_of, hash_of, hex};
pub(crate) use parts::{Parts, assemble};
