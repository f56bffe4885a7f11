//! The thread that keeps a copy up.

use super::base::Making;
use super::keys::Keys;
use super::log::{Commits, Log};
use super::pins::Pins;
use super::segment::{self, Segment};
use super::state::{Files, State, boot};
use super::uploads::{Fresh, Uploads};
use super::{Backup, Renewal, Vault, log, names, prune};
use crate::codec;
use crate::failure::Failure;
use crate::writer::Turn;
use jiff::Timestamp;
use kernel::port::Copying;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Bytes of a segment, until the next commit ends.
const SEGMENT: usize = 4 << 20;
/// Pieces of a base between two looks at the log.
const PIECES: usize = 4;
/// A new base is due when the segments since the last are so many times as large, and no less than this.
const GROWN: (u64, u64) = (2, 64 << 20);
/// A new base is due after so long.
const AGE: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Keeps a copy until it is dropped, which must be after the writer has ended.
pub(crate) struct Copier {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    progress: Arc<Mutex<Copying>>,
}

/// What a copy begins from.
pub(crate) struct Start {
    /// The data directory.
    pub(crate) dir: PathBuf,
    /// The database in it, open as long as the store is: closing it would drop SQLite's own locks on it.
    pub(crate) database: Arc<File>,
    /// The name of the installation.
    pub(crate) installation: String,
    /// Whether the last process copied and closed everything.
    pub(crate) was_closed: bool,
    /// The writer's, to be let write.
    pub(crate) turn: Turn,
    pub(crate) fresh: Fresh,
    /// Asked for by disposals.
    pub(crate) renewal: Renewal,
    pub(crate) backup: Backup,
}

impl Copier {
    /// Stands in the log, which must be before anything is written, and starts.
    pub(crate) fn attach(start: Start) -> Result<Self, Failure> {
        let files = Files::new(&start.dir);
        let log = Log::of(&start.dir.join("tsumugi.sqlite"));
        let state = continued(&files, &log, start.was_closed)?;
        let mut work = Work::new(start, Some(files))?;
        work.state = state;
        work.stand()?;
        let progress = Arc::new(Mutex::new(work.progress(None)));
        let (stop, stopped) = channel();
        let shown = Arc::clone(&progress);
        let thread = std::thread::Builder::new()
            .name("store-copier".into())
            .spawn(move || work.run(&stopped, &shown))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
            progress,
        })
    }

    /// How far the copy is.
    pub(crate) fn progress(&self) -> Copying {
        self.progress.lock().clone()
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A copier that panicked has told it; the next start begins a new epoch.
            let _ = thread.join();
        }
    }
}

/// Where the last process was, if the log has gone on from there and nowhere else.
fn continued(files: &Files, log: &Log, was_closed: bool) -> Result<Option<State>, Failure> {
    let Some(mut state) = files.state()? else {
        return Ok(None);
    };
    if was_closed {
        // The log was brought into the database and removed, as a rule.
        state.end = match state.end {
            Some(end) if log.has(end)? => Some(end),
            _ => None,
        };
        return Ok(Some(state));
    }
    if state.boot != boot() {
        return Ok(None);
    }
    let goes_on = match (state.end, log.salts()?) {
        (None, _) => true,
        (Some(end), _) if log.has(end)? => true,
        // It begins anew only when all of it is copied.
        (Some(end), Some(salts)) => salts[0] == end.salts[0].wrapping_add(1),
        (Some(_), None) => false,
    };
    Ok(goes_on.then_some(state))
}

/// The name of an installation, given when it is first asked for.
pub(crate) fn installation(
    db: &Connection,
    random: &mut crate::keyring::Random,
) -> Result<String, Failure> {
    let mut bytes = [0; 16];
    random(&mut bytes);
    db.execute(
        "INSERT INTO setting(name, value) VALUES ('installation', ?1) ON CONFLICT(name) DO NOTHING",
        [codec::hex(&bytes)],
    )?;
    let named = db.query_row(
        "SELECT value FROM setting WHERE name = 'installation'",
        [],
        |row| row.get("value"),
    );
    named.optional()?.ok_or(Failure::NoRow)
}

/// What the thread works with.
pub(super) struct Work {
    backup: Backup,
    path: PathBuf,
    database: Arc<File>,
    installation: String,
    turn: Turn,
    log: Log,
    files: Option<Files>,
    uploads: Uploads,
    keys: Keys,
    pins: Option<Pins>,
    pub(super) state: Option<State>,
    /// The key of the epoch, once it is known.
    key: Option<[u8; 32]>,
    /// A segment that was let go by the log before it was put away, and the state after it.
    pending: Option<(State, Vec<u8>)>,
    making: Option<Making>,
    renewal: Renewal,
    /// The disposals that the epoch under way makes good; none if there were none when it began.
    renewing: Option<u64>,
}

impl Work {
    pub(super) fn new(start: Start, files: Option<Files>) -> Result<Self, Failure> {
        let path = start.dir.join("tsumugi.sqlite");
        let pending = files.as_ref().map(Files::pending).transpose()?.flatten();
        Ok(Self {
            log: Log::of(&path),
            keys: Keys::open(&start.dir)?,
            uploads: Uploads::new(&start.dir.join("attachments"), start.fresh),
            backup: start.backup,
            path,
            database: start.database,
            installation: start.installation,
            turn: start.turn,
            files,
            pins: None,
            state: None,
            key: None,
            pending,
            making: None,
            renewal: start.renewal,
            renewing: None,
        })
    }

    /// Stands in the log, if it does not.
    pub(super) fn stand(&mut self) -> Result<(), Failure> {
        if self.pins.is_none() {
            self.pins = Some(Pins::begin(&self.path)?);
        }
        Ok(())
    }

    fn run(mut self, stopped: &Receiver<()>, shown: &Mutex<Copying>) {
        let mut wait = Duration::ZERO;
        loop {
            let ends = !matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
            let outcome = self.round();
            if let Err(failure) = &outcome {
                tracing::error!(%failure, "the copy falls behind");
                self.give_up_if_full();
            }
            *shown.lock() = self.progress(outcome.as_ref().err());
            if ends {
                self.close(outcome.is_ok());
                return;
            }
            wait = match (&self.making, outcome) {
                (Some(_), Ok(())) => Duration::ZERO,
                _ => self.backup.every,
            };
        }
    }

    fn close(self, is_copied: bool) {
        let Some(files) = self.files.as_ref().filter(|_| is_copied) else {
            return;
        };
        if let Err(failure) = files.closed() {
            tracing::warn!(%failure, "the copy begins anew at the next start");
        }
    }

    fn progress(&self, failure: Option<&Failure>) -> Copying {
        let state = self.state.as_ref();
        let moment = |nanos: i64| codec::instant(nanos).ok().filter(|_| nanos > 0);
        Copying {
            to: self.backup.data.shown(),
            at: state.and_then(|state| moment(state.at)),
            position: state.map_or(0, |state| state.position),
            base_at: state.and_then(|state| moment(state.base_at)),
            fault: failure.map(ToString::to_string),
            // Told by the store, which has the vault.
            lacks_numbers: false,
        }
    }

    /// Copies what was written since the last round.
    pub(super) fn round(&mut self) -> Result<(), Failure> {
        self.stand()?;
        self.renew();
        let key = self.ready()?;
        self.settle()?;
        let at = codec::nanos((self.backup.now)());
        let position = self.pins()?.next()?;
        self.copy(&key, at, position)?;
        if let Some(pins) = &mut self.pins {
            pins.adopt()?;
        }
        let state = self.state_mut()?;
        (state.at, state.position) = (at, position);
        self.keep()?;
        self.base(&key)?;
        if self.log_bytes() >= self.backup.log_bytes {
            self.give_way(&key)?;
        }
        Ok(())
    }

    /// Bytes of the log that is now. Its file may be larger: it keeps its size when the log begins anew.
    fn log_bytes(&self) -> u64 {
        let end = self.state.as_ref().and_then(|state| state.end);
        end.map_or(0, |end| end.frame * log::FRAME_BYTES)
    }

    fn pins(&self) -> Result<&Pins, Failure> {
        self.pins.as_ref().ok_or(Failure::NoRow)
    }

    fn state_mut(&mut self) -> Result<&mut State, Failure> {
        self.state.as_mut().ok_or(Failure::NoRow)
    }

    fn keep(&self) -> Result<(), Failure> {
        match (&self.files, &self.state) {
            (Some(files), Some(state)) => files.keep(state),
            _ => Ok(()),
        }
    }

    /// The vaults are this installation's, and there is an epoch with its key.
    fn ready(&mut self) -> Result<[u8; 32], Failure> {
        if let (Some(key), Some(_)) = (self.key, &self.state) {
            return Ok(key);
        }
        claim(&*self.backup.data, &self.installation)?;
        claim(&*self.backup.keys, &self.installation)?;
        if let Some(state) = &self.state {
            let kept = self.backup.keys.get(&names::epoch_key(&state.epoch))?;
            if let Some(key) = kept.and_then(|key| key.try_into().ok()) {
                self.key = Some(key);
                return Ok(key);
            }
        }
        self.begin_epoch()
    }

    fn begin_epoch(&mut self) -> Result<[u8; 32], Failure> {
        let (mut key, mut name) = ([0; 32], [0; 4]);
        (self.backup.random)(&mut key);
        (self.backup.random)(&mut name);
        let now: Timestamp = (self.backup.now)();
        let epoch = format!("{}-{}", now.strftime("%Y%m%dT%H%M%SZ"), codec::hex(&name));
        self.backup.keys.put(&names::epoch_key(&epoch), &key)?;
        self.backup.data.put(&names::epoch(&epoch), b"")?;
        tracing::info!(epoch, "the copy begins a new epoch");
        (self.making, self.pending, self.key) = (None, None, Some(key));
        self.state = Some(State {
            epoch,
            next: 0,
            end: None,
            log_began: 0,
            bases: 0,
            since_base: 0,
            base_bytes: 0,
            base_at: 0,
            at: 0,
            position: 0,
            boot: boot(),
        });
        if let Some(files) = &self.files {
            files.caught_up()?;
        }
        self.keep()?;
        Ok(key)
    }

    /// Puts all commits that are not copied yet. What they tell of goes before them.
    fn copy(&mut self, key: &[u8; 32], at: i64, position: u64) -> Result<(), Failure> {
        loop {
            let end = self.state_mut()?.end;
            let Some(commits) = self.log.after(end, SEGMENT)? else {
                return Ok(());
            };
            if let Some(end) = end.filter(|_| commits.first == 1)
                && commits.end.salts[0] != end.salts[0].wrapping_add(1)
            {
                self.state = None;
                return Err(Failure::damaged(
                    "the log began anew before it was copied; the copy begins a new epoch",
                ));
            }
            // What was there when it was read is copied; what came meanwhile is the next round's.
            let whole = commits.frames.len() < SEGMENT;
            let (after, sealed) = self.sealed(key, &commits, (at, position), whole)?;
            self.put(after, &sealed)?;
            if whole {
                return Ok(());
            }
        }
    }

    fn sealed(
        &self,
        key: &[u8; 32],
        commits: &Commits,
        (at, position): (i64, u64),
        whole: bool,
    ) -> Result<(State, Vec<u8>), Failure> {
        let mut after = self.state.clone().ok_or(Failure::NoRow)?;
        let content = Segment::of(commits, at, position, whole).write(&commits.frames)?;
        let name = names::segment(&after.epoch, after.next);
        if commits.first == 1 {
            after.log_began = after.next;
        }
        after.next += 1;
        after.end = Some(commits.end);
        after.since_base += content.len() as u64;
        Ok((after, segment::sealed(key, &name, &content)?))
    }

    fn put(&mut self, after: State, sealed: &[u8]) -> Result<(), Failure> {
        self.uploads.copy(&*self.backup.data)?;
        self.keys.copy(&*self.backup.keys)?;
        let name = names::segment(&after.epoch, after.next - 1);
        self.backup.data.put(&name, sealed)?;
        self.state = Some(after);
        self.keep()
    }

    /// A segment that was let go by the log goes first.
    fn settle(&mut self) -> Result<(), Failure> {
        let Some((after, sealed)) = self.pending.take() else {
            return Ok(());
        };
        if let Err(failure) = self.put(after.clone(), &sealed) {
            self.pending = Some((after, sealed));
            return Err(failure);
        }
        match &self.files {
            Some(files) => files.caught_up(),
            None => Ok(()),
        }
    }

    /// Makes a base where one is due, piece by piece between rounds.
    fn base(&mut self, key: &[u8; 32]) -> Result<(), Failure> {
        let Some(state) = &mut self.state else {
            return Ok(());
        };
        if self.making.is_none() && is_due(state) {
            self.making = Some(Making::begin(state));
        }
        let Some(making) = &mut self.making else {
            return Ok(());
        };
        if !making.is_read {
            for _ in 0..PIECES {
                making.step(&self.database, &*self.backup.data, &state.epoch, key)?;
            }
            return Ok(());
        }
        if let Some(making) = self.making.take() {
            making.end(&*self.backup.data, state)?;
            self.keep()?;
            self.let_go()?;
            self.prune();
        }
        Ok(())
    }

    /// What is older than anybody may go back to goes; if it cannot, the next time.
    fn prune(&self) {
        if let (Some(state), Some(_)) = (&self.state, &self.files)
            && let Err(failure) = prune::prune(&self.backup, state)
        {
            tracing::warn!(%failure, "old copies could not be removed");
        }
    }

    /// Lets the log begin anew: under constant load it never would by itself, with a reader always in it.
    fn give_way(&mut self, key: &[u8; 32]) -> Result<(), Failure> {
        let (Some(mut pins), Some(files)) = (self.pins.take(), &self.files) else {
            return Ok(());
        };
        let mut rest = None;
        let at = codec::nanos((self.backup.now)());
        let turn = self.turn.lock();
        let outcome = pins.give_way(&self.path, |position| {
            // Writers wait, so what is left is kept beside the data rather than sent far away.
            let end = self.state.as_ref().and_then(|state| state.end);
            if let Some(commits) = self.log.after(end, usize::MAX)? {
                let (after, sealed) = self.sealed(key, &commits, (at, position), true)?;
                files.put_off(&after, &sealed)?;
                rest = Some((after, sealed));
            }
            Ok(())
        });
        drop(turn);
        self.pins = Some(pins);
        self.pending = rest;
        outcome?;
        self.settle()
    }

    /// A vault that stays away must not fill the disk.
    fn give_up_if_full(&mut self) {
        let is_full = self
            .log
            .bytes()
            .is_ok_and(|bytes| bytes >= self.backup.log_at_most_bytes);
        if is_full && self.pins.is_some() {
            tracing::error!("the copy is given up until its place is back; then it begins anew");
            (self.pins, self.state, self.pending, self.making) = (None, None, None, None);
        }
    }

    /// Something was disposed of: a new epoch begins, unless one is under way. That one is seen to its end first, so that
    /// there is a copy at any time and a round of disposals costs two at most.
    fn renew(&mut self) {
        let asked = self.renewal.asked();
        if asked > 0 && self.renewing.is_none() {
            (self.state, self.key, self.renewing) = (None, None, Some(asked));
            self.keys.look_again();
        }
    }

    /// The base of the epoch is whole: what lies before a disposal is worth nothing from now on.
    fn let_go(&mut self) -> Result<(), Failure> {
        let (Some(asked), Some(state)) = (self.renewing, &self.state) else {
            return Ok(());
        };
        prune::forget(&self.backup, state)?;
        self.renewing = None;
        self.renewal.done(asked)
    }

    /// Whether a base is whole since the epoch began.
    pub(super) fn has_base(&self) -> bool {
        self.making.is_none()
            && self.renewing.is_none()
            && self.state.as_ref().is_some_and(|state| state.bases > 0)
    }

    /// Looks through all uploads again: those of another process are not told of.
    pub(super) fn look_again(&mut self) {
        self.uploads.look_again();
    }
}

fn is_due(state: &State) -> bool {
    let (times, least) = GROWN;
    let age = u128::from(state.at.abs_diff(state.base_at));
    state.bases == 0
        || state.since_base >= least.max(state.base_bytes.saturating_mul(times))
        || age >= AGE.as_nanos()
}

/// A place holds the copy of one installation.
fn claim(vault: &dyn Vault, installation: &str) -> Result<(), Failure> {
    match vault.get(names::INSTALLATION)? {
        None => Ok(vault.put(names::INSTALLATION, installation.as_bytes())?),
        Some(found) if found == installation.as_bytes() => Ok(()),
        Some(_) => Err(Failure::Unavailable(format!(
            "{} holds the copy of another installation",
            vault.shown()
        ))),
    }
}
