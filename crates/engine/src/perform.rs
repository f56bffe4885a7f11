//! The life of an act: facts, authority, decision, one commit.

use crate::registry::record_type;
use crate::view::RecordView;
use crate::{Engine, Failure};
use definition::Catalogue;
use jiff::Timestamp;
use kernel::port::{Commit, Committed, Finish, Idempotency, Prepared};
use kernel::{
    Act, ActId, Actor, Around, Decision, EffectId, Facts, Fault, OutboxEntry, RecordId, Refusal,
    RefusalKind, RunId, Snapshot,
};
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use tracing::Instrument as _;

/// How often an act is decided anew when the records it read moved under it.
pub(crate) const MAX_TRIES: usize = 16;

/// What somebody asks to be done.
#[derive(Clone)]
pub struct ActRequest {
    /// Who.
    pub actor: Actor,
    /// Stated purpose.
    pub purpose: Option<String>,
    /// Service slug.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The record; none to open one.
    pub record: Option<RecordId>,
    /// Action.
    pub action: String,
    /// Input by field name.
    pub input: Map<String, Json>,
    /// Version that the actor saw.
    pub version: Option<u64>,
    /// Answer as the act would, and leave nothing.
    pub dry_run: bool,
    /// `Idempotency-Key` with the hash of the request.
    pub idempotency: Option<IdempotencyKey>,
    /// The run that it is a part of (一括処理).
    pub run: Option<RunId>,
}

/// An idempotency key as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// SHA-256 (hex) over method, path and body.
    pub request: String,
}

/// What came of it.
pub struct Outcome {
    /// The record after the act, as the actor may see it.
    pub view: RecordView,
    /// Whether it was opened by this act.
    pub opened: bool,
    /// Whether this is the first answer given again.
    pub repeated: bool,
    /// Whether the act hid the record from the actor, as closing it to oneself does.
    pub hidden: bool,
}

impl Engine {
    /// Performs an act, or gives its first answer again.
    ///
    /// # Errors
    /// A refusal that names every faulty field, or a fault of the store; then nothing has changed.
    pub async fn perform(&self, mut request: ActRequest) -> Result<Outcome, Failure> {
        // Taken out, so that no copy is made for the act.
        let input = std::mem::take(&mut request.input);
        let span = {
            let catalogue = self.catalogue();
            let [service, record_type, action] = declared(&catalogue, &request);
            tracing::info_span!(target: "trace", "act", service, record_type, action)
        };
        match self.first(&mut request, input).instrument(span).await {
            Ok(Some(outcome)) => Ok(outcome),
            // A key that was answered before is found by the commit, or explains why the act is refused now.
            Ok(None) => self.repeat(&request).await?.ok_or_else(busy),
            Err(failure) => match self.repeat(&request).await? {
                Some(outcome) => Ok(outcome),
                None => Err(failure),
            },
        }
    }

    /// Performs an act as if it came for the first time; none if its key was answered before.
    async fn first(
        &self,
        request: &mut ActRequest,
        input: Map<String, Json>,
    ) -> Result<Option<Outcome>, Failure> {
        let at = self.clock.now();
        let id = ActId(self.ids.uuid(at));
        let record = request
            .record
            .unwrap_or_else(|| RecordId(self.ids.uuid(at)));
        let mut act = self.act(request, input, (id, record), at);
        // Taken out of the input the first time; each try after that has the same.
        let mut taken = None;
        for _ in 0..MAX_TRIES {
            let mut facts = self.facts_for(request, &act.input).await?;
            let numbers = match &mut taken {
                Some(numbers) => numbers,
                none => {
                    let rt = record_type(&facts.service, &request.record_type)?;
                    let of = (&*rt, record);
                    none.insert(self.take_numbers(request, of, &mut act.input, at).await?)
                }
            };
            facts.numbers.clone_from(&numbers.numbers);
            if stand_in(request, &facts) {
                act.actor = request.actor.clone();
            }
            let decide = |facts: &Facts| kernel::decide(facts, &act);
            let decided = self.decided(&mut facts, decide, |decision| decision);
            let decided = decided.await?;
            let facts = Arc::new(facts);
            let mut decision = match decided {
                Ok(decision) => decision,
                // What never stood so together is no reason to refuse. A commit would have seen it by itself.
                Err(_) if self.have_moved(&facts).await? => continue,
                Err(refusal) => return Err(refusal.into()),
            };
            if request.dry_run {
                let snapshots = decision.snapshots;
                return self.outcome(request, facts, snapshots, act.record).await;
            }
            self.keep_numbers(numbers, &facts, &decision).await?;
            let given =
                self.consents_given(request, &facts, &decision.snapshots, (act.id, act.record));
            decision.effects.extend(given.iter().cloned());
            let commit = self.prepared(request, &facts, &act, decision);
            let commit = self.store.commit(commit);
            match commit
                .instrument(tracing::info_span!(target: "trace", "commit"))
                .await?
            {
                Committed::Done(snapshots) => {
                    self.wake.notify_one();
                    self.settle_numbers(numbers).await;
                    if gives_seats(&facts, &request.record_type) {
                        self.sessions.forget_all();
                    }
                    self.keep_consents(&given).await;
                    return self.outcome(request, facts, snapshots, act.record).await;
                }
                Committed::Moved(_) => {}
                Committed::Repeated(_) => return Ok(None),
                other => return Err(self.refused(&request.actor, other).await?.into()),
            }
        }
        Err(busy())
    }

    pub(crate) async fn facts_for(
        &self,
        request: &ActRequest,
        input: &Map<String, Json>,
    ) -> Result<Facts, Failure> {
        let mut facts = match request.record {
            None => {
                let service = self.service(&request.service)?;
                record_type(&service, &request.record_type)?;
                self.empty_facts(service)
            }
            Some(id) => {
                let (service, rt, snapshot) = self
                    .find(&request.service, &request.record_type, id)
                    .await?;
                self.facts(service, &rt, snapshot).await?
            }
        };
        let rt = record_type(&facts.service, &request.record_type)?;
        self.add_named(&mut facts, &rt, &request.actor, input)
            .await?;
        self.add_officials(&mut facts, &rt, input).await?;
        self.add_attachments(&mut facts, &request.actor, input)
            .await?;
        self.add_pages(&mut facts, &rt, input).await?;
        Ok(facts)
    }

    pub(crate) fn act(
        &self,
        request: &ActRequest,
        input: Map<String, Json>,
        (id, record): (ActId, RecordId),
        at: jiff::Timestamp,
    ) -> Act {
        Act {
            id,
            actor: request.actor.clone(),
            purpose: request.purpose.clone(),
            service: request.service.clone(),
            record_type: request.record_type.clone(),
            record,
            action: request.action.clone(),
            input,
            expected_version: request.version,
            occurred_at: at,
            recorded_at: at,
            effective_on: crate::clock::tokyo_day(at),
            run: request.run,
        }
    }

    /// What the store is given of a decided act.
    pub(crate) fn prepared(
        &self,
        request: &ActRequest,
        facts: &Arc<Facts>,
        act: &Act,
        decision: Decision,
    ) -> Commit {
        let idempotency = request.idempotency.as_ref().map(|key| Idempotency {
            owner: owner_of(&request.actor),
            key: key.key.clone(),
            request: key.request.clone(),
            act: act.id,
            record: act.record,
            version: 0,
            status: if request.record.is_none() { 201 } else { 200 },
            at: act.recorded_at,
        });
        // Drawn, and not made of the act's id: they order a mailbox, where acts of one instant must not change places.
        let effect_ids = decision
            .effects
            .iter()
            .map(|_| EffectId(self.ids.uuid(act.recorded_at)))
            .collect();
        Commit {
            expects: decision.expects.clone(),
            draws: decision
                .draws
                .iter()
                .map(|draw| draw.counter.clone())
                .collect(),
            finish: finish(
                self.catalogue(),
                Arc::clone(facts),
                decision,
                effect_ids,
                idempotency,
            ),
        }
    }

    /// Commits what was decided elsewhere, without a key, as of an instant.
    pub(crate) async fn commit_bulk(
        &self,
        facts: Facts,
        decision: Decision,
        at: Timestamp,
    ) -> Result<Committed, Failure> {
        let draws = decision.draws.iter().map(|draw| draw.counter.clone());
        let effects = decision.effects.iter();
        let effect_ids = effects.map(|_| EffectId(self.ids.uuid(at))).collect();
        let commit = Commit {
            expects: decision.expects.clone(),
            draws: draws.collect(),
            finish: finish(
                self.catalogue(),
                Arc::new(facts),
                decision,
                effect_ids,
                None,
            ),
        };
        Ok(self.store.commit(commit).await?)
    }

    async fn outcome(
        &self,
        request: &ActRequest,
        facts: Arc<Facts>,
        touched: Vec<Snapshot>,
        record: RecordId,
    ) -> Result<Option<Outcome>, Failure> {
        // The commit has let go of them by now, as a rule.
        let mut facts = Arc::unwrap_or_clone(facts);
        for snapshot in touched {
            if snapshot.id == record {
                facts.record = Some(snapshot);
            } else {
                facts.related.insert(snapshot.id, snapshot);
            }
        }
        // What the act changed may lead to other records than before; the same answer must come when it is repeated.
        let rt = record_type(&facts.service, &request.record_type)?;
        self.add_lookups(&mut facts, &rt).await?;
        // Who has just closed it sees what they did, and from then on nothing.
        let mut hidden = false;
        if let Some(record) = facts.record.as_mut()
            && (rt.closed.is_some() || record.closed.is_some())
            && !self.sees(&request.actor, record).await?
        {
            record.closed = None;
            hidden = true;
        }
        let view = self.view_of_deed(&facts, &request.actor)?;
        Ok(Some(Outcome {
            view,
            opened: request.record.is_none(),
            repeated: false,
            hidden,
        }))
    }

    /// What an actor's idempotency key was answered with, if it was.
    ///
    /// # Errors
    /// If the key was sent with another request.
    pub(crate) async fn answered(
        &self,
        actor: &Actor,
        sent: Option<&IdempotencyKey>,
    ) -> Result<Option<Idempotency>, Failure> {
        let Some(sent) = sent else { return Ok(None) };
        let owner = owner_of(actor);
        match self.store.idempotency(&owner, &sent.key).await? {
            Some(known) if !self.is_same_request(&known.request, &sent.request).await? => {
                let detail = "同じ Idempotency-Key が別の内容で使われています。新しいキーで送り直してください。";
                let pointer = "/headers/Idempotency-Key";
                Err(Failure::invalid(pointer, "reused", detail))
            }
            known => Ok(known),
        }
    }

    /// The first answer to an idempotency key, rebuilt from the journal at the version it had.
    pub(crate) async fn repeat(&self, request: &ActRequest) -> Result<Option<Outcome>, Failure> {
        let sent = request.idempotency.as_ref();
        let Some(known) = self.answered(&request.actor, sent).await? else {
            return Ok(None);
        };
        let (service, rt, now) = self
            .find(&request.service, &request.record_type, known.record)
            .await?;
        let closed = now.closed.clone();
        let is_closed = closed.is_some();
        let then = if now.version == known.version {
            now
        } else {
            self.at_version(known.record, known.version).await?
        };
        // What is closed today is closed as it was, too.
        let then = Snapshot { closed, ..then };
        let facts = self.facts(service, &rt, then).await?;
        let mut request = request.clone();
        stand_in(&mut request, &facts);
        let view = if is_closed {
            self.view(&facts, &request.actor)?
        } else {
            self.view_of_deed(&facts, &request.actor)?
        };
        Ok(Some(Outcome {
            view,
            opened: known.status == 201,
            repeated: true,
            hidden: false,
        }))
    }

    /// A record as it stood at a version.
    pub(crate) async fn at_version(
        &self,
        record: RecordId,
        version: u64,
    ) -> Result<Snapshot, Failure> {
        let limit = usize::try_from(version).unwrap_or(usize::MAX);
        self.folded(record, limit, |header| header.seq <= version)
            .await
    }
}

/// A clerk acts in the place of a party that has no account. Whether that made the actor another.
pub(crate) fn stand_in(request: &mut ActRequest, facts: &Facts) -> bool {
    let Some(record) = &facts.record else {
        return false;
    };
    if let Some(rt) = facts.service.types.get(&record.record_type)
        && let std::borrow::Cow::Owned(actor) =
            kernel::counter::stand_in(rt, &request.actor, record)
    {
        request.actor = actor;
        return true;
    }
    false
}

/// What a trace tells of an act: service, type and action by their declared names (the steps of a route by that of its
/// action), never what somebody wrote in their place.
fn declared<'c>(catalogue: &'c Catalogue, request: &ActRequest) -> [&'c str; 3] {
    const UNKNOWN: &str = "unknown";
    let Some(service) = catalogue.services.get(&request.service) else {
        return [UNKNOWN; 3];
    };
    let Some(rt) = service.types.get(&request.record_type) else {
        return [&service.slug, UNKNOWN, UNKNOWN];
    };
    let asked = request.action.as_str();
    let step = |name: &&String| {
        let rest = asked.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.starts_with('_'))
    };
    let exact = rt.actions.get_key_value(asked).map(|(name, _)| name);
    let action = exact.or_else(|| rt.actions.keys().find(step));
    [
        &service.slug,
        &rt.name,
        action.map_or(UNKNOWN, String::as_str),
    ]
}

/// Whether a record of the type names an official: then what somebody may do can follow from it, and sessions must not
/// remember what it was before.
fn gives_seats(facts: &Facts, record_type: &str) -> bool {
    let rt = facts.service.types.get(record_type);
    let registers = [
        crate::mandate::SERVICE,
        crate::appointment::SERVICE,
        crate::glass::SERVICE,
        crate::maintenance::SERVICE,
    ];
    registers.contains(&facts.service.slug.as_str())
        || rt.is_some_and(|rt| rt.fields.values().any(|field| field.official.is_some()))
}

/// The platform acts, in the name of an official: nobody can make such a record with words of their own.
pub(crate) fn in_the_name_of(
    actor: &Actor,
    (service, kind): (&str, &str),
    record: Option<RecordId>,
    action: &str,
    input: Json,
) -> ActRequest {
    let mut input = match input {
        Json::Object(input) => input,
        _ => Map::new(),
    };
    input.retain(|_, value| !value.is_null());
    let actor = Actor {
        system: true,
        on_behalf_of: None,
        on_behalf_kind: None,
        on_behalf_name: None,
        mandates: None,
        ..actor.clone()
    };
    ActRequest {
        actor,
        purpose: None,
        service: service.into(),
        record_type: kind.into(),
        record,
        action: action.into(),
        input,
        version: None,
        dry_run: false,
        idempotency: None,
        run: None,
    }
}

pub(crate) fn busy() -> Failure {
    let title = "ほかの人の操作と重なりました。少し待ってからもう一度お試しください。";
    Refusal::new(RefusalKind::Busy, title, Vec::new()).into()
}

fn finish(
    today: Arc<Catalogue>,
    facts: Arc<Facts>,
    decision: Decision,
    effect_ids: Vec<EffectId>,
    idempotency: Option<Idempotency>,
) -> Finish {
    Box::new(move |seqs| {
        let mut decision = kernel::fill_numbers(decision, seqs);
        let counted = kernel::measure::postings(&facts, &decision.snapshots);
        decision.postings.extend(counted);
        if let Some(first) = decision.events.first_mut() {
            first.body.postings = kernel::posted::digest(&decision.postings);
        }
        let effects = effect_ids
            .into_iter()
            .zip(decision.effects)
            .map(|(id, order)| OutboxEntry { id, order })
            .collect();
        let derived: Vec<_> = decision
            .snapshots
            .iter()
            .map(|snapshot| derive(&today, snapshot, &facts, &decision.snapshots))
            .collect();
        let records: Vec<_> = decision.snapshots.into_iter().zip(derived).collect();
        let idempotency = idempotency.map(|mut key| {
            key.version = records
                .iter()
                .find(|(s, _)| s.id == key.record)
                .map_or(0, |(s, _)| s.version);
            key
        });
        Prepared {
            events: decision.events,
            records,
            postings: decision.postings,
            effects,
            attachments: decision.attachments,
            idempotency,
        }
    })
}

/// What makes a record found: by the definition that governs it, and by how long today's says it is kept.
fn derive(
    today: &Catalogue,
    snapshot: &Snapshot,
    facts: &Facts,
    touched: &[Snapshot],
) -> kernel::Derived {
    let (service, around) = (&facts.service, Around::of(facts).over(touched));
    let rt = service.types.get(&snapshot.record_type);
    let mut derived = rt
        .map(|rt| kernel::derive(service, rt, snapshot, around, facts.today))
        .unwrap_or_default();
    let current = today.services.get(&snapshot.service);
    let current = current.and_then(|service| service.types.get(&snapshot.record_type));
    if let Some(entry) = current.and_then(|rt| kernel::keep::entry(rt, snapshot, around)) {
        // The platform itself looks for what goes without anybody's deciding.
        let platform = kernel::PLATFORM_SCOPE;
        if entry.index == kernel::keep::UNSENT && !derived.scopes.iter().any(|one| one == platform)
        {
            derived.scopes.push(platform.to_owned());
        }
        derived.entries.push(entry);
    }
    derived
}

/// Whose idempotency keys these are. Keys of the platform and of people without an account never meet.
fn owner_of(actor: &Actor) -> String {
    let nobody = || if actor.system { "system" } else { "public" }.to_owned();
    actor
        .account
        .map_or_else(nobody, |account| account.to_string())
}

pub(crate) fn refusal_of(committed: Committed) -> Refusal {
    let invalid = |fault| Refusal::new(RefusalKind::Invalid, "入力を確かめてください", vec![fault]);
    match committed {
        Committed::Taken { message, .. } => invalid(Fault::new("/input", "unique", message)),
        Committed::BelowFloor { .. } => {
            let detail = "残りが足りません。ほかの人が先に使った可能性があります。画面を開き直して残りを確かめてください。";
            invalid(Fault::new("/input", "floor", detail))
        }
        Committed::AttachmentMissing(id) => {
            let detail =
                format!("添付ファイル {id} が見つかりません。もう一度アップロードしてください。");
            invalid(Fault::new("/input", "upload_missing", detail))
        }
        Committed::Done(_) | Committed::Moved(_) | Committed::Repeated(_) => {
            Refusal::new(RefusalKind::Busy, "もう一度お試しください。", Vec::new())
        }
    }
}
