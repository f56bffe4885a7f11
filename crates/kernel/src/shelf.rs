//! What the engine needs of a store for open data and imports: whole registers in order, editions, runs.

use crate::ids::{AccountId, AttachmentId, RecordId};
use crate::port::Task;
use crate::snapshot::Snapshot;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An edition of a publication: what it was made of, so that it can be made anew, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Service slug.
    pub service: String,
    /// Publication.
    pub publication: String,
    /// The civil day that it bears. A later one of the same day takes its place.
    pub day: Date,
    /// When it was made.
    pub made_at: Timestamp,
    /// The last position of the journal that it knows.
    pub position: u64,
    /// Hash of the definition by which it was made.
    pub definition: String,
    /// Lines.
    pub rows: u64,
    /// Records left out at their holders' wish, or because staff decided so.
    pub opted_out: u64,
    /// Records held back since a text equals a person's name: at most the first thousand.
    pub held: Vec<RecordId>,
    /// Records whose line could not be made, with the reason: at most the first thousand.
    pub faulty: Vec<(RecordId, String)>,
    /// SHA-256 (hex) of its content.
    pub sha256: String,
}

/// A row of an import that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Its row in the file, the heading being 1.
    pub number: usize,
    /// Why, each a sentence for people.
    pub reasons: Vec<String>,
}

/// Where an import run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// Being looked through; nothing is done yet.
    Looking,
    /// Looked through; nothing is done yet.
    Preview,
    /// Being carried out.
    Going,
    /// Done.
    Done,
    /// Given up, with the reason in `fault`.
    Failed,
}

impl RunPhase {
    /// Whether records are or were changed.
    #[must_use]
    pub fn changes(self) -> bool {
        !matches!(self, Self::Looking | Self::Preview)
    }

    /// Whether the worker is at it.
    #[must_use]
    pub fn under_way(self) -> bool {
        matches!(self, Self::Looking | Self::Going)
    }
}

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCounts {
    /// Rows looked at.
    pub rows: usize,
    /// Records opened.
    pub new: usize,
    /// Records changed.
    pub changed: usize,
    /// Rows that say what is known already.
    pub unchanged: usize,
    /// Rows not taken.
    pub rejected: usize,
}

/// One run of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRun {
    /// Its id.
    pub id: Uuid,
    /// Service slug.
    pub service: String,
    /// Import.
    pub import: String,
    /// The file.
    pub upload: AttachmentId,
    /// Its name.
    pub file: String,
    /// What it was found to be (Excel, CP932 …).
    pub sniffed: String,
    /// Headings of the file.
    pub heads: Vec<String>,
    /// Rows of the file, without the heading.
    pub total: usize,
    /// Who.
    pub account: AccountId,
    /// Their name, for the history of runs.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub phase: RunPhase,
    /// What the preview found.
    pub preview: RunCounts,
    /// What has been done.
    pub done: RunCounts,
    /// Why it was given up.
    pub fault: Option<String>,
}

impl ImportRun {
    /// What has become of the rows in the phase that it is in.
    #[must_use]
    pub fn counts(&self) -> &RunCounts {
        match self.phase.changes() {
            true => &self.done,
            false => &self.preview,
        }
    }

    /// The same, to be counted on.
    pub fn counts_mut(&mut self) -> &mut RunCounts {
        match self.phase.changes() {
            true => &mut self.done,
            false => &mut self.preview,
        }
    }
}

/// Something that left the installation as a whole: records with everything about them, for another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// When.
    pub at: Timestamp,
    /// Who said that they do it, with their office. It is a command of the machine's operators, who have no account.
    pub by: String,
    /// What for.
    pub purpose: String,
    /// Slugs of the services.
    pub services: Vec<String>,
    /// The last event that is in it.
    pub position: u64,
    /// SHA-256 (hex) of its manifest; none while it was only begun.
    pub manifest: Option<String>,
}

/// Open data and imports in a store.
pub trait Shelf: Send + Sync {
    /// Records of a type in the order in which they came, after a local number; with the number of the last.
    fn records_of<'a>(
        &'a self,
        service: &'a str,
        record_type: &'a str,
        after: i64,
        limit: usize,
    ) -> Task<'a, (Vec<Snapshot>, i64)>;
    /// The last position of the journal.
    fn position(&self) -> Task<'_, u64>;
    /// The hash of the package that was in force for a slug at an instant.
    fn package_at<'a>(&'a self, slug: &'a str, at: Timestamp) -> Task<'a, Option<String>>;

    /// Keeps an edition. The content of earlier editions goes: they can be made anew.
    fn put_edition(&self, edition: Edition, content: Vec<u8>) -> Task<'_, ()>;
    /// Editions of a publication, newest first, from a day back.
    fn editions<'a>(
        &'a self,
        service: &'a str,
        publication: &'a str,
        upto: Option<Date>,
        limit: usize,
    ) -> Task<'a, Vec<Edition>>;
    /// The content of an edition, if it is still kept.
    fn edition_content<'a>(
        &'a self,
        service: &'a str,
        publication: &'a str,
        day: Date,
    ) -> Task<'a, Option<Vec<u8>>>;

    /// Writes where a run stands, and adds rows that were not taken in its present phase.
    fn put_run(&self, run: ImportRun, rejected: Vec<RejectedRow>) -> Task<'_, ()>;
    /// Rows that were not taken, when it was carried out or when it was looked through, after a row of the file.
    fn rejected(
        &self,
        run: Uuid,
        going: bool,
        after: usize,
        limit: usize,
    ) -> Task<'_, Vec<RejectedRow>>;
    /// A run.
    fn run(&self, id: Uuid) -> Task<'_, Option<ImportRun>>;
    /// Runs of an import, newest first.
    fn runs<'a>(
        &'a self,
        service: &'a str,
        import: &'a str,
        limit: usize,
    ) -> Task<'a, Vec<ImportRun>>;
    /// Runs that are being carried out, oldest first.
    fn runs_going(&self) -> Task<'_, Vec<ImportRun>>;

    /// Writes down that something leaves. It stays for ever.
    fn put_departure(&self, departure: Departure) -> Task<'_, ()>;
    /// What has left, newest first, at most `limit`.
    fn departures(&self, limit: usize) -> Task<'_, Vec<Departure>>;
}
