//! The user review (利用者の声): three questions and a free text after every procedure, never joined to the case. The
//! answers are records of the package [`SERVICE`] and postings to its ledger; only tickets, the box and the sums are
//! made here. How it stays anonymous: `docs/decisions/0010-messages.md`.

mod answer;
mod tally;
mod ticket;

pub use answer::ReviewAnswer;
pub use tally::{QUESTIONS, Results, Row, Share};
pub use ticket::Ticket;

/// The package whose records the answers are.
pub const SERVICE: &str = "user-review";
/// Its record types.
pub const ANSWER: &str = "answer";
/// What staff say they changed.
pub const IMPROVEMENT: &str = "improvement";
/// Its ledger: `service/month/office/channel/question/score`.
pub(crate) const LEDGER: &str = "user-review/scores";
