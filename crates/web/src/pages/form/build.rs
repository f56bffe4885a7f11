//! Builds the fields of a form from their definitions and values.

use super::field::{Control, FieldView, Group, Opt, Phrase, RemarkRow, RowView};
use crate::Postal;
use crate::i18n::{fault_of, say, with};
use crate::pages::sheet::{Remark, per_cent};
use crate::pages::show::{FileShown, Show, blank as show_blank, items, plain, size};
use definition::model::{Field, FieldKind, Options, RecordLink, RecordType, Service};
use engine::{Candidate, Upload};
use kernel::Fault;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Choices of up to so many options are all in sight.
const MAX_RADIOS: usize = 6;

/// Everything that the fields of one form share.
pub(in crate::pages) struct Builder<'a> {
    pub(in crate::pages) show: &'a Show<'a>,
    pub(in crate::pages) postal: &'a Postal,
    /// Faults by path.
    pub(in crate::pages) errors: BTreeMap<String, Vec<String>>,
    /// The desk's remarks.
    pub(in crate::pages) remarks: Vec<Remark>,
    /// Paths of fields hidden now.
    pub(in crate::pages) hidden: BTreeSet<String>,
    /// What remarks may point at: pointer and title.
    pub(in crate::pages) targets: Vec<(String, String)>,
    /// Records that fields may name, by field name.
    pub(in crate::pages) candidates: &'a BTreeMap<String, Vec<Candidate>>,
    /// Pictures of the record, for remarks.
    pub(in crate::pages) sheets: Vec<FileShown>,
    /// Files that the actor sent before for records of their own.
    pub(in crate::pages) at_hand: Vec<Upload>,
}

/// A line of the summary of faults.
pub(in crate::pages) struct Summary {
    /// Id of the control; empty where the fault has no field here.
    pub(in crate::pages) id: String,
    pub(in crate::pages) text: String,
}

/// Faults by the path of the field at which they stand.
pub(in crate::pages) fn faults_by_path(
    service: &Service,
    faults: &[Fault],
) -> BTreeMap<String, Vec<String>> {
    let mut by_path: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fault in faults {
        let path = fault
            .pointer
            .trim_start_matches('/')
            .split_once('/')
            .map_or("", |(_, path)| path)
            .replace('/', ".");
        let said = by_path.entry(path).or_default();
        let text = fault_of(service, fault);
        if !said.contains(&text) {
            said.push(text);
        }
    }
    by_path
}

fn id_of(path: &str) -> String {
    format!("f-{}", path.replace(['.', '_'], "-"))
}

impl Builder<'_> {
    /// The remarks of a record's values.
    pub(in crate::pages) fn remarks_of(
        rt: &RecordType,
        fields: &BTreeMap<String, Json>,
    ) -> Vec<Remark> {
        let kept = rt
            .fields
            .values()
            .filter(|field| matches!(field.kind, FieldKind::Remarks))
            .filter_map(|field| fields.get(&field.name));
        kept.flat_map(items).map(remark).collect()
    }

    /// A field, or none while it is hidden.
    pub(in crate::pages) fn field(
        &self,
        field: &Field,
        path: &str,
        json: &Json,
        top: bool,
    ) -> Option<FieldView> {
        if self.hidden.contains(path) {
            return None;
        }
        let control = match &field.value {
            Some(_) => self.computed(field, json)?,
            None if field.fixed && !show_blank(json) => Control::Fixed {
                text: self.show.text(&field.kind, json),
                value: plain(json),
            },
            None => self.control(field, path, json),
        };
        let mut help = field.help.clone();
        let tick = matches!(control, Control::Tick { .. });
        if tick && help.as_deref() == Some("") {
            help = None;
        }
        Some(FieldView {
            name: path.to_owned(),
            id: id_of(path),
            title: field.title.clone(),
            help,
            required: field.required,
            top,
            errors: self.errors_at(field, path),
            remarks: self.remarks_at(path),
            control,
        })
    }

    fn computed(&self, field: &Field, json: &Json) -> Option<Control> {
        let text = self.show.text(&field.kind, json);
        let big = matches!(field.kind, FieldKind::Yen { .. } | FieldKind::Number { .. });
        (!text.is_empty()).then_some(Control::Computed { text, big })
    }

    /// Those of the field and of its parts; those of fields inside rows stand there.
    fn errors_at(&self, field: &Field, path: &str) -> Vec<String> {
        let below = format!("{path}.");
        let inner = |rest: &str| match &field.kind {
            FieldKind::Rows { fields, .. } => rest
                .split('.')
                .nth(1)
                .is_some_and(|name| fields.contains_key(name)),
            _ => false,
        };
        let mine =
            |at: &str| at == path || at.strip_prefix(&below).is_some_and(|rest| !inner(rest));
        self.errors
            .iter()
            .filter(|(at, _)| mine(at))
            .flat_map(|(_, said)| said.clone())
            .collect()
    }

    fn remarks_at(&self, path: &str) -> Vec<String> {
        let pointer = format!("/fields/{}", path.replace('.', "/"));
        let below = format!("{pointer}/");
        let mut found = Vec::new();
        for (number, remark) in (1..).zip(&self.remarks) {
            let file = remark
                .pointer
                .strip_prefix(&below)
                .is_some_and(|rest| rest.parse::<usize>().is_ok());
            if remark.pointer == pointer || file {
                let text = &remark.text;
                found.push(match (remark.page, remark.at) {
                    (Some(page), Some(_)) => {
                        with("（{0}ページ目の印 {1}）{2}", &[&page, &number, text])
                    }
                    (Some(page), None) => with("（{0}ページ目）{1}", &[&page, text]),
                    (None, Some(_)) => with("（図面の印 {0}）{1}", &[&number, text]),
                    (None, None) => text.clone(),
                });
            }
        }
        found
    }

    /// The summary of all faults, in the order of the form.
    pub(in crate::pages) fn summary(&self, fields: &[FieldView]) -> Vec<Summary> {
        let mut lines = Vec::new();
        let mut paths = Vec::new();
        collect(fields, &mut lines, &mut paths);
        for (path, said) in &self.errors {
            let shown = paths.iter().any(|one: &String| {
                path == one
                    || path
                        .strip_prefix(one.as_str())
                        .is_some_and(|rest| rest.starts_with('.'))
            });
            if !shown {
                lines.extend(said.iter().map(|text| Summary {
                    id: String::new(),
                    text: text.clone(),
                }));
            }
        }
        lines
    }

    fn control(&self, field: &Field, path: &str, json: &Json) -> Control {
        let value = || plain(json);
        match &field.kind {
            FieldKind::Text {
                multiline: true,
                max_chars,
            } => Control::Area {
                value: value(),
                max: *max_chars,
                phrases: self.phrases(field),
            },
            FieldKind::Text { max_chars, .. } => line(value(), "text", "", "", *max_chars, ""),
            FieldKind::Number { unit, scale, .. } => Control::Line {
                value: value(),
                kind: "text",
                mode: if *scale == 0 { "numeric" } else { "decimal" },
                complete: "off",
                max: 40,
                unit: unit.clone().unwrap_or_default(),
                size: "short",
            },
            FieldKind::Yen { .. } => Control::Line {
                value: value(),
                kind: "text",
                mode: "numeric",
                complete: "off",
                max: 40,
                unit: say("円").to_owned(),
                size: "short",
            },
            FieldKind::Boolean => Control::Tick {
                on: json.as_bool().unwrap_or(false),
                words: field.title.clone(),
            },
            FieldKind::Declaration { text } => Control::Tick {
                on: json.as_bool().unwrap_or(false),
                words: text.clone(),
            },
            FieldKind::Date => day(json),
            FieldKind::PartialDate => line(value(), "text", "", "off", 40, "mid"),
            FieldKind::DateTime => Control::Moment {
                value: value().chars().take(16).collect(),
            },
            FieldKind::Choice(options) => self.choice(options, &value()),
            FieldKind::Choices(options) => Control::Ticks {
                options: self.options(options, &items(json).iter().map(plain).collect::<Vec<_>>()),
            },
            FieldKind::Kana => line(value(), "text", "", "", 200, ""),
            FieldKind::Email => line(value(), "email", "email", "email", 254, ""),
            FieldKind::Phone => line(value(), "tel", "tel", "tel", 40, "mid"),
            FieldKind::PostalCode => line(value(), "text", "numeric", "postal-code", 10, "short"),
            FieldKind::IndividualNumber(_) => Control::Secret {
                given: json.is_object(),
                again: json.is_string(),
            },
            FieldKind::CorporateNumber => line(value(), "text", "numeric", "off", 20, "mid"),
            FieldKind::Municipality => Control::Select {
                groups: self.municipalities(&value(), None),
            },
            FieldKind::PersonName => Control::Person {
                family: part(json, "family"),
                given: part(json, "given"),
                kana: part(json, "kana"),
            },
            FieldKind::Address => self.address(path, json),
            FieldKind::Account => Control::Account {
                bank: part(json, "bank"),
                branch: part(json, "branch"),
                kind: part(json, "kind"),
                number: part(json, "number"),
                holder: part(json, "holder"),
            },
            FieldKind::Files {
                max, media_types, ..
            } => {
                let kept = self.files(path, json);
                Control::Files {
                    earlier: self.earlier(&kept, media_types),
                    room: kept.len() < *max,
                    many: *max > 1,
                    accept: media_types.join(","),
                    kept,
                }
            }
            FieldKind::Rows { fields, min, max } => self.rows(fields, path, json, *min, *max),
            FieldKind::Record(link) => self.records(link, path, json),
            FieldKind::Remarks => self.remark_rows(field, path, json),
        }
    }

    /// Whether a field asks for a record that need not be named, and there is none to name.
    pub(in crate::pages) fn nothing_to_choose(&self, field: &Field, json: &Json) -> bool {
        let none = self.candidates.get(&field.name).is_none_or(Vec::is_empty);
        let named = kernel::scope::ids_in(json).next().is_some();
        field.kind.record_link().is_some() && !field.required && none && !named
    }

    /// The records that may be named; one named before stays, whatever it has become.
    fn records(&self, link: &RecordLink, path: &str, json: &Json) -> Control {
        let chosen: Vec<String> = kernel::scope::ids_in(json)
            .map(|id| id.to_string())
            .collect();
        let known = self.candidates.get(path).map_or(&[][..], Vec::as_slice);
        let mut options: Vec<Opt> = known
            .iter()
            .map(|one| Opt {
                code: one.id.to_string(),
                title: one.title.clone(),
                on: chosen.contains(&one.id.to_string()),
            })
            .collect();
        let gone = chosen
            .iter()
            .filter(|id| !known.iter().any(|one| one.id.to_string() == **id));
        let gone: Vec<Opt> = gone
            .map(|id| Opt {
                code: id.clone(),
                title: say("前に選んだ記録").to_owned(),
                on: true,
            })
            .collect();
        options.extend(gone);
        Control::Records {
            options,
            many: link.many(),
            copies: !link.copies.is_empty(),
        }
    }

    fn files(&self, path: &str, json: &Json) -> Vec<FileShown> {
        let mut kept = self.show.files(path, json);
        for sheet in kept.iter_mut().flat_map(|file| &mut file.sheets) {
            sheet.take(&self.remarks);
        }
        kept
    }

    /// Files sent before that would do here.
    fn earlier(&self, kept: &[FileShown], media_types: &[String]) -> Vec<(String, String, String)> {
        let fits = |file: &&Upload| {
            let there = kept.iter().any(|one| one.id == file.id.to_string());
            !there && (media_types.is_empty() || media_types.contains(&file.media_type))
        };
        let fitting = self.at_hand.iter().filter(fits);
        fitting
            .map(|file| (file.id.to_string(), file.name.clone(), size(file.bytes)))
            .collect()
    }

    fn choice(&self, options: &Options, code: &str) -> Control {
        let mut all = self.options(options, &[code.to_owned()]);
        if !code.is_empty() && !all.iter().any(|one| one.on) {
            all.push(Opt {
                code: code.to_owned(),
                title: with("{0}（今は選べません）", &[&code]),
                on: true,
            });
        }
        match all.len() <= MAX_RADIOS {
            true => Control::Radio { options: all },
            false => Control::Select {
                groups: vec![Group {
                    title: String::new(),
                    options: all,
                }],
            },
        }
    }

    fn options(&self, options: &Options, chosen: &[String]) -> Vec<Opt> {
        let all: Vec<(String, String)> = match options {
            Options::Inline(titles) => titles
                .iter()
                .map(|(code, title)| (code.clone(), title.clone()))
                .collect(),
            Options::Table(name) => self
                .show
                .service
                .tables
                .get(name)
                .map(|table| table.options_on(self.show.day))
                .unwrap_or_default(),
        };
        all.into_iter()
            .map(|(code, title)| Opt {
                on: chosen.contains(&code),
                code,
                title,
            })
            .collect()
    }

    /// All municipalities by region; one elsewhere stands apart, under the name that its postal code gives.
    fn municipalities(&self, chosen: &str, postal_code: Option<&str>) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for row in &self.show.places.all {
            let option = Opt {
                code: row.code.clone(),
                title: row.title.clone(),
                on: row.code == chosen,
            };
            match groups.last_mut() {
                Some(group) if group.title == row.region => group.options.push(option),
                _ => groups.push(Group {
                    title: row.region.clone(),
                    options: vec![option],
                }),
            }
        }
        if !chosen.is_empty() && !self.show.places.has(chosen) {
            let found = postal_code
                .and_then(|code| self.postal.find(code).ok())
                .unwrap_or_default();
            let title = found
                .iter()
                .find(|place| place.municipality == chosen)
                .map(|place| format!("{}{}", place.prefecture, place.municipality_name));
            let options = vec![Opt {
                code: chosen.to_owned(),
                title: title.unwrap_or_else(|| chosen.to_owned()),
                on: true,
            }];
            groups.push(Group {
                title: say("ほかの道府県").to_owned(),
                options,
            });
        }
        groups
    }

    fn address(&self, path: &str, json: &Json) -> Control {
        let postal_code = part(json, "postal_code");
        let line = format!("{}{}", part(json, "town"), part(json, "line"));
        let below = format!("{path}.");
        let faulty = self
            .errors
            .keys()
            .filter_map(|at| at.strip_prefix(&below).map(str::to_owned))
            .collect();
        let groups = self.municipalities(&part(json, "municipality"), Some(&postal_code));
        Control::Address {
            groups,
            line,
            building: part(json, "building"),
            faulty,
            postal_code,
        }
    }

    fn rows(
        &self,
        fields: &indexmap::IndexMap<String, Field>,
        path: &str,
        json: &Json,
        min: usize,
        max: usize,
    ) -> Control {
        let empty = [Json::Null];
        let given = items(json);
        let given = if given.is_empty() && min > 0 {
            &empty[..]
        } else {
            given
        };
        let row = |(at, row): (usize, &Json)| RowView {
            at,
            fields: fields
                .values()
                .filter_map(|field| {
                    self.field(
                        field,
                        &format!("{path}.{at}.{}", field.name),
                        row.get(&field.name).unwrap_or(&Json::Null),
                        false,
                    )
                })
                .collect(),
            removable: (given.len() > 1 || min == 0) && !settled(fields, row),
            line: settled(fields, row),
        };
        Control::Rows {
            rows: given.iter().enumerate().map(row).collect(),
            room: given.len() < max,
        }
    }

    fn remark_rows(&self, field: &Field, path: &str, json: &Json) -> Control {
        let empty = [Json::Null];
        let given = items(json);
        let given = if given.is_empty() { &empty[..] } else { given };
        // What was typed and is no share comes again as it was typed.
        let percent = |row: &Json, at: usize| {
            let share = row.get("at").and_then(|xy| xy.get(at));
            share.map_or_else(String::new, |share| {
                share.as_f64().map_or_else(|| plain(share), per_cent)
            })
        };
        let faulty =
            |at: usize, part: &str| self.errors.contains_key(&format!("{path}.{at}.{part}"));
        let row = |(at, row): (usize, &Json)| RemarkRow {
            at,
            targets: self
                .targets
                .iter()
                .map(|(code, title)| Opt {
                    code: code.clone(),
                    title: title.clone(),
                    on: row.get("pointer").and_then(Json::as_str) == Some(code),
                })
                .collect(),
            text: part(row, "text"),
            page: part(row, "page"),
            x: percent(row, 0),
            y: percent(row, 1),
            faulty: (faulty(at, "page"), faulty(at, "at")),
        };
        let rows: Vec<RemarkRow> = given.iter().enumerate().map(row).collect();
        let written: Vec<Remark> = given.iter().map(remark).collect();
        let mut sheets = self.sheets.clone();
        for sheet in sheets.iter_mut().flat_map(|file| &mut file.sheets) {
            sheet.aim = true;
            sheet.take(&written);
        }
        let pages = sheets.iter().flat_map(|file| &file.sheets);
        Control::Remarks {
            paged: pages.into_iter().any(|sheet| sheet.page.is_some())
                || rows.iter().any(|row| !row.page.is_empty()),
            rows,
            sheets,
            phrases: self.phrases(field),
        }
    }

    /// The phrases (定型文) that a field offers, in the order of their table.
    fn phrases(&self, field: &Field) -> Vec<Phrase> {
        let table = field
            .phrases
            .as_ref()
            .and_then(|name| self.show.service.tables.get(name));
        let rows = table.map(|table| kernel::tables::phrases(table, self.show.day));
        let phrase = |(title, text)| Phrase { title, text };
        rows.unwrap_or_default().into_iter().map(phrase).collect()
    }
}

/// A remark as a record or a form has it.
fn remark(one: &Json) -> Remark {
    let at = || {
        let xy = one.get("at")?.as_array()?;
        Some((xy.first()?.as_f64()?, xy.get(1)?.as_f64()?))
    };
    let page = one.get("page").and_then(Json::as_u64);
    Remark {
        pointer: part(one, "pointer"),
        text: part(one, "text"),
        page: page.and_then(|page| u32::try_from(page).ok()),
        at: at(),
    }
}

fn part(json: &Json, name: &str) -> String {
    json.get(name).map(plain).unwrap_or_default()
}

fn day(json: &Json) -> Control {
    let text = plain(json);
    match text.parse::<jiff::civil::Date>() {
        Ok(_) => Control::Day {
            iso: text,
            typed: String::new(),
        },
        Err(_) => Control::Day {
            iso: String::new(),
            typed: text,
        },
    }
}

fn line(
    value: String,
    kind: &'static str,
    mode: &'static str,
    complete: &'static str,
    max: usize,
    size: &'static str,
) -> Control {
    Control::Line {
        value,
        kind,
        mode,
        complete,
        max,
        unit: String::new(),
        size,
    }
}

fn collect(fields: &[FieldView], lines: &mut Vec<Summary>, paths: &mut Vec<String>) {
    for field in fields {
        paths.push(field.name.clone());
        let id = match &field.control {
            Control::Address { .. } => format!("{}-postal", field.id),
            Control::Day { .. } => format!("{}-day", field.id),
            Control::Radio { .. } => format!("{}-0", field.id),
            _ => field.id.clone(),
        };
        lines.extend(field.errors.iter().map(|text| Summary {
            id: id.clone(),
            text: text.clone(),
        }));
        if let Control::Rows { rows, .. } = &field.control {
            rows.iter()
                .for_each(|row| collect(&row.fields, lines, paths));
        }
    }
}

/// Whether a row was there before anybody typed: one of its fixed fields has a value.
fn settled(fields: &indexmap::IndexMap<String, Field>, row: &Json) -> bool {
    fields
        .values()
        .filter(|field| field.fixed)
        .any(|field| row.get(&field.name).is_some_and(|json| !show_blank(json)))
}
