//! What nobody may go back to any more goes: bases, segments before the oldest base that stays, epochs with their keys.

use super::base::Base;
use super::state::State;
use super::{Backup, Vault, names};
use crate::codec;
use crate::failure::Failure;

/// Removes what lies before the newest base that is as old as the time that is kept.
pub(super) fn prune(backup: &Backup, state: &State) -> Result<(), Failure> {
    let keep = i64::try_from(backup.keep.as_nanos()).unwrap_or(i64::MAX);
    let oldest = state.at.saturating_sub(keep);
    let vault = &*backup.data;
    let bases = bases(vault, &state.epoch)?;
    let Some((kept, base)) = bases.iter().rev().find(|(_, base)| base.at <= oldest) else {
        return Ok(());
    };
    for name in vault.list(names::EPOCHS)? {
        let epoch = name.trim_start_matches(names::EPOCHS);
        if epoch < state.epoch.as_str() {
            // First its key: without it the rest is noise.
            backup.keys.remove(&names::epoch_key(epoch))?;
            remove_below(vault, &names::of_epoch(epoch))?;
            vault.remove(&name)?;
        }
    }
    for (no, _) in bases.iter().filter(|(no, _)| no < kept) {
        vault.remove(&names::base(&state.epoch, *no))?;
        remove_below(vault, &names::of_base(&state.epoch, *no))?;
    }
    // Whole groups that lie before; the last one stays until the next time.
    let first_group = base.first / names::GROUP;
    for group in (0..first_group).rev() {
        let names = vault.list(&names::group(&state.epoch, group))?;
        if names.is_empty() {
            break;
        }
        for name in names {
            vault.remove(&name)?;
        }
    }
    Ok(())
}

/// Makes all other epochs worth nothing: first their keys go, without which the rest is noise.
pub(super) fn forget(backup: &Backup, state: &State) -> Result<(), Failure> {
    let vault = &*backup.data;
    let others = vault.list(names::EPOCHS)?.into_iter();
    let others: Vec<String> = others
        .filter(|name| name.trim_start_matches(names::EPOCHS) != state.epoch)
        .collect();
    for name in &others {
        let epoch = name.trim_start_matches(names::EPOCHS);
        backup.keys.remove(&names::epoch_key(epoch))?;
    }
    for name in &others {
        remove_below(
            vault,
            &names::of_epoch(name.trim_start_matches(names::EPOCHS)),
        )?;
        vault.remove(name)?;
    }
    Ok(())
}

/// Whole bases of an epoch, oldest first.
pub(super) fn bases(vault: &dyn Vault, epoch: &str) -> Result<Vec<(u64, Base)>, Failure> {
    let mut all = Vec::new();
    for name in vault.list(&names::bases(epoch))? {
        let (Some(no), Some(bytes)) = (names::number(&name), vault.get(&name)?) else {
            continue;
        };
        all.push((no, codec::json(&bytes)?));
    }
    Ok(all)
}

fn remove_below(vault: &dyn Vault, path: &str) -> Result<(), Failure> {
    for name in vault.list(path)? {
        vault.remove(&name)?;
    }
    Ok(())
}
