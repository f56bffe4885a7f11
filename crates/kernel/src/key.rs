//! Order-preserving byte form of values: comparing bytes compares values, so that a filter over an index has the
//! same result in SQL as in Rust.
