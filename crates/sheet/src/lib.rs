//! Tables that go in and out as files: CSV as UTF-8, UTF-8 with a mark or CP932, and XLSX.
//!
//! Knows no definition and no record. Reading takes the bytes of an upload, finds out what they are
//! ([`sniff`]) and hands over row after row ([`each_row`]); writing takes row after row ([`Writer`]).
//! Every limit is passed in; what an encoding cannot say is replaced by a declared rule and reported
//! by row and column ([`Lost`]), never silently.

mod cell;
mod date;
mod encoding;
mod fault;
mod read;
mod sniff;
mod write;

pub use cell::{Cell, guarded, unguarded};
pub use date::date;
pub use encoding::{Encoding, Lost, REPLACEMENT, text};
pub use fault::{ReadFault, WriteFault};
pub use read::{Go, Limits, Row, Table, each_row, read};
pub use sniff::{Sniffed, sniff};
pub use write::{Format, Report, Writer};

#[cfg(test)]
mod tests;

#[cfg(test)]
mod fuzz;
