//! Measures declared over records that are there already: counted once from the records, before anybody is served.

use crate::{Engine, Failure};
use definition::model::{Measure, RecordType, Service, Status};
use kernel::port::{Commit, Prepared};
use kernel::{Posting, RecordId, measure};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// Events read at a time.
const PAGE: usize = 1_000;

/// Records by the place of their type.
type Records = BTreeMap<usize, BTreeSet<RecordId>>;
/// By measure and key.
type Sums = BTreeMap<(String, String), Decimal>;

impl Engine {
    /// Counts anew what is counted otherwise than when it was last counted. Call it after publishing, before serving:
    /// acts from then on keep the numbers themselves. Answers how many types were counted.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn recount(&self) -> Result<usize, Failure> {
        let catalogue = self.catalogue();
        let mut changed: Vec<(Arc<Service>, Arc<RecordType>)> = Vec::new();
        for service in catalogue.services.values() {
            if service.status != Status::Running {
                continue;
            }
            for rt in service.types.values().filter(|rt| !rt.measures.is_empty()) {
                let name = setting(service, rt);
                if self.store.setting(&name).await?.as_ref() != Some(&print_of(rt)) {
                    changed.push((Arc::clone(service), Arc::clone(rt)));
                }
            }
        }
        if changed.is_empty() {
            return Ok(0);
        }
        let (mut records, mut gone) = self.records_of(&changed).await?;
        for (at, (service, rt)) in changed.iter().enumerate() {
            let records = records.remove(&at).unwrap_or_default();
            let records: Vec<RecordId> = records.into_iter().collect();
            let gone = gone.remove(&at).unwrap_or_default();
            self.count(service, rt, &records, gone).await?;
            self.store
                .put_setting(&setting(service, rt), &print_of(rt))
                .await?;
        }
        Ok(changed.len())
    }

    /// Every record of these types, from the journal; and what those counted for that were disposed of.
    async fn records_of(
        &self,
        types: &[(Arc<Service>, Arc<RecordType>)],
    ) -> Result<(Records, BTreeMap<usize, Sums>), Failure> {
        let mut found = Records::new();
        let mut gone: BTreeMap<usize, Sums> = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = self.store.changes(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok((found, gone));
            };
            after = last.position;
            for event in page.iter().map(|one| &one.event) {
                let header = &event.header;
                let place = types.iter().position(|(service, rt)| {
                    service.slug == header.service && rt.name == header.record_type
                });
                let Some(place) = place else { continue };
                found.entry(place).or_default().insert(header.record);
                let counted = kernel::keep::certificate(event).map(|one| &one.counted);
                for (measure, key, number) in counted.into_iter().flatten() {
                    let sums = gone.entry(place).or_default();
                    *sums.entry((measure.clone(), key.clone())).or_default() += number;
                }
            }
        }
    }

    async fn count(
        &self,
        service: &Arc<Service>,
        rt: &RecordType,
        records: &[RecordId],
        mut sums: Sums,
    ) -> Result<(), Failure> {
        for ids in records.chunks(PAGE) {
            for snapshot in self.store.snapshots(ids).await? {
                let governing = self.governing(&snapshot).await?;
                let Some(own) = governing.types.get(&snapshot.record_type).cloned() else {
                    continue;
                };
                let facts = self.empty_facts(governing);
                for measure in own.measures.values() {
                    if let Some((key, n)) = measure::adds(&facts, &own, measure, &snapshot) {
                        *sums.entry((measure.name.clone(), key)).or_default() += n;
                    }
                }
            }
        }
        let mut postings = Vec::new();
        for measure in rt.measures.values() {
            postings.extend(self.corrections(service, rt, measure, &sums).await?);
        }
        if postings.is_empty() {
            return Ok(());
        }
        let commit = Commit {
            expects: Vec::new(),
            draws: Vec::new(),
            finish: Box::new(move |_| Prepared {
                events: Vec::new(),
                records: Vec::new(),
                postings,
                effects: Vec::new(),
                attachments: Vec::new(),
                idempotency: None,
            }),
        };
        self.store.commit(commit).await?;
        Ok(())
    }

    /// What must be posted so that a measure says what the records say.
    async fn corrections(
        &self,
        service: &Service,
        rt: &RecordType,
        measure: &Measure,
        sums: &BTreeMap<(String, String), Decimal>,
    ) -> Result<Vec<Posting>, Failure> {
        let ledger = measure::ledger(&service.slug, &rt.name, &measure.name);
        let known = self.store.balances(&ledger, "", usize::MAX).await?;
        let mut due: BTreeMap<String, Decimal> = sums
            .iter()
            .filter(|((name, _), _)| *name == measure.name)
            .map(|((_, key), n)| (key.clone(), *n))
            .collect();
        for (key, n) in known {
            *due.entry(key).or_default() -= n;
        }
        let posting = |(key, posted): (String, Decimal)| Posting {
            ledger: ledger.clone(),
            key,
            record: RecordId(uuid::Uuid::nil()),
            posted,
            held: Decimal::ZERO,
            floor: None,
        };
        let wrong = due.into_iter().filter(|(_, n)| !n.is_zero());
        Ok(wrong.map(posting).collect())
    }
}

fn setting(service: &Service, rt: &RecordType) -> String {
    format!("measures:{}/{}", service.slug, rt.name)
}

/// What a type's measures count, as a short text: it changes when they do.
fn print_of(rt: &RecordType) -> String {
    let mut said = String::new();
    for measure in rt.measures.values() {
        let source = |typed: &Option<feel::Typed>| {
            typed
                .as_ref()
                .map_or_else(String::new, |typed| typed.source().to_owned())
        };
        let _ = write!(
            said,
            "{}|{}|{}",
            measure.name,
            source(&measure.only),
            source(&measure.sum)
        );
        for one in &measure.by {
            let _ = write!(said, "|{}", one.value.source());
        }
        said.push('\n');
    }
    let digest = Sha256::digest(said.as_bytes());
    digest
        .iter()
        .take(12)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
