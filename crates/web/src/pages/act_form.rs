//! The page of an action's form.

use super::error::PageError;
use super::fold::{Block, fold, missing};
use super::form::{Builder, FieldView, Summary, faults_by_path};
use super::layout::{Chrome, page};
use super::naming;
use super::sheet::Remark;
use super::show::{self, FileShown, Show, instant};
use super::target::{Again, Target, tone};
use super::visitor::Visitor;
use crate::Problem;
use crate::i18n::{current, fault_of, history as history_in, say, with};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use definition::model::{Action, Field, FieldKind, RecordType, Service};
use engine::{RecordView, Sketch, Upload};
use kernel::{Refusal, RefusalKind};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    /// Under which the browser keeps what was typed until it is sent: of the account and the page, telling neither.
    keep: String,
    back: String,
    /// Where the form stands to be printed.
    paper: Option<String>,
    /// For whom a clerk keys it in.
    counter: Option<(String, String)>,
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
    /// Where to prove more, if that is what lacks.
    level: Option<String>,
}

impl Target {
    /// The form's page with these values.
    pub(super) async fn show(
        &self,
        visitor: &Visitor,
        status: StatusCode,
        mut input: Map<String, Json>,
        again: Again,
    ) -> Result<Response, PageError> {
        let mut sketch = self.sketch(visitor, &input).await?;
        let offered = offer(&mut input, &sketch, again.fill);
        let begun = self.begin_rows(&mut input);
        if offered || begun {
            // What is offered shows, hides and computes as if it had been typed.
            sketch = self.sketch(visitor, &input).await?;
        }
        let mut mentioned = sketch.fields.clone();
        if let Some(record) = &self.record {
            mentioned.extend(
                record
                    .fields
                    .iter()
                    .filter(|(name, _)| !sketch.fields.contains_key(*name))
                    .map(|(n, v)| (n.clone(), v.clone())),
            );
        }
        let files = visitor.paged_files(&self.rt, &mentioned).await?;
        let places = visitor.places();
        let day = self
            .record
            .as_ref()
            .and_then(|record| record.arrived_on)
            .unwrap_or_else(|| visitor.app.engine.today());
        let show = Show {
            service: &self.service,
            day,
            files: &files,
            places: &places,
        };
        let mut errors = faults_by_path(&self.service, &again.faults);
        for (path, text) in &again.said {
            errors.entry(path.clone()).or_default().push(text.clone());
        }
        let writes = self
            .asked()
            .iter()
            .any(|field| matches!(field.kind, FieldKind::Remarks));
        let remarks = if writes {
            Vec::new()
        } else {
            self.open_remarks()
        };
        let builder = Builder {
            show: &show,
            postal: &visitor.app.postal,
            errors,
            remarks,
            hidden: sketch.hidden.clone(),
            targets: self.targets(&show, &mentioned),
            candidates: &sketch.candidates,
            sheets: self.sheets(&show, &mentioned),
            at_hand: self.at_hand(visitor).await?,
        };
        let fields = self.fields(&builder, &sketch, &input);
        let refused = match &again.refused {
            Some(refusal) => Some(self.refused(visitor, refusal, again.base, &show).await?),
            None => None,
        };
        self.page(visitor, status, &builder, fields, refused, again.saved)
    }

    /// Files that may be named again, where the form takes files.
    async fn at_hand(&self, visitor: &Visitor) -> Result<Vec<Upload>, PageError> {
        let mut asked = self.asked().into_iter();
        if !asked.any(|field| matches!(field.kind, FieldKind::Files { .. })) {
            return Ok(Vec::new());
        }
        let actor = self.actor(visitor)?;
        Ok(visitor.app.engine.files_at_hand(&actor).await?)
    }

    fn page(
        &self,
        visitor: &Visitor,
        status: StatusCode,
        builder: &Builder<'_>,
        fields: Vec<FieldView>,
        refused: Option<Refused>,
        saved: bool,
    ) -> Result<Response, PageError> {
        let summary = builder.summary(&fields);
        let general = if self.save.is_some() {
            builder
                .remarks
                .iter()
                .filter(|remark| remark.pointer.is_empty())
                .map(|remark| remark.text.clone())
                .collect()
        } else {
            Vec::new()
        };
        let heading = match &self.record {
            Some(_) if self.save.is_some() => self.rt.title.clone(),
            Some(_) => self.action.title.clone(),
            None => self.rt.title.clone(),
        };
        let missing = if self.save.is_some() && summary.is_empty() {
            missing(&fields)
        } else {
            Vec::new()
        };
        Ok(page(
            status,
            &ActPage {
                c: visitor.chrome(heading.clone()),
                heading,
                service: Arc::clone(&self.service),
                record: self.record.as_ref().map(head),
                help: if self.record.is_none() || self.save.is_some() {
                    self.rt.help.clone()
                } else {
                    None
                },
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
                keep: keep(visitor),
                back: self.href(),
                paper: self.on_paper(),
                counter: self.counter.clone(),
                action: self.action.clone(),
            },
        ))
    }

    /// Where the form may be printed; none where there is little to write.
    fn on_paper(&self) -> Option<String> {
        const WORTH_PRINTING: usize = 4;
        let (slug, kind) = (&self.service.slug, &self.rt.name);
        let place = match &self.record {
            None => format!("/apply/{slug}/{kind}/paper"),
            Some(record) => format!("/my/{slug}/{kind}/{}/{}/paper", record.id, self.action.name),
        };
        (self.asked().len() >= WORTH_PRINTING).then_some(place)
    }

    /// A repeating group that needs a row begins with an empty one, so that its conditions are looked at too.
    fn begin_rows(&self, input: &mut Map<String, Json>) -> bool {
        let mut begun = false;
        for field in self.asked() {
            let needed = matches!(&field.kind, FieldKind::Rows { min, .. } if *min > 0);
            if needed && input.get(&field.name).is_none_or(Json::is_null) {
                input.insert(field.name.clone(), serde_json::json!([{}]));
                begun = true;
            }
        }
        begun
    }

    /// Remarks that are to be mended: while the record waits for whoever fills in this form.
    fn open_remarks(&self) -> Vec<Remark> {
        match &self.record {
            Some(record) if super::my::mine(record) => {
                Builder::remarks_of(&self.rt, &record.fields)
            }
            _ => Vec::new(),
        }
    }

    /// The fields in the definition's order, what is computed between them, the office after what decides it.
    fn fields(
        &self,
        builder: &Builder<'_>,
        sketch: &Sketch,
        input: &Map<String, Json>,
    ) -> Vec<FieldView> {
        let asked = self.asked();
        let decides = self.rt.office.as_ref().and_then(|typed| {
            typed
                .reads()
                .iter()
                .filter_map(|path| path.first())
                .find(|head| asked.iter().any(|field| field.name == **head))
                .cloned()
        });
        let follows = following(&self.rt, &asked);
        let mut views = Vec::new();
        for field in self.rt.fields.values() {
            let entered = asked.iter().any(|one| one.name == field.name);
            let computed = follows.contains(field.name.as_str()) && !field.internal;
            if !entered && !computed {
                continue;
            }
            let null = Json::Null;
            let kept = self
                .record
                .as_ref()
                .filter(|_| self.is_individual(&field.name));
            let kept = kept.and_then(|record| record.fields.get(&field.name));
            let given = if entered {
                input.get(&field.name).or(kept)
            } else {
                None
            };
            let rows = matches!(field.kind, FieldKind::Rows { .. })
                .then(|| with_computed(given, sketch.fields.get(&field.name)));
            let json = rows
                .as_ref()
                .or(given)
                .or_else(|| sketch.fields.get(&field.name).filter(|_| computed))
                .unwrap_or(&null);
            if builder.nothing_to_choose(field, json) {
                continue;
            }
            views.extend(builder.field(field, &field.name, json, true));
            if decides.as_deref() == Some(&field.name)
                && let Some(office) = &sketch.office
            {
                views.push(FieldView::said("office", say("受け付けるところ"), office));
            }
        }
        // What is asked besides the record's own fields: a reason, a comment.
        for field in &self.action.extra {
            let json = input.get(&field.name).unwrap_or(&Json::Null);
            views.extend(builder.field(field, &field.name, json, true));
        }
        views
    }

    /// What remarks may point at: the visible fields, each row of them, each file.
    fn targets(&self, show: &Show<'_>, fields: &BTreeMap<String, Json>) -> Vec<(String, String)> {
        let mut targets = Vec::new();
        let entered = self
            .rt
            .fields
            .values()
            .filter(|field| field.value.is_none() && !matches!(field.kind, FieldKind::Remarks));
        for field in entered.filter(|field| fields.contains_key(&field.name)) {
            let pointer = format!("/fields/{}", field.name);
            targets.push((pointer.clone(), field.title.clone()));
            if matches!(field.kind, FieldKind::Files { .. }) {
                let files = show.files(&field.name, fields.get(&field.name).unwrap_or(&Json::Null));
                targets.extend(
                    files
                        .into_iter()
                        .map(|file| (file.pointer, format!("{}：{}", field.title, file.name))),
                );
            }
        }
        targets
    }

    fn sheets(&self, show: &Show<'_>, fields: &BTreeMap<String, Json>) -> Vec<FileShown> {
        let files = self
            .rt
            .fields
            .values()
            .filter(|field| matches!(field.kind, FieldKind::Files { .. }));
        let all = files
            .filter_map(|field| Some(show.files(&field.name, fields.get(&field.name)?)))
            .flatten();
        all.filter(FileShown::seen).collect()
    }

    async fn refused(
        &self,
        visitor: &Visitor,
        refusal: &Refusal,
        base: Option<u64>,
        show: &Show<'_>,
    ) -> Result<Refused, PageError> {
        let lines = refusal
            .faults
            .iter()
            .filter(|_| refusal.kind != RefusalKind::Invalid)
            .map(|fault| fault_of(&self.service, fault))
            .collect();
        let mut changes = Vec::new();
        if let (RefusalKind::Stale, Some(record)) = (refusal.kind, &self.record) {
            let mut history = visitor
                .app
                .engine
                .history(
                    &visitor.signed.actor,
                    &self.service.slug,
                    &self.rt.name,
                    record.id,
                    base.unwrap_or(record.version),
                    10,
                )
                .await?;
            history_in(current(), record, &mut history.items);
            for entry in history.items {
                let fields = entry.changes.iter().filter_map(|change| {
                    let kind = &self.rt.fields.get(&change.field)?.kind;
                    let to = show.text(kind, &change.to);
                    Some(with("「{0}」が「{1}」に", &[&change.title, &to]))
                });
                let fields: Vec<String> = fields.collect();
                let fields = if fields.is_empty() {
                    String::new()
                } else {
                    with("：{0}変わりました", &[&fields.join(say("、"))])
                };
                let parts: [&dyn std::fmt::Display; 5] = [
                    &instant(entry.at),
                    &entry.actor_name,
                    &entry.acted_as_title,
                    &entry.action_title,
                    &fields,
                ];
                changes.push(with("{0}　{1}さん（{2}）が「{3}」{4}", &parts));
            }
        }
        let short = match refusal.kind {
            RefusalKind::Unassured => self.short(visitor)?,
            _ => None,
        };
        Ok(Refused {
            title: Problem::from(refusal.clone()).said(current()).0,
            lines,
            changes,
            level: short.map(|demanded| super::level::href(demanded, &visitor.path)),
        })
    }
}

/// Names of the computed fields that follow, also by way of others, from what the form asks: the rest would only
/// repeat the record. A yes or no that is computed is for conditions; the texts beside it say it in words.
fn following<'a>(rt: &'a RecordType, asked: &[&'a Field]) -> BTreeSet<&'a str> {
    let mut known: BTreeSet<&str> = asked.iter().map(|field| field.name.as_str()).collect();
    let mut found = BTreeSet::new();
    for _ in 0..rt.fields.len() {
        let before = found.len();
        for field in rt
            .fields
            .values()
            .filter(|field| !matches!(field.kind, FieldKind::Boolean))
        {
            let reads = |typed: &feel::Typed| {
                typed
                    .reads()
                    .iter()
                    .filter_map(|path| path.first())
                    .any(|head| known.contains(head.as_str()))
            };
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
    let (Json::Array(mut rows), Some(Json::Array(computed))) = (given.clone(), sketched) else {
        return given;
    };
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
    let title = naming::full(record.label.as_ref(), record.number.as_ref());
    Head {
        title,
        state: record.state_title.clone(),
        line: record
            .line
            .clone()
            .filter(|_| super::my::mine(record))
            .unwrap_or_default(),
    }
}

fn keep(visitor: &Visitor) -> String {
    let account = visitor.signed.actor.account;
    account.map_or_else(String::new, |account| {
        let id = account.to_string();
        crate::auth::digest(&[b"keep", id.as_bytes(), visitor.path.as_bytes()])
            .chars()
            .take(24)
            .collect()
    })
}

/// Puts what named records bring along and what the definition offers into what is empty; whether there was anything.
pub(super) fn offer(input: &mut Map<String, Json>, sketch: &Sketch, fill: bool) -> bool {
    let before = input.len();
    let mut changed = false;
    for (name, value) in sketch.copied.iter().filter(|_| fill) {
        if input.get(name).is_none_or(show::blank) {
            input.insert(name.clone(), value.clone());
            changed = true;
        }
    }
    for (name, value) in &sketch.defaults {
        if !input.contains_key(name) {
            input.insert(name.clone(), value.clone());
        }
    }
    changed || input.len() > before
}
