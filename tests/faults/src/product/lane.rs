//! One client: acts on records of its own, each under a key, and never begins another before the last is answered.

use super::client::{self, Came, Job};
use super::gateway::Letter;
use super::house::House;
use anyhow::{Context as _, Result, bail, ensure};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::ops::Add;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

const SERVICE: &str = "/api/v1/services/fair";
/// Answers that a lane remembers to ask for again.
const REMEMBERED: usize = 60;
/// Until something is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// What was counted.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Keys that were answered.
    pub(crate) acts: u64,
    /// Requests sent again under their keys.
    pub(crate) retries: u64,
    /// Requests sent twice at once.
    pub(crate) doubles: u64,
    /// Payments that the gateway took.
    pub(crate) payments: u64,
    /// Letters of the gateway that were taken.
    pub(crate) letters: u64,
    /// Letters that it did not write.
    pub(crate) forged: u64,
    /// Acts that could not be done any more, and were not.
    pub(crate) refused: u64,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            acts: self.acts + other.acts,
            retries: self.retries + other.retries,
            doubles: self.doubles + other.doubles,
            payments: self.payments + other.payments,
            letters: self.letters + other.letters,
            forged: self.forged + other.forged,
            refused: self.refused + other.refused,
        }
    }
}

pub(crate) struct Lane {
    number: u64,
    dice: StdRng,
    agent: ureq::Agent,
    /// What is in doubt.
    pending: Option<Job>,
    answered: Vec<(Job, Json)>,
    /// Records that were acknowledged: type and id, to their version.
    pub(crate) records: BTreeMap<(String, String), u64>,
    /// Baskets that are written on.
    open: Vec<String>,
    /// Items that can be taken.
    items: Vec<(String, u64)>,
    /// Acknowledged acts by record: how often each action was done.
    pub(crate) done: BTreeMap<(String, &'static str), u64>,
    letters: Vec<Letter>,
    /// Payments that were paid.
    pub(crate) paid: Vec<String>,
    sent: u64,
    pub(crate) tally: Tally,
}

/// Puts enough on stock for everything that follows.
pub(crate) fn stock(house: &House) -> Result<()> {
    let job = Job {
        path: format!("{SERVICE}/delivery"),
        body: json!({"action": "book", "input": {"amount": 100_000}}),
        key: "stock".into(),
    };
    let came = client::send(
        &client::agent(),
        &house.address(0),
        house.token("examiner"),
        &job,
    )?;
    ensure!(
        matches!(came, Came::Answer(_)),
        "nothing could be put on stock"
    );
    Ok(())
}

impl Lane {
    pub(crate) fn new(number: u64, seed: u64) -> Self {
        Self {
            number,
            dice: StdRng::seed_from_u64(seed << 8 | number),
            agent: client::agent(),
            pending: None,
            answered: Vec::new(),
            records: BTreeMap::new(),
            open: Vec::new(),
            items: Vec::new(),
            done: BTreeMap::new(),
            letters: Vec::new(),
            paid: Vec::new(),
            sent: 0,
            tally: Tally::default(),
        }
    }

    /// Acts until it is over.
    pub(crate) fn work(&mut self, house: &House, is_over: &AtomicBool) -> Result<()> {
        while !is_over.load(SeqCst) {
            match self.dice.random_range(0..10) {
                0..2 if !self.answered.is_empty() => self.ask_again(house)?,
                2..4 if !self.letters.is_empty() => self.letter(house)?,
                _ => drop(self.next(house)?),
            }
        }
        Ok(())
    }

    /// Sees to it that nothing is in doubt any more, and every letter has arrived.
    pub(crate) fn settle(&mut self, house: &House) -> Result<()> {
        for _ in 0..2_000 {
            if self.pending.is_none() && self.letters.is_empty() {
                return Ok(());
            }
            if self.pending.is_some() {
                self.next(house)?;
            } else {
                self.letter(house)?;
            }
        }
        bail!("lane {} does not come to an end", self.number)
    }

    /// The next act, or the one that is in doubt. Whether it was answered.
    fn next(&mut self, house: &House) -> Result<bool> {
        let job = match self.pending.take() {
            Some(job) => {
                self.tally.retries += 1;
                job
            }
            None => self.think(),
        };
        let twice = self.dice.random_bool(0.2);
        let came = if twice {
            self.tally.doubles += 1;
            self.twice(house, &job)?
        } else {
            self.send(house, &job)?
        };
        match came {
            Came::Answer(answer) => {
                self.take(&job, &answer)?;
                self.answered.push((job, answer));
                if self.answered.len() > REMEMBERED {
                    let at = self.dice.random_range(0..REMEMBERED);
                    self.answered.swap_remove(at);
                }
                Ok(true)
            }
            Came::Refused => {
                self.tally.refused += 1;
                self.forget(&job);
                Ok(true)
            }
            Came::Nothing => {
                self.pending = Some(job);
                std::thread::sleep(PAUSE);
                Ok(false)
            }
        }
    }

    fn send(&mut self, house: &House, job: &Job) -> Result<Came> {
        let address = house.address(self.dice.random());
        client::send(&self.agent, &address, house.token("resident"), job)
    }

    /// The same at the same moment, to any of the processes.
    fn twice(&mut self, house: &House, job: &Job) -> Result<Came> {
        let [one, other] = [0, 1].map(|_| house.address(self.dice.random()));
        let token = house.token("resident");
        let agent = &self.agent;
        let (one, other) = std::thread::scope(|scope| {
            let beside = scope.spawn(|| client::send(agent, &other, token, job));
            let here = client::send(agent, &one, token, job);
            (here, beside.join())
        });
        let other = other.map_err(|_| anyhow::anyhow!("a double submit panicked"))??;
        match (one?, other) {
            (Came::Answer(one), Came::Answer(other)) => {
                same(job, &one, &other)?;
                Ok(Came::Answer(one))
            }
            (Came::Answer(answer), Came::Nothing) | (Came::Nothing, Came::Answer(answer)) => {
                Ok(Came::Answer(answer))
            }
            (Came::Refused, Came::Answer(_)) | (Came::Answer(_), Came::Refused) => {
                bail!("{} {}: done and refused at once", job.path, job.key)
            }
            (Came::Refused, Came::Refused) => Ok(Came::Refused),
            (Came::Nothing, _) | (_, Came::Nothing) => Ok(Came::Nothing),
        }
    }

    /// What was answered before is answered the same again.
    fn ask_again(&mut self, house: &House) -> Result<()> {
        let Some((job, first)) = self.answered.choose(&mut self.dice).cloned() else {
            return Ok(());
        };
        self.tally.retries += 1;
        match self.send(house, &job)? {
            Came::Answer(again) => same(&job, &first, &again),
            Came::Refused => bail!("{} {}: answered, then refused", job.path, job.key),
            Came::Nothing => {
                std::thread::sleep(PAUSE);
                Ok(())
            }
        }
    }

    fn think(&mut self) -> Job {
        self.sent += 1;
        let key = format!("lane-{}-{}", self.number, self.sent);
        let (path, body) = match self.dice.random_range(0..6) {
            0..2 if !self.open.is_empty() => {
                let basket = self
                    .open
                    .choose(&mut self.dice)
                    .cloned()
                    .unwrap_or_default();
                let version = self.version("basket", &basket);
                let note = json!({"note": format!("覚え {}", self.sent)});
                (
                    format!("/basket/{basket}/actions/write"),
                    json!({"version": version, "input": note}),
                )
            }
            2..4 if !self.items.is_empty() => {
                let at = self.dice.random_range(0..self.items.len());
                let (item, version) = self.items.swap_remove(at);
                (
                    format!("/item/{item}/actions/take"),
                    json!({"version": version, "input": {}}),
                )
            }
            4 => {
                let input = json!({"name": format!("申請{}", self.sent), "fee": 1_000});
                (
                    "/application".into(),
                    json!({"action": "ask", "input": input}),
                )
            }
            _ => {
                let input =
                    json!({"name": "かご", "wishes": [{"what": "りんご"}, {"what": "みかん"}]});
                ("/basket".into(), json!({"action": "start", "input": input}))
            }
        };
        Job {
            path: format!("{SERVICE}{path}"),
            body,
            key,
        }
    }

    /// What an act that was refused was about is not acted on again.
    fn forget(&mut self, job: &Job) {
        self.open
            .retain(|basket| !job.path.contains(basket.as_str()));
        self.items
            .retain(|(item, _)| !job.path.contains(item.as_str()));
    }

    fn version(&self, kind: &str, id: &str) -> u64 {
        let known = self.records.get(&(kind.to_owned(), id.to_owned()));
        known.copied().unwrap_or(1)
    }

    /// Remembers what was acknowledged.
    fn take(&mut self, job: &Job, answer: &Json) -> Result<()> {
        self.tally.acts += 1;
        let text = |name: &str| {
            answer[name]
                .as_str()
                .map(str::to_owned)
                .context("an answer without names")
        };
        let (kind, id) = (text("type")?, text("id")?);
        let version = answer["version"]
            .as_u64()
            .context("an answer without a version")?;
        let action = match job.path.rsplit('/').next() {
            Some("write") => "write",
            Some("take") => "take",
            Some("basket") => "start",
            _ => "ask",
        };
        *self.done.entry((id.clone(), action)).or_default() += 1;
        match action {
            "start" => {
                self.open.push(id.clone());
                let items = answer["children"]["items"].as_array().into_iter().flatten();
                let items = items.filter_map(|item| Some((item["id"].as_str()?.to_owned(), 1)));
                self.items.extend(items);
            }
            "ask" => {
                let payment = answer["children"]["payments"][0]["id"]
                    .as_str()
                    .context("no payment")?;
                self.letters.extend(Letter::of(payment, &mut self.dice));
                self.tally.payments += 1;
            }
            _ => {}
        }
        self.records.insert((kind, id), version);
        Ok(())
    }

    /// A letter of the gateway, or one that only looks so.
    fn letter(&mut self, house: &House) -> Result<()> {
        let at = self.dice.random_range(0..self.letters.len());
        let turn = self.dice.random();
        let Some(letter) = self.letters.get_mut(at) else {
            return Ok(());
        };
        if !letter.send(&self.agent, house, turn)? {
            std::thread::sleep(PAUSE);
            return Ok(());
        }
        let letter = self.letters.swap_remove(at);
        if letter.forged {
            self.tally.forged += 1;
        } else {
            self.tally.letters += 1;
            self.paid.push(letter.payment);
        }
        Ok(())
    }
}

/// A repeated answer tells the record as it stood then; what may be done now may have changed.
fn same(job: &Job, one: &Json, other: &Json) -> Result<()> {
    for name in [
        "id",
        "type",
        "number",
        "state",
        "version",
        "fields",
        "created_at",
        "updated_at",
    ] {
        ensure!(
            one[name] == other[name],
            "{} {}: answered {name} {} and then {}",
            job.path,
            job.key,
            one[name],
            other[name]
        );
    }
    Ok(())
}
