//! The part of the port that keeps the user review.

use crate::house::reviews;
use crate::open::SqliteStore;
use jiff::civil::Date;
use kernel::port::Task;
use kernel::reviews::{Boxed, Reviews};
use uuid::Uuid;

impl Reviews for SqliteStore {
    fn put_review<'a>(&'a self, ticket: &'a str, answer: Boxed) -> Task<'a, bool> {
        let ticket = ticket.to_owned();
        Box::pin(async move {
            let put = self
                .writer
                .write(move |db| reviews::put(db, &ticket, &answer));
            Ok(put.await? > 0)
        })
    }

    fn review_spent<'a>(&'a self, ticket: &'a str) -> Task<'a, bool> {
        Box::pin(async move { self.read(|db| reviews::spent(db, ticket)) })
    }

    fn boxed_reviews(&self, before: Date, limit: usize) -> Task<'_, Vec<Boxed>> {
        Box::pin(async move { self.read(|db| reviews::boxed(db, before, limit)) })
    }

    fn unbox_review(&self, id: Uuid) -> Task<'_, ()> {
        self.write(move |db| reviews::unbox(db, id))
    }
}
