//! The part of the port that keeps individual numbers.

use super::{Hook, Hooked};
use jiff::Timestamp;
use kernel::RecordId;
use kernel::port::Task;
use kernel::vault::{Number, NumberPlace, Vault};
use uuid::Uuid;

impl<H: Hook> Vault for Hooked<H> {
    fn keep_number(&self, place: NumberPlace, number: Number) -> Task<'_, ()> {
        self.hook.around("keep_number", move || {
            self.inner.vault().keep_number(place, number)
        })
    }
    fn number(&self, id: Uuid, record: RecordId) -> Task<'_, Option<Number>> {
        self.hook
            .around("number", move || self.inner.vault().number(id, record))
    }
    fn numbers_of(&self, record: RecordId) -> Task<'_, Vec<NumberPlace>> {
        self.hook
            .around("numbers_of", move || self.inner.vault().numbers_of(record))
    }
    fn settle_number(&self, id: Uuid, settled: bool) -> Task<'_, ()> {
        self.hook.around("settle_number", move || {
            self.inner.vault().settle_number(id, settled)
        })
    }
    fn unsettled_numbers(&self, before: Timestamp, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.hook.around("unsettled_numbers", move || {
            self.inner.vault().unsettled_numbers(before, limit)
        })
    }
    fn all_numbers(&self, after: Option<Uuid>, limit: usize) -> Task<'_, Vec<NumberPlace>> {
        self.hook.around("all_numbers", move || {
            self.inner.vault().all_numbers(after, limit)
        })
    }
    fn destroy_numbers(&self, ids: Vec<Uuid>, at: Timestamp) -> Task<'_, ()> {
        self.hook.around("destroy_numbers", move || {
            self.inner.vault().destroy_numbers(ids, at)
        })
    }
    fn destroyed_numbers(&self) -> Task<'_, u64> {
        self.hook.around("destroyed_numbers", move || {
            self.inner.vault().destroyed_numbers()
        })
    }
    fn blind<'a>(&'a self, text: &'a str) -> Task<'a, String> {
        self.hook
            .around("blind", move || self.inner.vault().blind(text))
    }
}
