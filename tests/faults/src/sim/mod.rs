//! A deterministic simulation: the engine, the kernel, the real store on SQLite, its outbox and the worker, in one thread.
//!
//! A seed decides everything that a machine leaves to chance: whose turn it is at each call of the store, what the clock
//! says, every identifier and key, which calls fail before they are done, which are done and their answer lost, and when
//! all of it stops in the middle and begins anew. So a seed that fails fails again.

mod actors;
mod checks;
mod faulty;
mod steps;
mod town;

use crate::{Extent, in_lanes, quick_folder};
use anyhow::{Context as _, Result, ensure};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use town::{Ground, Town};

/// Every so many seeds, one is run twice and must come to the same journal.
const TWICE: u64 = 50;

pub(crate) fn run(extent: Extent) -> Result<String> {
    let ground = Ground::make()?;
    let seeds = extent.seeds(1_000, 100_000);
    let (acts, faults, restarts) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    in_lanes(&seeds, |seed| {
        let shown = || format!("seed {seed} (cargo xtask faults --seed {seed})");
        let done = one(&ground, *seed, extent.seed.is_some()).with_context(shown)?;
        if seed.is_multiple_of(TWICE) || extent.seed.is_some() {
            let again = one(&ground, *seed, false).with_context(shown)?;
            ensure!(
                done.digest == again.digest,
                "seed {seed} came to two journals: it is not deterministic"
            );
        }
        acts.fetch_add(done.acts, Relaxed);
        faults.fetch_add(done.faults, Relaxed);
        restarts.fetch_add(done.restarts, Relaxed);
        Ok(())
    })?;
    let (acts, faults) = (acts.into_inner(), faults.into_inner());
    ensure!(
        acts > seeds.len() as u64 && faults > 0 || extent.seed.is_some(),
        "the simulation hardly moved"
    );
    Ok(format!(
        "{} seeds, {acts} acts, {faults} faults, {} restarts: no violation",
        seeds.len(),
        restarts.into_inner()
    ))
}

/// What a seed came to.
struct Done {
    acts: u64,
    faults: u64,
    restarts: u64,
    /// Over every event.
    digest: String,
}

fn one(ground: &Ground, seed: u64, tells: bool) -> Result<Done> {
    let folder = quick_folder()?;
    let mut town = Town::new(ground, folder.path(), seed, tells)?;
    let acts = actors::live(&mut town)?;
    let digest = checks::all(&mut town)?;
    Ok(Done {
        acts,
        faults: town.chance.faults(),
        restarts: town.restarts,
        digest,
    })
}
