//! The words of the language. Each is described once: what may be written is checked against it, and the editors'
//! JSON Schema and the manual are printed from it.

mod action;
mod change;
mod closed;
mod document;
mod faces;
mod field;
mod files;
mod glass;
mod lists;
mod looked;
mod payment;
mod publication;
mod record;
mod retention;
mod service;
mod sharing;
mod walk;

pub(crate) use walk::{Prose, Walk, is_name};

/// One word of the grammar.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As it is written.
    pub name: &'static str,
    /// What may stand after it.
    pub shape: Shape,
    /// What it means, in Japanese.
    pub ja: &'static str,
    /// What it means, in English.
    pub en: &'static str,
    /// A fragment of YAML for its place.
    pub example: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

impl Word {
    pub(crate) const fn new(
        name: &'static str,
        shape: Shape,
        ja: &'static str,
        en: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            shape,
            ja,
            en,
            example,
            required: false,
        }
    }

    pub(crate) const fn needed(mut self) -> Self {
        self.required = true;
        self
    }
}

/// What may stand after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Japanese text shown to people; translations may exist.
    Prose,
    /// A list of such texts, or one.
    Proses,
    /// Text that is not translated.
    Text,
    /// A list of texts, or one.
    Texts,
    /// A name declared somewhere.
    Name,
    /// A list of names, or one.
    Names,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Several of these.
    SomeOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number, zero or more.
    Count,
    /// A list of whole numbers.
    Counts,
    /// A whole number that may be negative.
    Whole,
    /// A decimal number.
    Amount,
    /// An expression (FEEL).
    Expression,
    /// A list of expressions, or one.
    Expressions,
    /// Names to expressions.
    NamedExpressions,
    /// Headings to expressions.
    Columns,
    /// Headings of a file to expressions; part of a layout, never translated.
    Headings,
    /// Names to texts.
    NamedProse,
    /// Names to names that are not translated.
    NamedTexts,
    /// Names to texts that are not translated, one or many each.
    NamedLists,
    /// A map of the words of a place.
    Block(Place),
    /// A list of such maps.
    Blocks(Place),
    /// Names to such maps.
    Named(Place),
    /// Options of a choice: names to titles, a list of titles, `table(NAME)`, `services`, or `roles`.
    Options,
    /// `any`, or a list of fields.
    Form,
    /// A list of states, or `except` with a list.
    StateSet,
    /// `all`, or `only` or `except` with a list.
    FieldSet,
    /// Column names to column types.
    ColumnTypes,
    /// Anything.
    Any,
}

/// Where words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "described by `PlaceInfo`")]
pub enum Place {
    Service,
    Plan,
    Extend,
    Ledger,
    Route,
    Draft,
    Step,
    Message,
    Guide,
    Door,
    Review,
    Record,
    Number,
    Party,
    Invited,
    Field,
    Condition,
    Lookup,
    Child,
    State,
    Clock,
    Remind,
    Action,
    Assured,
    Change,
    Effect,
    Notify,
    Charge,
    Refund,
    Recall,
    Gateway,
    Document,
    Verify,
    See,
    StateSet,
    FieldSet,
    Outlook,
    Compare,
    Notes,
    Counter,
    Retention,
    Looked,
    Use,
    Gives,
    Ground,
    Closed,
    BreakGlass,
    Withheld,
    Measure,
    Index,
    Unique,
    View,
    Close,
    Table,
    Publication,
    Import,
    ImportParty,
    Archetype,
    Parameter,
    Translation,
    Demo,
    Act,
    Bulk,
    BulkFill,
    BulkOwner,
    BulkAct,
}

/// A place and its words.
#[derive(Clone, Copy, Debug)]
pub struct PlaceInfo {
    /// The place.
    pub place: Place,
    /// Stable id, also the anchor in the manual.
    pub id: &'static str,
    /// Heading.
    pub ja: &'static str,
    /// One sentence.
    pub en: &'static str,
    /// Words that may always stand there.
    pub words: &'static [Word],
    /// Further words, by kind.
    pub kinds: Kinds,
}

/// How a place's kinds are told apart.
#[derive(Clone, Copy, Debug)]
pub enum Kinds {
    /// It has none.
    None,
    /// By the value of a word (`type`).
    ByValue(&'static str, &'static [Kind]),
    /// By which word is there (`open`, `set`).
    ByWord(&'static [Kind]),
}

/// One kind.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name: the value, or the word that tells it.
    pub name: &'static str,
    /// What it means, in Japanese.
    pub ja: &'static str,
    /// What it means, in English.
    pub en: &'static str,
    /// Its own words.
    pub words: &'static [Word],
    /// A whole example.
    pub example: &'static str,
}

/// All places, in the order of the manual.
pub const PLACES: &[PlaceInfo] = &[
    service::SERVICE,
    service::PLAN,
    service::EXTEND,
    service::LEDGER,
    service::ROUTE,
    service::DRAFT,
    service::STEP,
    service::MESSAGE,
    service::GUIDE,
    service::DOOR,
    service::REVIEW,
    record::RECORD,
    record::NUMBER,
    record::PARTY,
    record::INVITED,
    field::FIELD,
    record::CONDITION,
    record::LOOKUP,
    record::CHILD,
    record::STATE,
    record::CLOCK,
    record::REMIND,
    action::ACTION,
    action::ASSURED,
    change::CHANGE,
    change::EFFECT,
    change::NOTIFY,
    payment::CHARGE,
    payment::REFUND,
    payment::RECALL,
    payment::GATEWAY,
    document::DOCUMENT,
    document::VERIFY,
    lists::SEE,
    lists::STATE_SET,
    lists::FIELD_SET,
    faces::OUTLOOK,
    faces::COMPARE,
    faces::NOTES,
    faces::COUNTER,
    retention::RETENTION,
    sharing::USE,
    sharing::GIVES,
    sharing::GROUND,
    looked::LOOKED,
    closed::CLOSED,
    glass::BREAK_GLASS,
    looked::WITHHELD,
    faces::MEASURE,
    lists::INDEX,
    lists::UNIQUE,
    lists::VIEW,
    lists::CLOSE,
    files::TABLE,
    publication::PUBLICATION,
    publication::IMPORT,
    publication::IMPORT_PARTY,
    files::ARCHETYPE,
    files::PARAMETER,
    files::TRANSLATION,
    files::DEMO,
    files::ACT,
    files::BULK,
    files::BULK_FILL,
    files::BULK_OWNER,
    files::BULK_ACT,
];

impl Place {
    /// Its description.
    #[must_use]
    pub fn info(self) -> &'static PlaceInfo {
        PLACES
            .iter()
            .find(|info| info.place == self)
            .unwrap_or(&service::SERVICE)
    }
}

impl PlaceInfo {
    /// The words of all kinds, with the kind's name (empty for those that always may stand there).
    pub fn all_words(&self) -> impl Iterator<Item = (&'static str, &'static Word)> {
        let kinds: &'static [Kind] = self.kinds();
        self.words.iter().map(|word| ("", word)).chain(
            kinds
                .iter()
                .flat_map(|kind| kind.words.iter().map(move |word| (kind.name, word))),
        )
    }

    /// Its kinds.
    #[must_use]
    pub fn kinds(&self) -> &'static [Kind] {
        match self.kinds {
            Kinds::None => &[],
            Kinds::ByValue(_, kinds) | Kinds::ByWord(kinds) => kinds,
        }
    }
}
