//! The vault against the records: what a record refers to is there and opens, and nothing else is there.

use super::{ORPHANS_KEPT, holds, references};
use crate::{Engine, Failure};
use definition::model::RecordType;
use jiff::SignedDuration;
use kernel::port::StoreError;
use kernel::vault::NumberPlace;
use kernel::{RecordId, Snapshot};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Numbers looked at in one piece.
const PIECE: usize = 500;
/// Unsettled numbers that are looked through for a young one.
const UNSETTLED: usize = 10_000;

/// The references that live records hold.
#[derive(Default)]
pub struct NumberReferences(BTreeMap<Uuid, RecordId>);

impl NumberReferences {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no record refers to a number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, rt: &RecordType, of: &Snapshot) {
        let found = references(rt, of).into_iter();
        self.0.extend(found.map(|id| (id, of.id)));
    }
}

/// What a look through the vault came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumbersChecked {
    /// Numbers that are there.
    pub checked: u64,
    /// Numbers that were destroyed so far.
    pub destroyed: u64,
    /// The first thing that does not fit, and its record. Names no number.
    pub fault: Option<(RecordId, &'static str)>,
}

impl Engine {
    /// Adds the references of a record under the definition of a hash; none if the definition is not known.
    pub fn add_references(&self, into: &mut NumberReferences, of: &Snapshot, hash: &str) {
        let service = self.at_hand(hash);
        if let Some(rt) = service.as_ref().and_then(|s| s.types.get(&of.record_type)) {
            into.add(rt, of);
        }
    }

    /// Compares the vault with the references that were found. Servers may go on meanwhile: what seems wrong is looked at
    /// again as it stands then.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn check_numbers(
        &self,
        mut referred: NumberReferences,
    ) -> Result<NumbersChecked, Failure> {
        let vault = self.store.vault();
        let mut told = NumbersChecked::default();
        let (mut after, mut suspects) = (None, Vec::new());
        loop {
            let piece = vault.all_numbers(after, PIECE).await?;
            let Some(last) = piece.last() else { break };
            after = Some(last.id);
            for place in piece {
                told.checked += 1;
                let is_held = referred.0.remove(&place.id) == Some(place.record);
                if !is_held || !self.opens(&place).await? {
                    suspects.push(place);
                }
            }
        }
        told.destroyed = vault.destroyed_numbers().await?;
        for place in suspects {
            if let Some(what) = self.wrong_with(&place).await? {
                told.fault = Some((place.record, what));
                return Ok(told);
            }
        }
        for (id, record) in referred.0 {
            if self.lacks(id, record).await? {
                let what = "the individual number that it refers to is not in the vault";
                told.fault = Some((record, what));
                break;
            }
        }
        Ok(told)
    }

    async fn opens(&self, place: &NumberPlace) -> Result<bool, Failure> {
        match self.store.vault().number(place.id, place.record).await {
            Ok(number) => Ok(number.is_some()),
            Err(StoreError::Damaged(_)) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }

    /// What is wrong with a number that is there.
    async fn wrong_with(&self, place: &NumberPlace) -> Result<Option<&'static str>, Failure> {
        let vault = self.store.vault();
        if !vault.numbers_of(place.record).await?.contains(place) {
            return Ok(None);
        }
        let found = self.store.snapshots(&[place.record]).await?;
        if found.iter().any(|one| holds(one, place)) {
            let opens = self.opens(place).await?;
            return Ok((!opens).then_some("its individual number does not open"));
        }
        let now = self.clock.now();
        let is_young = now.duration_since(place.at) < ORPHANS_KEPT;
        let soon = now.checked_add(SignedDuration::from_hours(1));
        if is_young && let Ok(soon) = soon {
            let waiting = vault.unsettled_numbers(soon, UNSETTLED).await?;
            if waiting.contains(place) {
                return Ok(None);
            }
        }
        Ok(Some(
            "an individual number is in the vault, and its record does not refer to it",
        ))
    }

    /// Whether a record still refers to a number that is not there.
    async fn lacks(&self, id: Uuid, record: RecordId) -> Result<bool, Failure> {
        let reference = serde_json::Value::from(id.to_string());
        let found = self.store.snapshots(&[record]).await?;
        if !found
            .iter()
            .any(|one| one.fields.values().any(|value| *value == reference))
        {
            return Ok(false);
        }
        let there = self.store.vault().numbers_of(record).await?;
        Ok(there.iter().all(|place| place.id != id))
    }
}
