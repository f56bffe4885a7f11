//! A whole service as files: out of one installation, and into another. Formats: `docs/operate/export.md`.

mod check;
mod export;
mod folder;
mod import;
mod lines;
mod manifest;
mod plain;
mod progress;
mod sheets;

pub use export::{Asked, Exported, NUMBERS_LEFT, export};
pub use import::{Arrived, From, import};
