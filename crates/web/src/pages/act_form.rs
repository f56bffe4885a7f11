//! The form of an action: what the screens of applying, acting and confirming share.

use super::error::PageError;
use super::form::{Builder, FieldView, Posted, Remark, Summary, faults_by_path, read};
use super::layout::{Chrome, page};
use super::show::{self, Show, instant};
use super::visitor::Visitor;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use definition::model::{Action, Field, FieldKind, Form, RecordType, Service, Tone};
use engine::{ActRequest, Failure, IdempotencyKey, Outcome, RecordView, Sketch};
use kernel::{Fault, RecordId, Refusal, RefusalKind};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a form acts on.
pub(super) struct Target {
    pub(super) service: Arc<Service>,
    pub(super) rt: Arc<RecordType>,
    /// None while nothing is opened.
    pub(super) record: Option<RecordView>,
    pub(super) action: Action,
    /// The action that keeps a draft, where there is one for this actor now.
    pub(super) save: Option<Action>,
}

/// How a form is shown again.
#[derive(Default)]
pub(super) struct Again {
    pub(super) faults: Vec<Fault>,
    /// Faults by path, of files and postal codes.
    pub(super) said: Vec<(String, String)>,
    pub(super) refused: Option<Refusal>,
    pub(super) saved: bool,
    /// The version that the person had seen.
    pub(super) base: Option<u64>,
}

#[derive(Template)]
#[template(path = "act.html")]
struct ActPage {
    c: Chrome,
    heading: String,
    service: Arc<Service>,
    record: Option<Head>,
    help: Option<String>,
    action: Action,
    tone: &'static str,
    blocks: Vec<Block>,
    summary: Vec<Summary>,
    missing: Vec<String>,
    refused: Option<Refused>,
    general: Vec<String>,
    save: Option<String>,
    saved: bool,
    version: u64,
    once: String,
    back: String,
}

struct Head {
    title: String,
    state: String,
    line: String,
}

/// A refusal that is no faulty field, with what changed meanwhile.
struct Refused {
    title: String,
    lines: Vec<String>,
    changes: Vec<String>,
}

impl Target {
    /// An action on a record, which this actor may take now.
    pub(super) async fn of(visitor: &Visitor, slug: &str, kind: &str, id: &str, action: &str) -> Result<Self, PageError> {
        let id: RecordId = id.parse().map_err(|_| PageError::not_found())?;
        let record = visitor.app.engine.record(&visitor.signed.actor, None, slug, kind, id, None).await?;
        let rt = Arc::clone(&record.record_type);
        let found = rt.actions.get(action).cloned().ok_or_else(PageError::not_found)?;
        let now = |one: &Action| record.actions.iter().any(|view| view.name == one.name);
        let save = rt.actions.values().find(|one| one.form == Form::Any && one.name != action && now(one)).cloned();
        Ok(Self { service: Arc::clone(&record.service), save, action: found, rt, record: Some(record) })
    }

    /// Whether the actor may take the action in the record's state.
    pub(super) fn possible(&self) -> bool {
        self.record.as_ref().is_none_or(|record| record.actions.iter().any(|view| view.name == self.action.name))
    }

    /// The fields that the form asks for.
    pub(super) fn asked(&self) -> Vec<&Field> {
        kernel::form_fields(&self.rt, &self.action)
    }

    fn id(&self) -> Option<RecordId> {
        self.record.as_ref().map(|record| record.id)
    }

    /// Where the record is shown.
    pub(super) fn href(&self) -> String {
        match &self.record {
            Some(record) => format!("/r/{}/{}/{}", self.service.slug, self.rt.name, record.id),
            None => format!("/services/{}", self.service.slug),
        }
    }

    /// What the record holds of the form; remarks begin empty, since they are written anew each time.
    pub(super) fn kept(&self) -> Map<String, Json> {
        let Some(record) = &self.record else { return Map::new() };
        let asked = self.asked();
        let old = asked.iter().filter(|field| !matches!(field.kind, FieldKind::Remarks));
        old.filter_map(|field| Some((field.name.clone(), record.fields.get(&field.name)?.clone()))).collect()
    }

    /// What the form would change: fields left as they were are not part of the act, so that it is stale only where
    /// it should be.
    fn changed(&self, input: &Map<String, Json>) -> Map<String, Json> {
        let kept = self.kept();
        let same = |name: &str, value: &Json| match kept.get(name) {
            Some(old) => old == value,
            None => show::blank(value) || *value == Json::Bool(false),
        };
        input.iter().filter(|(name, value)| !same(name, value)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Performs an action of this target with what the form changed.
    pub(super) async fn perform(&self, visitor: &Visitor, action: &Action, input: &Map<String, Json>, posted: &Posted, dry_run: bool) -> Result<Outcome, Failure> {
        let input = self.changed(input);
        let version = posted.get("_version").and_then(|text| text.parse().ok()).or(self.record.as_ref().map(|record| record.version));
        let once = posted.get("_once").unwrap_or_default();
        let body = serde_json::to_string(&input).unwrap_or_default();
        let request = crate::auth::digest(&[action.name.as_bytes(), visitor.path.as_bytes(), body.as_bytes()]);
        let key = crate::auth::digest(&[once.as_bytes(), request.as_bytes()]);
        let idempotency = (!once.is_empty() && !dry_run).then_some(IdempotencyKey { key, request });
        let asked = ActRequest {
            actor: visitor.signed.actor.clone(),
            purpose: None,
            service: self.service.slug.clone(),
            record_type: self.rt.name.clone(),
            record: self.id(),
            action: action.name.clone(),
            input,
            version,
            dry_run,
            idempotency,
        };
        visitor.app.engine.perform(asked).await
    }

    /// What the posted form holds.
    pub(super) fn read(&self, posted: &Posted) -> Map<String, Json> {
        read(&self.asked(), posted)
    }

    pub(super) async fn sketch(&self, visitor: &Visitor, input: &Map<String, Json>) -> Result<Sketch, PageError> {
        Ok(visitor.app.engine.sketch(&visitor.signed.actor, &self.service.slug, &self.rt.name, self.id(), input).await?)
    }

    /// The form's page with these values.
    pub(super) async fn show(&self, visitor: &Visitor, status: StatusCode, mut input: Map<String, Json>, again: Again) -> Result<Response, PageError> {
        let sketch = self.sketch(visitor, &input).await?;
        for (name, value) in &sketch.defaults {
            if !input.contains_key(name) {
                input.insert(name.clone(), value.clone());
            }
        }
        let mut mentioned = sketch.fields.clone();
        if let Some(record) = &self.record {
            mentioned.extend(record.fields.iter().filter(|(name, _)| !sketch.fields.contains_key(*name)).map(|(n, v)| (n.clone(), v.clone())));
        }
        let files = visitor.files(&self.rt, &mentioned).await?;
        let places = visitor.places();
        let day = self.record.as_ref().and_then(|record| record.arrived_on).unwrap_or_else(|| visitor.app.engine.today());
        let show = Show { service: &self.service, day, files: &files, places: &places };
        let mut errors = faults_by_path(&again.faults);
        for (path, text) in &again.said {
            errors.entry(path.clone()).or_default().push(text.clone());
        }
        let writes = self.asked().iter().any(|field| matches!(field.kind, FieldKind::Remarks));
        let remarks = if writes { Vec::new() } else { self.open_remarks() };
        let builder = Builder { show: &show, postal: &visitor.app.postal, errors, remarks, hidden: sketch.hidden.clone(), targets: self.targets(&show, &mentioned), sheets: self.sheets(&show, &mentioned) };
        let fields = self.fields(&builder, &sketch, &input);
        let refused = match &again.refused {
            Some(refusal) => Some(self.refused(visitor, refusal, again.base, &show).await?),
            None => None,
        };
        self.page(visitor, status, &builder, fields, refused, again.saved)
    }

    fn page(&self, visitor: &Visitor, status: StatusCode, builder: &Builder<'_>, fields: Vec<FieldView>, refused: Option<Refused>, saved: bool) -> Result<Response, PageError> {
        let summary = builder.summary(&fields);
        let general = if self.save.is_some() { builder.remarks.iter().filter(|(pointer, _, _)| pointer.is_empty()).map(|(_, text, _)| text.clone()).collect() } else { Vec::new() };
        let heading = match &self.record {
            Some(_) if self.save.is_some() => self.rt.title.clone(),
            Some(_) => self.action.title.clone(),
            None => self.rt.title.clone(),
        };
        let missing = if self.save.is_some() && summary.is_empty() { missing(&fields) } else { Vec::new() };
        Ok(page(status, &ActPage {
            c: visitor.chrome(heading.clone()),
            heading,
            service: Arc::clone(&self.service),
            record: self.record.as_ref().map(head),
            help: if self.record.is_none() || self.save.is_some() { self.rt.help.clone() } else { None },
            tone: tone(self.action.tone),
            missing,
            blocks: fold(fields),
            summary,
            refused,
            general,
            save: self.save.as_ref().map(|save| save.title.clone()),
            saved,
            version: self.record.as_ref().map_or(0, |record| record.version),
            once: visitor.app.secret(),
            back: self.href(),
            action: self.action.clone(),
        }))
    }

    /// Remarks that are to be mended: while the record waits for whoever fills in this form.
    fn open_remarks(&self) -> Vec<Remark> {
        match &self.record {
            Some(record) if super::my::mine(record) => Builder::remarks_of(&self.rt, &record.fields),
            _ => Vec::new(),
        }
    }

    /// The fields in the definition's order, what is computed between them, the office after what decides it.
    fn fields(&self, builder: &Builder<'_>, sketch: &Sketch, input: &Map<String, Json>) -> Vec<FieldView> {
        let asked = self.asked();
        let decides = self.rt.office.as_ref().and_then(|typed| typed.reads().iter().filter_map(|path| path.first()).find(|head| asked.iter().any(|field| field.name == **head)).cloned());
        let follows = following(&self.rt, &asked);
        let mut views = Vec::new();
        for field in self.rt.fields.values() {
            let entered = asked.iter().any(|one| one.name == field.name);
            let computed = follows.contains(field.name.as_str()) && !show::machinery(&self.service, &self.rt, field);
            if !entered && !computed {
                continue;
            }
            let null = Json::Null;
            let given = if entered { input.get(&field.name) } else { None };
            let rows = matches!(field.kind, FieldKind::Rows { .. }).then(|| with_computed(given, sketch.fields.get(&field.name)));
            let json = rows.as_ref().or(given).or_else(|| sketch.fields.get(&field.name).filter(|_| computed)).unwrap_or(&null);
            views.extend(builder.field(field, &field.name, json, true));
            if decides.as_deref() == Some(&field.name)
                && let Some(office) = &sketch.office
            {
                views.push(FieldView::said("office", "受け付けるところ", office));
            }
        }
        views
    }

    /// What remarks may point at: the visible fields, each row of them, each file.
    fn targets(&self, show: &Show<'_>, fields: &BTreeMap<String, Json>) -> Vec<(String, String)> {
        let mut targets = Vec::new();
        let entered = self.rt.fields.values().filter(|field| field.value.is_none() && !matches!(field.kind, FieldKind::Remarks));
        for field in entered.filter(|field| fields.contains_key(&field.name)) {
            let pointer = format!("/fields/{}", field.name);
            targets.push((pointer.clone(), field.title.clone()));
            if matches!(field.kind, FieldKind::Files { .. }) {
                let files = show.files(&field.name, fields.get(&field.name).unwrap_or(&Json::Null));
                targets.extend(files.into_iter().map(|file| (file.pointer, format!("{}：{}", field.title, file.name))));
            }
        }
        targets
    }

    fn sheets(&self, show: &Show<'_>, fields: &BTreeMap<String, Json>) -> Vec<show::FileShown> {
        let files = self.rt.fields.values().filter(|field| matches!(field.kind, FieldKind::Files { .. }));
        let all = files.filter_map(|field| Some(show.files(&field.name, fields.get(&field.name)?))).flatten();
        all.filter(|file| file.picture).collect()
    }

    async fn refused(&self, visitor: &Visitor, refusal: &Refusal, base: Option<u64>, show: &Show<'_>) -> Result<Refused, PageError> {
        let lines = refusal.faults.iter().filter(|_| refusal.kind != RefusalKind::Invalid).map(|fault| fault.detail.clone()).collect();
        let mut changes = Vec::new();
        if let (RefusalKind::Stale, Some(record)) = (refusal.kind, &self.record) {
            let history = visitor.app.engine.history(&visitor.signed.actor, &self.service.slug, &self.rt.name, record.id, base.unwrap_or(record.version), 10).await?;
            for entry in history.items {
                let fields = entry.changes.iter().filter_map(|change| {
                    let kind = &self.rt.fields.get(&change.field)?.kind;
                    Some(format!("「{}」が「{}」に", change.title, show.text(kind, &change.to)))
                });
                let fields: Vec<String> = fields.collect();
                let fields = if fields.is_empty() { String::new() } else { format!("：{}変わりました", fields.join("、")) };
                changes.push(format!("{}　{}さん（{}）が「{}」{fields}", instant(entry.at), entry.actor_name, entry.acted_as_title, entry.action_title));
            }
        }
        Ok(Refused { title: refusal.title.clone(), lines, changes })
    }
}

/// Names of the computed fields that follow, also by way of others, from what the form asks: the rest would only
/// repeat the record. A yes or no that is computed is for conditions; the texts beside it say it in words.
fn following<'a>(rt: &'a RecordType, asked: &[&'a Field]) -> BTreeSet<&'a str> {
    let mut known: BTreeSet<&str> = asked.iter().map(|field| field.name.as_str()).collect();
    let mut found = BTreeSet::new();
    for _ in 0..rt.fields.len() {
        let before = found.len();
        for field in rt.fields.values().filter(|field| !matches!(field.kind, FieldKind::Boolean)) {
            let reads = |typed: &feel::Typed| typed.reads().iter().filter_map(|path| path.first()).any(|head| known.contains(head.as_str()));
            if field.value.as_ref().is_some_and(reads) {
                found.insert(field.name.as_str());
            }
        }
        if found.len() == before {
            break;
        }
        known.extend(found.iter().copied());
    }
    found
}

/// Rows as typed, with what is computed in each.
fn with_computed(given: Option<&Json>, sketched: Option<&Json>) -> Json {
    let given = given.cloned().unwrap_or(Json::Null);
    let (Json::Array(mut rows), Some(Json::Array(computed))) = (given.clone(), sketched) else { return given };
    for (row, computed) in rows.iter_mut().zip(computed) {
        if let (Json::Object(row), Json::Object(computed)) = (row, computed) {
            for (name, value) in computed {
                row.entry(name).or_insert_with(|| value.clone());
            }
        }
    }
    Json::Array(rows)
}

fn head(record: &RecordView) -> Head {
    let parts = [record.label.clone(), record.number.clone()];
    let title = parts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("　");
    Head { title, state: record.state_title.clone(), line: record.line.clone().filter(|_| super::my::mine(record)).unwrap_or_default() }
}

/// Fields in sight, or a run of empty optional ones that is folded, so that a long form begins short.
struct Block {
    /// Words of the fold; none: in sight.
    fold: Option<String>,
    key: String,
    fields: Vec<FieldView>,
}

/// The shortest run that is folded.
const FOLD: usize = 4;
/// Titles named on a fold.
const NAMED: usize = 3;

fn fold(fields: Vec<FieldView>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut run: Vec<FieldView> = Vec::new();
    for field in fields {
        if field.foldable() {
            run.push(field);
            continue;
        }
        close(&mut blocks, &mut run);
        blocks.push(Block { fold: None, key: String::new(), fields: vec![field] });
    }
    close(&mut blocks, &mut run);
    blocks
}

fn close(blocks: &mut Vec<Block>, run: &mut Vec<FieldView>) {
    let fields = std::mem::take(run);
    if fields.len() < FOLD {
        blocks.extend(fields.into_iter().map(|field| Block { fold: None, key: String::new(), fields: vec![field] }));
        return;
    }
    let named = fields.iter().take(NAMED).map(|field| field.title.as_str()).collect::<Vec<_>>().join("、");
    let more = if fields.len() > NAMED { format!(" ほか{}項目", fields.len() - NAMED) } else { String::new() };
    let key = format!("fold:{}", fields.first().map(|field| field.name.clone()).unwrap_or_default());
    blocks.push(Block { fold: Some(format!("{named}{more}")), key, fields });
}

/// Titles of needed fields in which nothing stands yet.
fn missing(fields: &[FieldView]) -> Vec<String> {
    fields.iter().filter(|field| field.required && field.empty()).map(|field| field.title.clone()).collect()
}

pub(super) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Primary => "primary",
        Tone::Secondary => "",
        Tone::Danger => "danger",
    }
}

/// How a failed act is shown on its form; faults of the platform are not shown there.
pub(super) fn again(failure: Failure) -> Result<(StatusCode, Again), PageError> {
    let Failure::Refused(refusal) = failure else { return Err(failure.into()) };
    let status = match refusal.kind {
        RefusalKind::Invalid | RefusalKind::Malformed => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::Stale | RefusalKind::WrongState | RefusalKind::VersionMissing => StatusCode::CONFLICT,
        RefusalKind::NotFound => return Err(PageError::not_found()),
        RefusalKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let faults = if refusal.kind == RefusalKind::Invalid { refusal.faults.clone() } else { Vec::new() };
    let refused = (refusal.kind != RefusalKind::Invalid).then_some(refusal);
    Ok((status, Again { faults, refused, ..Again::default() }))
}
