//! Records as tables for spreadsheets: one a record type, and one for each of its row lists.

use super::folder::{Folder, Hashed};
use super::manifest::TABLES;
use anyhow::Result;
use definition::model::{Field, FieldKind, RecordType, Service};
use feel::Value;
use indexmap::IndexMap;
use jiff::civil::Date;
use kernel::Snapshot;
use kernel::render::field_text;
use serde_json::Value as Json;
use sheet::{Cell, Encoding, Format, Writer};
use std::collections::BTreeMap;

/// The tables so far, by path.
#[derive(Default)]
pub(super) struct Sheets(BTreeMap<String, Writer<Hashed>>);

impl Sheets {
    /// Adds a record to the tables of its type. The first record says by which definition they are headed.
    pub(super) fn add(
        &mut self,
        folder: &Folder,
        snapshot: &Snapshot,
        service: &Service,
    ) -> Result<()> {
        let Some(rt) = service.types.get(&snapshot.record_type) else {
            return Ok(());
        };
        let path = format!("{TABLES}/{}/{}", snapshot.service, rt.name);
        let day = kernel::about::day_of(snapshot.updated_at);
        let head = || {
            heading(
                &OWN,
                rt.parties.values().map(|p| p.title.clone()),
                plain(&rt.fields),
            )
        };
        let mut cells = own(snapshot, rt);
        cells.extend(
            plain(&rt.fields).map(|field| of(service, field, snapshot.fields.get(&field.id), day)),
        );
        self.at(folder, &format!("{path}.csv"), head)?.row(&cells)?;
        for field in rt.fields.values() {
            let FieldKind::Rows { fields, .. } = &field.kind else {
                continue;
            };
            let Some(Json::Array(rows)) = snapshot.fields.get(&field.id) else {
                continue;
            };
            let head = || heading(&ROW, std::iter::empty(), plain(fields));
            let sheet = self.at(folder, &format!("{path}.{}.csv", field.name), head)?;
            for (no, row) in (1_u64..).zip(rows) {
                let mut cells = vec![id(snapshot), number(snapshot), Cell::Number(no.into())];
                cells
                    .extend(plain(fields).map(|field| of(service, field, row.get(&field.id), day)));
                sheet.row(&cells)?;
            }
        }
        Ok(())
    }

    fn at(
        &mut self,
        folder: &Folder,
        path: &str,
        head: impl FnOnce() -> Vec<Cell>,
    ) -> Result<&mut Writer<Hashed>> {
        use std::collections::btree_map::Entry;
        Ok(match self.0.entry(path.to_owned()) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => {
                let format = Format::Csv(Encoding::Utf8Bom);
                let mut sheet = Writer::new(format, "", folder.file(path)?)?;
                sheet.row(&head())?;
                place.insert(sheet)
            }
        })
    }

    /// Finishes all tables.
    pub(super) fn end(self, folder: &mut Folder) -> Result<()> {
        for sheet in self.0.into_values() {
            folder.keep(sheet.finish()?.0, false)?;
        }
        Ok(())
    }
}

const OWN: [&str; 10] = [
    "記録のID",
    "番号",
    "状態",
    "到達日",
    "処分庁",
    "所",
    "区市町村",
    "作成日時",
    "更新日時",
    "版",
];
const ROW: [&str; 3] = ["記録のID", "番号", "行"];

/// The fields that are one cell.
fn plain(fields: &IndexMap<String, Field>) -> impl Iterator<Item = &Field> {
    fields
        .values()
        .filter(|field| !matches!(field.kind, FieldKind::Rows { .. }))
}

/// Headings; a title that stands there already gets the field's name behind it.
fn heading<'f>(
    own: &[&str],
    parties: impl Iterator<Item = String>,
    fields: impl Iterator<Item = &'f Field>,
) -> Vec<Cell> {
    let mut titles: Vec<String> = own.iter().map(|&title| title.to_owned()).collect();
    titles.extend(parties);
    for field in fields {
        let title = match titles.contains(&field.title) {
            true => format!("{}（{}）", field.title, field.name),
            false => field.title.clone(),
        };
        titles.push(title);
    }
    titles.into_iter().map(Cell::from).collect()
}

fn id(snapshot: &Snapshot) -> Cell {
    snapshot.id.to_string().into()
}

fn number(snapshot: &Snapshot) -> Cell {
    snapshot.number.clone().unwrap_or_default().into()
}

fn own(snapshot: &Snapshot, rt: &RecordType) -> Vec<Cell> {
    let state = rt.states.get(&snapshot.state);
    let text = |text: &Option<String>| text.clone().unwrap_or_default().into();
    let mut cells = vec![
        id(snapshot),
        number(snapshot),
        state
            .map_or(&snapshot.state, |state| &state.title)
            .as_str()
            .into(),
        snapshot.arrived_on.map_or(Cell::Empty, Cell::Date),
        text(&snapshot.authority),
        text(&snapshot.office),
        text(&snapshot.municipality),
        engine::tokyo(snapshot.created_at).to_string().into(),
        engine::tokyo(snapshot.updated_at).to_string().into(),
        Cell::Number(snapshot.version.into()),
    ];
    for rule in rt.parties.values() {
        let names = snapshot.parties.iter().filter(|one| one.role == rule.role);
        let names: Vec<&str> = names.map(|one| one.name.as_str()).collect();
        cells.push(names.join("、").into());
    }
    cells
}

/// One value: numbers and days as such, ids of files and records as they are, the rest in words.
fn of(service: &Service, field: &Field, json: Option<&Json>, day: Date) -> Cell {
    let Some(json) = json else {
        return Cell::Empty;
    };
    match (&field.kind, field.kind.to_feel(json)) {
        (FieldKind::Number { .. } | FieldKind::Yen { .. }, Value::Number(n)) => Cell::Number(n),
        (FieldKind::Date, Value::Date(day)) => Cell::Date(day),
        (FieldKind::Files { .. } | FieldKind::Record(_), _) => ids(json).into(),
        (FieldKind::Text { .. }, Value::Text(text)) => text.as_ref().into(),
        _ => field_text(service, field, json, day).into(),
    }
}

fn ids(json: &Json) -> String {
    match json {
        Json::String(id) => id.clone(),
        Json::Array(all) => all.iter().map(ids).collect::<Vec<_>>().join("、"),
        _ => String::new(),
    }
}
