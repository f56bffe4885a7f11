//! Where the product runs: its folders, its processes, their clocks.

use super::place::Place;
use crate::control::Control;
use crate::root;
use crate::stores::calls::copy;
use anyhow::{Context as _, Result, ensure};
use connect::payment::webhook::Secret;
use killed::Killed;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

/// Longest wait for a start, a demo included, on a slow and busy machine.
const START: Duration = Duration::from_secs(120);
/// What a copy on another machine is given of the first one's folder.
const SHARED: [&str; 2] = ["demo-tokens.json", "payment-webhook.key"];

/// The product's data and the processes over it.
pub(crate) struct House {
    folder: tempfile::TempDir,
    /// A PostgreSQL database; none: SQLite in the folder.
    database: Option<String>,
    copies: Vec<Copy>,
    /// Bearer tokens of the demo's people.
    tokens: BTreeMap<String, String>,
}

/// One process.
struct Copy {
    data: PathBuf,
    address: Mutex<String>,
    process: Mutex<Option<Killed>>,
    control: Control,
    clock_seconds: RwLock<i64>,
}

/// The wall clock of a process. While somebody holds this, it does not jump.
pub(crate) struct Clock<'h>(RwLockReadGuard<'h, i64>);

impl Clock<'_> {
    /// What it says.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        let now = jiff::Timestamp::now();
        let elsewhere = jiff::SignedDuration::from_secs(*self.0);
        now.checked_add(elsewhere).unwrap_or(now)
    }
}

impl House {
    /// One process on SQLite.
    pub(crate) fn alone() -> Result<Self> {
        Self::made(None, 1)
    }

    /// Two on PostgreSQL.
    pub(crate) fn two_copies(url: String) -> Result<Self> {
        Self::made(Some(url), 2)
    }

    fn made(database: Option<String>, copies: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        // The registers and archetypes that every installation has, and the suite's own packages.
        for part in [
            "services/_archetypes",
            "services/_registers",
            "tests/faults/services/common",
        ] {
            let name = part.rsplit('/').next().unwrap_or(part);
            let to = folder.path().join("services").join(name);
            std::fs::create_dir_all(&to)?;
            copy(&root().join(part), &to)?;
        }
        let mut house = Self {
            folder,
            database,
            copies: Vec::new(),
            tokens: BTreeMap::new(),
        };
        for which in 0..copies {
            house.add(which)?;
            house.restart(which, 0)?;
        }
        let tokens = std::fs::read(house.copies[0].data.join(SHARED[0]))?;
        house.tokens = serde_json::from_slice(&tokens)?;
        Ok(house)
    }

    /// A folder for one more process.
    fn add(&mut self, which: usize) -> Result<()> {
        let data = self.folder.path().join(format!("data-{which}"));
        std::fs::create_dir(&data)?;
        if let Some(first) = self.copies.first() {
            for name in SHARED {
                std::fs::copy(first.data.join(name), data.join(name))?;
            }
        }
        self.copies.push(Copy {
            data,
            address: Mutex::default(),
            process: Mutex::default(),
            control: Control::new()?,
            clock_seconds: RwLock::default(),
        });
        Ok(())
    }

    /// How many processes there are.
    pub(crate) fn copies(&self) -> usize {
        self.copies.len()
    }

    /// The data as it lies now: of a folder, a copy that nobody has open; a database is looked at while others go on.
    pub(crate) fn place(&self) -> Result<Place> {
        let data = &self.copies[0].data;
        let Some(url) = &self.database else {
            let image = crate::quick_folder()?;
            copy(data, image.path())?;
            return Ok(Place::folder(image));
        };
        Ok(Place::database(data.clone(), url.clone()))
    }

    /// A token of one of the demo's people.
    pub(crate) fn token(&self, persona: &str) -> &str {
        self.tokens.get(persona).map_or("", String::as_str)
    }

    /// The process whose turn it is.
    pub(crate) fn one_of(&self, turn: u64) -> usize {
        let copies = self.copies.len() as u64;
        usize::try_from(turn % copies).unwrap_or(0)
    }

    /// The address of a process.
    pub(crate) fn address(&self, turn: u64) -> String {
        self.copies[self.one_of(turn)].address.lock().clone()
    }

    /// The wall clock of a process.
    pub(crate) fn clock(&self, turn: u64) -> Clock<'_> {
        Clock(self.copies[self.one_of(turn)].clock_seconds.read())
    }

    /// Puts the wall clock of a process that runs elsewhere: so many seconds from the machine's.
    pub(crate) fn jump(&self, which: usize, clock_seconds: i64) -> Result<()> {
        let copy = &self.copies[which];
        let mut known = copy.clock_seconds.write();
        copy.control.clock(clock_seconds)?;
        *known = clock_seconds;
        Ok(())
    }

    /// The secret with which the gateway signs.
    pub(crate) fn secret(&self) -> Result<Secret> {
        let text = std::fs::read_to_string(self.copies[0].data.join(SHARED[1]))?;
        Secret::read(&text).context("the secret of the gateway")
    }

    /// Ends a process as a failing machine would.
    pub(crate) fn kill(&self, which: usize) -> Result<()> {
        if let Some(mut process) = self.copies[which].process.lock().take() {
            let by_itself = process.ended()?;
            ensure!(
                by_itself.is_none(),
                "the product ended by itself:\n{}",
                self.log()
            );
            process.kill()?;
        }
        Ok(())
    }

    /// Starts a process with its clock elsewhere, and answers how long that took.
    pub(crate) fn restart(&self, which: usize, clock_seconds: i64) -> Result<Duration> {
        self.jump(which, clock_seconds)?;
        let copy = &self.copies[which];
        let address = killed::free_address()?;
        let mut command = Place::command("serve", &copy.data, self.database.as_deref())?;
        command.args(["--demo", "--listen", &address]);
        command
            .arg("--services")
            .arg(self.folder.path().join("services"));
        command
            .arg("--assets")
            .arg(self.folder.path().join("assets"));
        copy.control.over(&mut command, &copy.data, false)?;
        let log = self.folder.path().join("log");
        let log = File::options().create(true).append(true).open(log)?;
        let mut process = Killed::start(command.env("TSUMUGI_LOG", "warn").stderr(log))?;
        let mut has_ended = false;
        let ready = killed::wait_for(START, || {
            has_ended = process.ended().is_ok_and(|ended| ended.is_some());
            has_ended || is_ready(&address)
        });
        let ready = ready.filter(|_| !has_ended);
        let ready =
            ready.with_context(|| format!("the product does not start:\n{}", self.log()))?;
        *copy.address.lock() = address;
        *copy.process.lock() = Some(process);
        Ok(ready)
    }

    /// Waits until every process says that it is ready, without a restart; answers how long that took.
    pub(crate) fn ready_again(&self, most: Duration) -> Result<Duration> {
        let all = || {
            let mut addresses = self.copies.iter().map(|copy| copy.address.lock().clone());
            addresses.all(|address| is_ready(&address))
        };
        let ready = killed::wait_for(most, all);
        let ready = ready.with_context(|| format!("not ready within {most:?}:\n{}", self.log()))?;
        for copy in &self.copies {
            let mut process = copy.process.lock();
            let has_ended = match process.as_mut() {
                Some(process) => process.ended()?.is_some(),
                None => true,
            };
            ensure!(!has_ended, "a copy has ended:\n{}", self.log());
        }
        Ok(ready)
    }

    /// Asks every process to end (SIGTERM), and waits for it.
    pub(crate) fn stop(&self) -> Result<()> {
        for copy in &self.copies {
            let Some(mut process) = copy.process.lock().take() else {
                continue;
            };
            let id = i32::try_from(process.id())?;
            let id = rustix::process::Pid::from_raw(id).context("no process")?;
            rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
            let ended = process.wait()?;
            ensure!(
                ended.success(),
                "the product ended with {ended}:\n{}",
                self.log()
            );
        }
        Ok(())
    }

    /// The last that was said.
    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

fn is_ready(address: &str) -> bool {
    ureq::get(format!("http://{address}/readyz")).call().is_ok()
}
