//! What the engine needs of a store for the user review: answers wait in a box without order until their day is over,
//! so that nothing joins one to a case, not even the moment at which it came.

use crate::port::Task;
use jiff::civil::Date;
use uuid::Uuid;

/// An answer in the box.
#[derive(Clone, PartialEq, Eq)]
pub struct Boxed {
    /// Random: says nothing of when or from whom.
    pub id: Uuid,
    /// The day on which it came.
    pub day: Date,
    /// The answer as JSON.
    pub body: String,
}

/// The part of a store that keeps the user review.
pub trait Reviews: Send + Sync + 'static {
    /// Puts an answer into the box and spends its ticket, together; false if the ticket was spent before. The two are
    /// not joined: the spent ticket names no answer, the answer no ticket.
    fn put_review<'a>(&'a self, ticket: &'a str, answer: Boxed) -> Task<'a, bool>;
    /// Whether a ticket was spent.
    fn review_spent<'a>(&'a self, ticket: &'a str) -> Task<'a, bool>;
    /// Answers that came before a day, in the order of their random ids.
    fn boxed_reviews(&self, before: Date, limit: usize) -> Task<'_, Vec<Boxed>>;
    /// Takes an answer out of the box, once it stands as a record.
    fn unbox_review(&self, id: Uuid) -> Task<'_, ()>;
}
