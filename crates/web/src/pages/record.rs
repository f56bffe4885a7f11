//! A record: one screen for its owner, the desk and the public, each as far as they may see.

use super::changed::{Changed, changed};
use super::closed::{Shut, shut};
use super::comparison::{Comparison, comparison};
use super::error::PageError;
use super::form::Builder;
use super::individual;
use super::invite::{self, Asked};
use super::layout::{Chrome, ok};
use super::looks;
use super::my::{mine, state_class};
use super::naming;
use super::receipt;
use super::sheet::{Remark, pin};
use super::show::{self, Show, Shown, Value, instant, left, values, who_title};
use super::standing::{Standing, standing};
use super::steps::{Step, steps};
use super::target::tone;
use super::uses;
use super::visitor::Visitor;
use crate::i18n::{current, history as history_in, say, with};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use definition::model::{FieldKind, Form};
use engine::{HistoryEntry, RecordView, RelatedView};
use kernel::{ClockPhase, RecordId};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

const HISTORY: usize = 200;

#[derive(Deserialize)]
pub(super) struct Wanted {
    done: Option<String>,
}

/// A button that leads to an action's form.
struct Door {
    href: String,
    title: String,
    tone: &'static str,
}

/// A letter with its copies.
struct Paper {
    title: String,
    href: String,
    pdf: String,
    draft: bool,
    /// Day and address of each issue.
    issued: Vec<(String, String)>,
}

/// A record beside this one.
struct Beside {
    href: String,
    title: String,
    state: String,
    facts: Vec<Value>,
}

/// Records of a slot, a link or a lookup.
struct Shelf {
    title: String,
    items: Vec<Beside>,
    lookup: bool,
}

/// One event.
struct Event {
    when: String,
    who: String,
    what: String,
    state: Option<String>,
    /// 代決, the comment, the run.
    notes: Vec<String>,
    changes: Vec<Change>,
    note: Option<Note>,
    hash: String,
}

/// What was said on the telephone or at the counter.
struct Note {
    how: String,
    with: Option<String>,
    text: String,
    shared: bool,
}

/// The day ahead.
struct Ahead {
    title: String,
    day: String,
    because: String,
}

struct Change {
    title: String,
    from: String,
    to: String,
}

struct Clock {
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    c: Chrome,
    service: Arc<definition::model::Service>,
    what: String,
    title: String,
    number: Option<String>,
    state: String,
    class: &'static str,
    line: String,
    mine: bool,
    done: Option<String>,
    waits: Option<String>,
    /// Where a decision stands, for the desk.
    standing: Option<Standing>,
    changed: Option<Changed>,
    /// That it is closed beyond role, for its circle.
    shut: Option<Shut>,
    due: Option<(String, String, &'static str)>,
    steps: Vec<Step>,
    ahead: Option<Ahead>,
    comparisons: Vec<Comparison>,
    /// Pictures and papers, beside the rest on an official's screen.
    sheets: Vec<Value>,
    staff: bool,
    kind: String,
    id: String,
    /// Whether the party was keyed in at the counter.
    counter: bool,
    papers: Vec<Paper>,
    doors: Vec<Door>,
    /// Who was asked to go on with it.
    asked: Vec<Asked>,
    /// Whether the reader is one of them.
    guest: bool,
    /// Where its owner asks somebody.
    invite: Option<String>,
    /// Where its receipt is had.
    receipt: Option<String>,
    /// Where its party may say how it went, once it has ended.
    review: Option<String>,
    /// Where its people are told who looked.
    looks: Option<String>,
    remarks: Vec<String>,
    values: Vec<Value>,
    shelves: Vec<Shelf>,
    /// What officials may read of other services, each under its ground.
    uses: Vec<uses::Door>,
    /// Individual numbers that this reader may open.
    individual: Vec<individual::Door>,
    /// What it refers to and was disposed of, in words.
    gone: Vec<String>,
    parent: Option<Beside>,
    parties: Vec<(String, String)>,
    facts: Vec<(String, String)>,
    clocks: Vec<Clock>,
    history: Vec<Event>,
    back: (String, String),
}

pub(super) async fn get(
    visitor: Visitor,
    Path((slug, kind, id)): Path<(String, String, String)>,
    Query(asked): Query<Wanted>,
) -> Result<Response, PageError> {
    let id: RecordId = id.parse().map_err(|_| PageError::not_found())?;
    let look = visitor
        .app
        .engine
        .last_look(&visitor.signed.actor, id)
        .await?;
    let found = visitor
        .app
        .engine
        .record(&visitor.signed.actor, None, &slug, &kind, id, None)
        .await;
    let record = visitor.translated(match found {
        // Perhaps it is theirs: signing in shows.
        Err(engine::Failure::Refused(refusal)) if refusal.kind == kernel::RefusalKind::NotFound => {
            visitor.account()?;
            return Err(PageError::not_found());
        }
        other => other?,
    });
    let mut history = match visitor.signed.account {
        Some(_) => {
            visitor
                .app
                .engine
                .history(&visitor.signed.actor, &slug, &kind, id, 0, HISTORY)
                .await?
                .items
        }
        None => Vec::new(),
    };
    history_in(current(), &record, &mut history);
    let engine = &visitor.app.engine;
    let review = engine.review_open(&visitor.signed.actor, &record).await?;
    let rt = &record.record_type;
    let files = visitor.paged_files(rt, &record.fields).await?;
    let places = visitor.places();
    let today = visitor.app.engine.today();
    let show = Show {
        service: &record.service,
        day: record.arrived_on.unwrap_or(today),
        files: &files,
        places: &places,
    };
    let remarks = Builder::remarks_of(rt, &record.fields);
    let mut known: Vec<&str> = vec![&record.state_title];
    known.extend(
        [&record.number, &record.office, &record.label]
            .into_iter()
            .flatten()
            .map(String::as_str),
    );
    let mut shown = values(&show, rt, &record.fields, &known);
    shown.retain(|value| {
        !rt.fields
            .get(&value.name)
            .is_some_and(|field| matches!(field.kind, FieldKind::Remarks))
    });
    pin(&mut shown, &remarks);
    let changed = changed(&visitor, &record, &history, look).await?;
    for value in &mut shown {
        value.fresh = changed
            .as_ref()
            .is_some_and(|changed| changed.fields.contains(&value.name));
    }
    let mut sheets = Vec::new();
    let title = naming::or_kind(record.label.clone().unwrap_or_default(), rt);
    let done = asked
        .done
        .and_then(|name| kernel::route::resolve(&record.service, rt, &name, None))
        .map(|resolved| resolved.action.title.clone());
    let staff = visitor
        .signed
        .account
        .as_ref()
        .is_some_and(|account| !account.seats.is_empty());
    if staff {
        let paper = |value: &Value| matches!(value.shown, Shown::Files(_));
        (sheets, shown) = shown.into_iter().partition(paper);
    }
    Ok(ok(&RecordPage {
        steps: steps(rt, &record.state),
        ahead: record.outlook.as_ref().map(|outlook| Ahead {
            title: outlook.title.clone(),
            day: show::date(outlook.day),
            because: outlook.because.clone(),
        }),
        comparisons: record
            .comparisons
            .iter()
            .map(|one| comparison(&show, &record, one))
            .collect(),
        sheets,
        staff,
        kind: rt.name.clone(),
        id: record.id.to_string(),
        counter: record.parties.iter().any(|party| party.counter),
        c: visitor.chrome(format!("{title}（{}）", rt.title)),
        what: rt.title.clone(),
        number: record.number.clone(),
        state: record.state_title.clone(),
        class: state_class(&record),
        line: if staff && !mine(&record) {
            String::new()
        } else {
            record.line.clone().unwrap_or_default()
        },
        mine: mine(&record) && !rt.register && !record.actions.is_empty(),
        done,
        waits: record
            .waits_for
            .as_ref()
            .filter(|_| !rt.register)
            .map(|who| waits(&visitor, &record, who)),
        due: record
            .due
            .filter(|_| !rt.register && (staff || mine(&record)))
            .map(|due| {
                let (text, class) = left(due, today);
                (show::date(due), text, class)
            }),
        standing: standing(&record),
        shut: shut(&record, today),
        changed,
        papers: papers(&record),
        doors: doors(&record),
        asked: invite::asked(&record),
        guest: record.invitations.iter().any(|one| one.own),
        invite: (!record.invites.is_empty()).then(|| format!("/r/{slug}/{kind}/{id}/invite")),
        looks: looks::door(&visitor, &record),
        uses: uses::doors(&visitor, &record).await?,
        individual: individual::doors(&visitor, &record).await?,
        receipt: receipt::door(&record).filter(|_| visitor.signed.account.is_some()),
        review: review.then(|| format!("/r/{slug}/{kind}/{id}/review")),
        remarks: remarks
            .iter()
            .enumerate()
            .map(|(at, remark)| remark_line(rt, at + 1, remark))
            .collect(),
        values: shown,
        shelves: shelves(&show, &record)
            .into_iter()
            .filter(|shelf| staff || !shelf.lookup)
            .collect(),
        gone: record.gone.iter().map(super::retention::gone).collect(),
        parent: record
            .parent
            .as_ref()
            .map(|parent| beside(&show, &record, parent)),
        parties: record
            .parties
            .iter()
            .map(|party| {
                (
                    rt.parties
                        .get(&party.role)
                        .map_or_else(|| party.role.clone(), |rule| rule.title.clone()),
                    party.name.clone(),
                )
            })
            .collect(),
        facts: facts(&record),
        clocks: clocks(&record),
        history: history
            .iter()
            .rev()
            .map(|entry| event(&show, &record, entry))
            .collect(),
        back: if staff {
            ("/desk".into(), say("受付箱").to_owned())
        } else if visitor.signed.account.is_some() {
            ("/my".into(), say("マイページ").to_owned())
        } else {
            (format!("/services/{slug}"), record.service.title.clone())
        },
        service: Arc::clone(&record.service),
        title,
    }))
}

/// Whose turn it is, and whether that is the reader's.
fn waits(visitor: &Visitor, record: &RecordView, who: &str) -> String {
    let title = who_title(&record.service, &record.record_type, who);
    let seats = visitor
        .signed
        .account
        .as_ref()
        .map(|account| account.seats.as_slice())
        .unwrap_or_default();
    let seated = who
        .strip_prefix("desk.")
        .is_some_and(|role| seats.iter().any(|seat| seat.role == role));
    if seated && !record.actions.is_empty() {
        with("{0}（あなたの番です）", &[&title])
    } else {
        title
    }
}

fn remark_line(rt: &definition::model::RecordType, number: usize, remark: &Remark) -> String {
    let name = remark
        .pointer
        .trim_start_matches("/fields/")
        .split('/')
        .next()
        .unwrap_or_default();
    let place = rt
        .fields
        .get(name)
        .map_or_else(|| say("全体").to_owned(), |field| field.title.clone());
    let mark = in_words(remark);
    with("{0}．{1}{2}：{3}", &[&number, &place, &mark, &remark.text])
}

/// Where a mark stands is said in words too: not everybody sees it.
fn in_words(remark: &Remark) -> String {
    let share = |part: f64| format!("{:.0}", part * 100.0);
    match (remark.page, remark.at) {
        (None, None) => String::new(),
        (Some(page), None) => with("（{0}ページ目）", &[&page]),
        (None, Some((x, y))) => with(
            "（図面の左から{0}％、上から{1}％の印）",
            &[&share(x), &share(y)],
        ),
        (Some(page), Some((x, y))) => with(
            "（{0}ページ目の左から{1}％、上から{2}％の印）",
            &[&page, &share(x), &share(y)],
        ),
    }
}

fn papers(record: &RecordView) -> Vec<Paper> {
    let base = naming::page(record);
    let paper = |document: &engine::DocumentView| {
        let href = format!("{base}/documents/{}", document.name);
        let issued = document.issued.iter().map(|issued| {
            let day = show::date(issued.on);
            (day, format!("{href}/pdf?copy={}", issued.copy))
        });
        Paper {
            title: document.title.clone(),
            pdf: format!("{href}/pdf"),
            draft: document.draft,
            issued: issued.collect(),
            href,
        }
    };
    record.documents.iter().map(paper).collect()
}

/// Forms first: where a draft can be kept, its own action leads to the form.
fn doors(record: &RecordView) -> Vec<Door> {
    let rt = &record.record_type;
    let base = format!("{}/{}/{}", record.service.slug, rt.name, record.id);
    let form = |name: &str| rt.actions.get(name).map(|action| action.form.clone());
    let saves = record
        .actions
        .iter()
        .any(|action| form(&action.name) == Some(Form::Any));
    let mut doors: Vec<Door> = Vec::new();
    doors.extend(record.pay.as_ref().map(|href| Door {
        href: href.clone(),
        title: say("納付する").into(),
        tone: "primary",
    }));
    for action in &record.actions {
        let fills = matches!(form(&action.name), Some(Form::Fields(_)));
        if saves
            && form(&action.name) == Some(Form::Any)
            && record
                .actions
                .iter()
                .any(|other| matches!(form(&other.name), Some(Form::Fields(_))))
        {
            continue;
        }
        let home = saves && fills;
        doors.push(Door {
            href: if home {
                format!("/my/{base}/{}", action.name)
            } else {
                format!("/r/{base}/do/{}", action.name)
            },
            title: if home {
                with("内容を入れて{0}", &[&action.title])
            } else {
                action.title.clone()
            },
            tone: tone(action.tone),
        });
    }
    doors.extend(record.starts.iter().map(|start| Door {
        href: format!(
            "/apply/{}/{}?{}={}",
            record.service.slug, start.record_type, start.field, record.id
        ),
        title: start.title.clone(),
        tone: "",
    }));
    doors.sort_by_key(|door| match door.tone {
        "primary" => 0,
        "danger" => 2,
        _ => 1,
    });
    doors
}

fn shelves(show: &Show<'_>, record: &RecordView) -> Vec<Shelf> {
    let rt = &record.record_type;
    let mut shelves = Vec::new();
    for (slot, items) in record
        .children
        .iter()
        .filter(|(_, items)| !items.is_empty())
    {
        let title = rt
            .has
            .get(slot)
            .map_or_else(|| slot.clone(), |child| child.title.clone());
        shelves.push(Shelf {
            title,
            items: items.iter().map(|one| beside(show, record, one)).collect(),
            lookup: false,
        });
    }
    for (name, items) in record.links.iter().filter(|(_, items)| !items.is_empty()) {
        let title = rt
            .fields
            .get(name)
            .map(|field| field.title.clone())
            .or_else(|| items.first().map(|one| one.record_type.title.clone()))
            .unwrap_or_default();
        shelves.push(Shelf {
            title,
            items: items.iter().map(|one| beside(show, record, one)).collect(),
            lookup: false,
        });
    }
    for (name, items) in &record.lookups {
        let title = rt
            .lookups
            .get(name)
            .map_or_else(|| name.clone(), |lookup| lookup.title.clone());
        shelves.push(Shelf {
            title,
            items: items.iter().map(|one| beside(show, record, one)).collect(),
            lookup: true,
        });
    }
    shelves
}

/// A related record in short: what it adds to what this one says already.
fn beside(show: &Show<'_>, record: &RecordView, other: &RelatedView) -> Beside {
    let title = naming::full(other.label.as_ref(), other.number.as_ref());
    let new = other
        .fields
        .iter()
        .filter(|(name, value)| record.fields.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut facts = values(
        show,
        &other.record_type,
        &new,
        &[other.label.as_deref().unwrap_or_default(), &title],
    );
    facts.retain(|fact| matches!(fact.shown, Shown::Text(_)));
    facts.retain(|fact| {
        other
            .record_type
            .fields
            .get(&fact.name)
            .is_some_and(|field| {
                matches!(
                    field.kind,
                    FieldKind::Date | FieldKind::Choice(_) | FieldKind::Yen { .. }
                )
            })
    });
    facts.truncate(4);
    Beside {
        href: naming::href(&record.service.slug, &other.record_type.name, other.id),
        title: naming::or_kind(title, &other.record_type),
        state: other.state_title.clone(),
        facts,
    }
}

fn facts(record: &RecordView) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    if let Some(office) = record
        .office
        .clone()
        .filter(|_| !record.record_type.register)
    {
        facts.push((say("受け付けるところ").to_owned(), office));
    }
    if let Some(day) = record.arrived_on {
        facts.push((say("到達した日").to_owned(), show::date(day)));
    }
    facts
}

fn clocks(record: &RecordView) -> Vec<Clock> {
    let one = |(name, state): (&String, &kernel::ClockState)| {
        let title = record.record_type.clocks.get(name)?.title.clone();
        let text = match state.phase {
            ClockPhase::Running => with(
                "{0}まで（{1}開庁日）",
                &[&state.due.map(show::date).unwrap_or_default(), &state.days],
            ),
            ClockPhase::Paused => with(
                "止まっています（{0}開庁日のうち{1}日を使いました）",
                &[&state.days, &state.used_days],
            ),
            ClockPhase::Ended => with(
                "終わりました（{0}）",
                &[&state.ended_on.map(show::date).unwrap_or_default()],
            ),
        };
        let text = state
            .pauses
            .iter()
            .fold(text, |text, pause| text + &paused(record, pause));
        Some(Clock { title, text })
    };
    if record.record_type.register {
        Vec::new()
    } else {
        record.clocks.iter().filter_map(one).collect()
    }
}

/// What else the desk is told of an event: for whom a substitute acted, what was said, that it was one of many.
fn notes(entry: &HistoryEntry) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(mark) = &entry.mark {
        let absent = mark.absent.as_ref();
        notes.extend(absent.map(|absent| format!("代決：{}さんの代わり", absent.name)));
        notes.extend(mark.comment.clone());
    }
    if entry.run.is_some() {
        notes.push(say("一括処理").to_owned());
    }
    notes
}

/// When and why a clock stood still.
fn paused(record: &RecordView, pause: &kernel::Pause) -> String {
    let states = &record.record_type.states;
    let why = states
        .get(&pause.state)
        .map_or(pause.state.as_str(), |state| state.title.as_str());
    match pause.until {
        Some(until) => with(
            "。{0}から{1}まで止まりました（{2}）",
            &[&show::date(pause.from), &show::date(until), &why],
        ),
        None => with("。{0}から（{1}）", &[&show::date(pause.from), &why]),
    }
}

fn event(show: &Show<'_>, record: &RecordView, entry: &HistoryEntry) -> Event {
    let rt = &record.record_type;
    let hidden: BTreeSet<&str> = rt
        .fields
        .values()
        .filter(|field| field.internal)
        .map(|field| field.name.as_str())
        .collect();
    let changes = entry
        .changes
        .iter()
        .filter(|change| !hidden.contains(change.field.as_str()));
    let text = |name: &str, value: &serde_json::Value| {
        let text = rt
            .fields
            .get(name)
            .map(|field| show.text(&field.kind, value))
            .unwrap_or_default();
        if text.is_empty() {
            say("（なし）").to_owned()
        } else {
            text
        }
    };
    let changes = changes.map(|change| Change {
        title: change.title.clone(),
        from: text(&change.field, &change.from),
        to: text(&change.field, &change.to),
    });
    Event {
        when: instant(entry.at),
        notes: notes(entry),
        who: if entry.acted_as_title == entry.actor_name {
            entry.actor_name.clone()
        } else {
            format!("{}（{}）", entry.actor_name, entry.acted_as_title)
        },
        what: entry.action_title.clone(),
        state: entry.state.as_ref().map(|(_, title)| title.clone()),
        changes: changes.filter(|change| change.from != change.to).collect(),
        note: entry.note.as_ref().map(|note| Note {
            how: note.how_title.clone(),
            with: note.with.clone(),
            text: note.text.clone(),
            shared: note.shared,
        }),
        hash: entry.hash.chars().take(12).collect(),
    }
}
