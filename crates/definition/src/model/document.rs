//! Letters.

use super::{ViewColumn, Who};
use feel::Typed;
use indexmap::IndexMap;

/// A letter about a record of the type.
#[derive(Clone, Debug)]
pub struct Document {
    /// Name.
    pub name: String,
    /// Title (営業許可書).
    pub title: String,
    /// Which of [`super::Service::templates`] it is made with.
    pub template: String,
    /// Who may have it, of those who see all that it reads; empty: all of those.
    pub who: Vec<Who>,
    /// States in which it is there; empty: in all.
    pub from: Vec<String>,
    /// It is there only while this holds.
    pub when: Option<Typed>,
    /// Language tag.
    pub language: String,
    /// What the template is given, by name.
    pub data: IndexMap<String, Typed>,
    /// The public page on which the paper is checked.
    pub verify: Option<Verify>,
    /// Whether an action issues it: then what is not issued yet is only a draft (案).
    pub issued: bool,
}

/// What the public page behind a letter's code says.
#[derive(Clone, Debug)]
pub struct Verify {
    /// Whether the letter is valid today.
    pub valid: Typed,
    /// What to say when it is not.
    pub says: Option<Typed>,
    /// Headings and values that everybody may know.
    pub show: Vec<ViewColumn>,
}

/// A template of letters (Typst), the package's own or an archetype's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Path relative to the services root, for findings.
    pub path: String,
    /// Source.
    pub text: String,
}
