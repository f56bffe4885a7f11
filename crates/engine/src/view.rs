//! A record as one actor may see it: the envelope of the HTTP contract, and what pages need beside it.

use crate::envelope::Schema;
use crate::invite::InvitationView;
use crate::letters::DocumentView;
use crate::looking::Read;
use crate::payment::pay_path;
use crate::registry::record_type;
use crate::route_line::RouteLine;
use crate::{Engine, Failure};
use definition::model::{Action, Assured, Beside, FieldSet, RecordType, Service, Tone};
use jiff::{Timestamp, civil::Date};
use kernel::closed::Closing;
use kernel::compare::Line;
use kernel::looks::Way;
use kernel::outlook::Outlook;
use kernel::scope::ids_in;
use kernel::{
    Actor, Around, ClockState, Facts, PartyRef, RecordId, RecordScope, RouteMark, RouteState,
    Sight, Snapshot,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record as one actor may see it. `Debug` is left out: it holds personal data.
#[derive(Clone)]
pub struct RecordView {
    /// The definition that governs it.
    pub service: Arc<Service>,
    /// Its type.
    pub record_type: Arc<RecordType>,
    /// Id.
    pub id: RecordId,
    /// Official number.
    pub number: Option<String>,
    /// The line that names it.
    pub label: Option<String>,
    /// State.
    pub state: String,
    /// Title of the state.
    pub state_title: String,
    /// One sentence: what waits for whom.
    pub line: Option<String>,
    /// Who is waited for, as `applicant`, `desk.examiner`; none when ended.
    pub waits_for: Option<String>,
    /// Version.
    pub version: u64,
    /// Authority.
    pub authority: Option<String>,
    /// Office.
    pub office: Option<String>,
    /// Municipality.
    pub municipality: Option<String>,
    /// Visible values by field name; those of hidden fields are left out.
    pub fields: BTreeMap<String, Json>,
    /// Parties; none for whoever may not know the names of the people of the record.
    pub parties: Vec<PartyRef>,
    /// Clocks by name.
    pub clocks: BTreeMap<String, ClockState>,
    /// Earliest due day of the running clocks.
    pub due: Option<Date>,
    /// Day of arrival.
    pub arrived_on: Option<Date>,
    /// Route under way (決裁), for the desk only.
    pub route: Option<RouteState>,
    /// Where the route stands, or how the last one went, for the desk only.
    pub route_line: Option<RouteLine>,
    /// Who took which step of its routes, oldest first, for the desk only.
    pub trail: Vec<RouteMark>,
    /// Parent, if it may be seen.
    pub parent: Option<RelatedView>,
    /// Visible children by slot, oldest first.
    pub children: BTreeMap<String, Vec<RelatedView>>,
    /// Visible linked records by name.
    pub links: BTreeMap<String, Vec<RelatedView>>,
    /// Records that it refers to and that were disposed of.
    pub gone: Vec<crate::GoneView>,
    /// Records found by lookups, by name.
    pub lookups: BTreeMap<String, Vec<RelatedView>>,
    /// The day its owner looks forward to.
    pub outlook: Option<Outlook>,
    /// Comparisons with records beside it, for the desk only.
    pub comparisons: Vec<ComparisonView>,
    /// Path of the page on which this actor can pay, for this record or a child of it.
    pub pay: Option<String>,
    /// Who was invited to go on with it: all for an owner, their own for whoever accepted.
    pub invitations: Vec<InvitationView>,
    /// The roles into which this actor may invite somebody now.
    pub invites: Vec<String>,
    /// What this actor may do now.
    pub actions: Vec<ActionView>,
    /// Records of other types that this actor may begin from this one.
    pub starts: Vec<StartView>,
    /// Letters that this actor may have.
    pub documents: Vec<DocumentView>,
    /// Opened.
    pub created_at: Timestamp,
    /// Last changed.
    pub updated_at: Timestamp,
    /// That it is closed beyond role (閲覧制限), for officials of its circle.
    pub closed: Option<Closing>,
    /// Until when it can be read, for whoever reads it in an emergency only (緊急閲覧).
    pub glass: Option<Timestamp>,
}

impl RecordView {
    /// The day by which something is to be done. An entry of a register has none: the end of its term is no task.
    #[must_use]
    pub fn deadline(&self) -> Option<Date> {
        self.due.filter(|_| !self.record_type.register)
    }
}

/// One other record laid beside this one, field by field.
#[derive(Clone)]
pub struct ComparisonView {
    /// Name of the comparison.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The other record.
    pub other: RelatedView,
    /// What came of each field.
    pub lines: Vec<Line>,
}

/// A related record in short.
#[derive(Clone)]
pub struct RelatedView {
    /// Its type.
    pub record_type: Arc<RecordType>,
    /// Id.
    pub id: RecordId,
    /// Number.
    pub number: Option<String>,
    /// The line that names it.
    pub label: Option<String>,
    /// State.
    pub state: String,
    /// Title of the state.
    pub state_title: String,
    /// Version.
    pub version: u64,
    /// Visible values.
    pub fields: BTreeMap<String, Json>,
    /// Path of the page on which this actor can pay.
    pub pay: Option<String>,
}

/// An action that the actor may take now.
#[derive(Clone, PartialEq)]
pub struct ActionView {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Look.
    pub tone: Tone,
    /// Question before it is done.
    pub confirm: Option<String>,
    /// Whether one run may take it on many records.
    pub batch: bool,
    /// What it demands of this actor, who is known less surely; none where they are known surely enough.
    pub short: Option<kernel::Assurance>,
    /// JSON Schema 2020-12 of its input; none in lists.
    pub input_schema: Option<Arc<Schema>>,
}

/// A record that may be begun from the one shown: it names it, and takes over what it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartView {
    /// Words of its button.
    pub title: String,
    /// Record type that is begun.
    pub record_type: String,
    /// Its field that names the record shown.
    pub field: String,
}

impl Engine {
    /// The view of the record that the facts are about.
    pub(crate) fn view(&self, facts: &Facts, actor: &Actor) -> Result<RecordView, Failure> {
        self.viewed(facts, actor, None)
    }

    /// A record as the answer to what an actor has just done. It may have gone out of their sight by that: then its number
    /// and state are told, and nothing that it holds.
    pub(crate) fn view_of_deed(&self, facts: &Facts, actor: &Actor) -> Result<RecordView, Failure> {
        let nothing = Sight {
            fields: FieldSet::Only(Vec::new()),
            names: false,
        };
        self.viewed(facts, actor, Some(nothing))
    }

    /// `otherwise` is what is seen by who does not see the record at all; none: it is as if it were not there.
    fn viewed(
        &self,
        facts: &Facts,
        actor: &Actor,
        otherwise: Option<Sight>,
    ) -> Result<RecordView, Failure> {
        let snapshot = facts.record.as_ref().ok_or_else(Failure::not_found)?;
        let rt = record_type(&facts.service, &snapshot.record_type)?;
        let seen = kernel::may_see(&facts.service, &rt, actor, snapshot)
            .or(otherwise)
            .ok_or_else(Failure::not_found)?;
        let whole = facts;
        let facts = &*kernel::closed::veiled(whole, actor);
        let mut view = head(facts, &rt, snapshot, &seen);
        view.closed = told_closed(&rt, actor, snapshot);
        view.glass = kernel::see::by_glass(&rt, actor, snapshot).map(|pass| pass.until);
        decide_on_desks(&facts.service, &rt, snapshot, actor, &mut view);
        // What may be done is decided by all there is.
        view.actions = kernel::actions(whole, &rt.name, actor)
            .iter()
            .map(|action| {
                let schema = self.input_schema(&facts.service, &rt, action);
                action_view((facts, &rt, actor), action, Some(schema))
            })
            .collect();
        view.invitations = crate::invite::of(facts, &rt, snapshot, actor);
        let roles = kernel::invite::may_invite(&rt, actor, snapshot);
        view.invites = roles.into_iter().cloned().collect();
        view.starts = crate::start::of(facts, actor, &rt, snapshot);
        view.documents = self.documents(facts, &rt, snapshot, actor);
        for related in facts.related.values() {
            place(facts, actor, snapshot, related, &mut view);
        }
        let own = pay_path(&rt, snapshot, actor);
        view.pay = own.or_else(|| view.children.values().flatten().find_map(|c| c.pay.clone()));
        for slot in rt.has.keys() {
            view.children.entry(slot.clone()).or_default();
        }
        for (name, found) in &facts.lookups {
            let found = found
                .iter()
                .filter(|other| other.id != snapshot.id)
                .filter_map(|other| related_view(facts, actor, other))
                .collect();
            view.lookups.insert(name.clone(), found);
        }
        view.outlook = kernel::outlook::outlook(Around::of(facts), &rt, snapshot);
        if kernel::see::desk_sees(&rt, actor, snapshot) {
            view.comparisons = comparisons(&rt, &view);
        }
        Ok(view)
    }

    /// The views of a page of items, without children, links and input schemas.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn item_views(
        &self,
        service: &Arc<Service>,
        rt: &RecordType,
        actor: &Actor,
        items: Vec<Snapshot>,
    ) -> Result<Vec<RecordView>, Failure> {
        let nearby = self.nearby(rt, &[], &items).await?;
        let read = Read::page(&service.slug, rt, actor, &items);
        let views = items.into_iter().filter_map(|item| {
            let related = nearby.of(rt, &item);
            self.item_view(service, actor, item, related)
        });
        let views: Vec<RecordView> = views.collect();
        let read = Read {
            records: views.iter().map(|view| view.id).collect(),
            ..read
        };
        self.noted(actor, Way::List, None, read).await?;
        Ok(views)
    }

    /// The view of a list's item: without children, links and input schemas. Its label is read over `related`.
    pub(crate) fn item_view(
        &self,
        service: &Arc<Service>,
        actor: &Actor,
        snapshot: Snapshot,
        related: BTreeMap<RecordId, Snapshot>,
    ) -> Option<RecordView> {
        let rt = record_type(service, &snapshot.record_type).ok()?;
        let seen = kernel::may_see(service, &rt, actor, &snapshot)?;
        let mut facts = self.empty_facts(Arc::clone(service));
        facts.related = related;
        facts = kernel::closed::veiled(&facts, actor).into_owned();
        let mut view = head(&facts, &rt, &snapshot, &seen);
        view.closed = told_closed(&rt, actor, &snapshot);
        // Actions are not: a parent that stands here without its children would be judged wrongly.
        facts.related.clear();
        if actor.seats.is_empty() && actor.account.is_some() {
            view.outlook = kernel::outlook::outlook(Around::of(&facts), &rt, &snapshot);
        }
        decide_on_desks(service, &rt, &snapshot, actor, &mut view);
        view.invitations = crate::invite::of(&facts, &rt, &snapshot, actor);
        facts.record = Some(snapshot);
        view.actions = kernel::actions(&facts, &rt.name, actor)
            .iter()
            .map(|action| action_view((&facts, &rt, actor), action, None))
            .collect();
        Some(view)
    }
}

/// What the definition lays side by side, over what this actor sees of both.
fn comparisons(rt: &RecordType, view: &RecordView) -> Vec<ComparisonView> {
    let mut all = Vec::new();
    for rule in rt.compare.values() {
        let others: Vec<&RelatedView> = match &rule.with {
            Beside::Lookup(name) => view.lookups.get(name).into_iter().flatten().collect(),
            Beside::Children(slot) => view.children.get(slot).into_iter().flatten().collect(),
            Beside::Link(name) => view.links.get(name).into_iter().flatten().collect(),
            Beside::Parent => view.parent.iter().collect(),
        };
        all.extend(others.into_iter().map(|other| ComparisonView {
            name: rule.name.clone(),
            title: rule.title.clone(),
            lines: kernel::compare::compare(
                rule,
                (rt, &view.fields),
                (&other.record_type, &other.fields),
            ),
            other: other.clone(),
        }));
    }
    all
}

/// How a decision goes is the desk's own business.
fn decide_on_desks(
    service: &Service,
    rt: &RecordType,
    snapshot: &Snapshot,
    actor: &Actor,
    view: &mut RecordView,
) {
    if actor.system || !actor.seats.is_empty() {
        view.route.clone_from(&snapshot.route);
        view.route_line = crate::route_line::line(service, rt, snapshot);
        view.trail.clone_from(&snapshot.trail);
    }
}

fn action_view(
    (facts, rt, actor): (&Facts, &RecordType, &Actor),
    action: &Action,
    input_schema: Option<Arc<Schema>>,
) -> ActionView {
    let who = match action.assurance == Assured::default() {
        true => None,
        false => kernel::who::acting_as(rt, action, actor, facts.record.as_ref()),
    };
    ActionView {
        short: who.and_then(|who| kernel::assured::short(action, actor, &who)),
        name: action.name.clone(),
        title: action.title.clone(),
        tone: action.tone,
        confirm: action.confirm.clone(),
        batch: action.batch.is_some(),
        input_schema,
    }
}

fn head(facts: &Facts, rt: &Arc<RecordType>, snapshot: &Snapshot, seen: &Sight) -> RecordView {
    let state = rt.states.get(&snapshot.state);
    RecordView {
        service: Arc::clone(&facts.service),
        record_type: Arc::clone(rt),
        id: snapshot.id,
        number: snapshot.number.clone(),
        label: label(facts, rt, snapshot, seen),
        state: snapshot.state.clone(),
        state_title: state.map_or_else(|| snapshot.state.clone(), |s| s.title.clone()),
        line: state.and_then(|s| s.line.clone()),
        waits_for: kernel::scope::waits_for(&facts.service, rt, snapshot),
        version: snapshot.version,
        authority: snapshot.authority.clone(),
        office: snapshot.office.clone(),
        municipality: snapshot.municipality.clone(),
        fields: kernel::visible_fields(rt, snapshot, seen, Around::of(facts)),
        parties: if seen.names {
            snapshot.parties.clone()
        } else {
            Vec::new()
        },
        clocks: snapshot.clocks.clone(),
        due: kernel::scope::due(rt, snapshot),
        arrived_on: snapshot.arrived_on,
        route: None,
        route_line: None,
        trail: Vec::new(),
        parent: None,
        children: BTreeMap::new(),
        links: BTreeMap::new(),
        gone: Vec::new(),
        lookups: BTreeMap::new(),
        outlook: None,
        comparisons: Vec::new(),
        pay: None,
        invitations: Vec::new(),
        invites: Vec::new(),
        actions: Vec::new(),
        starts: Vec::new(),
        documents: Vec::new(),
        created_at: snapshot.created_at,
        updated_at: snapshot.updated_at,
        closed: None,
        glass: None,
    }
}

/// That it is closed, for officials of its circle: parties see it as they always did. Whoever reads it in an emergency
/// must know that they may not speak of it, and neither why nor who may.
fn told_closed(rt: &RecordType, actor: &Actor, snapshot: &Snapshot) -> Option<Closing> {
    let closing = snapshot.closed.as_ref()?;
    if kernel::see::by_glass(rt, actor, snapshot).is_some() {
        return Some(Closing {
            ground: None,
            accounts: Vec::new(),
            hides_from: Vec::new(),
            ..closing.clone()
        });
    }
    kernel::see::desk_sees(rt, actor, snapshot).then(|| closing.clone())
}

/// Puts a related record where it belongs in the view, if the actor may see it.
fn place(facts: &Facts, actor: &Actor, of: &Snapshot, related: &Snapshot, view: &mut RecordView) {
    let Some(short) = related_view(facts, actor, related) else {
        return;
    };
    if of
        .parent
        .as_ref()
        .is_some_and(|parent| parent.id == related.id)
    {
        view.parent = Some(short.clone());
    }
    for (name, ids) in &of.links {
        if ids.contains(&related.id) {
            view.links
                .entry(name.clone())
                .or_default()
                .push(short.clone());
        }
    }
    let Some(rt) = facts.service.types.get(&of.record_type) else {
        return;
    };
    for field in rt.fields.values() {
        let names = field.kind.record_link().is_some()
            && view.fields.contains_key(&field.name)
            && of
                .fields
                .get(&field.id)
                .is_some_and(|json| ids_in(json).any(|id| id == related.id));
        if names {
            view.links
                .entry(field.name.clone())
                .or_default()
                .push(short.clone());
        }
    }
    if let Some(parent) = related.parent.as_ref().filter(|parent| parent.id == of.id) {
        view.children
            .entry(parent.slot.clone())
            .or_default()
            .push(short);
    }
}

fn related_view(facts: &Facts, actor: &Actor, snapshot: &Snapshot) -> Option<RelatedView> {
    let rt = record_type(&facts.service, &snapshot.record_type).ok()?;
    let seen = kernel::may_see(&facts.service, &rt, actor, snapshot)?;
    Some(RelatedView {
        id: snapshot.id,
        number: snapshot.number.clone(),
        label: label(facts, &rt, snapshot, &seen),
        state: snapshot.state.clone(),
        state_title: rt
            .states
            .get(&snapshot.state)
            .map_or_else(|| snapshot.state.clone(), |s| s.title.clone()),
        version: snapshot.version,
        fields: kernel::visible_fields(&rt, snapshot, &seen, Around::of(facts)),
        pay: pay_path(&rt, snapshot, actor),
        record_type: rt,
    })
}

/// The line that names a record, for whoever may be told it.
fn label(facts: &Facts, rt: &RecordType, snapshot: &Snapshot, seen: &Sight) -> Option<String> {
    let told = |label: &&_| seen.tells_all(rt, label);
    rt.label.as_ref().filter(told)?;
    kernel::scope::label(&RecordScope::new(Around::of(facts), rt, snapshot, None))
}

/// RFC 3339 in Asia/Tokyo, to the second.
#[must_use]
pub fn tokyo(at: Timestamp) -> String {
    let local = jiff::tz::Offset::constant(9).to_datetime(at);
    format!("{}+09:00", local.strftime("%Y-%m-%dT%H:%M:%S"))
}
