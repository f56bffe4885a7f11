//! Guides: every question can be reached, every way ends soon enough, and what must be found is found.

use crate::diagnostic::{Sink, nearest};
use crate::guide::Answer;
use crate::model::{FieldKind, Guide, Options, RecordType, Service, Table};
use crate::yaml::Node;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The columns that the table of answers must have.
const OUTPUTS: [&str; 5] = ["answer", "next", "result", "open", "fills"];

pub(crate) fn check(head: &Node, service: &Service, today: Option<Date>, sink: &mut Sink) {
    for (key, node) in head.get("guides").map(Node::entries).unwrap_or_default() {
        let Some(guide) = service.guides.get(&key.name) else {
            continue;
        };
        if !shaped(node, guide, service, sink) {
            continue;
        }
        let Some(day) = today else { continue };
        let mut walk = Walk {
            guide,
            service,
            day,
            met: BTreeSet::new(),
            chosen: BTreeSet::new(),
            faults: Vec::new(),
        };
        walk.question(&guide.start, &mut Vec::new());
        walk.rest();
        for (code, fault) in walk.faults {
            sink.error(&key.at, code, fault)
                .hint("質問と答えの基準表を直してください。");
        }
    }
}

/// Whether the tables are there and have the columns.
fn shaped(node: &Node, guide: &Guide, service: &Service, sink: &mut Sink) -> bool {
    let mut sound = true;
    for (word, name) in [("questions", &guide.questions), ("answers", &guide.answers)] {
        if !service.tables.contains_key(name) {
            let known = service.tables.keys().map(String::as_str);
            sink.error(
                node.key_at(word),
                "unknown-table",
                format!("「{name}」という基準表はありません。"),
            )
            .hint_if(nearest(name, known));
            sound = false;
        }
    }
    let lists = std::iter::once(&guide.questions).chain(&guide.covers);
    for name in lists.filter(|name| service.tables.contains_key(*name)) {
        if !service
            .tables
            .get(name)
            .is_some_and(|table| table.is_code_list())
        {
            sink.error(
                &node.at,
                "no-code-list",
                format!("基準表「{name}」は、入力が code、結果に title のある表にしてください。"),
            );
            sound = false;
        }
    }
    let answers = service.tables.get(&guide.answers);
    let has = |table: &Arc<Table>, name: &str| table.outputs.iter().any(|(known, _)| known == name);
    if answers.is_some_and(|table| !OUTPUTS.iter().all(|name| has(table, name))) {
        sink.error(
            node.key_at("answers"),
            "guide-columns",
            format!(
                "答えの基準表には、結果の列 {} が要ります。",
                OUTPUTS.join("、")
            ),
        );
        sound = false;
    }
    sound
}

struct Walk<'a> {
    guide: &'a Guide,
    service: &'a Service,
    day: Date,
    met: BTreeSet<String>,
    chosen: BTreeSet<String>,
    faults: Vec<(&'static str, String)>,
}

impl Walk<'_> {
    fn fault(&mut self, code: &'static str, text: String) {
        if !self.faults.iter().any(|(_, known)| *known == text) {
            self.faults.push((code, text));
        }
    }

    fn question(&mut self, code: &str, way: &mut Vec<String>) {
        let told = || way.join(" → ");
        if way.iter().any(|known| known == code) {
            let text = format!("質問が回っています: {} → {code}", told());
            return self.fault("guide-circle", text);
        }
        if way.len() >= self.guide.taps {
            let text = format!("{}回では着きません: {} → {code}", self.guide.taps, told());
            return self.fault("guide-too-long", text);
        }
        if self.guide.question(self.service, self.day, code).is_none() {
            return self.fault(
                "guide-question",
                format!("「{code}」という質問がありません。"),
            );
        }
        self.met.insert(code.to_owned());
        let answers = self.guide.answers(self.service, self.day, code);
        if answers.is_empty() {
            self.fault(
                "guide-answers",
                format!("質問「{code}」に答えがありません。"),
            );
        }
        way.push(code.to_owned());
        for answer in answers {
            match (&answer.next, &answer.result) {
                (Some(next), None) => self.question(next, way),
                (None, Some(_)) => self.outcome(code, &answer),
                _ => self.fault(
                    "guide-answer",
                    format!(
                        "質問「{code}」の「{}」には、next か result のどちらか1つが要ります。",
                        answer.answer
                    ),
                ),
            }
        }
        way.pop();
    }

    fn outcome(&mut self, code: &str, answer: &Answer) {
        let Some(open) = &answer.open else { return };
        let Some(rt) = self.service.types.get(open).cloned() else {
            let text = format!(
                "質問「{code}」の「{}」: 「{open}」という記録の種類はありません。",
                answer.answer
            );
            return self.fault("unknown-type", text);
        };
        if !rt.actions.values().any(|action| action.opens) {
            let text = format!(
                "質問「{code}」の「{}」: 「{open}」を始める操作がありません。",
                answer.answer
            );
            self.fault("guide-open", text);
        }
        for (path, value) in &answer.fills {
            match options(&rt, path) {
                None => {
                    let text = format!(
                        "質問「{code}」の「{}」: 「{path}」という項目はありません。",
                        answer.answer
                    );
                    self.fault("unknown-field", text);
                }
                Some(Some(codes)) if !self.codes(&codes).contains(value) => {
                    let text = format!(
                        "質問「{code}」の「{}」: 「{path}」に「{value}」はありません。",
                        answer.answer
                    );
                    self.fault("unknown-option", text);
                }
                Some(_) => {
                    self.chosen.insert(value.clone());
                }
            }
        }
    }

    fn codes(&self, options: &Options) -> Vec<String> {
        match options {
            Options::Inline(titles) => titles.keys().cloned().collect(),
            Options::Table(name) => {
                let table = self.service.tables.get(name);
                let rows = table.map(|table| table.options_on(self.day));
                rows.unwrap_or_default()
                    .into_iter()
                    .map(|(code, _)| code)
                    .collect()
            }
        }
    }

    /// What the walk did not meet.
    fn rest(&mut self) {
        for code in self.codes(&Options::Table(self.guide.questions.clone())) {
            if !self.met.contains(&code) {
                let text = format!("質問「{code}」には、どの答えからも着きません。");
                self.fault("guide-unreached", text);
            }
        }
        for name in self.guide.covers.clone() {
            for code in self.codes(&Options::Table(name.clone())) {
                if !self.chosen.contains(&code) {
                    self.fault(
                        "guide-uncovered",
                        format!("基準表「{name}」の「{code}」に着く答えがありません。"),
                    );
                }
            }
        }
    }
}

/// The options of a field by its path (`field`, `rows.0.field`): none if there is no such field, none inside if it is
/// no choice.
fn options(rt: &RecordType, path: &str) -> Option<Option<Options>> {
    let mut parts = path.split('.');
    let mut field = rt.fields.get(parts.next()?)?;
    if let (FieldKind::Rows { fields, .. }, Some(_)) = (&field.kind, parts.next()) {
        field = fields.get(parts.next()?)?;
    }
    Some(match &field.kind {
        FieldKind::Choice(options) | FieldKind::Choices(options) => Some(options.clone()),
        _ => None,
    })
}
