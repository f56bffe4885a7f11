//! Search terms as numbers: 48 bits of a token's hash below the number of a block of records.
//!
//! A GIN index gives all matches at once and in no order. So that a search may walk newest first and stop, the block
//! leads each number: within a block there are at most 16,384 matches, and blocks are asked for one after another. Two
//! tokens with one number are told apart by the exact check of the text, of kind and of scopes.

use crate::seal;
use crate::tokens;

/// Records in a block: 2 to the power of this.
pub(super) const BLOCK_BITS: u32 = 14;
const HASH_BITS: u32 = 48;

/// The number of a token, without its block.
pub(super) fn number(token: &str) -> i64 {
    let digest = seal::sha256(&[token.as_bytes()]);
    digest[..6]
        .iter()
        .fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// What a block adds to each number.
pub(super) fn block(row: i64) -> i64 {
    (row >> BLOCK_BITS) << HASH_BITS
}

/// The numbers of a record's document, each once and in order.
pub(super) fn of_document(text: &str, row: i64, kind: i64, scopes: &[u32]) -> Vec<i64> {
    let document = tokens::document(text, kind, scopes);
    let block = block(row);
    let mut numbers: Vec<i64> = document
        .split(' ')
        .filter(|token| !token.is_empty())
        .map(|token| block | number(token))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// A text as PostgreSQL can hold it: without NUL.
pub(super) fn stored(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}
