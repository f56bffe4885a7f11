//! A disk that is full or fails for a while: what is refused leaves nothing halfway, what is acknowledged stays, also when
//! the power goes after it.

use super::child;
use super::held::held;
use crate::control::{self, Control, Deed};
use crate::disk::image::Disk;
use crate::disk::record;
use crate::{Extent, in_lanes, quick_folder};
use anyhow::{Context as _, Result, ensure};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const BEFORE: u64 = 3;
const ACTS: u64 = 16;
/// Tries of an act that is refused.
const AGAIN: u32 = 200;

/// How a disk fails.
const WAYS: [(Deed, u64); 5] = [
    (Deed::NoSpace, control::ALL - control::SYNC),
    (Deed::NoSpace, control::WRITE),
    (Deed::Broken, control::SYNC),
    (Deed::Broken, control::ALL),
    (Deed::Short, control::WRITE),
];

pub(crate) fn run(extent: Extent) -> Result<String> {
    let (met, went_on) = (AtomicU64::new(0), AtomicU64::new(0));
    let seeds = extent.seeds(20, 1_000);
    in_lanes(&seeds, |seed| {
        let shown = || format!("seed {seed} (--only disk --seed {seed})");
        let (failed, recovered) = house(*seed).with_context(shown)?;
        met.fetch_add(failed, Relaxed);
        went_on.fetch_add(u64::from(recovered), Relaxed);
        Ok(())
    })?;
    let (met, went_on) = (met.into_inner(), went_on.into_inner());
    ensure!(
        met > seeds.len() as u64,
        "only {met} calls failed: the suite proves little"
    );
    Ok(format!(
        "{met} calls failed in {} houses; {went_on} went on without a restart, nothing was lost in any",
        seeds.len()
    ))
}

/// Answers how many calls failed, and whether the process went on to its end by itself.
fn house(seed: u64) -> Result<(u64, bool)> {
    let mut dice = StdRng::seed_from_u64(seed);
    let (house, control) = (quick_folder()?, Control::new()?);
    let mut made = child::command(house.path(), 1, BEFORE, 0)?;
    ensure!(
        made.output()?.status.success(),
        "the base could not be made"
    );
    let (deed, kinds) = WAYS[dice.random_range(0..WAYS.len())];
    let most = if kinds == control::SYNC { 40 } else { 250 };
    let from = dice.random_range(1..most);
    control.tell(
        deed,
        kinds,
        from,
        from + [0, 1, 5, 40][dice.random_range(0..4)],
    )?;
    let mut command = child::command(house.path(), BEFORE + 1, BEFORE + ACTS, AGAIN)?;
    control.over(&mut command, house.path(), true)?;
    let mut disk = Disk::of(house.path())?;
    let ended = command.output()?;
    let said = String::from_utf8(ended.stdout)?;
    let mut acknowledged: BTreeSet<u64> = said.lines().filter_map(child::parse).collect();
    acknowledged.extend(1..=BEFORE);
    let told = || {
        format!(
            "{deed:?} of {kinds} from {from}: {}",
            String::from_utf8_lossy(&ended.stderr)
        )
    };
    disk.play(&record::read(&control.record())?, &mut dice)?;
    let left = quick_folder()?;
    disk.cut(house.path(), &mut dice, left.path())?;
    held(left.path(), &acknowledged)
        .context("after the power went")
        .with_context(told)?;
    held(house.path(), &acknowledged).with_context(told)?;
    Ok((control.met()?, ended.status.success()))
}
