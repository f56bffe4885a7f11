//! 個人番号 at the edge: what is typed goes into the vault before an act is decided on, and the record keeps a reference. Who
//! may read one reads it here, with a purpose, and the note of it is kept before the number is answered.
//! See `docs/decisions/0052-individual-numbers.md`.

mod check;

pub use check::{NumberReferences, NumbersChecked};

use crate::looking::Read;
use crate::perform::ActRequest;
use crate::{Engine, Failure};
use definition::model::{Assured, Field, RecordType};
use jiff::{SignedDuration, Timestamp};
use kernel::looks::Way;
use kernel::vault::{Number, NumberPlace, Numbers};
use kernel::{Actor, Assurance, Decision, Facts, Fault, RecordId, Snapshot};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What was kept for an act that never came is destroyed after this time.
const ORPHANS_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Begins the digest of a request that carried a number.
const BLINDED: &str = "n:";
/// Numbers looked after in one round of the worker.
const BATCH: usize = 100;

/// The numbers of one act's input.
#[derive(Default)]
pub(crate) struct Taken {
    /// What the kernel is told.
    pub(crate) numbers: Numbers,
    /// What the vault is given once the act is decided.
    plain: Vec<(NumberPlace, Number)>,
    kept: bool,
    /// What records no longer refer to once the act is committed.
    replaced: Vec<Uuid>,
}

/// A number, read. It does not print.
pub struct OpenedNumber {
    /// Title of its field.
    pub title: String,
    /// The law that allows it.
    pub ground: String,
    /// What it is read for.
    pub purpose: String,
    /// The number.
    pub number: Number,
}

/// A number that an actor may read: name and title of its field, its ground, and what it may be read for.
pub struct NumberOffer {
    /// What its record is called, for whoever reads it to see that it is the right one.
    pub of: String,
    /// Name of the field.
    pub field: String,
    /// Its title.
    pub title: String,
    /// The law that allows it.
    pub ground: String,
    /// Code and title of each purpose.
    pub purposes: Vec<(String, String)>,
    /// How surely the actor must be known, where they are known less surely.
    pub short: Option<Assurance>,
    /// Whether whoever sits at a browser must have proved a moment ago who they are.
    pub fresh: bool,
}

fn numbers_of(rt: &RecordType) -> impl Iterator<Item = &Field> {
    let fields = rt.fields.values();
    fields.filter(|field| field.kind.individual_rule().is_some())
}

/// The references of a record.
fn references(rt: &RecordType, of: &Snapshot) -> BTreeSet<Uuid> {
    let kept = numbers_of(rt).filter_map(|field| of.fields.get(&field.id)?.as_str());
    kept.filter_map(|text| text.parse().ok()).collect()
}

/// Takes numbers out of an input: what stays says that there was something, and nothing of what it was. An object or a
/// number that a client sends is never taken for a reference.
pub(crate) fn take(
    rt: &RecordType,
    record: RecordId,
    input: &mut Map<String, Json>,
    at: Timestamp,
    mut fresh: impl FnMut() -> Uuid,
) -> Taken {
    let mut taken = Taken::default();
    for field in numbers_of(rt) {
        let Some(json) = input.get_mut(&field.name) else {
            continue;
        };
        let typed = std::mem::take(json);
        let read = match &typed {
            Json::Null => continue,
            Json::String(text) if text.trim().is_empty() => continue,
            Json::String(text) => Number::read(text).map_err(|fault| {
                let pointer = format!("/input/{}", field.name);
                Fault::new(pointer, fault.code, fault.detail)
            }),
            _ => {
                let detail = format!("「{}」は文字列で送ってください。", field.title);
                let pointer = format!("/input/{}", field.name);
                Err(Fault::new(pointer, "type", detail))
            }
        };
        *json = kernel::convert::given(&typed);
        let referred = read.map(|number| {
            let place = NumberPlace {
                id: fresh(),
                record,
                field: field.id.clone(),
                at,
            };
            let id = place.id;
            taken.plain.push((place, number));
            id
        });
        taken.numbers.insert(field.name.clone(), referred);
    }
    taken
}

/// An act over many is kept before it is done: it takes no numbers.
pub(crate) fn refuse(rt: &RecordType, input: &Map<String, Json>) -> Result<(), Failure> {
    let named = numbers_of(rt).find(|field| input.get(&field.name).is_some_and(|j| !j.is_null()));
    let Some(field) = named else { return Ok(()) };
    let detail = format!(
        "「{}」は、まとめて行う操作では受け取れません。",
        field.title
    );
    let pointer = format!("/input/{}", field.name);
    Err(Failure::invalid(&pointer, "individual_number", detail))
}

impl Engine {
    /// Takes the numbers out of an act's input, by the definition that governs the record. A request that carried one is
    /// known by a digest that nobody without the vault's key can try numbers against.
    pub(crate) async fn take_numbers(
        &self,
        request: &mut ActRequest,
        (rt, record): (&RecordType, RecordId),
        input: &mut Map<String, Json>,
        at: Timestamp,
    ) -> Result<Taken, Failure> {
        let taken = take(rt, record, input, at, || self.ids.uuid(at));
        if !taken.numbers.is_empty()
            && let Some(key) = &mut request.idempotency
        {
            key.request = self.blinded(&key.request).await?;
        }
        Ok(taken)
    }

    /// Whether a request is the one that is known: as it is, or as it is known where it carried a number.
    pub(crate) async fn is_same_request(&self, known: &str, sent: &str) -> Result<bool, Failure> {
        Ok(known == sent || (known.starts_with(BLINDED) && known == self.blinded(sent).await?))
    }

    async fn blinded(&self, request: &str) -> Result<String, Failure> {
        let digest = self.store.vault().blind(request).await?;
        Ok(format!("{BLINDED}{digest}"))
    }

    /// Before an act is committed: its numbers lie in the vault, and those that it replaces are marked, so that a kill in
    /// between leaves nothing that is not found.
    pub(crate) async fn keep_numbers(
        &self,
        taken: &mut Taken,
        facts: &Facts,
        decision: &Decision,
    ) -> Result<(), Failure> {
        let vault = self.store.vault();
        taken.replaced = replaced(facts, &decision.snapshots);
        for id in &taken.replaced {
            vault.settle_number(*id, false).await?;
        }
        if std::mem::replace(&mut taken.kept, true) {
            return Ok(());
        }
        let stays = |place: &NumberPlace| {
            let reference = Json::from(place.id.to_string());
            let of = decision.snapshots.iter().find(|one| one.id == place.record);
            of.is_some_and(|one| one.fields.get(&place.field) == Some(&reference))
        };
        for (place, number) in taken.plain.iter().filter(|(place, _)| stays(place)) {
            vault.keep_number(place.clone(), number.clone()).await?;
        }
        Ok(())
    }

    /// After an act was committed: its numbers are no orphans, and those that it replaced are destroyed. What fails here is
    /// done by the worker.
    pub(crate) async fn settle_numbers(&self, taken: &Taken) {
        if taken.plain.is_empty() && taken.replaced.is_empty() {
            return;
        }
        let vault = self.store.vault();
        let settled = async {
            for (place, _) in &taken.plain {
                vault.settle_number(place.id, true).await?;
            }
            let gone = taken.replaced.clone();
            vault.destroy_numbers(gone, self.clock.now()).await
        };
        if let Err(fault) = settled.await {
            tracing::warn!(%fault, "numbers are left to the worker");
        }
    }

    /// Marks what records hold, before they are disposed of.
    pub(crate) async fn mark_numbers(&self, records: Vec<RecordId>) -> Result<Vec<Uuid>, Failure> {
        let vault = self.store.vault();
        let mut marked = Vec::new();
        for record in records {
            for place in vault.numbers_of(record).await? {
                vault.settle_number(place.id, false).await?;
                marked.push(place.id);
            }
        }
        Ok(marked)
    }

    /// Destroys numbers whose record was disposed of.
    pub(crate) async fn destroy_numbers(&self, ids: Vec<Uuid>) -> Result<(), Failure> {
        let at = self.clock.now();
        Ok(self.store.vault().destroy_numbers(ids, at).await?)
    }

    /// Looks after numbers that were kept or replaced by acts whose end nobody saw: those that a record refers to stay, the
    /// others are destroyed. Answers how many.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn tend_numbers(&self) -> Result<usize, Failure> {
        let Ok(before) = self.clock.now().checked_sub(ORPHANS_KEPT) else {
            return Ok(0);
        };
        let vault = self.store.vault();
        let waiting = vault.unsettled_numbers(before, BATCH).await?;
        let mut gone = Vec::new();
        for place in waiting {
            let found = self.store.snapshots(&[place.record]).await?;
            match found.iter().any(|one| holds(one, &place)) {
                true => vault.settle_number(place.id, true).await?,
                false => gone.push(place.id),
            }
        }
        let many = gone.len();
        self.destroy_numbers(gone).await?;
        Ok(many)
    }

    /// The numbers of a record that an actor may read; nothing is read by asking.
    ///
    /// # Errors
    /// 404 for whoever does not see the record.
    pub async fn number_offers(
        &self,
        actor: &Actor,
        place: (&str, &str, RecordId),
    ) -> Result<Vec<NumberOffer>, Failure> {
        let (service, rt, record) = self.find(place.0, place.1, place.2).await?;
        kernel::may_see(&service, &rt, actor, &record).ok_or_else(Failure::not_found)?;
        let offers = numbers_of(&rt)
            .filter(|field| record.fields.contains_key(&field.id))
            .filter(|field| kernel::see::may_open_number(&rt, field, actor, &record).is_some())
            .filter_map(|field| {
                let rule = field.kind.individual_rule()?;
                let purposes = rule.purposes.iter();
                Some(NumberOffer {
                    of: called(&rt, &record),
                    field: field.name.clone(),
                    title: field.title.clone(),
                    ground: rule.ground.clone(),
                    purposes: purposes.map(|(c, t)| (c.clone(), t.clone())).collect(),
                    short: kernel::assured::short_of_number(rule, actor),
                    fresh: rule.assurance != Assured::default(),
                })
            });
        Ok(offers.collect())
    }

    /// Reads a number: the note of who, for what and on which ground is kept before it is answered.
    ///
    /// # Errors
    /// 404 for whoever may not, and where there is none; who is known less surely than the field demands; a purpose that
    /// the field does not name.
    pub async fn open_number(
        &self,
        actor: &Actor,
        place: (&str, &str, RecordId),
        field: &str,
        purpose: &str,
    ) -> Result<OpenedNumber, Failure> {
        let (_, rt, record) = self.find(place.0, place.1, place.2).await?;
        let field = rt.fields.get(field).ok_or_else(Failure::not_found)?;
        let rule = field
            .kind
            .individual_rule()
            .ok_or_else(Failure::not_found)?;
        let seat = kernel::see::may_open_number(&rt, field, actor, &record)
            .ok_or_else(Failure::not_found)?;
        if let Some(demanded) = kernel::assured::short_of_number(rule, actor) {
            return Err(kernel::assured::refusal(&field.title, actor, demanded).into());
        }
        let Some(said) = rule.purposes.get(purpose) else {
            let detail = "個人番号を何のために見るかを、選んでください。";
            return Err(Failure::invalid("/purpose", "purpose", detail));
        };
        let kept = record.fields.get(&field.id).and_then(Json::as_str);
        let id = kept.and_then(|text| text.parse().ok());
        let id: Uuid = id.ok_or_else(Failure::not_found)?;
        let read = Read {
            service: place.0,
            rt: &rt,
            seat: Some(seat),
            records: vec![record.id],
            // Nothing is answered before the note is kept.
            closed: true,
            glass: None,
        };
        let noted = format!("{said}／{}", rule.ground);
        self.noted(actor, Way::Number, Some(&noted), read).await?;
        let number = self.store.vault().number(id, record.id).await?;
        Ok(OpenedNumber {
            title: field.title.clone(),
            ground: rule.ground.clone(),
            purpose: said.clone(),
            number: number.ok_or_else(Failure::not_found)?,
        })
    }
}

/// Kind and number of a record.
fn called(rt: &RecordType, record: &Snapshot) -> String {
    match &record.number {
        Some(number) => format!("{}　{number}", rt.title),
        None => rt.title.clone(),
    }
}

/// References that records held before and do not hold after.
fn replaced(facts: &Facts, after: &[Snapshot]) -> Vec<Uuid> {
    let mut gone = Vec::new();
    for now in after {
        let Some(rt) = facts.service.types.get(&now.record_type) else {
            continue;
        };
        let before = facts.record.iter().find(|one| one.id == now.id);
        let Some(before) = before.or_else(|| facts.related.get(&now.id)) else {
            continue;
        };
        let kept = references(rt, now);
        gone.extend(references(rt, before).difference(&kept));
    }
    gone
}

/// Whether a record refers to a number: by what stands in it, whatever its definition says today.
fn holds(record: &Snapshot, place: &NumberPlace) -> bool {
    let reference = place.id.to_string();
    let kept = record.fields.get(&place.field).and_then(Json::as_str);
    kept == Some(reference.as_str())
}
