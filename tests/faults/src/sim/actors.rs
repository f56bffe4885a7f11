//! Who lives in the town: citizens and an official who act, the worker, the payment gateway, and time itself.

use super::faulty::Chance;
use super::steps::{Others, take_turns};
use super::town::{Answer, FEE, Job, Memory, SLUG, Town, people};
use anyhow::{Result, bail, ensure};
use engine::{
    ActRequest, Engine, Failure, IdempotencyKey, ManualClock, News, NewsKind, RecordView, Worker,
};
use jiff::{SignedDuration, Timestamp};
use kernel::{Actor, RecordId, RefusalKind};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// Acts that each wants between two restarts.
const WANTED: usize = 3;
/// Rounds of the worker.
const ROUNDS: usize = 4;
/// Steps after which everything stops, at most.
const STOPS_WITHIN: usize = 3_000;

/// What everybody has at hand.
#[derive(Clone)]
struct Here {
    engine: Arc<Engine>,
    memory: Arc<Mutex<Memory>>,
    chance: Arc<Chance>,
    clock: Arc<ManualClock>,
    /// What must never happen, if it did.
    wrong: Rc<Cell<Option<String>>>,
}

/// Lives through some periods, each ended by a stop in the middle, and a last one in which everything comes to its end.
/// Answers how many acts were done.
pub(crate) fn live(town: &mut Town<'_>) -> Result<u64> {
    let handle = town.runtime.handle().clone();
    let _entered = handle.enter();
    for _ in 0..town.chance.below(3) {
        let stops = town.chance.below(STOPS_WITHIN) as u64;
        period(town, Some(stops))?;
        town.restart()?;
    }
    period(town, None)?;
    town.chance.calm();
    // What is in doubt is asked for again; letters arrive; deadlines pass; the outbox is emptied.
    for days in [0, 1, 4, 9, 20, 40] {
        let later = super::town::first_day().checked_add(SignedDuration::from_hours(24 * days))?;
        town.clock.set(later.max(town.clock_now()));
        period_of(town, None, true)?;
    }
    let memory = town.memory.lock();
    ensure!(
        memory.jobs.iter().all(|job| job.answer.is_some()),
        "an act was never answered"
    );
    ensure!(memory.letters.is_empty(), "a letter was never taken");
    let done = memory
        .jobs
        .iter()
        .filter(|job| matches!(job.answer, Some(Answer::Done { .. })));
    Ok(done.count() as u64)
}

fn period(town: &mut Town<'_>, stops: Option<u64>) -> Result<()> {
    period_of(town, stops, false)
}

fn period_of(town: &mut Town<'_>, stops: Option<u64>, is_last: bool) -> Result<()> {
    let here = Here {
        engine: town.engine()?,
        memory: Arc::clone(&town.memory),
        chance: Arc::clone(&town.chance),
        clock: Arc::clone(&town.clock),
        wrong: Rc::default(),
    };
    let mut lives: Vec<std::pin::Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
    for (lane, actor) in people(&here.engine)?.into_iter().enumerate() {
        // Twice each: what they want comes at the same moment from two places.
        lives.push(Box::pin(person(here.clone(), lane, actor.clone(), is_last)));
        lives.push(Box::pin(again(here.clone(), lane)));
    }
    lives.push(Box::pin(worker(here.clone(), is_last)));
    lives.push(Box::pin(gateway(here.clone(), is_last)));
    if !is_last {
        lives.push(Box::pin(time(here.clone())));
    }
    take_turns(lives, &here.chance, &town.runtime, stops);
    match here.wrong.take() {
        Some(wrong) => bail!("{wrong}"),
        None => Ok(()),
    }
}

/// Settles what is in doubt, then wants more.
async fn person(here: Here, lane: usize, actor: Actor, is_last: bool) {
    let wanted = if is_last {
        0
    } else {
        here.chance.below(WANTED + 1)
    };
    let mut left = wanted;
    loop {
        let doubtful = here
            .memory
            .lock()
            .jobs
            .iter()
            .position(|job| job.lane == lane && job.answer.is_none());
        let at = match doubtful {
            Some(at) => at,
            None if left == 0 => return,
            None => {
                left -= 1;
                let request = think(&here, lane, &actor);
                let mut memory = here.memory.lock();
                let job = Job {
                    lane,
                    request,
                    answer: None,
                };
                memory.jobs.push(job);
                memory.jobs.len() - 1
            }
        };
        ask(&here, at).await;
    }
}

/// Asks again for what was asked before, answered or not.
async fn again(here: Here, lane: usize) {
    for _ in 0..here.chance.below(4) {
        Others(u32::try_from(here.chance.below(40)).unwrap_or(0)).await;
        let of_lane: Vec<usize> = {
            let memory = here.memory.lock();
            let jobs = memory.jobs.iter().enumerate();
            jobs.filter(|(_, job)| job.lane == lane)
                .map(|(at, _)| at)
                .collect()
        };
        if !of_lane.is_empty() {
            ask(&here, of_lane[here.chance.below(of_lane.len())]).await;
        }
    }
}

/// Sends an act once, and remembers what came of it.
async fn ask(here: &Here, at: usize) {
    let request = here.memory.lock().jobs[at].request.clone();
    let told = |what: &str| format!("{} of lane act {at}: {what}", request.action);
    let answer = match here.engine.perform(request.clone()).await {
        Ok(outcome) => done(&outcome.view),
        Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Busy => return,
        Err(Failure::Refused(_)) => Answer::Refused,
        Err(Failure::Store(_)) => return,
        Err(Failure::Internal(why)) => return here.wrong.set(Some(told(&why))),
    };
    here.chance
        .tell(|| told(&format!("{answer:?}").chars().take(60).collect::<String>()));
    let mut memory = here.memory.lock();
    let known = &mut memory.jobs[at].answer;
    match known {
        None => *known = Some(answer.clone()),
        // Refused first and done later: whoever asks again may find that it has become possible.
        Some(Answer::Refused) => *known = Some(answer.clone()),
        Some(first) if *first == answer => return,
        Some(first) => {
            return here
                .wrong
                .set(Some(told(&format!("answered {first:?}, then {answer:?}"))));
        }
    }
    let Answer::Done { shown, .. } = &answer else {
        return;
    };
    let lane = memory.jobs[at].lane;
    for child in shown["children"].as_array().into_iter().flatten() {
        let Some(child) = child.as_str().and_then(|id| id.parse().ok()) else {
            return here.wrong.set(Some(told("a child without an id")));
        };
        let letters = u32::try_from(here.chance.below(3)).unwrap_or(0);
        match request.action.as_str() {
            "start" => memory.items.push((lane, child)),
            "ask" if letters > 0 => memory.letters.push((child, letters)),
            _ => {}
        }
    }
}

/// What a repeated answer must say again. What may be done now, and what stands beside the record, may have changed.
fn done(view: &RecordView) -> Answer {
    let json = view.to_json();
    let mut shown = Map::new();
    for name in ["id", "number", "state", "version", "fields"] {
        shown.insert(name.into(), json[name].clone());
    }
    let children = view.children.values().flatten();
    let children: Vec<Json> = children.map(|child| json!(child.id.to_string())).collect();
    shown.insert("children".into(), Json::Array(children));
    Answer::Done {
        record: view.id,
        version: view.version,
        shown: Json::Object(shown),
    }
}

/// A new wish of somebody.
fn think(here: &Here, lane: usize, actor: &Actor) -> ActRequest {
    let memory = here.memory.lock();
    let number = memory.jobs.len();
    let is_official = !actor.seats.is_empty();
    // Records as this one was last told of them.
    let mut known: Vec<(&str, RecordId, u64)> = Vec::new();
    for job in memory
        .jobs
        .iter()
        .filter(|job| job.lane == lane || is_official)
    {
        if let Some(Answer::Done {
            record, version, ..
        }) = &job.answer
        {
            known.retain(|(_, id, _)| id != record);
            known.push((job.request.record_type.as_str(), *record, *version));
        }
    }
    let items: Vec<RecordId> = {
        let items = memory.items.iter().filter(|(of, _)| *of == lane);
        items.map(|(_, item)| *item).collect()
    };
    let of = |kind: &str| -> Option<(RecordId, u64)> {
        if kind == "item" {
            return Some((*items.get(here.chance.below(items.len().max(1)))?, 1));
        }
        let some: Vec<_> = known.iter().filter(|(name, ..)| *name == kind).collect();
        let (_, id, version) = some.get(here.chance.below(some.len().max(1)))?;
        Some((*id, *version))
    };
    let amount = 1 + here.chance.below(3);
    let name = format!("見本{number}");
    let (kind, action, on, input) = match (is_official, here.chance.below(10)) {
        (true, 0..4) => ("delivery", "book", None, json!({"amount": amount})),
        (true, 4) => ("basket", "approve", of("basket"), json!({"approved": true})),
        (true, _) => ("application", "take", of("application"), json!({})),
        (_, 0..2) => (
            "basket",
            "start",
            None,
            json!({"name": name, "wishes": [{"what": name}, {"what": "別"}]}),
        ),
        (_, 2) => ("basket", "write", of("basket"), json!({"note": name})),
        (_, 3) => ("basket", "paint", of("basket"), json!({"colour": "黒"})),
        (_, 4) => ("basket", "close", of("basket"), json!({})),
        (_, 5) => ("application", "withdraw", of("application"), json!({})),
        (_, 6..9) => ("item", "take", of("item"), json!({})),
        _ => (
            "application",
            "ask",
            None,
            json!({"name": name, "fee": FEE}),
        ),
    };
    // Who has nothing yet to act on begins something.
    let (kind, action, input) = match (&on, action) {
        (None, "take") if !is_official => (
            "basket",
            "start",
            json!({"name": name, "wishes": [{"what": name}]}),
        ),
        (None, "write" | "paint" | "close" | "withdraw") => {
            ("application", "ask", json!({"name": name, "fee": FEE}))
        }
        (None, "approve" | "take") => ("delivery", "book", json!({"amount": amount})),
        _ => (kind, action, input),
    };
    ActRequest {
        actor: actor.clone(),
        purpose: None,
        service: SLUG.into(),
        record_type: kind.into(),
        record: on.map(|(id, _)| id),
        action: action.into(),
        input: input.as_object().cloned().unwrap_or_default(),
        version: on.map(|(_, version)| version),
        dry_run: false,
        idempotency: Some(IdempotencyKey {
            key: format!("job-{number}"),
            request: format!("{action} {number}"),
        }),
        run: None,
    }
}

/// Rounds of the one worker that a process has. One that fails goes on in the next.
async fn worker(here: Here, is_last: bool) {
    let worker = Worker::new(Arc::clone(&here.engine));
    for _ in 0..ROUNDS {
        if let Err(fault) = worker.tick().await {
            here.chance
                .tell(|| format!("a round of the worker ends: {fault}"));
            if is_last {
                here.wrong.set(Some(format!("the worker: {fault}")));
            }
        }
        if is_last {
            forward(&here, SignedDuration::from_hours(2));
        }
        Others(u32::try_from(here.chance.below(60)).unwrap_or(0)).await;
    }
}

/// Letters of the gateway, some more than once.
async fn gateway(here: Here, is_last: bool) {
    let wanted = if is_last {
        usize::MAX
    } else {
        here.chance.below(4)
    };
    for _ in 0..wanted {
        let letter = {
            let memory = here.memory.lock();
            let count = memory.letters.len();
            (count > 0).then(|| memory.letters[here.chance.below(count)])
        };
        let Some((payment, _)) = letter else {
            if is_last {
                return;
            }
            Others(20).await;
            continue;
        };
        let news = News {
            kind: NewsKind::Paid {
                payment: format!("pay-{payment}"),
                method: "card".into(),
            },
            reference: format!("{SLUG}/payment/{payment}"),
            session: None,
            amount_yen: FEE,
            at: here.engine.now(),
        };
        if here.engine.take_news("sandbox", &news).await.is_err() {
            continue;
        }
        let mut memory = here.memory.lock();
        if !memory.paid.contains(&payment) {
            memory.paid.push(payment);
        }
        for letter in memory
            .letters
            .iter_mut()
            .filter(|letter| letter.0 == payment)
        {
            letter.1 -= 1;
        }
        memory.letters.retain(|letter| letter.1 > 0);
    }
}

/// Time goes on, jumps, and now and then goes back.
async fn time(here: Here) {
    for _ in 0..here.chance.below(8) {
        Others(u32::try_from(here.chance.below(80)).unwrap_or(0)).await;
        let seconds = [1, 30, 3_600, 86_400, 4 * 86_400, -2, -3_600, -2 * 86_400];
        forward(
            &here,
            SignedDuration::from_secs(seconds[here.chance.below(seconds.len())]),
        );
    }
}

fn forward(here: &Here, by: SignedDuration) {
    let now = here.engine.now();
    here.clock.set(now.checked_add(by).unwrap_or(now));
    here.chance.tell(|| format!("the clock goes on by {by:?}"));
}

impl Town<'_> {
    fn clock_now(&self) -> Timestamp {
        use engine::Clock as _;
        self.clock.now()
    }
}
