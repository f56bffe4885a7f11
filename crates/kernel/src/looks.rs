//! Who looked (だれが見たか): what is written down of each read of personal data, and how it is found again. See
//! `docs/decisions/0036-who-looked.md`.

use crate::ids::{AccountId, PartyId, RecordId};
use crate::port::Task;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most records that one note names: a longer reading writes several.
pub const MAX_RECORDS_A_NOTE: usize = 500;

/// In which way records were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Its own page, history or receipt.
    #[default]
    Record,
    /// In short, beside another record.
    Beside,
    /// A row of a list, board or calendar.
    List,
    /// A hit of a search.
    Search,
    /// A file of rows (CSV, Excel).
    Export,
    /// A letter, or its print.
    Print,
    /// An upload, or a picture of its pages.
    File,
    /// A report that names people.
    Report,
    /// The individual number (個人番号) of a record.
    Number,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Record,
        Self::Beside,
        Self::List,
        Self::Search,
        Self::Export,
        Self::Print,
        Self::File,
        Self::Report,
        Self::Number,
    ];

    /// As stored and in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Beside => "beside",
            Self::List => "list",
            Self::Search => "search",
            Self::Export => "export",
            Self::Print => "print",
            Self::File => "file",
            Self::Report => "report",
            Self::Number => "number",
        }
    }

    /// Reads [`Way::name`].
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// As people say it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Record => "記録の画面",
            Self::Beside => "関係する記録の欄",
            Self::List => "一覧",
            Self::Search => "検索",
            Self::Export => "書き出し",
            Self::Print => "文書・印刷",
            Self::File => "添付ファイル",
            Self::Report => "名前のある帳票",
            Self::Number => "個人番号",
        }
    }
}

/// Through what it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    /// A page.
    #[default]
    Page,
    /// The API.
    Api,
}

impl Face {
    /// As stored and in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
        }
    }

    /// Reads [`Face::name`].
    #[must_use]
    pub fn read(name: &str) -> Self {
        match name {
            "api" => Self::Api,
            _ => Self::Page,
        }
    }
}

/// What is written of one reading of records of one type. The purpose may name people: it does not print.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReadNote {
    /// When.
    pub at: Timestamp,
    /// Account; none for whoever follows a record without one.
    pub account: Option<AccountId>,
    /// The party for which they read, where it is not their own.
    pub behalf: Option<PartyId>,
    /// Role of the seat from which they read; none for whoever holds none.
    pub role: Option<String>,
    /// Office of that seat.
    pub office: Option<String>,
    /// A digest of the session or token.
    pub session: Option<String>,
    /// In which way.
    pub way: Way,
    /// Through what.
    pub face: Face,
    /// Slug of the service.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The records, 1 to [`MAX_RECORDS_A_NOTE`].
    pub records: Vec<RecordId>,
    /// Purpose stated.
    pub purpose: Option<String>,
    /// Random, so that a purpose that was erased cannot be guessed from what stays; only beside a purpose.
    pub salt: Option<Uuid>,
    /// The emergency access (緊急閲覧) under which it was read.
    pub glass: Option<Uuid>,
}

impl std::fmt::Debug for ReadNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadNote")
            .field("at", &self.at)
            .field("account", &self.account)
            .field("way", &self.way)
            .field("records", &self.records.len())
            .finish_non_exhaustive()
    }
}

/// A note as it stands in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its number, from 1, in the order in which notes were written.
    pub no: u64,
    /// What it says.
    pub note: ReadNote,
}

/// Which notes are asked for. What is left out does not narrow.
#[derive(Clone, Debug, Default)]
pub struct LookQuery {
    /// One of these records.
    pub records: Vec<RecordId>,
    /// By this account.
    pub account: Option<AccountId>,
    /// In this session.
    pub session: Option<String>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// In this way.
    pub way: Option<Way>,
    /// Under this emergency access.
    pub glass: Option<Uuid>,
    /// Notes of a smaller number: where the last page ended.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl LookQuery {
    /// Whether a note is one of those asked for, its records and number aside.
    #[must_use]
    pub fn fits(&self, note: &ReadNote) -> bool {
        self.account.is_none_or(|id| note.account == Some(id))
            && (self.session.as_ref()).is_none_or(|id| note.session.as_ref() == Some(id))
            && self.from.is_none_or(|from| note.at >= from)
            && self.until.is_none_or(|until| note.at < until)
            && self.way.is_none_or(|way| note.way == way)
            && self.glass.is_none_or(|glass| note.glass == Some(glass))
    }
}

/// A page of notes, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookPage {
    /// The notes. Where records were asked for, each names those of them only.
    pub items: Vec<Look>,
    /// `before` of the next page; none at the end.
    pub next: Option<u64>,
}

/// A signature over the newest note: under the name [`seal_name`], a checkpoint whose size is the note's number and whose
/// root is its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Number of the note.
    pub no: u64,
    /// Which key of the log signed.
    pub key: u64,
    /// The signed note.
    pub checkpoint: String,
}

/// The name under which a log's key signs who looked: never that of the log itself.
#[must_use]
pub fn seal_name(log: &str) -> String {
    format!("{log}/looks")
}

/// Number and hash of the newest note, and the newest signature.
pub type NewestLook = ((u64, evidence::Hash), Option<Sealed>);

/// The part of a store that keeps who looked.
pub trait Looks: Send + Sync {
    /// Writes a note and waits until it is kept.
    fn note_now(&self, note: ReadNote) -> Task<'_, ()>;
    /// Notes, newest first.
    fn looks(&self, query: LookQuery) -> Task<'_, LookPage>;
    /// Notes that are not yet found by record, oldest first.
    fn fresh_looks(&self, limit: usize) -> Task<'_, Vec<Look>>;
    /// Makes the notes up to a number found by record, and counts them for their readers.
    fn index_looks(&self, upto: u64) -> Task<'_, ()>;
    /// Records that an account read, by hours since 1970, from an hour on, oldest first.
    fn read_counts(&self, account: AccountId, from: i64) -> Task<'_, Vec<(i64, u64)>>;
    /// The account of a person, if they have one; for telling whether a record is a colleague's.
    fn account_of(&self, party: PartyId) -> Task<'_, Option<AccountId>>;
    /// The newest note, and what was signed last.
    fn newest_look(&self) -> Task<'_, NewestLook>;
    /// Keeps a signature.
    fn put_look_seal(&self, sealed: Sealed) -> Task<'_, ()>;
    /// Deletes the notes before an instant, oldest first, at most `limit`, and leaves a line that says so.
    fn prune_looks(&self, before: Timestamp, now: Timestamp, limit: usize) -> Task<'_, u64>;
}
