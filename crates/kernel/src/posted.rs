//! What an act has posted, as a digest that its first event keeps: so every posting has its act in the journal too.

use crate::decision::Posting;
use crate::ids::RecordId;
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

/// A digest over postings, in their order.
#[derive(Default)]
pub struct Posted(Sha256);

impl Posted {
    /// One more. Amounts count by their value: `2.50` is `2.5`.
    pub fn add(&mut self, ledger: &str, key: &str, record: RecordId, amounts: [Decimal; 2]) {
        for text in [ledger, key] {
            self.0.update((text.len() as u64).to_be_bytes());
            self.0.update(text);
        }
        self.0.update(record.0.as_bytes());
        for amount in amounts {
            let text = amount.normalize().to_string();
            self.0.update((text.len() as u64).to_be_bytes());
            self.0.update(text);
        }
    }

    /// SHA-256 (hex).
    #[must_use]
    pub fn digest(self) -> String {
        let bytes = self.0.finalize();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The digest over what an act posts; none if that is nothing.
#[must_use]
pub fn digest(postings: &[Posting]) -> Option<String> {
    let mut all = Posted::default();
    for one in postings {
        all.add(&one.ledger, &one.key, one.record, [one.posted, one.held]);
    }
    (!postings.is_empty()).then(|| all.digest())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn posting(ledger: &str, key: &str, posted: &str) -> Posting {
        Posting {
            ledger: ledger.into(),
            key: key.into(),
            record: RecordId(Uuid::from_u128(1)),
            posted: posted.parse().unwrap(),
            held: Decimal::ZERO,
            floor: None,
        }
    }

    #[test]
    fn equal_amounts_have_equal_digests_and_nothing_else_does() {
        assert_eq!(digest(&[]), None);
        let of = |ledger, key, posted| digest(&[posting(ledger, key, posted)]);
        assert_eq!(of("a", "b", "2.5"), of("a", "b", "2.50"));
        assert_ne!(of("a", "b", "2.5"), of("a", "b", "25"));
        assert_ne!(of("ab", "c", "1"), of("a", "bc", "1"));
        let two = [posting("a", "b", "1"), posting("a", "c", "1")];
        let turned = [two[1].clone(), two[0].clone()];
        assert_ne!(digest(&two), digest(&turned));
    }
}
