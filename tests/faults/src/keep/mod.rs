//! What is disposed of is disposed of wholly, and keys are turned wholly, wherever the process ends.

mod keys;
pub(crate) mod round;
mod shelf;

use crate::Extent;
use anyhow::Result;

pub(crate) fn run(extent: Extent) -> Result<String> {
    let base = shelf::Base::make()?;
    let rounds = round::run(extent, &base)?;
    let keys = keys::run(extent, &base)?;
    Ok(format!(
        "{} kills at {} calls of a round of disposals, {} at {} calls of turns of the keys: done wholly or not at all",
        rounds.kills, rounds.calls, keys.kills, keys.calls
    ))
}
