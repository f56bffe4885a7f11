//! 緊急閲覧: an official reads in an emergency what they may not read else. Asking is a record of the package [`SERVICE`],
//! found or not: who asked, with what, why, until when. The pass is never written down beside it; it is derived from the
//! register whenever an account becomes an actor, so the two cannot differ, and ends by the clock. What it opens is
//! said by `kernel::see`. See `docs/decisions/0046-break-glass.md`.

use crate::perform::in_the_name_of;
use crate::{Engine, Failure, ListRequest, ListView, RecordView};
use definition::Catalogue;
use definition::model::{BreakGlass, FieldKind, IndexKey, RecordType, Service};
use feel::{Op, Predicate, Value};
use jiff::{SignedDuration, Timestamp};
use kernel::port::Account;
use kernel::{Actor, Around, Fault, Pass, RecordId, RecordScope, Refusal, RefusalKind, Snapshot};
use serde_json::json;
use std::sync::Arc;

/// The package whose records say who broke the glass.
pub const SERVICE: &str = "emergencies";
/// Its record type.
pub const ACCESS: &str = "access";

/// Entries of one official that are read: more than anybody asks for in a week.
const MOST: usize = 200;
/// Days back that are read: the longest pass, and the day on which it began.
const DAYS: i64 = 8;
/// So often in a day somebody may name what is not there; then they must turn to a keeper. Assumed.
const MISSES: usize = 5;
/// Characters of the words at least, and at most.
const WORDS: (usize, usize) = (10, 1_000);
/// Entries that a keeper or auditor sees on the page.
const LISTED: usize = 50;

/// What an official may ask to read.
pub struct GlassKind {
    /// Slug of the service, and the record type.
    pub place: (String, String),
    /// Titles of both.
    pub titles: (String, String),
    /// For how many hours.
    pub hours: u32,
    /// Reasons: code and title.
    pub reasons: Vec<(String, String)>,
    /// Ways to name a record: index, and the titles of its keys, with whether each is a day.
    pub find: Vec<(String, Vec<GlassKey>)>,
}

/// One thing that is asked for.
pub struct GlassKey {
    /// What it is.
    pub title: String,
    /// Whether it is a civil day.
    pub is_day: bool,
}

/// What somebody asks. It names people: it does not print.
#[derive(Clone, Default)]
pub struct GlassRequest {
    /// Slug of the service.
    pub service: String,
    /// The record type.
    pub record_type: String,
    /// The way to name it: an index of `find`.
    pub find: String,
    /// The value of each key of it.
    pub keys: Vec<String>,
    /// Code of the reason.
    pub reason: String,
    /// What happened, in words.
    pub words: String,
}

/// Where a record is: slug of the service, record type, id.
pub type GlassPlace = (String, String, RecordId);

/// What came of it.
pub enum GlassAnswer {
    /// It can be read until then.
    Opened {
        /// Where it is.
        place: GlassPlace,
        /// Until when.
        until: Timestamp,
    },
    /// It can be read as it is; nothing was opened.
    Seen {
        /// Where it is.
        place: GlassPlace,
    },
    /// There is none. That it was asked for is written down, and keepers were told.
    Missed,
}

/// A pass that somebody holds.
pub struct GlassPass {
    /// Where the record is.
    pub place: GlassPlace,
    /// Of which type.
    pub title: String,
    /// Until when.
    pub until: Timestamp,
}

impl Engine {
    /// Whether emergency reading is a matter of an actor's: to ask for it, or to look through it.
    #[must_use]
    pub fn concerns_glass(&self, actor: &Actor) -> bool {
        let catalogue = self.catalogue();
        breakable(&catalogue, actor).next().is_some() || self.checks_glass(actor)
    }

    /// What an actor may ask to read in an emergency; nothing for whoever may not ask at all.
    #[must_use]
    pub fn glass_kinds(&self, actor: &Actor) -> Vec<GlassKind> {
        let catalogue = self.catalogue();
        let all = breakable(&catalogue, actor).map(|(service, rt, glass)| GlassKind {
            place: (service.slug.clone(), rt.name.clone()),
            titles: (service.title.clone(), rt.title.clone()),
            hours: glass.hours,
            reasons: glass.reasons.clone().into_iter().collect(),
            find: ways(rt, glass),
        });
        all.collect()
    }

    /// Asks to read a record in an emergency. It is written down before anything is answered, and keepers of the office
    /// are told.
    ///
    /// # Errors
    /// 404 for whoever may not ask; a refusal that names what is faulty, or that too much was asked for in vain.
    pub async fn break_glass(
        &self,
        actor: &Actor,
        request: &GlassRequest,
    ) -> Result<GlassAnswer, Failure> {
        self.service(SERVICE)?;
        let service = self.service(&request.service)?;
        let rt = crate::registry::record_type(&service, &request.record_type)?;
        let glass = kernel::see::may_break_glass(&rt, actor).ok_or_else(Failure::not_found)?;
        let wanted = asked(&rt, glass, request)?;
        self.not_fishing(actor).await?;
        let found = self.platform_page(&service, &rt, wanted, 2).await?;
        // Of several none is meant, and to whom it is hidden as one of its people it is not there.
        let hidden = |one: &Snapshot| {
            let party = actor.party.into_iter().chain(actor.on_behalf_of);
            party
                .into_iter()
                .any(|id| kernel::closed::hides_from(one, id))
        };
        let found = match found.as_slice() {
            [one] if !hidden(one) => Some(one),
            _ => None,
        };
        if let Some(record) = found {
            let held = actor.passes.iter().find(|pass| pass.record == record.id);
            if let Some(pass) = held {
                let until = pass.until;
                let place = place_of(record);
                return Ok(GlassAnswer::Opened { place, until });
            }
            if self.sees(actor, record).await? {
                let place = place_of(record);
                return Ok(GlassAnswer::Seen { place });
            }
        }
        let until = self.clock.now() + SignedDuration::from_hours(i64::from(glass.hours));
        let place = self.told_at(&service, &rt, glass, actor, found).await?;
        let seat = actor
            .seats
            .iter()
            .find(|seat| glass.roles.contains(&seat.role));
        let input = json!({
            "account": actor.account, "asker": actor.name,
            "asker_office": seat.and_then(|seat| seat.office.clone()),
            "asker_role": seat.map(|seat| self.catalogue().role_title(&seat.role).unwrap_or(&seat.role).to_owned()),
            "service_slug": service.slug, "kind": rt.name, "service_title": service.title, "kind_title": rt.title,
            "named": request.keys.iter().map(|key| key.trim()).collect::<Vec<_>>().join("、"),
            "reason": glass.reasons.get(&request.reason), "words": request.words.trim(),
            "place": place, "asked_on": self.today(),
            "record": found.map(|one| one.id),
            "until": found.map(|_| crate::tokyo(until)),
        });
        let action = match found {
            Some(_) => "break",
            None => "miss",
        };
        let act = in_the_name_of(actor, (SERVICE, ACCESS), None, action, input);
        self.perform(act).await?;
        Ok(match found {
            Some(record) => GlassAnswer::Opened {
                place: place_of(record),
                until,
            },
            None => GlassAnswer::Missed,
        })
    }

    /// What an actor may read in an emergency just now.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn glass_passes(&self, actor: &Actor) -> Result<Vec<GlassPass>, Failure> {
        let ids: Vec<_> = actor.passes.iter().map(|pass| pass.record).collect();
        let records = self.store.snapshots(&ids).await?;
        let pass = |record: &Snapshot| {
            let pass = actor.passes.iter().find(|pass| pass.record == record.id)?;
            let service = self.service(&record.service).ok()?;
            Some(GlassPass {
                place: place_of(record),
                title: service.types.get(&record.record_type)?.title.clone(),
                until: pass.until,
            })
        };
        Ok(records.iter().filter_map(pass).collect())
    }

    /// What waits to be looked through by an actor: what the register shows them. None for whoever sees nothing of it.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn glass_to_check(&self, actor: &Actor) -> Result<Option<Vec<RecordView>>, Failure> {
        if !self.checks_glass(actor) {
            return Ok(None);
        }
        let request = ListRequest {
            filter: Some("waits_for = \"desk.keeper\"".into()),
            limit: Some(LISTED),
            ..ListRequest::default()
        };
        let page: ListView = self.list(actor, SERVICE, ACCESS, &request).await?;
        Ok(Some(page.items))
    }

    /// Whether an actor looks through emergency readings, or audits them.
    fn checks_glass(&self, actor: &Actor) -> bool {
        let service = self.service(SERVICE).ok();
        service.is_some_and(|service| {
            let rt = service.types.get(ACCESS);
            rt.is_some_and(|rt| !kernel::scope_keys(&service, rt, actor).is_empty())
        })
    }

    /// The passes of an account that are good just now.
    pub(crate) fn passes_now(&self, account: &Account) -> Vec<Pass> {
        let now = self.clock.now();
        let passes = account.passes.iter();
        passes.filter(|pass| pass.until > now).cloned().collect()
    }

    /// An account with its passes, as the register says now.
    pub(crate) async fn passed(&self, mut account: Account) -> Result<Account, Failure> {
        if !account.seats.is_empty()
            && let Some((rt, entries)) = self.entries_of(account.id.to_string()).await?
        {
            account.passes = entries.iter().filter_map(|one| pass(&rt, one)).collect();
        }
        Ok(account)
    }

    /// What an account asked for of late, with its type.
    async fn entries_of(
        &self,
        account: String,
    ) -> Result<Option<(Arc<RecordType>, Vec<Snapshot>)>, Failure> {
        let since = self.today() - jiff::Span::new().days(DAYS);
        let wanted = Predicate::And(vec![
            Predicate::compare("account", Op::Eq, Value::text(&account)),
            Predicate::compare("asked_on", Op::Ge, Value::Date(since)),
        ]);
        self.registered((SERVICE, ACCESS), wanted, MOST).await
    }

    /// Nobody tries out what there is: after some misses in a day a keeper must be asked.
    async fn not_fishing(&self, actor: &Actor) -> Result<(), Failure> {
        let account = actor.account.map(|id| id.to_string()).unwrap_or_default();
        let today = self.today().to_string();
        let Some((rt, entries)) = self.entries_of(account).await? else {
            return Ok(());
        };
        let missed = entries.iter().filter(|one| {
            one.state == "missed" && one.text(&rt, "asked_on").is_some_and(|day| day == today)
        });
        if missed.count() < MISSES {
            return Ok(());
        }
        let title = "見つからない求めが続いたので、今日はもう求められません。確認の担当に電話で頼んでください。";
        Err(Refusal::new(RefusalKind::WrongState, title, Vec::new()).into())
    }

    /// The office whose keepers are told: where nothing was found, the asker's own.
    async fn told_at(
        &self,
        service: &Arc<Service>,
        rt: &Arc<RecordType>,
        glass: &BreakGlass,
        actor: &Actor,
        found: Option<&Snapshot>,
    ) -> Result<Option<String>, Failure> {
        let Some(record) = found else {
            return Ok(actor.seats.iter().find_map(|seat| seat.office.clone()));
        };
        let Some(tell) = &glass.tell else {
            return Ok(record.office.clone());
        };
        let facts = self.facts(Arc::clone(service), rt, record.clone()).await?;
        let scope = RecordScope::new(Around::of(&facts), rt, record, None);
        let told = scope.value(tell).ok().flatten();
        Ok(told
            .map(|office| office.to_string())
            .or(record.office.clone()))
    }
}

/// The types of which an actor may ask to read a record; none where nobody could write down that they did.
fn breakable<'c>(
    catalogue: &'c Catalogue,
    actor: &'c Actor,
) -> impl Iterator<Item = (&'c Service, &'c RecordType, &'c BreakGlass)> {
    let noted = catalogue.services.contains_key(SERVICE);
    let services = catalogue.services.values().filter(move |_| noted);
    let all = services.flat_map(|service| service.types.values().map(move |rt| (service, rt)));
    all.filter_map(|(service, rt)| {
        let glass = kernel::see::may_break_glass(rt, actor)?;
        Some((&**service, &**rt, glass))
    })
}

fn place_of(record: &Snapshot) -> GlassPlace {
    (
        record.service.clone(),
        record.record_type.clone(),
        record.id,
    )
}

/// What an entry of the register lets its asker read; nothing once a keeper has found that it was not justified.
fn pass(rt: &RecordType, entry: &Snapshot) -> Option<Pass> {
    let holds = ["open", "justified"].contains(&entry.state.as_str());
    let record = entry.text(rt, "record").filter(|_| holds)?;
    Some(Pass {
        id: entry.id,
        record: record.parse().ok()?,
        reason: entry.text(rt, "reason")?.to_owned(),
        until: entry.text(rt, "until")?.parse().ok()?,
    })
}

/// The ways to name a record, as the indexes that the package names say.
fn ways(rt: &RecordType, glass: &BreakGlass) -> Vec<(String, Vec<GlassKey>)> {
    let indexes = rt.indexes.iter();
    let indexes = indexes.filter(|index| glass.find.contains(&index.name));
    let way = |index: &definition::model::ListIndex| {
        let keys = index.keys.iter().map(|key| GlassKey {
            title: key_title(rt, key),
            is_day: matches!(key_kind(rt, key), Some(FieldKind::Date)),
        });
        (index.name.clone(), keys.collect())
    };
    indexes.map(way).collect()
}

fn key_kind<'r>(rt: &'r RecordType, key: &IndexKey) -> Option<&'r FieldKind> {
    match key {
        IndexKey::Field(path) => Some(&rt.fields.get(path.first()?)?.kind),
        _ => None,
    }
}

fn key_title(rt: &RecordType, key: &IndexKey) -> String {
    let IndexKey::Field(path) = key else {
        return "番号".into();
    };
    let field = path.first().and_then(|name| rt.fields.get(name));
    let title = field.map_or("", |field| field.title.as_str());
    match path.get(1).map(String::as_str) {
        Some("kana") => format!("{title}（カナ）"),
        _ => title.to_owned(),
    }
}

/// What is asked for, if it is whole: the record is named by every key, with a reason and words.
fn asked(
    rt: &RecordType,
    glass: &BreakGlass,
    request: &GlassRequest,
) -> Result<Predicate, Refusal> {
    let mut faults = Vec::new();
    if !glass.reasons.contains_key(&request.reason) {
        faults.push(Fault::new("/reason", "required", "理由を選んでください。"));
    }
    let words = request.words.trim().chars().count();
    if !(WORDS.0..=WORDS.1).contains(&words) {
        let detail = format!(
            "何が起きていて、なぜ今読む必要があるかを、{}文字以上{}文字までで書いてください。",
            WORDS.0, WORDS.1
        );
        faults.push(Fault::new("/words", "required", detail));
    }
    let indexes = rt.indexes.iter();
    let mut indexes = indexes.filter(|index| glass.find.contains(&index.name));
    let index = indexes.find(|index| index.name == request.find);
    let mut wanted = Vec::new();
    match index {
        None => faults.push(Fault::new(
            "/find",
            "option",
            "何で探すかを選んでください。",
        )),
        Some(index) => {
            for (at, key) in index.keys.iter().enumerate() {
                let typed = request.keys.get(at).map_or("", |typed| typed.trim());
                match value(key_kind(rt, key), typed) {
                    Some(value) => wanted.push(Predicate::Compare {
                        field: key.path().split('.').map(str::to_owned).collect(),
                        op: Op::Eq,
                        value,
                    }),
                    None => faults.push(Fault::new(
                        format!("/keys/{at}"),
                        "required",
                        format!("「{}」を正しく入れてください。", key_title(rt, key)),
                    )),
                }
            }
        }
    }
    match faults.is_empty() {
        true => Ok(Predicate::And(wanted)),
        false => Err(Refusal::new(
            RefusalKind::Invalid,
            "入力を確かめてください",
            faults,
        )),
    }
}

/// What was typed, as fields of the kind keep it.
fn value(kind: Option<&FieldKind>, typed: &str) -> Option<Value> {
    use japanese::check;
    let text = match kind {
        _ if typed.is_empty() => return None,
        Some(FieldKind::Date) => return Some(Value::Date(typed.parse().ok()?)),
        Some(FieldKind::Kana) => check::kana(typed).ok()?,
        Some(FieldKind::Phone) => check::phone(typed).ok()?,
        Some(FieldKind::PostalCode) => check::postal_code(typed).ok()?,
        _ => typed.to_owned(),
    };
    Some(Value::text(&text))
}
