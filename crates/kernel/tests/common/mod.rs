//! A small made-up service, built in code, and a store in memory that keeps what decisions say.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod build;
pub mod sample;
pub mod town;
