//! What every field type and every search needs to know of Japan: folding of
//! text for search, check digits, the era calendar, business days, money and
//! addresses.
//!
//! Pure functions over their arguments: no clock, no files, no randomness.
//! Civil dates are [`jiff::civil::Date`] in Asia/Tokyo. Every refusal is a
//! [`Fault`], whose text is for people and never holds the value itself, since
//! that may be secret (個人番号) or personal.

pub mod calendar;
pub mod check;
mod fault;
pub mod fold;
pub mod money;
pub mod partial_date;
pub mod place;
pub mod text;
pub mod wareki;

pub use fault::Fault;

#[cfg(test)]
mod fuzz;
