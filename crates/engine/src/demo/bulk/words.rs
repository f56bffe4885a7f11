//! What `bulk` of a `demo.yaml` may say.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Many stories of one kind.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo) struct Bulk {
    /// How many.
    #[serde(default)]
    pub(super) count: usize,
    /// As many more as the type needs to have so many records in all, other stories and acts included.
    #[serde(default)]
    pub(super) fill: Option<Fill>,
    /// Days from today on which the first and the last story begin.
    pub(super) from: i64,
    pub(super) until: i64,
    /// The party whose records they become.
    pub(super) owner: Owner,
    /// Other parties by the name under which they act.
    #[serde(default)]
    pub(super) others: BTreeMap<String, Owner>,
    /// Generators by name.
    #[serde(default, rename = "let")]
    pub(super) generators: Map<String, Json>,
    pub(super) acts: Vec<BulkAct>,
}

impl Bulk {
    /// With the generators of all stories beneath its own.
    pub(in crate::demo) fn over(mut self, common: &Map<String, Json>) -> Self {
        let mut all = common.clone();
        all.append(&mut self.generators);
        self.generators = all;
        self
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fill {
    #[serde(rename = "type")]
    pub(super) record_type: String,
    pub(super) of: usize,
    /// Only records in these states count; all where there are none.
    #[serde(default)]
    pub(super) states: Vec<String>,
}

impl Fill {
    /// How many of what there is count.
    pub(super) fn there(&self, opened: &Opened) -> usize {
        let counts = |(kind, state): &(String, String)| {
            *kind == self.record_type && (self.states.is_empty() || self.states.contains(state))
        };
        let fitting = opened.iter().filter(|(of, _)| counts(of));
        fitting.map(|(_, many)| *many).sum()
    }
}

/// Records by type and state.
pub(super) type Opened = BTreeMap<(String, String), usize>;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Owner {
    pub(super) kind: String,
    pub(super) name: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkAct {
    /// Days after the act before it, from and to.
    #[serde(default)]
    pub(super) after: [i64; 2],
    /// The day itself, instead.
    #[serde(default)]
    pub(super) on: Option<Json>,
    /// `owner`, one of `others`, `system`, or a seat at the office of the record: `desk.examiner`.
    #[serde(rename = "as")]
    pub(super) by: String,
    /// An official's name.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// For whom an official opens a record: `owner` unless said.
    #[serde(default, rename = "for")]
    pub(super) on_behalf: Option<String>,
    /// Only in stories that drew one of these values for these names.
    #[serde(default)]
    pub(super) when: BTreeMap<String, Json>,
    #[serde(default, rename = "type")]
    pub(super) record_type: Option<String>,
    #[serde(default)]
    pub(super) record: Option<String>,
    pub(super) action: String,
    #[serde(default)]
    pub(super) input: Map<String, Json>,
    #[serde(default)]
    pub(super) save_as: Option<String>,
    /// A refusal ends the story and is no fault: two stories may want the same slot.
    #[serde(default)]
    pub(super) may_fail: bool,
}
