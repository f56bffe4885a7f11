//! One row of a file as the input of an act: headings found, values read, conditions checked.

use crate::render::Speaker;
use crate::scope::evaluate;
use definition::model::{FieldKind, Import, RecordType, Service};
use feel::{EvalError, Scope, Value};
use indexmap::IndexMap;
use japanese::calendar::Calendar;
use jiff::civil::Date;
use serde_json::{Map, Value as Json};

/// What rows are read with.
#[derive(Clone, Copy)]
pub struct Intake<'a> {
    /// The service, for its tables.
    pub service: &'a Service,
    /// Business days.
    pub calendar: &'a Calendar,
    /// The import.
    pub import: &'a Import,
    /// The record type that it fills.
    pub rt: &'a RecordType,
    /// Today in Asia/Tokyo.
    pub today: Date,
}

/// A row as an act.
#[derive(Clone, PartialEq)]
pub struct Taken {
    /// Input by field name.
    pub input: Map<String, Json>,
    /// Value of the key, as FEEL has it.
    pub key: Value,
    /// Whose record it becomes.
    pub party: Option<TakenParty>,
}

/// Whose record a row becomes. The name is personal data and is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TakenParty {
    /// Name.
    pub name: String,
    /// `person` or `corporation`.
    pub kind: String,
    /// What makes it the same party; none: name and the row's key.
    pub key: Option<String>,
}

/// Where each name of an import stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The column of each name, from 0; none where no heading of it is there.
    pub columns: IndexMap<String, Option<usize>>,
}

impl Found {
    /// Looks for the headings of an import; width and blanks do not matter.
    #[must_use]
    pub fn new(import: &Import, heads: &[String]) -> Self {
        let folded: Vec<String> = heads.iter().map(|head| fold(head)).collect();
        let find = |wanted: &Vec<String>| {
            wanted
                .iter()
                .find_map(|heading| folded.iter().position(|head| *head == fold(heading)))
        };
        Self {
            columns: import
                .headings
                .iter()
                .map(|(name, wanted)| (name.clone(), find(wanted)))
                .collect(),
        }
    }
}

fn fold(heading: &str) -> String {
    japanese::fold::search_key(heading).replace(' ', "")
}

impl Intake<'_> {
    /// Reads one row.
    ///
    /// # Errors
    /// Every reason why the row cannot be taken, each in a sentence for people.
    pub fn row(&self, found: &Found, cells: &[String]) -> Result<Taken, Vec<String>> {
        let scope = RowScope {
            intake: self,
            found,
            cells,
        };
        let mut faults = Vec::new();
        let mut input = Map::new();
        let mut key = Value::Null;
        for set in &self.import.fields {
            let Some(field) = self.rt.fields.get(&set.field) else {
                continue;
            };
            match evaluate(&set.value, &scope) {
                Ok(value) => {
                    let value = value.unwrap_or(Value::Null);
                    if set.field == self.import.key {
                        key = value.clone();
                    }
                    if value != Value::Null {
                        input.insert(set.field.clone(), field.kind.from_feel(&value));
                    }
                }
                Err(error) => faults.push(format!("{}：{}", field.title, said(&error))),
            }
        }
        for condition in &self.import.require {
            match evaluate(&condition.that, &scope) {
                Ok(Some(Value::Boolean(true))) => {}
                Ok(_) => faults
                    .push(Speaker::plain(self.service, &scope, self.today).say(&condition.message)),
                Err(error) => faults.push(said(&error)),
            }
        }
        if key == Value::Null && faults.is_empty() {
            faults.push("行を見分ける値がありません。".to_owned());
        }
        if !faults.is_empty() {
            faults.dedup();
            return Err(faults);
        }
        let party = self.party(&scope).map_err(|error| vec![said(&error)])?;
        Ok(Taken { input, key, party })
    }

    fn party(&self, scope: &RowScope<'_>) -> Result<Option<TakenParty>, EvalError> {
        let Some(party) = &self.import.party else {
            return Ok(None);
        };
        let text = |value: Option<Value>| value.map(|value| value.to_string());
        let Some(name) = text(evaluate(&party.name, scope)?) else {
            return Ok(None);
        };
        let kind = text(evaluate(&party.kind, scope)?).unwrap_or_else(|| "person".to_owned());
        let key = match &party.key {
            Some(key) => text(evaluate(key, scope)?),
            None => None,
        };
        Ok(Some(TakenParty { name, kind, key }))
    }
}

fn said(error: &EvalError) -> String {
    match error {
        EvalError::Custom { message } => message.clone(),
        other => other.to_string(),
    }
}

struct RowScope<'a> {
    intake: &'a Intake<'a>,
    found: &'a Found,
    cells: &'a [String],
}

impl Scope for RowScope<'_> {
    fn variable(&self, name: &str) -> Option<Value> {
        if name == "today" {
            return Some(Value::Date(self.intake.today));
        }
        let column = self.found.columns.get(name).copied().flatten()?;
        let text = self.cells.get(column)?.trim();
        (!text.is_empty()).then(|| Value::text(text))
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, EvalError> {
        match (name, args) {
            ("read date" | "read address", [Value::Null]) => Ok(Value::Null),
            ("read date", [Value::Date(date)]) => Ok(Value::Date(*date)),
            ("read date", [value]) => read_date(&value.to_string()),
            ("read address", [value]) => read_address(self.intake, &value.to_string()),
            _ => crate::tables::call(self.intake.service, self.intake.calendar, name, args),
        }
    }
}

fn custom(message: String) -> EvalError {
    EvalError::Custom { message }
}

fn read_date(text: &str) -> Result<Value, EvalError> {
    japanese::wareki::parse(text)
        .map(Value::Date)
        .map_err(|fault| custom(format!("「{text}」：{}", fault.detail)))
}

/// 都県 and what may stand between it and the municipality.
const BEFORE: [&str; 4] = ["西多摩郡", "三宅島", "八丈島", "新島"];

/// An address in one line, with or without 東京都 and 郡: municipality, line, and the building after a blank.
fn read_address(intake: &Intake<'_>, text: &str) -> Result<Value, EvalError> {
    let whole = text.trim();
    let rest = whole.strip_prefix("東京都").unwrap_or(whole).trim_start();
    let towns = intake
        .service
        .tables
        .get("municipalities")
        .map(|table| table.options_on(intake.today))
        .unwrap_or_default();
    let bare = BEFORE
        .iter()
        .filter_map(|before| rest.strip_prefix(before))
        .chain([rest]);
    let best = bare
        .flat_map(|rest| {
            towns
                .iter()
                .filter_map(move |town| Some((town, rest.strip_prefix(town.1.as_str())?)))
        })
        .max_by_key(|(town, _)| town.1.len());
    let Some(((code, _), rest)) = best else {
        return Err(custom(format!(
            "「{whole}」から区市町村がわかりません。「立川市柴崎町2-21-19」のように書いてください。"
        )));
    };
    let rest = rest.trim_start();
    let (line, building) = rest.split_once([' ', '\u{3000}']).unwrap_or((rest, ""));
    let members = [
        ("municipality", code.as_str()),
        ("line", line),
        ("building", building.trim()),
    ];
    let members = members.into_iter().filter(|(_, text)| !text.is_empty());
    let address = Value::context(members.map(|(name, text)| (name, Value::text(text))));
    // Through the field's own form and back, so that it is what a person's entry would be.
    let json = FieldKind::Address.from_feel(&address);
    Ok(FieldKind::Address.to_feel(&json))
}
