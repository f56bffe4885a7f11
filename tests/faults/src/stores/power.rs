//! Power cuts: a child works until it is cut off at some call; of what it wrote and did not sync, an arbitrary part is
//! left. The control does the same with syncing made a nothing, and must lose acts: else this part could not fail.

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

/// Cuts of one house, one after another.
const CUTS: u64 = 4;
/// Acts that a child would do if it were let.
const ACTS: u64 = 30;
/// Images of one cut.
const IMAGES: u64 = 2;

pub(crate) fn run(extent: Extent) -> Result<String> {
    let seeds = extent.seeds(12, 1_000);
    let (cuts, acts) = (AtomicU64::new(0), AtomicU64::new(0));
    in_lanes(&seeds, |seed| {
        let shown = || format!("seed {seed} (--only power --seed {seed})");
        let done = house(*seed, false).with_context(shown)?;
        cuts.fetch_add(CUTS * IMAGES, Relaxed);
        acts.fetch_add(done, Relaxed);
        Ok(())
    })?;
    let controls: Vec<u64> = (1..=8).collect();
    let caught = AtomicU64::new(0);
    in_lanes(&controls, |seed| {
        caught.fetch_add(u64::from(house(*seed, true).is_err()), Relaxed);
        Ok(())
    })?;
    let (cuts, acts, caught) = (cuts.into_inner(), acts.into_inner(), caught.into_inner());
    ensure!(
        caught > controls.len() as u64 / 2,
        "without syncing only {caught} of {} houses lost anything: the cuts prove nothing",
        controls.len()
    );
    ensure!(acts > seeds.len() as u64 * 10, "only {acts} acts");
    Ok(format!(
        "{cuts} cuts over {acts} acts lost nothing; without syncing, {caught} of {} houses did",
        controls.len()
    ))
}

/// One house: it works, the power goes, it comes back on what is left. Answers how many acts it did.
fn house(seed: u64, no_sync: bool) -> Result<u64> {
    let mut dice = StdRng::seed_from_u64(seed);
    let (mut house, mut acts) = (quick_folder()?, 0);
    for cut in 0..CUTS {
        let control = Control::new()?;
        if no_sync {
            control.no_sync()?;
        }
        let (kinds, most) = [
            (control::ALL, 900),
            (control::WRITE, 600),
            (control::SYNC, 60),
        ][dice.random_range(0..3)];
        let call = dice.random_range(1..most);
        control.tell(Deed::KillBefore, kinds, call, call)?;
        let mut command = child::command(house.path(), acts + 1, acts + ACTS, 0)?;
        control.over(&mut command, house.path(), true)?;
        let mut disk = Disk::of(house.path())?;
        let said = String::from_utf8(command.output()?.stdout)?;
        let mut acknowledged: BTreeSet<u64> = said.lines().filter_map(child::parse).collect();
        acknowledged.extend(1..=acts);
        disk.play(&record::read(&control.record())?, &mut dice)?;
        for image in 0..IMAGES {
            let left = quick_folder()?;
            disk.cut(house.path(), &mut dice, left.path())?;
            let kept = held(left.path(), &acknowledged)
                .with_context(|| format!("cut {cut}, image {image}"))?;
            if image + 1 == IMAGES {
                // With the act that the check did.
                (house, acts) = (left, kept.acts + 1);
            }
        }
    }
    Ok(acts)
}
