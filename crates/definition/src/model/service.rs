//! One service.

use super::{Import, Publication, RecordType, Route, Table, Template};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A service: what one initiative offers. Content-addressed by `hash`.
#[derive(Clone, Debug)]
pub struct Service {
    /// The folder's name without its number.
    pub slug: String,
    /// SHA-256 (hex) over the package's files in canonical form, and those of what it extends.
    pub hash: String,
    /// Title in Japanese.
    pub title: String,
    /// Numbers of the plan's initiatives that it fulfils.
    pub initiatives: Vec<String>,
    /// 領域.
    pub area: String,
    /// Code of the plan's category, `01` to `06`.
    pub category: String,
    /// Whether it runs.
    pub status: Status,
    /// The bureau or office that owns it.
    pub owner: String,
    /// What it offers, in one to three sentences for a resident.
    pub summary: String,
    /// `residents`, `businesses`, `providers`, `hospitals`, `municipalities`, `staff`.
    pub audience: Vec<String>,
    /// Actors in the plan's words.
    pub actors: Vec<String>,
    /// Words that a resident would type.
    pub keywords: Vec<String>,
    /// Legal basis, a line each.
    pub legal_basis: Vec<String>,
    /// Life events under which the portal shows it.
    pub life_events: Vec<String>,
    /// How long records are kept, in words (保存期間).
    pub retention: Option<String>,
    /// Where the plan speaks of it.
    pub plan: Option<Plan>,
    /// Desk roles by name (`examiner`); an actor holds one through a seat.
    pub roles: IndexMap<String, Role>,
    /// Record types by name.
    pub types: IndexMap<String, Arc<RecordType>>,
    /// Tables by name, those of the registers included.
    pub tables: IndexMap<String, Arc<Table>>,
    /// Ledgers by name.
    pub ledgers: IndexMap<String, Ledger>,
    /// Routes (決裁) by name.
    pub routes: IndexMap<String, Route>,
    /// Record types after whose end the user review is asked; empty where it is switched off.
    pub review: Vec<String>,
    /// Messages by name.
    pub messages: IndexMap<String, Message>,
    /// Open data by name.
    pub publications: IndexMap<String, Arc<Publication>>,
    /// Imports by name.
    pub imports: IndexMap<String, Arc<Import>>,
    /// Questions that lead to what a person needs, by name.
    pub guides: IndexMap<String, Guide>,
    /// Headings under which what can be begun is listed, by name.
    pub doors: IndexMap<String, Door>,
    /// Pages that the public reads, by name (file stem).
    pub content: IndexMap<String, Content>,
    /// Templates of letters by file stem.
    pub templates: Arc<IndexMap<String, Template>>,
    /// Translations by language tag.
    pub translations: BTreeMap<String, Translations>,
}

/// Questions that lead a person to what they need: one question at a time, answers from a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// Name.
    pub name: String,
    /// Title (どの許可が要りますか).
    pub title: String,
    /// One sentence.
    pub help: Option<String>,
    /// The most answers that lead to an outcome.
    pub taps: usize,
    /// Code list of the questions.
    pub questions: String,
    /// Table of the answers: the input `question`, the outputs `answer`, `next`, `result`, `open`, `fills`.
    pub answers: String,
    /// Code of the first question.
    pub start: String,
    /// Code lists of which every code must be filled in by some outcome.
    pub covers: Vec<String>,
}

/// A heading of the service page and what is begun under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Name.
    pub name: String,
    /// Title (はじめて営業する方).
    pub title: String,
    /// One sentence.
    pub help: Option<String>,
    /// Record types, each of which a person can begin.
    pub records: Vec<String>,
}

/// Where the plan speaks of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The document (文書の名前).
    pub document: String,
    /// Page, counted from 1.
    pub page: Option<u32>,
    /// Kind of the initiative in the plan's words (`system`, `subsidy`).
    pub kind: Option<String>,
}

/// Honest state of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 運用中.
    Running,
    /// 準備中: facts only.
    Preparing,
    /// A register or archetype that other packages use; not in the catalogue.
    Register,
}

/// A desk role of the service.
#[derive(Clone, Debug)]
pub struct Role {
    /// Name, equal to the role of a seat.
    pub name: String,
    /// Title in Japanese (審査担当).
    pub title: String,
}

/// Keyed balances. The key and the amount are given where an action posts.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Unit shown after the amount (円, 席).
    pub unit: String,
    /// The balance less what is held may not fall below this.
    pub floor: Option<rust_decimal::Decimal>,
}

/// A message to a party or to the desk. `{{ expression }}` in subject and body is FEEL over the record.
#[derive(Clone, Debug)]
pub struct Message {
    /// Name.
    pub name: String,
    /// Subject, as literal parts and typed expressions.
    pub subject: Vec<Part>,
    /// Body, likewise.
    pub body: Vec<Part>,
    /// How much of it goes outside My Page.
    pub outside: Outside,
    /// Whether it is sent in quiet hours too.
    pub urgent: bool,
    /// Subject and body in other languages, where both have a fresh translation; by language tag.
    pub translated: BTreeMap<String, (Vec<Part>, Vec<Part>)>,
}

/// How much of a message goes outside My Page: by mail, SMS, LINE or push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// Subject and body.
    Full,
    /// That there is one, its subject if that names nobody, and the way to My Page.
    #[default]
    Short,
    /// Nothing: not even that there is one.
    None,
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text as it stands.
    Literal(String),
    /// An expression whose value is shown in the reader's manner (29,800円, 令和8年11月22日).
    Value(feel::Typed),
}

impl Part {
    /// Parts as they were written, with `{{ expression }}` unfilled.
    #[must_use]
    pub fn source(parts: &[Self]) -> String {
        parts
            .iter()
            .map(|part| match part {
                Self::Literal(text) => text.clone(),
                Self::Value(typed) => format!("{{{{{}}}}}", typed.source()),
            })
            .collect()
    }
}

/// A page that staff edit and the public reads, in Markdown.
#[derive(Clone, Debug)]
pub struct Content {
    /// File stem.
    pub name: String,
    /// First heading.
    pub title: String,
    /// Markdown.
    pub markdown: String,
}

impl Service {
    /// What a person can begin, under its headings in their order; what stands under none comes last, under no heading.
    #[must_use]
    pub fn beginnings(&self) -> Vec<(Option<&Door>, Vec<&Arc<RecordType>>)> {
        let mut groups = Vec::new();
        for door in self.doors.values() {
            let types = door.records.iter().filter_map(|name| self.types.get(name));
            groups.push((Some(door), types.collect()));
        }
        let named = |name: &String| self.doors.values().any(|door| door.records.contains(name));
        let rest = self.types.values();
        let rest: Vec<_> = rest
            .filter(|rt| rt.begun_by_people() && !named(&rt.name))
            .collect();
        if !rest.is_empty() {
            groups.push((None, rest));
        }
        groups
    }

    /// Whether people find it in the catalogue: a book behind other services fulfils no initiative.
    #[must_use]
    pub fn in_catalogue(&self) -> bool {
        self.status != Status::Register && !self.initiatives.is_empty()
    }

    /// The fresh translation of a Japanese text of the package, wherever it stands.
    #[must_use]
    pub fn said_in(&self, lang: &str, japanese: &str) -> Option<&str> {
        let hash = crate::build::short_hash(japanese);
        let said = self.translations.get(lang)?.by_hash.get(&hash);
        said.map(String::as_str)
    }
}

/// Translations of one language, by path (`types.application.fields.premises.title`).
#[derive(Clone, Debug, Default)]
pub struct Translations {
    /// By path.
    pub by_path: BTreeMap<String, Translation>,
    /// The fresh texts by the hash of the Japanese: each act says some, and does not look through all.
    pub(crate) by_hash: HashMap<String, String>,
}

/// One translated text with the hash of the Japanese that it translates; stale if that changed.
#[derive(Clone, Debug)]
pub struct Translation {
    /// The text.
    pub text: String,
    /// First 8 hex digits of SHA-256 of the Japanese.
    pub of: String,
    /// Whether `of` still fits; a stale one is not shown.
    pub fresh: bool,
}
