//! What happened: a record's own history, and the feed of all changes.

use crate::envelope::href;
use crate::read::Opened;
use crate::view::tokyo;
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use jiff::{Timestamp, civil::Date};
use kernel::port::Stored;
use kernel::{Actor, Note, Patch, RecordId, RouteMark, RunId, Sight};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A page of a record's history, oldest first.
pub struct HistoryPage {
    /// Entries.
    pub items: Vec<HistoryEntry>,
    /// `after` of the next page; none at the end.
    pub next: Option<u64>,
}

/// One event, as far as the actor may see it.
#[derive(Clone)]
pub struct HistoryEntry {
    /// Position in the record's history.
    pub seq: u64,
    /// Action.
    pub action: String,
    /// Its title.
    pub action_title: String,
    /// Who.
    pub actor_name: String,
    /// In which capacity.
    pub acted_as: String,
    /// Title of the capacity.
    pub acted_as_title: String,
    /// When.
    pub at: Timestamp,
    /// From when it has effect.
    pub effective_on: Date,
    /// Visible changes of fields.
    pub changes: Vec<FieldChange>,
    /// A note of a call or a visit.
    pub note: Option<Note>,
    /// The state it led to (name, title), if it changed.
    pub state: Option<(String, String)>,
    /// Whether whoever reads it did it.
    pub own: bool,
    /// The step of a route that was taken, for the desk only.
    pub mark: Option<RouteMark>,
    /// The run that it was a part of.
    pub run: Option<RunId>,
    /// Hash of the event (hex).
    pub hash: String,
}

/// A field that changed.
#[derive(Clone)]
pub struct FieldChange {
    /// Field name.
    pub field: String,
    /// Title.
    pub title: String,
    /// Before.
    pub from: Json,
    /// After.
    pub to: Json,
}

/// A page of the change feed.
pub struct ChangePage {
    /// CloudEvents 1.0.
    pub items: Vec<Json>,
    /// `after` of the next page; none at the end.
    pub next: Option<u64>,
}

impl HistoryEntry {
    /// As in the contract.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let changes: Vec<Json> = self
            .changes
            .iter()
            .map(|c| json!({"field": c.field, "title": c.title, "from": c.from, "to": c.to}))
            .collect();
        let note = self.note.as_ref().map(|n| json!({"how": n.how, "how_title": n.how_title, "with": n.with, "text": n.text, "shared": n.shared}));
        json!({
            "note": note,
            "seq": self.seq, "action": self.action, "title": self.action_title,
            "actor": {"name": self.actor_name, "as": self.acted_as, "title": self.acted_as_title},
            "at": tokyo(self.at), "effective_on": self.effective_on, "changes": changes,
            "state": self.state.as_ref().map(|(name, _)| name), "hash": self.hash,
            "route": self.mark.as_ref().map(crate::mark_json), "run": self.run,
        })
    }
}

impl Engine {
    /// A page of a record's history.
    ///
    /// # Errors
    /// 404 if the actor may not see the record.
    pub async fn history(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        id: RecordId,
        after: u64,
        limit: usize,
    ) -> Result<HistoryPage, Failure> {
        let opened = self.open_record(actor, None, service, record_type, id);
        let Opened {
            service,
            rt,
            record,
            actor,
            sight,
        } = opened.await?;
        let desk = kernel::see::desk_sees(&rt, &actor, &record);
        // Earlier values are needed for `from`, so the page is folded from the beginning; histories are short.
        let upto = usize::try_from(after)
            .unwrap_or(usize::MAX)
            .saturating_add(limit)
            .saturating_add(1);
        let stored = self.store.history(id, 0, upto).await?;
        let mut before: BTreeMap<String, Json> = BTreeMap::new();
        let mut items = Vec::new();
        for one in &stored {
            let mut entry = entry(&service, &rt, &sight, one, &mut before);
            entry.mark = entry.mark.filter(|_| !actor.seats.is_empty());
            entry.own = actor.account.is_some() && one.event.header.actor == actor.account;
            let kept_back = entry
                .note
                .as_ref()
                .is_some_and(|note| !note.shared && !desk);
            if one.event.header.seq > after && !kept_back {
                items.push(entry);
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more {
            items.last().map(|entry| entry.seq)
        } else {
            None
        };
        Ok(HistoryPage { items, next })
    }

    /// A page of all changes in commit order that the actor may see, as CloudEvents without content.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn changes(
        &self,
        actor: &Actor,
        after: u64,
        limit: usize,
    ) -> Result<ChangePage, Failure> {
        let stored = self.store.changes(after, limit).await?;
        let last = stored.last().map(|one| one.position);
        let full = stored.len() == limit;
        let ids: Vec<RecordId> = stored.iter().map(|one| one.event.header.record).collect();
        let mut visible = BTreeMap::new();
        for snapshot in self.store.snapshots(&ids).await? {
            let definition = self.governing(&snapshot).await?;
            let rt = definition.types.get(&snapshot.record_type);
            if rt.is_some_and(|rt| kernel::may_see(&definition, rt, actor, &snapshot).is_some()) {
                visible.insert(snapshot.id, snapshot.number);
            }
        }
        let items = stored
            .iter()
            .filter_map(|one| {
                visible
                    .get(&one.event.header.record)
                    .map(|number| cloud_event(one, number.as_deref()))
            })
            .collect();
        Ok(ChangePage {
            items,
            next: last.filter(|_| full),
        })
    }
}

fn cloud_event(stored: &Stored, number: Option<&str>) -> Json {
    let header = &stored.event.header;
    let source = href(&header.service, &header.record_type, header.record);
    json!({
        "specversion": "1.0", "id": stored.position.to_string(), "source": source,
        "type": format!("tsumugi.{}.{}.{}", header.service, header.record_type, header.action),
        "time": tokyo(header.recorded_at), "subject": number, "datacontenttype": "application/json",
        "data": {"record": header.record, "seq": header.seq, "action": header.action, "effective_on": header.effective_on, "hash": stored.hash},
    })
}

fn entry(
    service: &Service,
    rt: &RecordType,
    seen: &Sight,
    stored: &Stored,
    before: &mut BTreeMap<String, Json>,
) -> HistoryEntry {
    let header = &stored.event.header;
    let mut changes = Vec::new();
    let mut state = None;
    let mut mark = None;
    for patch in &stored.event.body.patches {
        match patch {
            Patch::Field { id, value } => {
                let from = before
                    .insert(id.clone(), value.clone())
                    .unwrap_or(Json::Null);
                if let Some(field) = rt.field_by_id(id).filter(|f| seen.shows(&f.name)) {
                    let told = |json: Json| match field.kind.individual_rule() {
                        Some(_) => kernel::convert::given(&json),
                        None => json,
                    };
                    changes.push(FieldChange {
                        field: field.name.clone(),
                        title: field.title.clone(),
                        from: told(from),
                        to: told(value.clone()),
                    });
                }
            }
            Patch::State(name) => {
                state = Some((
                    name.clone(),
                    rt.states
                        .get(name)
                        .map_or_else(|| name.clone(), |s| s.title.clone()),
                ))
            }
            Patch::Mark(taken) => mark = Some(taken.clone()),
            _ => {}
        }
    }
    HistoryEntry {
        seq: header.seq,
        action: header.action.clone(),
        action_title: rt.actions.get(&header.action).map_or_else(
            || route_title(service, rt, &header.action),
            |a| a.title.clone(),
        ),
        actor_name: if seen.names {
            stored.event.body.actor_name.clone()
        } else {
            String::new()
        },
        acted_as_title: acted_as(service, rt, header),
        acted_as: header.acted_as.clone(),
        at: header.recorded_at,
        effective_on: header.effective_on,
        changes,
        note: stored.event.body.note.clone().filter(|_| seen.names),
        state,
        own: false,
        mark,
        run: stored.event.body.run,
        hash: stored.hash.clone(),
    }
}

/// The capacity; a clerk at the counter acts in somebody's place.
fn acted_as(service: &Service, rt: &RecordType, header: &kernel::Header) -> String {
    let title = capacity_title(service, rt, &header.acted_as);
    let at_counter = header.on_behalf_of.is_some() && header.seat_office.is_some();
    if at_counter && rt.parties.contains_key(&header.acted_as) {
        format!("窓口で{title}に代わって")
    } else {
        title
    }
}

/// Title of an action that a route adds (起案する, 差し戻す …).
fn route_title(service: &Service, rt: &RecordType, action: &str) -> String {
    let of_another = || {
        // What another record's act did to this one is named by that act: `type.action`.
        let (kind, name) = action.split_once('.')?;
        let action = service.types.get(kind)?.actions.get(name)?;
        Some(action.title.clone())
    };
    if action == kernel::keep::EXTEND {
        return "保存期間を延ばす".to_owned();
    }
    if action == kernel::closed::FOLLOWS {
        return "閲覧制限をもとの記録にそろえる".to_owned();
    }
    if let Some(title) = crate::invite::title(action) {
        return title.to_owned();
    }
    match kernel::route::resolve(service, rt, action, None) {
        Some(resolved) => resolved.action.title.clone(),
        None => of_another().unwrap_or_else(|| action.to_owned()),
    }
}

fn capacity_title(service: &Service, rt: &RecordType, capacity: &str) -> String {
    if let Some(role) = capacity.strip_prefix("desk.") {
        return service
            .roles
            .get(role)
            .map_or_else(|| role.to_owned(), |role| role.title.clone());
    }
    match capacity {
        "system" => "システム".into(),
        "signed_in" | "public" => "利用者".into(),
        role => rt
            .parties
            .get(role)
            .map_or_else(|| role.to_owned(), |party| party.title.clone()),
    }
}
