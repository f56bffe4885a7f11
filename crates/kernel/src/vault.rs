//! 個人番号, apart from everything else: what stands in a record is a reference, and the number lies in a vault of its own
//! under keys of its own. See `docs/decisions/0052-individual-numbers.md`.

use crate::ids::RecordId;
use crate::port::Task;
use crate::refusal::Fault;
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// An individual number. It never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// Checks what was typed: full-width digits, blanks and hyphens are let pass, 12 digits and the check digit are asked for.
    ///
    /// # Errors
    /// What is wrong with it, without the number.
    pub fn read(typed: &str) -> Result<Self, japanese::Fault> {
        japanese::check::individual_number(typed).map(Self)
    }

    /// One that was checked before it was kept.
    #[must_use]
    pub fn kept(digits: String) -> Self {
        Self(digits)
    }

    /// The twelve digits, to be sealed or to be shown to whoever may read them: nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Number(…)")
    }
}

/// What became of a number in an act's input: the reference that the record keeps, or what is wrong with it.
pub type Referred = Result<Uuid, Fault>;

/// Numbers of one act's input, by field name. The kernel sees these, and never what was typed.
pub type Numbers = BTreeMap<String, Referred>;

/// Where a number belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPlace {
    /// The reference.
    pub id: Uuid,
    /// The record that refers to it.
    pub record: RecordId,
    /// Stable id of its field.
    pub field: String,
    /// When it came.
    pub at: Timestamp,
}

/// The part of a store that keeps individual numbers. Nothing else of a store ever holds one.
pub trait Vault: Send + Sync {
    /// Keeps a number, sealed under a key of its own. Durable when it answers; not settled until [`Vault::settle_number`] says so.
    fn keep_number(&self, place: NumberPlace, number: Number) -> Task<'_, ()>;
    /// The number behind a reference of a record; none where it was destroyed or never there.
    fn number(&self, id: Uuid, record: RecordId) -> Task<'_, Option<Number>>;
    /// Numbers that are left of a record.
    fn numbers_of(&self, record: RecordId) -> Task<'_, Vec<NumberPlace>>;
    /// Notes whether a record is known to refer to it: what is not settled is looked after.
    fn settle_number(&self, id: Uuid, settled: bool) -> Task<'_, ()>;
    /// Numbers that came before an instant and were never settled, oldest first, at most `limit`.
    fn unsettled_numbers(&self, before: Timestamp, limit: usize) -> Task<'_, Vec<NumberPlace>>;
    /// Numbers that are there, by reference after `after`, at most `limit`.
    fn all_numbers(&self, after: Option<Uuid>, limit: usize) -> Task<'_, Vec<NumberPlace>>;
    /// Destroys numbers: their keys are overwritten, and what is left says when (削除の記録). Those that are gone stay gone.
    fn destroy_numbers(&self, ids: Vec<Uuid>, at: Timestamp) -> Task<'_, ()>;
    /// How many were destroyed so far: what is written down of it stays.
    fn destroyed_numbers(&self) -> Task<'_, u64>;
    /// A digest of a text under a key of the vault, so that nobody finds a number out of it by trying all there are.
    fn blind<'a>(&'a self, text: &'a str) -> Task<'a, String>;
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn a_number_is_normalised_and_never_prints() {
        let number = Number::read("１２３４ ５６７８-9018").unwrap();
        assert_eq!(number.reveal(), "123456789018");
        assert!(!format!("{number:?}").contains("1234"));
        for bad in ["123456789012", "1234", "123456789018x"] {
            let fault = Number::read(bad).unwrap_err();
            assert!(!format!("{fault:?}").contains(bad), "{fault:?}");
        }
    }
}
