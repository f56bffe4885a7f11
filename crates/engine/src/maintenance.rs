//! 保守アクセス: those who maintain the product (a vendor's engineers) come to the operator's pages for a bounded time. Asking
//! is a record of the package [`SERVICE`]; an administrator of the metropolis grants it and may end it; what was opened
//! and done while it ran is a record each. The grant is never written down beside the register: it is read there at each
//! request ([`Engine::visit_now`]), with the clock, so it ends by itself. A maintainer reaches no record: what they are as an
//! actor sees nothing ([`confined`]), and `web::auth::maintenance` lets them nowhere else. See
//! `docs/decisions/0056-vendor-access.md`.

use crate::perform::in_the_name_of;
use crate::{Engine, Failure, ListRequest, ListView, RecordView};
use definition::model::RecordType;
use feel::{Op, Predicate, Value};
use jiff::{SignedDuration, Timestamp};
use kernel::port::Account;
use kernel::{AccountId, Actor, RecordId, Snapshot};
use serde_json::json;
use std::collections::BTreeMap;

/// The package whose records are visits and what was done in them.
pub const SERVICE: &str = "maintenance";
/// A visit: asked for, granted, ended.
pub const VISIT: &str = "visit";
/// What was opened or done in one.
const STEP: &str = "step";
/// The role of those who maintain.
const ROLE: &str = "maintainer";
/// The role of those who grant.
const ADMINISTRATOR: &str = "administrator";

/// The state in which a visit may run.
const GRANTED: &str = "granted";

/// A maintainer sees what they asked for so far back.
const SHOWN: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Visits of one maintainer that are read: one runs, few wait.
const MOST: usize = 50;
/// Visits that run at once and are told of.
const MOST_AT_ONCE: usize = 20;
/// Visits on a page.
const ON_A_PAGE: usize = 30;
/// Steps that are shown of one visit, and visits and steps in a file.
const STEPS: usize = 200;
const FILE: usize = 10_000;
/// An address is kept so far.
const ADDRESS_CHARS: usize = 200;

/// A visit that runs. There is none but those that the register shows: whoever has one proves by it that it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    id: RecordId,
    account: String,
    asker: String,
    ticket: String,
    until: Timestamp,
}

impl Visit {
    /// When it ends.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Who is in.
    #[must_use]
    pub fn asker(&self) -> &str {
        &self.asker
    }

    /// Number of the ticket.
    #[must_use]
    pub fn ticket(&self) -> &str {
        &self.ticket
    }
}

/// What a maintainer asks for, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct VisitRequest {
    /// Their company.
    pub company: String,
    /// Number of the ticket.
    pub ticket: String,
    /// What they will do.
    pub work: String,
    /// From when (`2026-11-24T10:00`, in Tokyo, or with an offset).
    pub starts: String,
    /// Until when.
    pub until: String,
}

/// A visit as whoever asked for it sees it: what they wrote, and what came of it.
#[derive(Clone, Debug)]
pub struct OwnVisit {
    /// Its id.
    pub id: RecordId,
    /// Title of its state.
    pub state: String,
    /// Whether it was granted, and has not ended.
    pub is_granted: bool,
    /// Whether it has not ended, granted or not.
    pub is_open: bool,
    /// Number of the ticket.
    pub ticket: String,
    /// What is to be done.
    pub work: String,
    /// From when.
    pub starts: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Why it was declined, or ended before its time.
    pub because: Option<String>,
}

/// A visit with what was done in it, newest first.
pub struct VisitBook {
    /// The visit.
    pub visit: RecordView,
    /// What was opened and done.
    pub steps: Vec<RecordView>,
    /// Whether there are more steps than these.
    pub has_more: bool,
}

/// Whether an account is a maintainer's: then it is nothing else.
#[must_use]
pub fn maintains(account: &Account) -> bool {
    account.seats.iter().any(|seat| seat.role == ROLE)
}

/// A maintainer has no other seat, no hat and no pass, whatever else the account was given.
pub(crate) fn alone(mut account: Account) -> Account {
    if maintains(&account) {
        account.seats.retain(|seat| seat.role == ROLE);
        account.seats.truncate(1);
        account.hats.clear();
        account.passes.clear();
    }
    account
}

/// The actor that a maintainer is: one that reads no service and acts for nobody.
pub(crate) fn confined(account: &Account, actor: Actor) -> Actor {
    if !maintains(account) {
        return actor;
    }
    Actor {
        reads: Some(Vec::new()),
        mandates: Some(Vec::new()),
        passes: Vec::new(),
        ..actor
    }
}

impl Engine {
    /// The visit of a maintainer that runs now. Asked at each request: it has ended the moment its time is up or an
    /// administrator ended it.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn visit_now(&self, account: AccountId) -> Result<Option<Visit>, Failure> {
        let wanted = Predicate::And(vec![
            Predicate::compare("account", Op::Eq, Value::text(&account.to_string())),
            Predicate::compare("until", Op::Gt, Value::DateTime(self.now())),
        ]);
        let found = self.registered((SERVICE, VISIT), wanted, MOST).await?;
        Ok(found.and_then(|(rt, found)| {
            let mut running = found.iter().filter_map(|one| running(&rt, one, self.now()));
            running.next()
        }))
    }

    /// The visits that run now, for those whom an administrator's page tells of them.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn visits_now(&self) -> Result<Vec<Visit>, Failure> {
        let wanted = Predicate::And(vec![
            Predicate::compare("state", Op::Eq, Value::text(GRANTED)),
            Predicate::compare("until", Op::Gt, Value::DateTime(self.now())),
        ]);
        let found = self.registered((SERVICE, VISIT), wanted, MOST_AT_ONCE);
        Ok(found.await?.map_or_else(Vec::new, |(rt, found)| {
            let running = found.iter().filter_map(|one| running(&rt, one, self.now()));
            running.collect()
        }))
    }

    /// Whether an actor sees to the machine now: an administrator, or a maintainer in a visit of theirs that runs.
    ///
    /// # Errors
    /// 404 for all others.
    pub fn operates(&self, actor: &Actor, visit: Option<&Visit>) -> Result<(), Failure> {
        let own = |visit: &&Visit| {
            actor
                .account
                .is_some_and(|id| id.to_string() == visit.account)
                && visit.until > self.now()
        };
        match visit.filter(own) {
            Some(_) => Ok(()),
            None => crate::desk::administrator(actor),
        }
    }

    /// Writes down what a maintainer opens or does, before it is answered: what is not written down is not shown.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn note_step(
        &self,
        actor: &Actor,
        visit: &Visit,
        (what, address): (&str, &str),
    ) -> Result<(), Failure> {
        let input = json!({
            "visit": visit.id.to_string(), "account": visit.account, "asker": visit.asker, "ticket": visit.ticket,
            "what": what, "address": address.chars().take(ADDRESS_CHARS).collect::<String>(),
            "at": crate::tokyo(self.now()),
        });
        self.in_the_register(actor, STEP, None, ("note", input))
            .await
    }

    /// A maintainer asks to come in.
    ///
    /// # Errors
    /// 404 for others; a refusal that names what is faulty.
    pub async fn ask_visit(&self, actor: &Actor, request: &VisitRequest) -> Result<(), Failure> {
        maintainer(actor)?;
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let input = json!({
            "account": actor.account, "asker": actor.name,
            "company": text(&request.company), "ticket": text(&request.ticket), "work": text(&request.work),
            "starts": text(&request.starts), "until": text(&request.until),
        });
        self.in_the_register(actor, VISIT, None, ("ask", input))
            .await
    }

    /// A maintainer ends a visit of theirs and says what was done.
    ///
    /// # Errors
    /// 404 for others; a refusal that names what is faulty.
    pub async fn leave_visit(
        &self,
        actor: &Actor,
        visit: RecordId,
        done: &str,
    ) -> Result<(), Failure> {
        let own = self.own_visits(actor).await?;
        if !own.iter().any(|one| one.id == visit) {
            return Err(Failure::not_found());
        }
        let done = Some(done.trim()).filter(|done| !done.is_empty());
        let input = json!({ "done": done });
        self.in_the_register(actor, VISIT, Some(visit), ("leave", input))
            .await
    }

    /// What a maintainer asked for in the last three months, newest first.
    ///
    /// # Errors
    /// 404 for others.
    pub async fn own_visits(&self, actor: &Actor) -> Result<Vec<OwnVisit>, Failure> {
        maintainer(actor)?;
        let Some(account) = actor.account else {
            return Err(Failure::not_found());
        };
        let since = self.now().checked_sub(SHOWN).unwrap_or(Timestamp::MIN);
        let wanted = Predicate::And(vec![
            Predicate::compare("account", Op::Eq, Value::text(&account.to_string())),
            Predicate::compare("until", Op::Ge, Value::DateTime(since)),
        ]);
        let found = self.registered((SERVICE, VISIT), wanted, MOST).await?;
        let mut own = found.map_or_else(Vec::new, |(rt, found)| {
            found.iter().map(|one| own_visit(&rt, one)).collect()
        });
        own.reverse();
        Ok(own)
    }

    /// Visits, newest first, as the register shows them to an administrator or an auditor.
    ///
    /// # Errors
    /// 404 for others.
    pub async fn visits(&self, actor: &Actor, after: Option<&str>) -> Result<ListView, Failure> {
        self.oversees(actor)?;
        let request = newest(ON_A_PAGE, after.map(str::to_owned));
        self.list(actor, SERVICE, VISIT, &request).await
    }

    /// One visit with what was done in it.
    ///
    /// # Errors
    /// 404 for others than administrators and auditors, and where there is none.
    pub async fn visit_book(&self, actor: &Actor, visit: RecordId) -> Result<VisitBook, Failure> {
        self.oversees(actor)?;
        let view = self
            .record(actor, None, SERVICE, VISIT, visit, None)
            .await?;
        let request = ListRequest {
            filter: Some(format!("visit = \"{visit}\"")),
            ..newest(STEPS, None)
        };
        let steps = self.list(actor, SERVICE, STEP, &request).await?;
        Ok(VisitBook {
            visit: view,
            has_more: steps.next.is_some(),
            steps: steps.items,
        })
    }

    /// The newest visits with all that was done in them, for a file: at most 10,000 of each.
    ///
    /// # Errors
    /// 404 for others than administrators and auditors.
    pub async fn visits_file(&self, actor: &Actor) -> Result<Vec<VisitBook>, Failure> {
        self.oversees(actor)?;
        let mut steps: BTreeMap<String, Vec<RecordView>> = BTreeMap::new();
        for step in self.whole(actor, STEP).await? {
            let of = step.fields.get("visit").and_then(|id| id.as_str());
            let of = of.unwrap_or_default().to_owned();
            steps.entry(of).or_default().push(step);
        }
        let visits = self.whole(actor, VISIT).await?;
        let book = |visit: RecordView| VisitBook {
            steps: steps.remove(&visit.id.to_string()).unwrap_or_default(),
            has_more: false,
            visit,
        };
        Ok(visits.into_iter().map(book).collect())
    }

    async fn whole(&self, actor: &Actor, kind: &str) -> Result<Vec<RecordView>, Failure> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let request = newest(STEPS, after);
            let page = self.list(actor, SERVICE, kind, &request).await?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() || all.len() >= FILE {
                return Ok(all);
            }
        }
    }

    /// Whether the register shows an actor its visits.
    fn oversees(&self, actor: &Actor) -> Result<(), Failure> {
        let service = self.service(SERVICE)?;
        let rt = crate::registry::record_type(&service, VISIT)?;
        match kernel::scope_keys(&service, &rt, actor).is_empty() {
            true => Err(Failure::not_found()),
            false => Ok(()),
        }
    }

    async fn in_the_register(
        &self,
        actor: &Actor,
        kind: &str,
        record: Option<RecordId>,
        (action, input): (&str, serde_json::Value),
    ) -> Result<(), Failure> {
        // What confines a maintainer holds for what they do; this the platform does.
        let actor = Actor {
            reads: None,
            ..actor.clone()
        };
        let act = in_the_name_of(&actor, (SERVICE, kind), record, action, input);
        self.perform(act).await.map(drop)
    }
}

fn newest(limit: usize, after: Option<String>) -> ListRequest {
    ListRequest {
        sort: Some("-created_at".into()),
        limit: Some(limit),
        after,
        ..ListRequest::default()
    }
}

fn maintainer(actor: &Actor) -> Result<(), Failure> {
    match actor.seats.iter().any(|seat| seat.role == ROLE) {
        true => Ok(()),
        false => Err(Failure::not_found()),
    }
}

/// Whether somebody is told who is in: whoever may let them in.
#[must_use]
pub fn hears_of_visits(account: &Account) -> bool {
    account.seats.iter().any(|seat| seat.role == ADMINISTRATOR)
}

fn own_visit(rt: &RecordType, one: &Snapshot) -> OwnVisit {
    let text = |name: &str| one.text(rt, name).map(str::to_owned);
    let instant = |name: &str| text(name)?.parse::<Timestamp>().ok();
    let title = rt.states.get(&one.state);
    OwnVisit {
        id: one.id,
        state: title.map_or_else(|| one.state.clone(), |state| state.title.clone()),
        is_granted: one.state == GRANTED,
        is_open: title.is_some_and(|state| !state.ended),
        ticket: text("ticket").unwrap_or_default(),
        work: text("work").unwrap_or_default(),
        starts: instant("starts"),
        until: instant("until"),
        because: text("declined_because").or_else(|| text("ended_because")),
    }
}

fn running(rt: &RecordType, one: &Snapshot, now: Timestamp) -> Option<Visit> {
    let text = |name: &str| one.text(rt, name);
    let instant = |name: &str| text(name)?.parse::<Timestamp>().ok();
    let (starts, until) = (instant("starts")?, instant("until")?);
    let runs = one.state == GRANTED && starts <= now && now < until;
    runs.then(|| {
        let text = |name: &str| text(name).unwrap_or_default().to_owned();
        Visit {
            id: one.id,
            account: text("account"),
            asker: text("asker"),
            ticket: text("ticket"),
            until,
        }
    })
}
