//! What a person finds when they come in: the views of their seats, their own records, their messages.

use crate::cursor::CursorText;
use crate::list::ViewPlan;
use crate::looking::Read;
use crate::maintenance::Visit;
use crate::view::RecordView;
use crate::{Engine, Failure};
use definition::model::{RecordType, ScopeKind, Service, Status, View, ViewKind, Who};
use feel::Predicate;
use jiff::Timestamp;
use kernel::looks::Way;
use kernel::port::{ListQuery, MessageRow, OutboxRow};
use kernel::{Actor, Around, EffectId, RecordId, Seat};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows of one page of a view.
const PAGE: usize = 50;
/// Rows of a view on the inbox.
const INBOX: usize = 20;
/// Own records shown per type on My Page.
const OWN: usize = 20;
/// The longest name of somebody at the counter.
const MOST_NAME_CHARS: usize = 100;

/// One page of a view.
pub struct Board {
    /// Service.
    pub service: Arc<Service>,
    /// Record type.
    pub record_type: Arc<RecordType>,
    /// Name of the view.
    pub view: String,
    /// Title.
    pub title: String,
    /// Headings.
    pub columns: Vec<String>,
    /// Records with their cells.
    pub rows: Vec<(RecordView, Vec<String>)>,
    /// Actions that may be taken on many of its rows at once.
    pub batch: Vec<BatchAction>,
    /// Whether all rows are chosen to begin with.
    pub selected: bool,
    /// Rows that have changed since this account last looked at them.
    pub updated: BTreeSet<RecordId>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// True if the store stopped at its scan limit.
    pub stopped: bool,
}

/// An action that a board offers for many rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchAction {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
}

impl Engine {
    /// A page of a view.
    ///
    /// # Errors
    /// 404 if there is no such view for this actor.
    pub async fn view_page(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        view: &str,
        after: Option<&str>,
    ) -> Result<Board, Failure> {
        let service = self.service(service)?;
        let rt = crate::registry::record_type(&service, record_type)?;
        let view = rt
            .views
            .get(view)
            .filter(|view| has_view(view, actor) && !view.index.is_empty())
            .ok_or_else(Failure::not_found)?;
        self.board(actor, &service, &rt, view, after, PAGE).await
    }

    /// The first page of every list of the actor's seats that says what to look at: one with a filter, or whose index
    /// holds a part only. Lists of everything are left out: nothing waits there.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn boards(&self, actor: &Actor) -> Result<Vec<Board>, Failure> {
        let mut boards = Vec::new();
        for service in self
            .catalogue()
            .services
            .values()
            .filter(|s| s.status == Status::Running)
        {
            for rt in service.types.values() {
                let lists = rt.views.values().filter(|view| narrows(rt, view));
                for view in lists.filter(|view| has_desk_view(view, actor)) {
                    boards.push(self.board(actor, service, rt, view, None, INBOX).await?);
                }
            }
        }
        Ok(boards)
    }

    async fn board(
        &self,
        actor: &Actor,
        service: &Arc<Service>,
        rt: &Arc<RecordType>,
        view: &View,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Board, Failure> {
        let whole = (service, rt, view);
        self.rows(actor, whole, Predicate::True, after, limit).await
    }

    /// The first page of a view narrowed further: a lane, a month.
    pub(crate) async fn narrowed(
        &self,
        actor: &Actor,
        whole: (&Arc<Service>, &Arc<RecordType>, &View),
        only: Predicate,
        limit: usize,
    ) -> Result<Board, Failure> {
        self.rows(actor, whole, only, None, limit).await
    }

    async fn rows(
        &self,
        actor: &Actor,
        (service, rt, view): (&Arc<Service>, &Arc<RecordType>, &View),
        only: Predicate,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Board, Failure> {
        let mut board = Board {
            service: Arc::clone(service),
            record_type: Arc::clone(rt),
            view: view.name.clone(),
            title: view.title.clone(),
            columns: view
                .columns
                .iter()
                .map(|column| column.title.clone())
                .collect(),
            rows: Vec::new(),
            batch: Vec::new(),
            selected: view.selected,
            updated: BTreeSet::new(),
            next: None,
            stopped: false,
        };
        let Some(plan) = ViewPlan::new(self, service, rt, view, actor, only)? else {
            return Ok(board);
        };
        let query = ListQuery {
            after: after.map(CursorText::read).transpose()?,
            limit,
            ..plan.query
        };
        let page = self.store.list(&query).await?;
        board.next = page.next.as_ref().map(CursorText::write);
        board.stopped = page.stopped;
        let columns: Vec<_> = view.columns.iter().map(|column| &column.value).collect();
        let nearby = self.nearby(rt, &columns, &page.items).await?;
        let read = Read::page(&service.slug, rt, actor, &page.items);
        for snapshot in page.items {
            let mut facts = self.empty_facts(Arc::clone(service));
            facts.related = nearby.of(rt, &snapshot);
            facts.record = Some(snapshot.clone());
            facts = kernel::closed::veiled(&facts, actor).into_owned();
            let Some(sight) = kernel::may_see(service, rt, actor, &snapshot) else {
                continue;
            };
            let seen = (actor, &sight);
            let cells = kernel::view::view_row(Around::of(&facts), rt, view, &snapshot, seen);
            if let Some(item) = self.item_view(service, actor, snapshot, facts.related) {
                board.rows.push((item, cells));
            }
        }
        let read = Read {
            records: board.rows.iter().map(|(record, _)| record.id).collect(),
            ..read
        };
        self.noted(actor, Way::List, None, read).await?;
        board.batch = offered(service, rt, view, &board.rows);
        board.updated = self
            .changed_since_looked(actor, board.rows.iter().map(|(record, _)| record))
            .await?;
        Ok(board)
    }

    /// Those of some records that have changed since the actor's account last looked at them. What was never looked
    /// at is new, not changed.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn changed_since_looked<'r>(
        &self,
        actor: &Actor,
        records: impl Iterator<Item = &'r RecordView>,
    ) -> Result<BTreeSet<RecordId>, Failure> {
        let Some(account) = actor.account else {
            return Ok(BTreeSet::new());
        };
        let updated: BTreeMap<RecordId, Timestamp> = records
            .map(|record| (record.id, record.updated_at))
            .collect();
        let ids: Vec<RecordId> = updated.keys().copied().collect();
        let looks = self.store.last_looks(account, &ids).await?;
        Ok(looks
            .into_iter()
            .filter(|(id, look)| updated.get(id).is_some_and(|at| at > look))
            .map(|(id, _)| id)
            .collect())
    }

    /// When the actor's account last looked at a record: to be asked before it is read again.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn last_look(
        &self,
        actor: &Actor,
        record: RecordId,
    ) -> Result<Option<Timestamp>, Failure> {
        let Some(account) = actor.account else {
            return Ok(None);
        };
        let looks = self.store.last_looks(account, &[record]).await?;
        Ok(looks.first().map(|(_, at)| *at))
    }

    /// Records on which a substitute acted for the actor (代決), waiting to be acknowledged (後閲), oldest first.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn after_reviews(&self, actor: &Actor) -> Result<Vec<RecordView>, Failure> {
        let Some(account) = actor.account.filter(|_| !actor.seats.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for service in self.catalogue().services.values() {
            let routed = |rt: &&Arc<RecordType>| {
                rt.indexes
                    .iter()
                    .any(|index| index.name == definition::AFTER_REVIEW_INDEX)
            };
            for rt in service.types.values().filter(routed) {
                let scopes = kernel::scope_keys(service, rt, actor);
                if scopes.is_empty() {
                    continue;
                }
                let query = crate::list::after_review(service, rt, scopes, account, PAGE);
                let page = self.store.list(&query).await?;
                found.extend(self.item_views(service, rt, actor, page.items).await?);
            }
        }
        Ok(found)
    }

    /// The actor's own records over all services, newest first.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn my_items(&self, actor: &Actor) -> Result<Vec<RecordView>, Failure> {
        let mut items = Vec::new();
        for service in self
            .catalogue()
            .services
            .values()
            .filter(|s| s.status == Status::Running)
        {
            for rt in service.types.values().filter(|rt| rt.child_of.is_empty()) {
                let scopes = kernel::scope_keys_where(service, rt, actor, |rule| {
                    rule.scope == ScopeKind::Own
                });
                if scopes.is_empty() {
                    continue;
                }
                let query = crate::list::recent(service, rt, scopes, OWN);
                let page = self.store.list(&query).await?;
                items.extend(self.item_views(service, rt, actor, page.items).await?);
            }
        }
        items.sort_by_key(|item| std::cmp::Reverse((item.updated_at, item.id)));
        Ok(items)
    }

    /// An official in the place of somebody without an account, who stands at the counter.
    ///
    /// # Errors
    /// If this official does not sit at a counter for such records, or the role takes no such party.
    pub fn at_the_counter(
        &self,
        actor: &Actor,
        rt: &RecordType,
        kind: &str,
        name: &str,
    ) -> Result<Actor, Failure> {
        if !kernel::counter::sits(rt, actor) {
            let detail = "窓口での代行入力は、この記録の窓口の担当者だけができます。";
            return Err(Failure::invalid("/party", "not_at_counter", detail));
        }
        let name = name.trim();
        let takes = |party: &&definition::model::PartyRule| {
            party.owner && party.is.iter().any(|known| known == kind)
        };
        let mut faults = Vec::new();
        if name.is_empty() || name.chars().count() > MOST_NAME_CHARS {
            let detail = "代わって入力する方の氏名か名称を、100文字までで入れてください。";
            faults.push(kernel::Fault::new("/party/name", "required", detail));
        }
        if !rt.parties.values().any(|party| takes(&party)) {
            let detail = "個人か法人かを選んでください。";
            faults.push(kernel::Fault::new("/party/kind", "option", detail));
        }
        if !faults.is_empty() {
            let title = "入力を確かめてください";
            return Err(kernel::Refusal::new(kernel::RefusalKind::Invalid, title, faults).into());
        }
        Ok(Actor {
            on_behalf_of: Some(kernel::PartyId(self.ids.uuid(self.clock.now()))),
            on_behalf_kind: Some(kind.to_owned()),
            on_behalf_name: Some(name.to_owned()),
            counter: true,
            ..actor.clone()
        })
    }

    /// Messages of the actor, its hats and seats, newest first.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn messages(
        &self,
        actor: &Actor,
        before: Option<EffectId>,
        limit: usize,
    ) -> Result<Vec<MessageRow>, Failure> {
        let mut rows = self
            .store
            .messages(&mailboxes(actor), before, limit)
            .await?;
        rows.retain(|row| actor.reaches(&row.service, &row.record_type));
        self.without_closed(actor, rows).await
    }

    /// Marks a message of the actor as read.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn message_read(&self, actor: &Actor, id: EffectId) -> Result<(), Failure> {
        for mailbox in mailboxes(actor) {
            self.store
                .message_read(&mailbox, id, self.clock.now())
                .await?;
        }
        Ok(())
    }

    /// Effects that have failed: for administrators, and for a maintainer in a visit that runs.
    ///
    /// # Errors
    /// 404 for others.
    pub async fn stuck(
        &self,
        actor: &Actor,
        visit: Option<&Visit>,
    ) -> Result<Vec<OutboxRow>, Failure> {
        self.operates(actor, visit)?;
        Ok(self.store.stuck(200).await?)
    }

    /// Tries a stuck effect again now.
    ///
    /// # Errors
    /// 404 for others than administrators and a maintainer in a visit that runs.
    pub async fn retry(
        &self,
        actor: &Actor,
        visit: Option<&Visit>,
        id: EffectId,
    ) -> Result<(), Failure> {
        self.operates(actor, visit)?;
        let said = match visit {
            None => "管理者が再送を指示",
            Some(_) => "保守の担当が再送を指示",
        };
        self.store
            .effect_failed(id, said, Some(self.clock.now()))
            .await?;
        self.wake.notify_one();
        Ok(())
    }
}

/// What may be done to many rows by this actor: what the view offers, and at least one row allows.
fn offered(
    service: &Service,
    rt: &RecordType,
    view: &View,
    rows: &[(RecordView, Vec<String>)],
) -> Vec<BatchAction> {
    let possible = |name: &&String| {
        rows.iter()
            .any(|(record, _)| record.actions.iter().any(|action| action.name == **name))
    };
    view.batch
        .iter()
        .filter(possible)
        .filter_map(|name| {
            let resolved = kernel::route::resolve(service, rt, name, None)?;
            Some(BatchAction {
                name: name.clone(),
                title: resolved.action.title.clone(),
            })
        })
        .collect()
}

/// Whether a list holds a part of the records only.
fn narrows(rt: &RecordType, view: &View) -> bool {
    let partial = || {
        let index = rt.indexes.iter().find(|index| index.name == view.index);
        index.is_some_and(|index| index.only.is_some())
    };
    view.kind == ViewKind::List && (view.filter.is_some() || partial())
}

pub(crate) fn administrator(actor: &Actor) -> Result<(), Failure> {
    if actor.seats.iter().any(|seat| seat.role == "administrator") {
        Ok(())
    } else {
        Err(Failure::not_found())
    }
}

pub(crate) fn has_view(view: &View, actor: &Actor) -> bool {
    view.who.iter().any(|who| match who {
        Who::Desk(role) => actor.seats.iter().any(|seat| &seat.role == role),
        Who::Party(_) | Who::SignedIn => actor.account.is_some(),
        Who::Public => true,
        Who::System => actor.system,
    })
}

/// Whether a seat of the actor has the view.
#[must_use]
pub fn has_desk_view(view: &View, actor: &Actor) -> bool {
    view.who.iter().any(
        |who| matches!(who, Who::Desk(role) if actor.seats.iter().any(|seat| &seat.role == role)),
    )
}

fn mailboxes(actor: &Actor) -> Vec<String> {
    let mut boxes: Vec<String> = actor
        .account
        .iter()
        .map(|id| format!("account:{id}"))
        .collect();
    boxes.extend(actor.acting_party().iter().map(|id| format!("party:{id}")));
    boxes.extend(desk_mailboxes(&actor.seats));
    boxes
}

/// Mailboxes of the desks with these seats.
pub(crate) fn desk_mailboxes(seats: &[Seat]) -> Vec<String> {
    let mut boxes = Vec::new();
    for seat in seats {
        if let Some(office) = &seat.office {
            boxes.push(format!("desk:{office}:"));
            boxes.push(format!("desk:{office}:{}", seat.role));
        }
    }
    boxes
}
