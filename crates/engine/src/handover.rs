//! 引継ぎ: open work that names an official whose seat ends or has ended, or that names nobody, and handing it to another.
//! Who holds work is read off the index that `handed_over_by:` makes; handing over is an act on each record, many in one
//! run (`runs`), and giving back is another.

use crate::cursor::CursorText;
use crate::list::readable;
use crate::registry::record_type;
use crate::runs::{Chosen, MAX_RUN_RECORDS, RunRequest, run_id};
use crate::view::RecordView;
use crate::{Engine, Failure, IdempotencyKey};
use definition::model::{Field, RecordType, SeeRule, Service, Who};
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::port::{ListCursor, ListQuery, Page, RunItem, RunOutcome, RunRow};
use kernel::{
    AccountId, Actor, EffectId, EffectOrder, MessageTo, OutboxEntry, RecordId, RunId, Snapshot,
};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Days ahead within which the end of a seat is shown (assumed: transfers are made known a week or two before).
pub const AHEAD_DAYS: i64 = 30;
/// The most people of one field that are looked at; an office has fewer.
const MOST_HOLDERS: usize = 200;
/// Records in a page of one person's work.
const PAGE_ROWS: usize = 50;

/// A field whose work the actor hands over.
pub struct Handing {
    /// The service.
    pub service: Arc<Service>,
    /// The record type.
    pub record_type: Arc<RecordType>,
    /// Name of the field.
    pub field: String,
    /// Its title.
    pub title: String,
    /// Those whose work is to be handed over, whoever has left first; work that names nobody before them.
    pub holders: Vec<Holder>,
    /// Whether there are more people than were looked at.
    pub stopped: bool,
}

/// Somebody who holds work, or nobody. `Debug` is left out: it holds a name.
pub struct Holder {
    /// The account; none for work that names nobody.
    pub account: Option<AccountId>,
    /// Name, where the account is there.
    pub name: Option<String>,
    /// How they leave.
    pub leaving: Leaving,
}

/// How somebody who holds work leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaving {
    /// It names nobody.
    Nobody,
    /// No seat of theirs is at the office of the record.
    Gone,
    /// The seat ends: its last day.
    On(Date),
    /// The seat stays, as far as is known.
    Stays,
}

/// A page of what somebody holds, or of what names nobody.
pub struct Work {
    /// The field.
    pub handing: Handing,
    /// Whose.
    pub holder: Holder,
    /// The records.
    pub items: Vec<RecordView>,
    /// Sign-in name and name of those who are appointed to the office, to choose from.
    pub colleagues: Vec<(String, String)>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
}

impl Engine {
    /// Whether the actor hands over anything at all.
    #[must_use]
    pub fn hands_over(&self, actor: &Actor) -> bool {
        let catalogue = self.catalogue();
        let mut types = catalogue.services.values().flat_map(|s| s.types.values());
        types.any(|rt| rt.fields.values().any(|field| hands(actor, field)))
    }

    /// What the actor's seats hand over, by field, with whoever leaves. Reads one entry of the index a person, so it costs
    /// by how many people an office has and not by how much work there is.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn handings(&self, actor: &Actor) -> Result<Vec<Handing>, Failure> {
        let mut all = Vec::new();
        let catalogue = self.catalogue();
        for service in catalogue.services.values() {
            for rt in service.types.values() {
                for field in rt.fields.values().filter(|field| hands(actor, field)) {
                    let mut handing = handing(service, rt, field);
                    self.fill_holders(actor, field, &mut handing).await?;
                    all.push(handing);
                }
            }
        }
        Ok(all)
    }

    async fn fill_holders(
        &self,
        actor: &Actor,
        field: &Field,
        handing: &mut Handing,
    ) -> Result<(), Failure> {
        let (service, rt) = (&handing.service, &handing.record_type);
        let mut wanted = Predicate::Absent {
            field: vec![field.name.clone()],
        };
        let mut holders = Vec::new();
        for no in 0..=MOST_HOLDERS {
            let page = self
                .open_work(actor, (service, rt, field), (wanted, None, 1))
                .await?;
            let first = page.and_then(|page| page.items.into_iter().next());
            let held = first.as_ref().and_then(|one| one.text(rt, &field.name));
            // After those that name nobody come those that name somebody: from the lowest number of an account on.
            let last = held.unwrap_or_default();
            if let Some(first) = &first {
                let holder = self.holder(first, held).await?;
                if holder.leaving != Leaving::Stays {
                    holders.push(holder);
                }
            }
            if first.is_none() && no > 0 {
                holders.sort_by(|a, b| (a.leaving, &a.name).cmp(&(b.leaving, &b.name)));
                handing.holders = holders;
                return Ok(());
            }
            wanted = Predicate::compare(&field.name, Op::Gt, Value::text(last));
        }
        handing.holders = holders;
        handing.stopped = true;
        Ok(())
    }

    /// A page of what an account holds by a field, or of what names nobody.
    ///
    /// # Errors
    /// 404 for those who do not hand this over.
    pub async fn work_of(
        &self,
        actor: &Actor,
        place: (&str, &str, &str),
        account: Option<AccountId>,
        after: Option<&str>,
    ) -> Result<Work, Failure> {
        let (service, rt, field) = self.handed_place(actor, place)?;
        let after = after.map(CursorText::read).transpose()?;
        let page = (whose(&field, account), after, PAGE_ROWS);
        let page = self.open_work(actor, (&service, &rt, &field), page).await?;
        let (items, next) = page.map_or_else(Default::default, |page| (page.items, page.next));
        let held = account.map(|id| id.to_string());
        let holder = match items.first() {
            Some(first) => self.holder(first, held.as_deref()).await?,
            // Of whoever holds nothing here not even the name is told.
            None => Holder {
                account,
                name: None,
                leaving: Leaving::Nobody,
            },
        };
        let colleagues = match items.first().and_then(|one| one.office.as_deref()) {
            Some(office) => self.appointed_at(office).await?,
            None => Vec::new(),
        };
        let items = self.item_views(&service, &rt, actor, items).await?;
        Ok(Work {
            colleagues,
            handing: handing(&service, &rt, &field),
            holder,
            items,
            next: next.as_ref().map(CursorText::write),
        })
    }

    /// All that an account holds by a field, or that names nobody, with the versions seen: as much as one run takes.
    ///
    /// # Errors
    /// 404 for those who do not hand this over.
    pub async fn all_work(
        &self,
        actor: &Actor,
        place: (&str, &str, &str),
        account: Option<AccountId>,
    ) -> Result<Vec<(RecordId, Option<u64>)>, Failure> {
        let (service, rt, field) = self.handed_place(actor, place)?;
        let wanted = whose(&field, account);
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = (wanted.clone(), after, PAGE_ROWS * 4);
            let page = self.open_work(actor, (&service, &rt, &field), page).await?;
            let (items, next) = page.map_or_else(Default::default, |page| (page.items, page.next));
            all.extend(items.iter().map(|one| (one.id, Some(one.version))));
            after = next;
            if after.is_none() || all.len() >= MAX_RUN_RECORDS {
                all.truncate(MAX_RUN_RECORDS);
                return Ok(all);
            }
        }
    }

    /// Gives the work that a run handed over back to whoever had it, record by record; what has been handed on since
    /// stays. One run for each person who had some; answers the last of them. Asked again, it is the same one.
    ///
    /// # Errors
    /// 404 for others than who handed over; a refusal where nothing is left to give back.
    pub async fn hand_back(&self, actor: &Actor, run: RunId) -> Result<RunId, Failure> {
        let found = self.store.run(run).await?;
        let (row, items) = found
            .filter(|(row, _)| actor.account == Some(row.account))
            .ok_or_else(Failure::not_found)?;
        let service = self.service(&row.service)?;
        let rt = record_type(&service, &row.record_type)?;
        let field = definition::handed_by(&rt, &row.action).ok_or_else(Failure::not_found)?;
        let account = row.account.to_string();
        let mut last = None;
        let mut no = 0;
        while let Some((known, _)) = self.store.run(run_id(&account, &back_key(run, no))).await? {
            if known.done_at.is_none() {
                return Ok(known.id);
            }
            last = Some(known.id);
            no += 1;
        }
        for (to, records) in self.to_give_back(&rt, field, &row, &items).await? {
            let request = RunRequest {
                actor: actor.clone(),
                purpose: None,
                service: row.service.clone(),
                record_type: row.record_type.clone(),
                action: row.action.clone(),
                input: Map::from_iter([(field.name.clone(), Json::String(to))]),
                chosen: Chosen::Records(records),
                idempotency: Some(IdempotencyKey {
                    key: back_key(run, no),
                    request: run.to_string(),
                }),
            };
            last = Some(self.start_run(&request).await?);
            no += 1;
        }
        last.ok_or_else(|| {
            let detail = "戻すものがありません。引き継いだ記録を1件ずつ確かめてください。";
            Failure::invalid("/run", "nothing", detail)
        })
    }

    /// What a run handed over and still names whom it named, by whoever had it before, with the version that the run made.
    async fn to_give_back(
        &self,
        rt: &RecordType,
        field: &Field,
        run: &RunRow,
        items: &[RunItem],
    ) -> Result<BTreeMap<String, Vec<(RecordId, Option<u64>)>>, Failure> {
        let to = match named(run, field) {
            Some(said) => self.named_account(said).await?,
            None => None,
        };
        let to = to.map(|account| account.to_string());
        let made: BTreeMap<RecordId, u64> = items.iter().filter_map(done).collect();
        let ids: Vec<RecordId> = made.keys().copied().collect();
        let mut back: BTreeMap<String, Vec<(RecordId, Option<u64>)>> = BTreeMap::new();
        for one in self.store.snapshots(&ids).await? {
            if one.text(rt, &field.name) == to.as_deref() {
                let had = one.text(rt, &definition::before(&field.name));
                let records = back.entry(had.unwrap_or_default().to_owned());
                let version = made.get(&one.id).copied();
                records.or_default().push((one.id, version));
            }
        }
        Ok(back)
    }

    /// Tells whoever was handed work, once a run: how much, by whom.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn tell_of_handing(&self, actor: &Actor, run: &RunRow) -> Result<(), Failure> {
        let service = self.service(&run.service)?;
        let rt = record_type(&service, &run.record_type)?;
        let Some(field) = definition::handed_by(&rt, &run.action) else {
            return Ok(());
        };
        let items = self.store.run(run.id).await?;
        let items = items.map(|(_, items)| items).unwrap_or_default();
        let mut handed = items.iter().filter_map(done).map(|(id, _)| id);
        let (Some(said), Some(first)) = (named(run, field), handed.next()) else {
            return Ok(());
        };
        let Some(to) = self.named_account(said).await? else {
            return Ok(());
        };
        let count = handed.count() + 1;
        let subject = format!("{count}件を引き継ぎました（{}）", rt.title);
        let body = format!(
            "{}さんが、{}の「{}」{count}件の{}をあなたにしました。記録の一覧から確かめてください。",
            actor.name, service.title, rt.title, field.title
        );
        self.show_message(&OutboxEntry {
            // The run's own number: however often its end is come to, it is told once.
            id: EffectId(run.id.0),
            order: EffectOrder::Notify {
                record: first,
                service: run.service.clone(),
                record_type: run.record_type.clone(),
                to: MessageTo::Account(to),
                message: run.action.clone(),
                subject,
                body,
                others: BTreeMap::new(),
                reach: Default::default(),
            },
        })
        .await
    }

    async fn named_account(&self, said: &str) -> Result<Option<AccountId>, Failure> {
        let found = match said.parse().map(AccountId) {
            Ok(id) => self.account(id).await?,
            Err(_) => self.account_by_login(said).await?,
        };
        Ok(found.map(|account| account.id))
    }

    /// How whoever a record names stands to its office.
    async fn holder(&self, record: &Snapshot, held: Option<&str>) -> Result<Holder, Failure> {
        let account = held.and_then(|held| held.parse().ok()).map(AccountId);
        let Some(id) = account else {
            return Ok(Holder {
                account: None,
                name: None,
                leaving: Leaving::Nobody,
            });
        };
        let found = self.account(id).await?;
        let here = |seat: &kernel::Seat| {
            seat.substitute.is_none() && (seat.office == record.office || seat.office.is_none())
        };
        let name = found.as_ref().map(|account| account.name.clone());
        let seated = found.filter(|account| account.closed.is_none());
        let leaving = match seated.filter(|account| account.seats.iter().any(here)) {
            None => Leaving::Gone,
            Some(account) => {
                let ending = self.ending_seats(&account.login, AHEAD_DAYS).await?;
                let stays = account.seats.iter().filter(|seat| here(seat));
                let mut stays = stays.filter(|seat| !ending.iter().any(|(one, _)| one == *seat));
                let last = ending.iter().filter(|(seat, _)| here(seat));
                match (stays.next(), last.map(|(_, day)| *day).max()) {
                    (None, Some(day)) => Leaving::On(day),
                    _ => Leaving::Stays,
                }
            }
        };
        Ok(Holder {
            account,
            name,
            leaving,
        })
    }

    /// The field of a place, if the actor hands over what it names; 404 for others.
    fn handed_place(
        &self,
        actor: &Actor,
        (service, kind, field): (&str, &str, &str),
    ) -> Result<(Arc<Service>, Arc<RecordType>, Field), Failure> {
        let service = self.service(service)?;
        let rt = record_type(&service, kind)?;
        let field = rt.fields.get(field).filter(|field| hands(actor, field));
        let field = field.ok_or_else(Failure::not_found)?.clone();
        Ok((service, rt, field))
    }

    /// Open records by whom a field names, as the roles that hand over see them; none where they see nothing.
    async fn open_work(
        &self,
        actor: &Actor,
        (service, rt, field): (&Arc<Service>, &Arc<RecordType>, &Field),
        (wanted, after, limit): (Predicate, Option<ListCursor>, usize),
    ) -> Result<Option<Page>, Failure> {
        let roles = field.hands.as_deref().unwrap_or_default();
        let scopes = kernel::scope_keys_where(service, rt, actor, |rule: &SeeRule| {
            matches!(&rule.who, Who::Desk(role) if roles.contains(role))
                && readable(rt, rule, &field.name)
        });
        if scopes.is_empty() {
            return Ok(None);
        }
        let fixed = match &wanted {
            Predicate::Compare { op: Op::Gt, .. } => 0,
            _ => 1,
        };
        let query = ListQuery {
            service: service.slug.clone(),
            record_type: rt.name.clone(),
            scopes,
            index: definition::held_index(&field.name),
            keys: vec![field.name.clone(), "due".into()],
            filter: wanted,
            fixed,
            many: false,
            descending: false,
            after,
            limit,
        };
        Ok(Some(self.store.list(&query).await?))
    }
}

/// What an account holds, or what names nobody.
fn whose(field: &Field, account: Option<AccountId>) -> Predicate {
    match account {
        Some(id) => Predicate::compare(&field.name, Op::Eq, Value::text(&id.to_string())),
        None => Predicate::Absent {
            field: vec![field.name.clone()],
        },
    }
}

/// Whether a seat of the actor's own hands over what a field names.
fn hands(actor: &Actor, field: &Field) -> bool {
    let roles = field.hands.as_deref().unwrap_or_default();
    let own = actor.seats.iter().filter(|seat| seat.substitute.is_none());
    own.into_iter().any(|seat| roles.contains(&seat.role))
}

fn handing(service: &Arc<Service>, rt: &Arc<RecordType>, field: &Field) -> Handing {
    Handing {
        service: Arc::clone(service),
        record_type: Arc::clone(rt),
        field: field.name.clone(),
        title: field.title.clone(),
        holders: Vec::new(),
        stopped: false,
    }
}

/// Whom a run named; none where it took a name out.
fn named<'r>(run: &'r RunRow, field: &Field) -> Option<&'r str> {
    let said = run.input.get(&field.name).and_then(Json::as_str);
    said.map(str::trim).filter(|said| !said.is_empty())
}

fn back_key(run: RunId, no: usize) -> String {
    format!("back:{run}:{no}")
}

fn done(item: &RunItem) -> Option<(RecordId, u64)> {
    match item.outcome {
        Some(RunOutcome::Done(version)) => Some((item.record, version)),
        _ => None,
    }
}
