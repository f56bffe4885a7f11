//! A field as the templates show it.

use crate::pages::show::FileShown;
use askama::Template;

/// More records than this to choose from are folded.
const MOST_OPEN: usize = 8;

/// One field, with its label, help, faults, remarks and control.
#[derive(Template)]
#[template(path = "form/field.html")]
pub(in crate::pages) struct FieldView {
    /// Path and name of the input: `trades.0.trade`.
    pub(in crate::pages) name: String,
    /// Id of the control, at which the summary of faults points.
    pub(in crate::pages) id: String,
    pub(in crate::pages) title: String,
    pub(in crate::pages) help: Option<String>,
    pub(in crate::pages) required: bool,
    /// Whether it stands in the form itself and not in a row: those say that they were on the form.
    pub(in crate::pages) top: bool,
    pub(in crate::pages) errors: Vec<String>,
    pub(in crate::pages) remarks: Vec<String>,
    pub(in crate::pages) control: Control,
}

/// How a field is entered.
pub(in crate::pages) enum Control {
    /// One line.
    Line {
        value: String,
        kind: &'static str,
        mode: &'static str,
        complete: &'static str,
        max: usize,
        unit: String,
        size: &'static str,
    },
    /// An individual number (個人番号): what stands there is never shown again, nor what was typed.
    Secret {
        /// Whether the record has one.
        given: bool,
        /// Whether one was typed and has to be typed again.
        again: bool,
    },
    /// Several lines.
    Area {
        value: String,
        max: usize,
        phrases: Vec<Phrase>,
    },
    /// A tick, with the words beside it.
    Tick { on: bool, words: String },
    /// One of a few.
    Radio { options: Vec<Opt> },
    /// One of many.
    Select { groups: Vec<Group> },
    /// Several.
    Ticks { options: Vec<Opt> },
    /// A day: by calendar, or typed with its era.
    Day { iso: String, typed: String },
    /// An instant.
    Moment { value: String },
    /// An address.
    Address {
        postal_code: String,
        groups: Vec<Group>,
        line: String,
        building: String,
        faulty: Vec<String>,
    },
    /// A person's name.
    Person {
        family: String,
        given: String,
        kana: String,
    },
    /// A bank account.
    Account {
        bank: String,
        branch: String,
        kind: String,
        number: String,
        holder: String,
    },
    /// Files.
    Files {
        kept: Vec<FileShown>,
        /// Sent before, for another record: id, name, size.
        earlier: Vec<(String, String, String)>,
        room: bool,
        many: bool,
        accept: String,
    },
    /// A repeating group.
    Rows { rows: Vec<RowView>, room: bool },
    /// Records that may be named, and whether naming one brings something along.
    Records {
        options: Vec<Opt>,
        many: bool,
        copies: bool,
    },
    /// A value that is there already: shown, and sent along as it is.
    Fixed { text: String, value: String },
    /// Remarks to fields and to points of pictures and pages.
    Remarks {
        rows: Vec<RemarkRow>,
        sheets: Vec<FileShown>,
        /// Whether a page may be named.
        paged: bool,
        phrases: Vec<Phrase>,
    },
    /// Computed: only shown.
    Computed { text: String, big: bool },
}

/// A phrase that may be inserted.
pub(in crate::pages) struct Phrase {
    pub(in crate::pages) title: String,
    pub(in crate::pages) text: String,
}

/// An option.
pub(in crate::pages) struct Opt {
    pub(in crate::pages) code: String,
    pub(in crate::pages) title: String,
    pub(in crate::pages) on: bool,
}

/// Options under a heading; none: without one.
pub(in crate::pages) struct Group {
    pub(in crate::pages) title: String,
    pub(in crate::pages) options: Vec<Opt>,
}

/// A row of a repeating group.
pub(in crate::pages) struct RowView {
    pub(in crate::pages) at: usize,
    pub(in crate::pages) fields: Vec<FieldView>,
    pub(in crate::pages) removable: bool,
    /// Whether it says what it is about by itself, as a line of a check sheet.
    pub(in crate::pages) line: bool,
}

/// A remark while it is written.
pub(in crate::pages) struct RemarkRow {
    pub(in crate::pages) at: usize,
    pub(in crate::pages) targets: Vec<Opt>,
    pub(in crate::pages) text: String,
    pub(in crate::pages) page: String,
    pub(in crate::pages) x: String,
    pub(in crate::pages) y: String,
    /// Whether something is wrong with the page, and with the point.
    pub(in crate::pages) faulty: (bool, bool),
}

impl FieldView {
    /// Whether the control is several inputs under one legend.
    fn grouped(&self) -> bool {
        matches!(
            self.control,
            Control::Radio { .. }
                | Control::Ticks { .. }
                | Control::Address { .. }
                | Control::Person { .. }
                | Control::Account { .. }
                | Control::Rows { .. }
                | Control::Records { many: true, .. }
                | Control::Remarks { .. }
                | Control::Day { .. }
        )
    }

    /// Records that stand openly, and those that are folded away: where there are many, what is chosen stands openly.
    fn parted<'a>(&self, options: &'a [Opt]) -> (Vec<&'a Opt>, Vec<&'a Opt>) {
        match options.len() > MOST_OPEN {
            true => options.iter().partition(|one| one.on),
            false => (options.iter().collect(), Vec::new()),
        }
    }

    /// The name of a remark's text.
    fn text_of(&self, row: usize) -> String {
        format!("{}.{row}.text", self.name)
    }

    /// Its id.
    fn id_of(&self, row: usize) -> String {
        format!("{}-{row}-text", self.id)
    }

    fn bad(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Whether a part of an address is at fault.
    fn part_bad(&self, part: &str) -> bool {
        matches!(&self.control, Control::Address { faulty, .. } if faulty.iter().any(|one| one == part))
    }

    /// Ids of what describes the control.
    fn described(&self) -> String {
        let parts = [
            (self.help.is_some(), "help"),
            (self.bad(), "error"),
            (!self.remarks.is_empty(), "remark"),
        ];
        parts
            .iter()
            .filter(|(there, _)| *there)
            .map(|(_, part)| format!("{}-{part}", self.id))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl FieldView {
    /// A line that only says something.
    pub(in crate::pages) fn said(name: &str, title: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: format!("f-said-{name}"),
            title: title.to_owned(),
            help: None,
            required: false,
            top: false,
            errors: Vec::new(),
            remarks: Vec::new(),
            control: Control::Computed {
                text: text.to_owned(),
                big: false,
            },
        }
    }

    /// Whether it may be folded away: optional, empty, with nothing said about it. A statement to agree to never is.
    pub(in crate::pages) fn foldable(&self) -> bool {
        let quiet = !self.required && self.errors.is_empty() && self.remarks.is_empty();
        quiet && self.empty() && !matches!(self.control, Control::Tick { .. })
    }

    /// Whether nothing stands in it yet.
    pub(in crate::pages) fn empty(&self) -> bool {
        match &self.control {
            Control::Line { value, .. }
            | Control::Area { value, .. }
            | Control::Moment { value } => value.is_empty(),
            Control::Fixed { .. } => false,
            Control::Tick { on, .. } => !on,
            Control::Secret { given, .. } => !given,
            Control::Radio { options }
            | Control::Ticks { options }
            | Control::Records { options, .. } => !options.iter().any(|one| one.on),
            Control::Select { groups } => !groups
                .iter()
                .flat_map(|group| &group.options)
                .any(|one| one.on),
            Control::Day { iso, typed } => iso.is_empty() && typed.is_empty(),
            Control::Address { line, groups, .. } => {
                line.is_empty()
                    || !groups
                        .iter()
                        .flat_map(|group| &group.options)
                        .any(|one| one.on)
            }
            Control::Person { family, .. } => family.is_empty(),
            Control::Account { number, .. } => number.is_empty(),
            Control::Files { kept, .. } => kept.is_empty(),
            Control::Rows { rows, .. } => rows.iter().all(|row| {
                row.fields
                    .iter()
                    .all(|field| matches!(field.control, Control::Computed { .. }) || field.empty())
            }),
            Control::Remarks { rows, .. } => rows.iter().all(|row| row.text.is_empty()),
            Control::Computed { .. } => false,
        }
    }
}
