//! One row: what it would do, and doing it.

use super::Importing;
use crate::{ActRequest, Engine, Failure};
use feel::{Op, Predicate, Value};
use japanese::calendar::Calendar;
use jiff::civil::Date;
use kernel::intake::{Found, Intake, Taken, TakenParty};
use kernel::port::ListQuery;
use kernel::{Act, Actor, Decision, Facts, PartyId, Snapshot};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// What a row comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RowOutcome {
    /// A record is opened.
    New,
    /// A record is changed.
    Changed,
    /// It says what is known.
    Unchanged,
    /// It is not taken, for these reasons.
    Rejected(Vec<String>),
}

/// The act of a row, decided and not yet committed.
pub(super) struct Decided {
    pub(super) request: ActRequest,
    pub(super) facts: Arc<Facts>,
    pub(super) act: Act,
    pub(super) decision: Decision,
}

/// Keys seen so far in a file, with their rows.
#[derive(Default)]
pub(super) struct Seen(HashMap<String, usize>);

pub(super) fn intake<'a>(what: &'a Importing, calendar: &'a Calendar, today: Date) -> Intake<'a> {
    Intake {
        service: &what.service,
        calendar,
        import: &what.import,
        rt: &what.record_type,
        today,
    }
}

impl Engine {
    /// Reads a row; a key that stood further up is refused.
    pub(super) fn take(
        &self,
        what: &Importing,
        found: &Found,
        row: &sheet::Row,
        seen: &mut Seen,
    ) -> Result<Taken, Vec<String>> {
        let calendar = Arc::clone(&self.catalogue().calendar);
        let taken = intake(what, &calendar, self.today()).row(found, &row.cells)?;
        match seen.0.insert(taken.key.to_string(), row.number) {
            Some(above) => Err(vec![format!(
                "{above}行目と同じものです。1つにしてください。"
            )]),
            None => Ok(taken),
        }
    }

    /// What the act of a row would do, and the act as it was decided, unless it is refused. A refusal is a rejected
    /// row, not a failure.
    pub(super) async fn would(
        &self,
        what: &Importing,
        actor: &Actor,
        taken: &Taken,
    ) -> Result<(RowOutcome, Option<Decided>), Failure> {
        let existing = self.known(what, &taken.key).await?;
        // What is closed to whoever imports is left as it is, and the row says nothing of it.
        if let Some(existing) = &existing
            && self.closed_to(actor, existing).await?
        {
            return Ok((RowOutcome::Unchanged, None));
        }
        let mut request = request(what, actor, taken, existing.as_ref());
        let mut facts = match self.facts_for(&request, &request.input).await {
            Ok(facts) => facts,
            Err(Failure::Refused(refusal)) => return Ok((rejected(&refusal), None)),
            Err(other) => return Err(other),
        };
        crate::perform::stand_in(&mut request, &facts);
        let at = self.now();
        let id = request
            .record
            .unwrap_or_else(|| kernel::RecordId(self.ids.uuid(at)));
        let ids = (kernel::ActId(self.ids.uuid(at)), id);
        let act = self.act(&request, request.input.clone(), ids, at);
        let decide = |facts: &kernel::Facts| kernel::decide(facts, &act);
        let decided = self.decided(&mut facts, decide, |decision| decision);
        let decision = match decided.await? {
            Ok(decision) => decision,
            Err(refusal) => return Ok((rejected(&refusal), None)),
        };
        let outcome = match &existing {
            None => RowOutcome::New,
            Some(before) => {
                let mut after = decision.snapshots.iter();
                match after.find(|snapshot| snapshot.id == before.id) {
                    Some(after) if !same(before, after) => RowOutcome::Changed,
                    _ => RowOutcome::Unchanged,
                }
            }
        };
        let decided = Decided {
            request,
            facts: Arc::new(facts),
            act,
            decision,
        };
        Ok((outcome, Some(decided)))
    }

    /// The record with a key. The platform looks: whether the actor may change it, the act decides.
    async fn known(&self, what: &Importing, key: &Value) -> Result<Option<Snapshot>, Failure> {
        let rt = &what.record_type;
        let Some(index) = rt
            .indexes
            .iter()
            .find(|index| index.name == what.import.index)
        else {
            return Err(Failure::Internal(format!(
                "import {} has no index",
                what.import.name
            )));
        };
        let query = ListQuery {
            service: what.service.slug.clone(),
            record_type: rt.name.clone(),
            scopes: vec![kernel::PLATFORM_SCOPE.to_owned()],
            index: index.name.clone(),
            keys: index
                .keys
                .iter()
                .map(definition::model::IndexKey::path)
                .collect(),
            filter: Predicate::compare(&what.import.key, Op::Eq, key.clone()),
            fixed: 1,
            many: index.many(&rt.fields),
            descending: true,
            after: None,
            limit: 1,
        };
        Ok(self.store.list(&query).await?.items.into_iter().next())
    }
}

fn request(
    what: &Importing,
    actor: &Actor,
    taken: &Taken,
    existing: Option<&Snapshot>,
) -> ActRequest {
    let mut actor = actor.clone();
    if let (None, Some(party)) = (existing, &taken.party) {
        actor.on_behalf_of = Some(party_id(party, &taken.key));
        actor.on_behalf_kind = Some(party.kind.clone());
        actor.on_behalf_name = Some(party.name.clone());
    }
    ActRequest {
        actor,
        purpose: Some(format!("取込み：{}", what.import.title)),
        service: what.service.slug.clone(),
        record_type: what.record_type.name.clone(),
        record: existing.map(|existing| existing.id),
        action: what.import.act.clone(),
        input: taken.input.clone(),
        version: existing.map(|existing| existing.version),
        dry_run: false,
        idempotency: None,
        run: None,
    }
}

/// The same party in every run: by what the import says makes it the same, else by its name at this row.
fn party_id(party: &TakenParty, key: &Value) -> PartyId {
    let same = match &party.key {
        Some(same) => format!("{}/{same}", party.kind),
        None => format!("{}/{}/{key}", party.kind, party.name),
    };
    let digest = Sha256::digest(format!("imported party/{same}"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    PartyId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Whether an act changed nothing that is said of the record.
fn same(before: &Snapshot, after: &Snapshot) -> bool {
    before.fields == after.fields
        && before.state == after.state
        && before.parties == after.parties
        && (&before.authority, &before.office, &before.municipality)
            == (&after.authority, &after.office, &after.municipality)
}

pub(super) fn rejected(refusal: &kernel::Refusal) -> RowOutcome {
    let mut reasons: Vec<String> = refusal
        .faults
        .iter()
        .map(|fault| fault.detail.clone())
        .collect();
    if reasons.is_empty() {
        reasons.push(refusal.title.clone());
    }
    reasons.dedup();
    RowOutcome::Rejected(reasons)
}
