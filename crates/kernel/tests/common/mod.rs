//! A small made-up service, built in code, and a store in memory that keeps what decisions say.
#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

pub(crate) mod build;
pub(crate) mod sample;
pub(crate) mod town;
