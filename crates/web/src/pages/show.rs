//! Values as people read them, by kind of field: the one place that formats.

use super::naming;
use super::sheet::{Filed, Sheet, sheets};
use crate::Lang;
use crate::i18n::{current, say, with};
use definition::model::{Field, FieldKind, FieldSet, Options, RecordType, Service, Who};
use engine::{RecordView, RelatedView};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A value ready for a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shown {
    /// One line.
    Text(String),
    /// Several lines, as typed.
    Lines(String),
    /// Several of something.
    List(Vec<String>),
    /// Files.
    Files(Vec<FileShown>),
    /// A repeating group.
    Rows(Vec<String>, Vec<Vec<Cell>>),
}

/// A cell of a repeating group, with the heading that stands beside it on a phone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) label: String,
    pub(super) text: String,
}

/// A file as a link; pictures, and pages of a PDF, in the page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FileShown {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) size: String,
    /// `/fields/drawings/0`: where remarks point.
    pub(super) pointer: String,
    /// What is seen of it here.
    pub(super) sheets: Vec<Sheet>,
    /// What is not, and why.
    pub(super) unseen: Option<String>,
}

impl FileShown {
    /// Whether there is anything to see or to say beside its name.
    pub(super) fn seen(&self) -> bool {
        !self.sheets.is_empty() || self.unseen.is_some()
    }

    /// Sheets in sight: the first ones and those with marks; and those that are folded.
    pub(super) fn parted(&self, first: usize) -> (Vec<&Sheet>, Vec<&Sheet>) {
        let sheets = self.sheets.iter().enumerate();
        let (open, folded): (Vec<_>, Vec<_>) =
            sheets.partition(|(at, sheet)| *at < first || !sheet.pins.is_empty());
        let only = |(_, sheet)| sheet;
        (
            open.into_iter().map(only).collect(),
            folded.into_iter().map(only).collect(),
        )
    }
}

/// A field with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    /// Whether it has changed since the reader last looked.
    pub(super) fresh: bool,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) shown: Shown,
    pub(super) remarks: Vec<String>,
}

/// What formatting needs to know.
pub(super) struct Show<'a> {
    pub(super) service: &'a Service,
    /// The day by which code lists are read.
    pub(super) day: Date,
    /// Files by id.
    pub(super) files: &'a BTreeMap<String, Filed>,
    /// Names of municipalities by code.
    pub(super) places: &'a super::places::Places,
}

impl Show<'_> {
    /// One line of text; empty for nothing.
    pub(super) fn text(&self, kind: &FieldKind, json: &Json) -> String {
        match kind {
            _ if json.is_null() => String::new(),
            FieldKind::Number { unit, .. } => {
                format!("{}{}", number(json), unit.as_deref().unwrap_or_default())
            }
            FieldKind::Yen { .. } => yen(json),
            FieldKind::Boolean => yes_no(json, say("はい"), say("いいえ")),
            FieldKind::Declaration { .. } => {
                yes_no(json, say("確かめました"), say("まだ確かめていません"))
            }
            FieldKind::Date | FieldKind::PartialDate => date_text(json),
            FieldKind::DateTime => json
                .as_str()
                .and_then(|text| text.parse().ok())
                .map(instant)
                .unwrap_or_else(|| plain(json)),
            FieldKind::Choice(options) => self.option(options, &plain(json)),
            FieldKind::Choices(options) => items(json)
                .iter()
                .map(|one| self.option(options, &plain(one)))
                .collect::<Vec<_>>()
                .join(say("、")),
            // What is named stands beside, with its own page.
            FieldKind::Record(_) => String::new(),
            FieldKind::PersonName => name_text(json),
            FieldKind::Address => self.address(json),
            FieldKind::Municipality => self.places.name(&plain(json)),
            FieldKind::Account => account_text(json),
            FieldKind::IndividualNumber(_) => say("登録あり").to_owned(),
            FieldKind::Files { .. } => items(json)
                .iter()
                .map(|id| self.file_name(&plain(id)))
                .collect::<Vec<_>>()
                .join(say("、")),
            FieldKind::Rows { fields, .. } => items(json)
                .iter()
                .map(|row| self.row(fields, row))
                .collect::<Vec<_>>()
                .join("／"),
            FieldKind::Remarks => items(json)
                .iter()
                .filter_map(|one| one.get("text")?.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
                .join("／"),
            _ => plain(json),
        }
    }

    fn row(&self, fields: &indexmap::IndexMap<String, Field>, row: &Json) -> String {
        let cells = fields.values().filter_map(|field| {
            row.get(&field.name)
                .map(|value| self.text(&field.kind, value))
        });
        cells
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("・")
    }

    /// The value for a page.
    pub(super) fn shown(&self, field: &Field, json: &Json) -> Shown {
        match &field.kind {
            FieldKind::Text {
                multiline: true, ..
            } => Shown::Lines(plain(json)),
            FieldKind::Choices(options) => Shown::List(
                items(json)
                    .iter()
                    .map(|one| self.option(options, &plain(one)))
                    .collect(),
            ),
            FieldKind::Files { .. } => Shown::Files(self.files(&field.name, json)),
            FieldKind::Rows { fields, .. } => self.rows(fields, json),
            FieldKind::Remarks => Shown::List(
                items(json)
                    .iter()
                    .filter_map(|one| one.get("text")?.as_str().map(str::to_owned))
                    .collect(),
            ),
            kind => Shown::Text(self.text(kind, json)),
        }
    }

    fn rows(&self, fields: &indexmap::IndexMap<String, Field>, json: &Json) -> Shown {
        let rows = items(json);
        let used: Vec<&Field> = fields
            .values()
            .filter(|field| {
                rows.iter()
                    .any(|row| row.get(&field.name).is_some_and(|v| !v.is_null()))
            })
            .collect();
        let cell = |field: &&Field, row: &Json| Cell {
            label: field.title.clone(),
            text: row
                .get(&field.name)
                .map(|value| self.text(&field.kind, value))
                .unwrap_or_default(),
        };
        let cells = rows
            .iter()
            .map(|row| used.iter().map(|field| cell(field, row)).collect())
            .collect();
        Shown::Rows(
            used.iter().map(|field| field.title.clone()).collect(),
            cells,
        )
    }

    /// Files of a field.
    pub(super) fn files(&self, name: &str, json: &Json) -> Vec<FileShown> {
        let one = |(at, id): (usize, &Json)| {
            let id = plain(id);
            let known = self.files.get(&id);
            let pointer = format!("/fields/{name}/{at}");
            let seen = known.map(|filed| sheets(filed, &pointer));
            let (sheets, unseen) = seen.unwrap_or_default();
            FileShown {
                name: self.file_name(&id),
                size: known
                    .map(|filed| size(filed.upload.bytes))
                    .unwrap_or_default(),
                pointer,
                sheets,
                unseen,
                id,
            }
        };
        items(json).iter().enumerate().map(one).collect()
    }

    fn file_name(&self, id: &str) -> String {
        self.files.get(id).map_or_else(
            || say("ファイル").to_owned(),
            |filed| filed.upload.name.clone(),
        )
    }

    /// Title of an option; the code itself if it is no option any more.
    pub(super) fn option(&self, options: &Options, code: &str) -> String {
        kernel::render::option_title(self.service, options, code, self.day)
    }

    fn address(&self, json: &Json) -> String {
        let part = |name: &str| {
            json.get(name)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let postal = part("postal_code");
        let postal = if postal.is_empty() {
            postal
        } else {
            format!("〒{postal} ")
        };
        let building = part("building");
        let building = if building.is_empty() {
            building
        } else {
            format!(" {building}")
        };
        let municipality = part("municipality");
        let municipality = if municipality.is_empty() {
            municipality
        } else {
            self.places.full_name(&municipality)
        };
        format!(
            "{postal}{municipality}{}{}{building}",
            part("town"),
            part("line")
        )
    }
}

/// The visible fields of a record with something in them, in the form's order; machinery and repetitions left out.
pub(super) fn values(
    show: &Show<'_>,
    rt: &RecordType,
    fields: &BTreeMap<String, Json>,
    known: &[&str],
) -> Vec<Value> {
    let mut seen: Vec<String> = known.iter().map(|text| (*text).to_owned()).collect();
    let mut values = Vec::new();
    // The number of an official's account tells people nothing: the name is copied beside it.
    let told = |field: &&Field| !field.internal && field.official.is_none();
    for field in rt.fields.values().filter(told) {
        let Some(json) = fields.get(&field.name).filter(|json| !blank(json)) else {
            continue;
        };
        let text = show.text(&field.kind, json);
        let repeats = field.value.is_some()
            && matches!(field.kind, FieldKind::Text { .. })
            && seen.contains(&text);
        if repeats || text.is_empty() {
            continue;
        }
        seen.push(text);
        values.push(Value {
            fresh: false,
            name: field.name.clone(),
            title: field.title.clone(),
            shown: show.shown(field, json),
            remarks: Vec::new(),
        });
    }
    values
}

/// The values with what fields name put among them, for pages that show no records beside: the last look, and paper.
pub(super) fn with_named(mut values: Vec<Value>, record: &RecordView) -> Vec<Value> {
    let rt = &record.record_type;
    let links = |field: &&Field| !field.internal && field.kind.record_link().is_some();
    for field in rt.fields.values().filter(links) {
        let Some(named) = record.links.get(&field.name) else {
            continue;
        };
        let called = |one: &RelatedView| {
            let name = naming::full(one.label.as_ref(), one.number.as_ref());
            naming::or_kind(name, &one.record_type)
        };
        values.push(Value {
            fresh: false,
            name: field.name.clone(),
            title: field.title.clone(),
            shown: Shown::List(named.iter().map(called).collect()),
            remarks: Vec::new(),
        });
    }
    values.sort_by_key(|value| rt.fields.get_index_of(&value.name));
    values
}

/// Whether a record type has a rule that lets everybody see some of it.
pub(super) fn public(rt: &RecordType) -> bool {
    rt.see
        .iter()
        .any(|rule| rule.who == Who::Public && rule.fields != FieldSet::Only(Vec::new()))
}

/// Title of whoever is waited for (`applicant`, `desk.examiner`).
pub(super) fn who_title(service: &Service, rt: &RecordType, who: &str) -> String {
    match who.strip_prefix("desk.") {
        Some(role) => service
            .roles
            .get(role)
            .map_or_else(|| role.to_owned(), |role| role.title.clone()),
        None => rt
            .parties
            .get(who)
            .map_or_else(|| who.to_owned(), |party| party.title.clone()),
    }
}

/// Nothing, or nothing but blanks.
pub(super) fn blank(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(all) => all.iter().all(blank),
        Json::Object(map) => map.values().all(blank),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// JSON as plain text.
pub(super) fn plain(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The items of an array; one thing alone counts as one item.
pub(super) fn items(json: &Json) -> &[Json] {
    match json {
        Json::Array(all) => all,
        Json::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn number(json: &Json) -> String {
    let text = plain(json);
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), String::new()), |(whole, rest)| {
            (whole, format!(".{rest}"))
        });
    whole.parse().map_or(text.clone(), |n| {
        format!("{}{rest}", japanese::money::thousands(n))
    })
}

fn yen(json: &Json) -> String {
    plain(json).parse().map_or_else(|_| plain(json), money)
}

pub(super) fn money(amount: i64) -> String {
    match current() {
        Lang::Ja | Lang::Easy => japanese::money::yen(amount),
        Lang::En | Lang::Zh | Lang::Ko => format!("¥{}", japanese::money::thousands(amount)),
    }
}

fn yes_no(json: &Json, yes: &str, no: &str) -> String {
    if json.as_bool().unwrap_or(false) {
        yes.into()
    } else {
        no.into()
    }
}

fn date_text(json: &Json) -> String {
    let text = plain(json);
    match text.parse::<Date>() {
        Ok(day) => date(day),
        Err(_) => japanese::partial_date::PartialDate::parse(&text)
            .map_or(text, |partial| partial.format()),
    }
}

/// The month of a day in the era: 令和8年11月.
pub(super) fn month(day: Date) -> String {
    let text = japanese::wareki::format(day);
    match text.split_once('月') {
        Some((month, _)) => format!("{month}月"),
        None => text,
    }
}

/// 令和8年11月22日（2026年）.
pub(super) fn date(day: Date) -> String {
    match current() {
        Lang::Ja => format!("{}（{}年）", japanese::wareki::format(day), day.year()),
        Lang::En => english_day(day),
        Lang::Easy | Lang::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Lang::Ko => format!("{}년 {}월 {}일", day.year(), day.month(), day.day()),
    }
}

/// 22 November 2026.
fn english_day(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// 2026年11月22日 9時14分, in Asia/Tokyo.
/// A day as it stands in a record.
pub(super) fn plain_day(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), date)
}

pub(super) fn instant(at: Timestamp) -> String {
    let local = jiff::tz::Offset::constant(9).to_datetime(at);
    if current() == Lang::En {
        let (hour, minute) = (local.hour(), local.minute());
        return format!("{}, {hour}:{minute:02}", english_day(local.date()));
    }
    format!(
        "{}年{}月{}日 {}時{:02}分",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute()
    )
}

/// `48KB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 20 => format!("{}.{}MB", b >> 20, ((b % (1 << 20)) * 10) >> 20),
        b if b >= 1 << 10 => format!("{}KB", b >> 10),
        b => with("{0}バイト", &[&b]),
    }
}

/// What is left until a day, in words, with the class of its badge.
pub(super) fn left(due: Date, today: Date) -> (String, &'static str) {
    let days = (due - today).get_days();
    match days {
        0 => (say("今日まで").to_owned(), "soon"),
        d if d < 0 => (with("{0}日過ぎています", &[&-d]), "late"),
        d if d <= 3 => (with("あと{0}日", &[&d]), "soon"),
        d => (with("あと{0}日", &[&d]), "wait"),
    }
}

fn name_text(json: &Json) -> String {
    let part = |name: &str| json.get(name).and_then(Json::as_str).map(str::to_owned);
    let full = part("full").unwrap_or_else(|| {
        [part("family"), part("given")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    });
    part("kana").map_or(full.clone(), |kana| format!("{full}（{kana}）"))
}

/// The number's last digits are enough to know an account by.
fn account_text(json: &Json) -> String {
    let part = |name: &str| json.get(name).map(plain).unwrap_or_default();
    let number = part("number");
    let tail: String = number
        .chars()
        .skip(number.chars().count().saturating_sub(3))
        .collect();
    let parts: [&dyn std::fmt::Display; 4] =
        [&part("bank"), &part("branch"), &tail, &part("holder")];
    with("金融機関 {0} 支店 {1} 口座番号 ****{2} {3}", &parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;
    use serde_json::json;

    #[test]
    fn money_dates_and_sizes_read_as_people_write_them() {
        assert_eq!(yen(&json!(29800)), "29,800円");
        assert_eq!(date(day(2026, 11, 22)), "令和8年11月22日（2026年）");
        assert_eq!(date_text(&json!("1989-01")), "平成元年1月");
        assert_eq!(number(&json!(1234.5)), "1,234.5");
        assert_eq!(size(48_211), "47KB");
        assert_eq!(size(3 << 19), "1.5MB");
        assert_eq!(
            instant("2026-11-22T00:14:03Z".parse().unwrap()),
            "2026年11月22日 9時14分"
        );
    }

    #[test]
    fn deadlines_are_said_in_words() {
        let today = day(2026, 11, 22);
        assert_eq!(
            left(day(2026, 11, 20), today),
            ("2日過ぎています".into(), "late")
        );
        assert_eq!(left(today, today), ("今日まで".into(), "soon"));
        assert_eq!(left(day(2026, 12, 22), today), ("あと30日".into(), "wait"));
    }

    #[test]
    fn an_account_shows_its_tail_only() {
        let text = account_text(
            &json!({"bank": "0001", "branch": "001", "number": "1234567", "holder": "ヤマダ"}),
        );
        assert!(text.contains("****567") && !text.contains("1234567"));
    }

    #[test]
    fn what_is_blank() {
        assert!(blank(&json!({"line": " ", "postal_code": null})));
        assert!(!blank(&json!(false)));
    }
}
