//! Retention and disposal (保存期間・廃棄): what has run out, who proposes and decides what becomes of it, and the worker that
//! carries it out. A proposal with its list is a record of the package [`SERVICE`], a round (廃棄の起案): who proposed and
//! decided what, and why, is in the journal, and its list stays as the register of disposals (廃棄簿).

mod carry;
mod gone;
mod index;
mod list;
mod round;
mod rounds;
mod unsent;

pub use gone::GoneView;
pub use list::Listed;
pub use round::{Proposal, RoundDeed};
pub use rounds::RoundView;

use crate::cursor::CursorText;
use crate::registry::record_type;
use crate::view::RecordView;
use crate::{Engine, Failure};
use definition::model::{RecordType, Retention, RetentionCount, RetentionThen, Service, Who};
use feel::{Op, Predicate, Value};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kernel::keep::{Deed, INDEX, UNTIL};
use kernel::port::ListQuery;
use kernel::{Actor, Around, RecordId, Seat, Snapshot};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The package whose records rounds are.
pub const SERVICE: &str = "disposals";
/// Its record type.
pub const ROUND: &str = "round";
/// The most records of one round.
pub const MAX_ROUND: usize = 1_000;

/// What is known to be done: types that are indexed by their rules of today, and what went by itself.
#[derive(Default)]
pub(crate) struct Known {
    indexed: parking_lot::Mutex<HashSet<String>>,
    /// The day up to which records that never arrived were let go.
    unsent: parking_lot::Mutex<Option<Date>>,
}

/// A record type that the actor answers for.
pub struct KeptType {
    /// Its service.
    pub service: Arc<Service>,
    /// The type.
    pub record_type: Arc<RecordType>,
    /// Its rule, as people read it.
    pub rule: String,
    /// Whether the actor may propose.
    pub may_propose: bool,
    /// Whether the actor may decide.
    pub may_decide: bool,
    /// Whether there is something whose time is over.
    pub is_due: bool,
}

/// A record whose time is over, or will be by the end of the fiscal year.
pub struct Expired {
    /// The record, as the actor may see it.
    pub view: RecordView,
    /// The day on which it ended.
    pub ended_on: Option<Date>,
    /// The last day on which it must be kept.
    pub until: Date,
    /// Why it was kept longer, if it was.
    pub kept_because: Option<String>,
    /// Whether its time is over today.
    pub is_over: bool,
    /// The round that it waits in.
    pub round: Option<RecordId>,
}

/// A page of them.
pub struct ExpiredPage {
    /// The service.
    pub service: Arc<Service>,
    /// The type.
    pub record_type: Arc<RecordType>,
    /// Its rule, as people read it.
    pub rule: String,
    /// What may be proposed.
    pub deeds: Vec<Deed>,
    /// Whether the actor may propose.
    pub may_propose: bool,
    /// The last day of the fiscal year up to which records are shown.
    pub upto: Date,
    /// Soonest first.
    pub items: Vec<Expired>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
    /// Rounds of this type, newest first.
    pub rounds: Vec<RoundView>,
}

impl Engine {
    /// The types that the actor answers for: whose disposal they propose or decide.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn kept_types(&self, actor: &Actor) -> Result<Vec<KeptType>, Failure> {
        let catalogue = self.catalogue();
        let mut all = Vec::new();
        for service in catalogue.services.values() {
            for rt in service.types.values() {
                let Some(rule) = rt.retention.as_ref().filter(|rule| rule.years.is_some()) else {
                    continue;
                };
                let (may_propose, may_decide) =
                    (holds(actor, &rule.by), holds(actor, &rule.decide));
                if !may_propose && !may_decide {
                    continue;
                }
                let over = self.over(actor, service, rt, rule, self.today(), None, 1);
                all.push(KeptType {
                    is_due: !over.await?.items.is_empty(),
                    rule: told(rule),
                    service: Arc::clone(service),
                    record_type: Arc::clone(rt),
                    may_propose,
                    may_decide,
                });
            }
        }
        Ok(all)
    }

    /// Records of a type whose time is over or will be by the end of this fiscal year, soonest first.
    ///
    /// # Errors
    /// 404 for whoever does not answer for the type.
    pub async fn expired(
        &self,
        actor: &Actor,
        service: &str,
        kind: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ExpiredPage, Failure> {
        let (service, rt) = self.kept_type(service, kind)?;
        let rule = rt.retention.as_ref().ok_or_else(Failure::not_found)?;
        let may_propose = holds(actor, &rule.by);
        if !may_propose && !holds(actor, &rule.decide) {
            return Err(Failure::not_found());
        }
        let after = after.map(CursorText::read).transpose()?;
        let (today, upto) = (self.today(), fiscal_end(self.today()));
        let page = self
            .over(actor, &service, &rt, rule, tomorrow(upto), after, limit)
            .await?;
        let waiting = self.waiting(&service, &rt).await?;
        let facts = self.empty_facts(Arc::clone(&service));
        let mut known: BTreeMap<RecordId, &Snapshot> = BTreeMap::new();
        known.extend(page.items.iter().map(|one| (one.id, one)));
        let views = self.item_views(&service, &rt, actor, page.items.clone());
        let mut items = Vec::new();
        for view in views.await? {
            let Some(snapshot) = known.get(&view.id) else {
                continue;
            };
            let Some(until) = kernel::keep::until(&rt, snapshot, Around::of(&facts)) else {
                continue;
            };
            if snapshot.closed.is_some() {
                continue;
            }
            items.push(Expired {
                ended_on: snapshot.state_since,
                until,
                kept_because: snapshot.kept.as_ref().map(|kept| kept.because.clone()),
                is_over: until < today,
                round: waiting.get(&view.id).copied(),
                view,
            });
        }
        let rounds = self.rounds_of(actor, &service, &rt).await?;
        Ok(ExpiredPage {
            rule: told(rule),
            deeds: deeds(rule),
            may_propose,
            upto,
            items,
            next: page.next.as_ref().map(CursorText::write),
            rounds,
            record_type: Arc::clone(&rt),
            service,
        })
    }

    /// A page of the index, for the seats that answer for the type.
    #[expect(
        clippy::too_many_arguments,
        reason = "whose, of what, up to when, which page"
    )]
    async fn over(
        &self,
        actor: &Actor,
        service: &Service,
        rt: &RecordType,
        rule: &Retention,
        before: Date,
        after: Option<kernel::port::ListCursor>,
        limit: usize,
    ) -> Result<kernel::port::Page, Failure> {
        let answers = |role: &String| rule.by.contains(role) || rule.decide.contains(role);
        let scopes = kernel::scope_keys_where(
            service,
            rt,
            actor,
            |see| matches!(&see.who, Who::Desk(role) if answers(role)),
        );
        if scopes.is_empty() {
            return Ok(kernel::port::Page::default());
        }
        let query = ListQuery {
            service: service.slug.clone(),
            record_type: rt.name.clone(),
            scopes,
            index: INDEX.to_owned(),
            keys: vec![UNTIL.to_owned()],
            filter: Predicate::compare(UNTIL, Op::Lt, Value::Date(before)),
            fixed: 0,
            many: false,
            descending: false,
            after,
            limit,
        };
        Ok(self.store.list(&query).await?)
    }

    /// A type that has a rule under which something ends.
    pub(crate) fn kept_type(
        &self,
        service: &str,
        kind: &str,
    ) -> Result<(Arc<Service>, Arc<RecordType>), Failure> {
        let service = self.service(service)?;
        let rt = record_type(&service, kind)?;
        let ends = rt
            .retention
            .as_ref()
            .is_some_and(|rule| rule.years.is_some());
        ends.then_some((service, rt)).ok_or_else(Failure::not_found)
    }
}

/// Own seats of these roles: disposal is no daily business for a substitute.
pub(crate) fn seats<'a>(actor: &'a Actor, roles: &'a [String]) -> impl Iterator<Item = &'a Seat> {
    let own = actor.seats.iter().filter(|seat| seat.substitute.is_none());
    own.filter(|seat| roles.contains(&seat.role))
}

fn holds(actor: &Actor, roles: &[String]) -> bool {
    seats(actor, roles).next().is_some()
}

/// What may be proposed under a rule.
pub(crate) fn deeds(rule: &Retention) -> Vec<Deed> {
    match rule.then {
        RetentionThen::Dispose => vec![Deed::Dispose, Deed::Extend],
        RetentionThen::Archive => vec![Deed::Transfer, Deed::Extend],
        RetentionThen::Review => vec![Deed::Dispose, Deed::Transfer, Deed::Extend],
    }
}

/// A rule in words.
pub(crate) fn told(rule: &Retention) -> String {
    let Some(years) = rule.years else {
        return format!("永年（{}）", rule.basis);
    };
    let from = match (rule.count, rule.from.is_some()) {
        (RetentionCount::FiscalYear, false) => "終わった日の翌年度の4月1日から",
        (RetentionCount::FiscalYear, true) => "数えはじめる日の翌年度の4月1日から",
        (RetentionCount::Year, false) => "終わった日の翌年の1月1日から",
        (RetentionCount::Year, true) => "数えはじめる日の翌年の1月1日から",
        (RetentionCount::Day, false) => "終わった日の翌日から",
        (RetentionCount::Day, true) => "数えはじめる日の翌日から",
    };
    format!("{from}{years}年（{}）", rule.basis)
}

/// The last day of the fiscal year of a day.
fn fiscal_end(day: Date) -> Date {
    date(kernel::number::fiscal_year(day).saturating_add(1), 3, 31)
}

fn tomorrow(day: Date) -> Date {
    day.saturating_add(1.days())
}
