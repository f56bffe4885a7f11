//! Money.

/// `29,800円`.
#[must_use]
pub fn yen(amount: i64) -> String {
    format!("{amount}円")
}
