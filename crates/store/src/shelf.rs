//! The part of the port for open data and imports.

use crate::house::{departures, shelf};
use crate::open::SqliteStore;
use jiff::{Timestamp, civil::Date};
use kernel::Snapshot;
use kernel::port::Task;
use kernel::shelf::{Departure, Edition, ImportRun, RejectedRow, Shelf};
use uuid::Uuid;

impl Shelf for SqliteStore {
    fn records_of<'a>(
        &'a self,
        service: &'a str,
        record_type: &'a str,
        after: i64,
        limit: usize,
    ) -> Task<'a, (Vec<Snapshot>, i64)> {
        Box::pin(async move {
            self.read(|db| shelf::records_of(db, &self.names, service, record_type, after, limit))
        })
    }

    fn position(&self) -> Task<'_, u64> {
        Box::pin(async move { self.read(shelf::position) })
    }

    fn package_at<'a>(&'a self, slug: &'a str, at: Timestamp) -> Task<'a, Option<String>> {
        Box::pin(async move { self.read(|db| shelf::package_at(db, slug, at)) })
    }

    fn put_edition(&self, edition: Edition, content: Vec<u8>) -> Task<'_, ()> {
        self.write(move |db| shelf::put_edition(db, &edition, &content))
    }

    fn editions<'a>(
        &'a self,
        service: &'a str,
        publication: &'a str,
        upto: Option<Date>,
        limit: usize,
    ) -> Task<'a, Vec<Edition>> {
        Box::pin(
            async move { self.read(|db| shelf::editions(db, service, publication, upto, limit)) },
        )
    }

    fn edition_content<'a>(
        &'a self,
        service: &'a str,
        publication: &'a str,
        day: Date,
    ) -> Task<'a, Option<Vec<u8>>> {
        Box::pin(async move { self.read(|db| shelf::content(db, service, publication, day)) })
    }

    fn put_run(&self, run: ImportRun, rejected: Vec<RejectedRow>) -> Task<'_, ()> {
        self.write(move |db| shelf::put_run(db, &run, &rejected))
    }

    fn rejected(
        &self,
        run: Uuid,
        going: bool,
        after: usize,
        limit: usize,
    ) -> Task<'_, Vec<RejectedRow>> {
        Box::pin(async move { self.read(|db| shelf::rejected(db, run, going, after, limit)) })
    }

    fn run(&self, id: Uuid) -> Task<'_, Option<ImportRun>> {
        Box::pin(async move { self.read(|db| shelf::run(db, id)) })
    }

    fn runs<'a>(
        &'a self,
        service: &'a str,
        import: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<ImportRun>> {
        Box::pin(async move { self.read(|db| shelf::runs(db, service, import, limit)) })
    }

    fn runs_going(&self) -> Task<'_, Vec<ImportRun>> {
        Box::pin(async move { self.read(shelf::going) })
    }

    fn put_departure(&self, departure: Departure) -> Task<'_, ()> {
        self.write(move |db| departures::put(db, &departure))
    }

    fn departures(&self, limit: usize) -> Task<'_, Vec<Departure>> {
        Box::pin(async move { self.read(|db| departures::newest(db, limit)) })
    }
}
