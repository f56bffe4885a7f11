//! One field.

use super::{Assured, Condition, Part, SetField};
use feel::Typed;
use indexmap::IndexMap;
use rust_decimal::Decimal;

/// A field of a record or of a row.
#[derive(Clone, Debug)]
pub struct Field {
    /// Stable id: the first name it ever had.
    pub id: String,
    /// Name now.
    pub name: String,
    /// Title.
    pub title: String,
    /// Help under the title.
    pub help: Option<String>,
    /// Kind.
    pub kind: FieldKind,
    /// Needed (while shown) when an action of the form asks for it.
    pub required: bool,
    /// Shown, asked for and kept only while this holds.
    pub show_if: Option<Typed>,
    /// Computed: never entered.
    pub value: Option<Typed>,
    /// Value offered in an empty form.
    pub default: Option<Typed>,
    /// Further conditions, with what to say.
    pub checks: Vec<Condition>,
    /// What to say when it is needed and missing, instead of the general sentence.
    pub missing: Option<Vec<Part>>,
    /// Table of phrases that a desk may insert.
    pub phrases: Option<String>,
    /// Closed beyond role: shown only where a see rule names it.
    pub sensitive: bool,
    /// Once there, forms show it and take it back as it is.
    pub fixed: bool,
    /// Machinery: routes, filters and indexes read it, people do not. In a record's answer only where a see rule names it.
    pub internal: bool,
    /// It names the account of an official.
    pub official: Option<Box<OfficialRule>>,
    /// Desk roles that hand over open work of whoever it names (引継ぎ); none where it is not handed over.
    pub hands: Option<Vec<String>>,
}

impl Field {
    /// A field that is entered as it is: nothing computed, offered, hidden or checked further.
    #[must_use]
    pub fn plain(name: &str, title: &str, kind: FieldKind, required: bool) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
            title: title.to_owned(),
            help: None,
            kind,
            required,
            show_if: None,
            value: None,
            default: None,
            checks: Vec::new(),
            missing: None,
            phrases: None,
            sensitive: false,
            fixed: false,
            internal: false,
            official: None,
            hands: None,
        }
    }
}

/// Kinds of field. The JSON form of each value is given in brackets.
#[expect(missing_docs, reason = "each variant says what its members are")]
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// Text of one line, or of several [string].
    Text { multiline: bool, max_chars: usize },
    /// Exact number with so many decimals [number].
    Number {
        scale: u32,
        min: Option<Decimal>,
        max: Option<Decimal>,
        unit: Option<String>,
    },
    /// Whole yen [number].
    Yen {
        min: Option<Decimal>,
        max: Option<Decimal>,
    },
    /// Yes or no [boolean].
    Boolean,
    /// A statement that must be agreed to when required [boolean].
    Declaration { text: String },
    /// Civil day [`YYYY-MM-DD`].
    Date,
    /// A day known to the day, month or year [`YYYY`, `YYYY-MM`, `YYYY-MM-DD`].
    PartialDate,
    /// Instant [RFC 3339, shown in Asia/Tokyo].
    DateTime,
    /// One of the options [code].
    Choice(Options),
    /// Several of the options [array of codes].
    Choices(Options),
    /// A person's name, with kana and Latin letters where known [{`family`?, `given`?, `full`, `kana`?, `latin`?}].
    PersonName,
    /// Kana only, folded to full width [string].
    Kana,
    /// Mail address [string].
    Email,
    /// Telephone number [string].
    Phone,
    /// Postal code [`123-4567`].
    PostalCode,
    /// Address [{`postal_code`?, `municipality` (5 digits), `town`?, `line`, `building`?}].
    Address,
    /// Municipality [5 digits].
    Municipality,
    /// 法人番号 [13 digits].
    CorporateNumber,
    /// 個人番号 [entered: 12 digits; in a record: a reference; in answers: {`given`}]. The number itself lies in a vault.
    IndividualNumber(Box<IndividualRule>),
    /// Bank account as Zengin has it [{`bank`, `branch`, `kind`, `number`, `holder`}].
    Account,
    /// Uploaded files [array of upload ids].
    Files {
        min: usize,
        max: usize,
        media_types: Vec<String>,
        max_bytes: u64,
    },
    /// A repeating group [array of objects].
    Rows {
        fields: IndexMap<String, Field>,
        min: usize,
        max: usize,
    },
    /// A record of another type, or several of them [id, or array of ids].
    Record(Box<RecordLink>),
    /// Remarks pinned to fields or to a point of a drawing [array of {`pointer`, `text`, `page`?: of a PDF, from 1,
    /// `at`?: [x, y] in 0..1}].
    Remarks,
}

/// Options of a choice.
#[derive(Clone, Debug)]
pub enum Options {
    /// Written in the field: code to title.
    Inline(IndexMap<String, String>),
    /// A code list: a table with the input `code` and the output `title`.
    Table(String),
}

/// On what ground an individual number (個人番号) is asked for, and who may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndividualRule {
    /// The law that allows it (番号法 9条 and the item of its 別表), as it is shown.
    pub ground: String,
    /// Roles of officials who may read it.
    pub open: Vec<String>,
    /// What it may be read for: code to title.
    pub purposes: IndexMap<String, String>,
    /// How surely whoever reads it must be known; zero of both where nothing is demanded.
    pub assurance: Assured,
}

/// What a field that names records may name, and what it brings along.
#[derive(Clone, Debug)]
pub struct RecordLink {
    /// Record type of the same service.
    pub of: String,
    /// Most records; one: the value is an id, more: an array of ids.
    pub max: usize,
    /// What a record must be, over this record's names and `it`.
    pub condition: Option<Typed>,
    /// Lookup among whose records one is chosen; none: those that the actor may see.
    pub among: Option<String>,
    /// Values of fields of this record that are empty when it is chosen.
    pub copies: Vec<SetField>,
    /// Words on the named record that begin a record of this type.
    pub start: Option<String>,
}

/// Whom a field that names an official may name, and what is kept of them.
#[derive(Clone, Debug)]
pub struct OfficialRule {
    /// What the official must be, over `it` and the record's names, and what to say otherwise.
    pub condition: Condition,
    /// Values of fields of this record that are set whenever somebody is named, over `it`.
    pub copies: Vec<SetField>,
}

impl RecordLink {
    /// Whether it may name several.
    #[must_use]
    pub fn many(&self) -> bool {
        self.max > 1
    }
}

impl FieldKind {
    /// The rule of an individual number, if it is one.
    #[must_use]
    pub fn individual_rule(&self) -> Option<&IndividualRule> {
        match self {
            Self::IndividualNumber(rule) => Some(rule),
            _ => None,
        }
    }

    /// What it names, if it names records.
    #[must_use]
    pub fn record_link(&self) -> Option<&RecordLink> {
        match self {
            Self::Record(link) => Some(link),
            _ => None,
        }
    }
}
