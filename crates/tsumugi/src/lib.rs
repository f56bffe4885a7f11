//! The binary as a library: the acceptance runner starts the same product in its own process, with a clock of its own.

mod data;
mod packages;
mod start;
mod world;

pub mod commands;

pub use data::{DEMO_TOKENS, demo_tokens};
pub use packages::{Packages, load_packages};
pub use start::{Config, Demo, Running, start};
pub use world::{RandomIds, SystemClock, random};
