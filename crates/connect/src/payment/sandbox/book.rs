//! The sandbox's own book: what it was asked and what its payers did. A journal of lines, each on disk before it is
//! acted upon, so that a restart loses nothing.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// One line. What a payer is called never stands here; titles and references do.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Entry {
    /// A session was opened.
    Opened(Opened),
    /// A slip for the convenience store was handed out.
    Slip { session: String, at: Timestamp },
    /// Money came.
    Paid(Paid),
    /// A session was withdrawn by who opened it.
    Closed { session: String, at: Timestamp },
    /// A session ran out unpaid.
    Expired { session: String, at: Timestamp },
    /// Money was given back.
    Refunded(Refunded),
    /// A letter was delivered.
    Sent { letter: String },
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) session: String,
    pub(super) reference: String,
    pub(super) amount_yen: u64,
    pub(super) title: String,
    pub(super) until: Timestamp,
    pub(super) return_path: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Paid {
    pub(super) session: String,
    pub(super) payment: String,
    pub(super) method: String,
    pub(super) amount_yen: u64,
    pub(super) at: Timestamp,
    /// When the letter goes out.
    pub(super) told_at: Timestamp,
    /// How many letters tell it.
    pub(super) copies: u8,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Refunded {
    pub(super) refund: String,
    pub(super) payment: String,
    pub(super) reference: String,
    pub(super) amount_yen: u64,
    pub(super) at: Timestamp,
}

/// How a session stands.
#[derive(Clone)]
pub(super) struct Standing {
    pub(super) opened: Opened,
    pub(super) open: bool,
    pub(super) expired_at: Option<Timestamp>,
    pub(super) slip: bool,
    pub(super) slip_paid: bool,
    pub(super) paid: Vec<Paid>,
}

/// The book, folded.
#[derive(Default)]
pub(super) struct Book {
    file: Option<File>,
    pub(super) sessions: BTreeMap<String, Standing>,
    pub(super) refunds: BTreeMap<String, Refunded>,
    /// Entries that are told in letters, in order.
    pub(super) told: Vec<Entry>,
}

impl Book {
    /// Reads the book, or begins one. A last line that was cut off is dropped: it was never acted upon.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        file.seek(io::SeekFrom::End(0))?;
        let mut book = Self::default();
        for line in text.get(..whole).unwrap_or_default().lines() {
            let entry = serde_json::from_str(line).map_err(io::Error::other)?;
            book.fold(entry);
        }
        book.file = Some(file);
        Ok(book)
    }

    /// Writes an entry, then acts upon it.
    pub(super) fn write(&mut self, entry: Entry) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&entry).map_err(io::Error::other)?;
            line.push(b'\n');
            file.write_all(&line)?;
            file.sync_data()?;
        }
        self.fold(entry);
        Ok(())
    }

    fn fold(&mut self, entry: Entry) {
        match &entry {
            Entry::Opened(opened) => {
                let standing = Standing {
                    opened: opened.clone(),
                    open: true,
                    expired_at: None,
                    slip: false,
                    slip_paid: false,
                    paid: Vec::new(),
                };
                self.sessions.insert(opened.session.clone(), standing);
            }
            Entry::Slip { session, .. } => self.change(session, |s| s.slip = true),
            Entry::Paid(paid) => {
                self.change(&paid.session, |s| {
                    s.open = false;
                    s.slip_paid |= paid.method == super::KONBINI;
                    s.paid.push(paid.clone());
                });
                self.told.push(entry);
            }
            Entry::Closed { session, .. } => self.change(session, |s| s.open = false),
            Entry::Expired { session, at } => {
                let at = *at;
                self.change(session, |s| {
                    s.open = false;
                    s.expired_at = Some(at);
                });
                self.told.push(entry);
            }
            Entry::Refunded(refunded) => {
                self.refunds
                    .insert(refunded.refund.clone(), refunded.clone());
                self.told.push(entry);
            }
            Entry::Sent { letter } => {
                let letter = letter.clone();
                self.told
                    .retain(|told| super::letters::name(told) != letter);
            }
        }
    }

    fn change(&mut self, session: &str, change: impl FnOnce(&mut Standing)) {
        if let Some(standing) = self.sessions.get_mut(session) {
            change(standing);
        }
    }

    /// A payment by its number, with the session's reference.
    pub(super) fn payment(&self, number: &str) -> Option<&Paid> {
        self.sessions
            .values()
            .flat_map(|standing| &standing.paid)
            .find(|paid| paid.payment == number)
    }

    /// Money taken on a civil day (Asia/Tokyo), with its session.
    pub(super) fn paid_on(&self, day: Date) -> impl Iterator<Item = (&Standing, &Paid)> {
        self.sessions
            .values()
            .flat_map(|standing| standing.paid.iter().map(move |paid| (standing, paid)))
            .filter(move |(_, paid)| engine::tokyo_day(paid.at) == day)
    }
}
