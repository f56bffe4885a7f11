//! Paper: the form of an action with boxes to be filled in by hand. Blank for what is not begun yet; with what is
//! known, and a code by which the desk finds the record, for one that is there: the sheet of a visit, say.

use super::act::At;
use super::act_form::offer;
use super::error::PageError;
use super::form::{Builder, Control, FieldView, Group, Opt};
use super::layout::{Chrome, ok};
use super::naming;
use super::show::{Show, plain_day};
use super::target::Target;
use super::visitor::Visitor;
use crate::i18n::say;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use definition::model::{Field, FieldKind, Service};
use engine::Candidate;
use engine::by_way;
use kernel::looks::Way;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Blank rows of a repeating group.
const ROWS: usize = 3;
/// A choice of more options than this gets a line to write on.
const MOST_BOXES: usize = 40;
/// A choice of more options than this is listed once beside a table, and each row has room for its number.
const MOST_IN_CELL: usize = 10;

#[derive(Template)]
#[template(path = "paper.html")]
struct PaperPage {
    c: Chrome,
    service: Arc<Service>,
    heading: String,
    help: Option<String>,
    /// Title, number, office of the record.
    record: Option<(String, Option<String>, Option<String>)>,
    code: Option<String>,
    fields: Vec<Item>,
    back: String,
}

/// A field on paper.
#[derive(Template)]
#[template(path = "form/paper.html")]
struct Item {
    title: String,
    help: Option<String>,
    required: bool,
    /// Whether it is asked only in some cases.
    sometimes: bool,
    room: Room,
}

/// The room to write in.
#[derive(Template)]
#[template(path = "form/room.html")]
enum Room {
    /// Lines, with what is known and the unit behind.
    Lines {
        many: usize,
        value: String,
        unit: String,
    },
    /// Boxes to tick.
    Boxes(Vec<(String, bool)>),
    /// A day.
    Day(String),
    /// Rooms with a name each.
    Parts(Vec<(&'static str, String)>),
    /// A table of rows, with long choices listed by number above it.
    Table {
        lists: Vec<(String, Vec<String>)>,
        heads: Vec<String>,
        rows: Vec<Vec<Item>>,
    },
    /// What is settled.
    Said(String),
}

/// The blank form of what may be begun.
pub(super) async fn blank(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let target = super::apply::target(&visitor, &slug, &kind).await?;
    let back = format!("/services/{slug}");
    let found_by = match target.rt.counter {
        Some(_) => format!("/desk/{slug}/{kind}/counter"),
        None => format!("/apply/{slug}/{kind}"),
    };
    target
        .paper(&visitor, (Map::new(), BTreeMap::new()), &found_by, back)
        .await
}

/// The form of an action that the actor may take on a record now.
pub(super) async fn of_record(visitor: Visitor, Path(at): At) -> Result<Response, PageError> {
    let target = by_way(Way::Print, super::act::target(&visitor, &at)).await?;
    if !target.possible() {
        return Err(PageError::not_found());
    }
    let mut input = target.kept();
    let known: BTreeSet<String> = input.keys().cloned().collect();
    let sketch = target.sketch(&visitor, &input).await?;
    offer(&mut input, &sketch, false);
    // A day that a screen would offer is not the day on which the paper is written.
    let offered = |field: &&Field| matches!(field.kind, FieldKind::Date);
    for field in target.asked().into_iter().filter(offered) {
        if !known.contains(&field.name) {
            input.remove(&field.name);
        }
    }
    let found_by = target.href();
    let (slug, kind, id, action) = at;
    let back = format!("/my/{slug}/{kind}/{id}/{action}");
    let known = (input, sketch.candidates);
    target.paper(&visitor, known, &found_by, back).await
}

impl Target {
    async fn paper(
        &self,
        visitor: &Visitor,
        (input, candidates): (Map<String, Json>, BTreeMap<String, Vec<Candidate>>),
        found_by: &str,
        back: String,
    ) -> Result<Response, PageError> {
        let known: BTreeMap<String, Json> = input.into_iter().collect();
        let files = visitor.files(&self.rt, &known).await?;
        let places = visitor.places();
        let show = Show {
            service: &self.service,
            day: visitor.app.engine.today(),
            files: &files,
            places: &places,
        };
        let builder = Builder {
            show: &show,
            postal: &visitor.app.postal,
            errors: BTreeMap::new(),
            remarks: Vec::new(),
            // On paper nothing hides: what is asked only in some cases says so.
            hidden: BTreeSet::new(),
            targets: Vec::new(),
            candidates: &candidates,
            sheets: Vec::new(),
            at_hand: Vec::new(),
        };
        let mut fields = Vec::new();
        for field in self.asked() {
            let given = known.get(&field.name).cloned().unwrap_or(Json::Null);
            let rows = match &field.kind {
                FieldKind::Rows { max, .. } if super::show::blank(&given) => {
                    Json::Array(vec![json!({}); ROWS.min(*max)])
                }
                _ => given,
            };
            let view = builder.field(field, &field.name, &rows, true);
            let item = view.and_then(item);
            fields.extend(item.map(|item| Item {
                sometimes: field.show_if.is_some(),
                ..item
            }));
        }
        // What one begins or sends is called by its kind; what is done with it, by the deed.
        let heading = match &self.record {
            Some(_) if !self.action.opens => self.action.title.clone(),
            _ => self.rt.title.clone(),
        };
        let record = self.record.as_ref().map(|record| {
            let title = naming::or_kind(record.label.clone().unwrap_or_default(), &self.rt);
            (title, record.number.clone(), record.office.clone())
        });
        let link = format!("{}{found_by}", visitor.app.engine.base());
        Ok(ok(&PaperPage {
            c: visitor.chrome(heading.clone()),
            service: Arc::clone(&self.service),
            heading,
            help: self.rt.help.clone().filter(|_| record.is_none()),
            record,
            code: engine::qr::svg(&link),
            fields,
            back,
        }))
    }
}

/// A field of a form as paper shows it; none for what only a screen can do.
fn item(view: FieldView) -> Option<Item> {
    let line = |value: String| Room::Lines {
        many: 1,
        value,
        unit: String::new(),
    };
    let room = match view.control {
        Control::Line { value, unit, .. } => Room::Lines {
            many: 1,
            value,
            unit,
        },
        Control::Secret { given, .. } => line(match given {
            true => say("登録あり").to_owned(),
            false => String::new(),
        }),
        Control::Area { value, .. } => Room::Lines {
            many: 4,
            value,
            unit: String::new(),
        },
        Control::Moment { value } => line(value),
        Control::Tick { on, words } => Room::Boxes(vec![(words, on)]),
        Control::Radio { options } | Control::Ticks { options } => Room::Boxes(boxes(options)),
        Control::Records { options, .. } => match options.len() {
            1..=MOST_IN_CELL => Room::Boxes(boxes(options)),
            _ => {
                let on = options.into_iter().filter(|one| one.on);
                line(on.map(|one| one.title).collect::<Vec<_>>().join("\n"))
            }
        },
        Control::Select { groups } => {
            let many: usize = groups.iter().map(|group| group.options.len()).sum();
            match many <= MOST_BOXES {
                true => Room::Boxes(groups.into_iter().flat_map(|g| boxes(g.options)).collect()),
                false => line(chosen(&groups)),
            }
        }
        Control::Day { iso, typed } => Room::Day(match iso.is_empty() {
            true => typed,
            false => plain_day(&iso),
        }),
        Control::Address {
            postal_code,
            groups,
            line,
            building,
            ..
        } => Room::Parts(vec![
            (say("郵便番号"), postal_code),
            (say("区市町村"), chosen(&groups)),
            (say("町名・番地"), line),
            (say("建物名・部屋番号（あれば）"), building),
        ]),
        Control::Person {
            family,
            given,
            kana,
        } => Room::Parts(vec![
            (say("姓"), family),
            (say("名"), given),
            (say("カナ（あれば）"), kana),
        ]),
        Control::Account {
            bank,
            branch,
            number,
            holder,
            ..
        } => Room::Parts(vec![
            (say("金融機関コード（4桁）"), bank),
            (say("支店コード（3桁）"), branch),
            (say("口座番号"), number),
            (say("口座名義（カナ）"), holder),
        ]),
        Control::Files { kept, .. } => {
            Room::Boxes(vec![(say("別に付けます").to_owned(), !kept.is_empty())])
        }
        Control::Rows { rows, .. } => table(rows.into_iter().map(|row| row.fields).collect()),
        Control::Fixed { text, .. } => Room::Said(text),
        Control::Remarks { .. } | Control::Computed { .. } => return None,
    };
    Some(Item {
        title: view.title,
        help: view.help.filter(|help| !help.is_empty()),
        required: view.required,
        sometimes: false,
        room,
    })
}

fn table(rows: Vec<Vec<FieldView>>) -> Room {
    let rows: Vec<Vec<Item>> = rows
        .into_iter()
        .map(|row| row.into_iter().filter_map(item).collect())
        .collect();
    let heads = rows.first().map(|row: &Vec<Item>| {
        let titles = row.iter().map(|item| item.title.clone());
        titles.collect()
    });
    let mut table = (Vec::new(), rows);
    let columns = table.1.first().map_or(0, Vec::len);
    for column in 0..columns {
        let list = numbered(&mut table.1, column);
        table.0.extend(list);
    }
    Room::Table {
        lists: table.0,
        heads: heads.unwrap_or_default(),
        rows: table.1,
    }
}

/// A long choice that is the same in all rows: its options are taken out, and the rows have room for their numbers.
fn numbered(rows: &mut [Vec<Item>], column: usize) -> Option<(String, Vec<String>)> {
    let titles = |item: &Item| match &item.room {
        Room::Boxes(boxes) => boxes.iter().map(|one| one.0.clone()).collect(),
        _ => Vec::new(),
    };
    let first = rows.first()?.get(column)?;
    let (head, list): (String, Vec<String>) = (first.title.clone(), titles(first));
    let same = |row: &Vec<Item>| row.get(column).is_some_and(|item| titles(item) == list);
    if list.len() <= MOST_IN_CELL || !rows.iter().all(same) {
        return None;
    }
    for item in rows.iter_mut().filter_map(|row| row.get_mut(column)) {
        let Room::Boxes(boxes) = &item.room else {
            continue;
        };
        let on = boxes.iter().enumerate().filter(|(_, one)| one.1);
        let numbers: Vec<String> = on.map(|(at, _)| (at + 1).to_string()).collect();
        item.room = Room::Lines {
            many: 1,
            value: numbers.join("、"),
            unit: say("番").to_owned(),
        };
    }
    Some((head, list))
}

fn boxes(options: Vec<Opt>) -> Vec<(String, bool)> {
    options.into_iter().map(|one| (one.title, one.on)).collect()
}

fn chosen(groups: &[Group]) -> String {
    let mut all = groups.iter().flat_map(|group| &group.options);
    all.find(|one| one.on)
        .map_or_else(String::new, |one| one.title.clone())
}
