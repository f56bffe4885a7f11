//! The whole product, as it is shipped, under load over HTTP.

mod client;
mod gateway;
mod house;
mod lane;
mod place;
mod server;
mod told;

use crate::Extent;
use crate::progress::Progress;
use anyhow::{Context as _, Result, ensure};
use house::House;
use lane::{Lane, Tally};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use server::{Breaks, Server};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Clients at a time.
const LANES: u64 = 6;
/// Kills of one house: its journal stays short enough to be verified after each.
const OF_A_HOUSE: u64 = 40;
/// Ready again after a kill, as the release promises; a busy machine may take longer before the suite says no.
const READY_WITHIN: Duration = Duration::from_secs(2);
const PATIENCE: u32 = 5;
/// Ready again after the database is back, without a restart.
const BACK_WITHIN: Duration = Duration::from_secs(20);
const NO_POSTGRES: &str = "skipped: there is no PostgreSQL on this machine";

/// One process on SQLite, killed again and again.
pub(crate) fn alone(extent: Extent) -> Result<String> {
    let kills = extent.of(12, 1_000);
    houses(extent, (kills, "kills under load"), House::alone, kill)
}

/// Two processes on one PostgreSQL database, killed in turn.
pub(crate) fn copies(extent: Extent) -> Result<String> {
    let Some(server) = Server::shared() else {
        return Ok(NO_POSTGRES.into());
    };
    let (kills, two) = (extent.of(6, 200), || House::two_copies(server.database()?));
    houses(extent, (kills, "kills of one of two copies"), two, kill)
}

/// Two processes on one PostgreSQL database, whose server goes and comes back.
pub(crate) fn database(extent: Extent) -> Result<String> {
    let Some(server) = Server::shared() else {
        return Ok(NO_POSTGRES.into());
    };
    let (times, two) = (extent.of(4, 200), || House::two_copies(server.database()?));
    houses(extent, (times, "ends of the database"), two, |turn| {
        break_server(turn, &server)
    })
}

/// One fault, its house, and what chance has to say.
struct Turn<'t> {
    number: u64,
    extent: Extent,
    house: &'t House,
    lanes: &'t mut [Lane],
    dice: &'t mut StdRng,
}

/// What all came to.
struct Sum {
    tally: Tally,
    events: u64,
    slowest: Duration,
    progress: Progress,
}

/// Breaks something so many times, in as many houses as that needs; a long run may begin with a later fault.
fn houses(
    extent: Extent,
    (faults, what): (u64, &str),
    make: impl Fn() -> Result<House>,
    fault: impl Fn(Turn<'_>) -> Result<Duration>,
) -> Result<String> {
    let before = extent.from.saturating_sub(1).min(faults) / OF_A_HOUSE;
    let left = faults - before * OF_A_HOUSE;
    let mut sum = Sum {
        tally: Tally::default(),
        events: 0,
        slowest: Duration::ZERO,
        progress: Progress::new(left),
    };
    for number in before..faults.div_ceil(OF_A_HOUSE) {
        let seed = extent.seed.unwrap_or(1) + number;
        let some = OF_A_HOUSE.min(faults - number * OF_A_HOUSE);
        live(extent, seed, (&make()?, some), &fault, &mut sum)
            .with_context(|| format!("house {number}, seed {seed}"))?;
    }
    let Sum { tally, events, .. } = sum;
    ensure!(
        tally.acts > left * 5,
        "only {} acts: the suite proves little",
        tally.acts
    );
    Ok(format!(
        "{left} {what}: {} acts, each once over {} retries and {} double submits ({} refused, not done), {} payments over {} letters, {} forged; {events} events verified; ready again within {} ms",
        tally.acts,
        tally.retries,
        tally.doubles,
        tally.refused,
        tally.payments,
        tally.letters,
        tally.forged,
        sum.slowest.as_millis()
    ))
}

fn live(
    extent: Extent,
    seed: u64,
    (house, faults): (&House, u64),
    fault: &impl Fn(Turn<'_>) -> Result<Duration>,
    sum: &mut Sum,
) -> Result<()> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut lanes: Vec<Lane> = (0..LANES).map(|n| Lane::new(n, seed)).collect();
    lane::stock(house)?;
    for number in 0..faults {
        let turn = Turn {
            number,
            extent,
            house,
            lanes: &mut lanes,
            dice: &mut dice,
        };
        let ready = fault(turn).with_context(|| format!("fault {number}"))?;
        sum.slowest = sum.slowest.max(ready);
        sum.progress.one();
    }
    for lane in &mut lanes {
        lane.settle(house)?;
    }
    sum.events += told::at_the_end(house, &lanes)?;
    sum.tally = lanes.iter().fold(sum.tally, |sum, lane| sum + lane.tally);
    Ok(())
}

/// Kills a process under load, its clock put elsewhere meanwhile, and starts it again.
fn kill(turn: Turn<'_>) -> Result<Duration> {
    let (house, dice) = (turn.house, turn.dice);
    let after = Duration::from_millis(dice.random_range(100..turn.extent.of(500, 1_000)));
    let which = house.one_of(turn.number);
    let elsewhere = clock(dice);
    load(turn.lanes, house, || {
        std::thread::sleep(after);
        house.jump(which, elsewhere)?;
        std::thread::sleep(after);
        house.kill(which)
    })?;
    let left = house.place()?;
    let ready = house.restart(which, clock(dice))?;
    ensure!(
        ready < READY_WITHIN * PATIENCE,
        "ready only after {ready:?}"
    );
    told::holds(&left, turn.lanes)?;
    Ok(ready)
}

/// Breaks the database under load; the copies find it again by themselves.
fn break_server(turn: Turn<'_>, server: &Server) -> Result<Duration> {
    let (house, dice) = (turn.house, turn.dice);
    let after = Duration::from_millis(dice.random_range(200..1_000));
    let away = Duration::from_millis(dice.random_range(100..1_500));
    let how = if turn.number.is_multiple_of(2) {
        Breaks::Children
    } else {
        Breaks::Away
    };
    let mut ready = Duration::ZERO;
    load(turn.lanes, house, || {
        std::thread::sleep(after);
        server.breaks(how, || std::thread::sleep(away))?;
        ready = house.ready_again(BACK_WITHIN)?;
        // And they work.
        std::thread::sleep(after);
        Ok(())
    })
    .with_context(|| format!("{how:?}"))?;
    told::holds(&house.place()?, turn.lanes)?;
    Ok(ready)
}

/// How far a wall clock is put elsewhere: hours back, days on.
fn clock(dice: &mut StdRng) -> i64 {
    let hours = [0, 0, -5, 30, 24 * 4, 24 * 11][dice.random_range(0..6)];
    hours * 3_600 + dice.random_range(-300..300)
}

/// All lanes work until what is beside them has returned.
fn load(lanes: &mut [Lane], house: &House, beside: impl FnOnce() -> Result<()>) -> Result<()> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let is_over = &is_over;
        let working: Vec<_> = lanes
            .iter_mut()
            .map(|lane| scope.spawn(move || lane.work(house, is_over)))
            .collect();
        let done = beside();
        is_over.store(true, SeqCst);
        for lane in working {
            lane.join()
                .map_err(|_| anyhow::anyhow!("a lane panicked"))??;
        }
        done
    })
}

/// Waits until something is so, patiently: what is waited for is the worker's round.
fn eventually(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !is_so()? {
        ensure!(
            begun.elapsed() < Duration::from_secs(60),
            "{what}: not within a minute"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
