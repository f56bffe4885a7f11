//! The envelope of the HTTP contract: a record as JSON, written straight from the view.

use crate::letters::{DocumentView, IssuedView};
use crate::route_line::{RouteLine, mark_json};
use crate::view::{ActionView, ComparisonView, RecordView, RelatedView, tokyo};
use jiff::civil::Date;
use kernel::{ClockState, PartyRef, RecordId};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The JSON Schema of an action's input with its text, made once per definition: a record's answer carries several,
/// and they are its larger part.
#[derive(Debug, PartialEq)]
pub struct Schema {
    /// As JSON.
    pub json: Json,
    /// As text.
    text: String,
}

impl Schema {
    pub(crate) fn new(json: Json) -> Arc<Self> {
        let text = json.to_string();
        Arc::new(Self { json, text })
    }
}

/// A record's answer without its actions is rarely longer.
const USUAL_BYTES: usize = 2_048;

/// Path of a record in the API.
#[must_use]
pub fn href(service: &str, record_type: &str, id: RecordId) -> String {
    format!("/api/v1/services/{service}/{record_type}/{id}")
}

impl RecordView {
    /// The envelope of the contract as text.
    ///
    /// # Errors
    /// None that the view's types can cause.
    pub fn body(&self) -> serde_json::Result<String> {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut bytes, &Envelope::of(self))?;
        let mut text = String::from_utf8(bytes).map_err(serde::ser::Error::custom)?;
        text.pop();
        text.push_str(",\"actions\":[");
        for (at, action) in self.actions.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            action.write(&mut text)?;
        }
        text.push_str("]}");
        Ok(text)
    }

    /// The envelope of the contract as JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        self.body()
            .and_then(|text| serde_json::from_str(&text))
            .unwrap_or_default()
    }
}

/// The envelope without the actions, which follow it.
#[derive(Serialize)]
struct Envelope<'a> {
    id: RecordId,
    service: &'a str,
    #[serde(rename = "type")]
    record_type: &'a str,
    number: &'a Option<String>,
    label: &'a Option<String>,
    state: &'a str,
    state_title: &'a str,
    line: &'a Option<String>,
    waits_for: &'a Option<String>,
    version: u64,
    authority: &'a Option<String>,
    office: &'a Option<String>,
    municipality: &'a Option<String>,
    fields: &'a BTreeMap<String, Json>,
    parties: &'a [PartyRef],
    clocks: &'a BTreeMap<String, ClockState>,
    due: Option<Date>,
    arrived_on: Option<Date>,
    route: Option<Route<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trail: Vec<Json>,
    parent: Option<Short<'a>>,
    children: Lists<'a>,
    links: Links<'a>,
    lookups: Lists<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disposed: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outlook: Option<Ahead<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    comparisons: Vec<Beside<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    starts: Vec<Start<'a>>,
    documents: Vec<Letter<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<&'a kernel::closed::Closing>,
    created_at: String,
    updated_at: String,
}

/// The day ahead.
#[derive(Serialize)]
struct Ahead<'a> {
    title: &'a str,
    value: Date,
    because: &'a str,
}

/// A comparison with one other record.
#[derive(Serialize)]
struct Beside<'a> {
    name: &'a str,
    title: &'a str,
    record: String,
    fields: Vec<Compared<'a>>,
}

/// One field of it.
#[derive(Serialize)]
struct Compared<'a> {
    field: &'a str,
    other: &'a str,
    own_value: Option<&'a Json>,
    other_value: Option<&'a Json>,
    verdict: kernel::compare::Verdict,
    reason: Option<&'static str>,
}

impl<'a> Beside<'a> {
    fn of(view: &'a RecordView, one: &'a ComparisonView) -> Self {
        let slug = &view.service.slug;
        let fields = one.lines.iter().map(|line| Compared {
            field: &line.field,
            other: &line.other,
            own_value: view.fields.get(&line.field),
            other_value: one.other.fields.get(&line.other),
            verdict: line.verdict,
            reason: line.reason,
        });
        Self {
            name: &one.name,
            title: &one.title,
            record: href(slug, &one.other.record_type.name, one.other.id),
            fields: fields.collect(),
        }
    }
}

impl<'a> Envelope<'a> {
    fn of(view: &'a RecordView) -> Self {
        let slug = view.service.slug.as_str();
        let route = view.route.as_ref();
        Self {
            id: view.id,
            service: slug,
            record_type: &view.record_type.name,
            number: &view.number,
            label: &view.label,
            state: &view.state,
            state_title: &view.state_title,
            line: &view.line,
            waits_for: &view.waits_for,
            version: view.version,
            authority: &view.authority,
            office: &view.office,
            municipality: &view.municipality,
            fields: &view.fields,
            parties: &view.parties,
            clocks: &view.clocks,
            due: view.due,
            arrived_on: view.arrived_on,
            route: route.map(|r| Route {
                action: &r.action,
                step: r.step,
                sent_back: &r.sent_back,
                title: view.route_line.as_ref().map(|line| line.title.as_str()),
                steps: view.route_line.as_ref().map(RouteLine::steps_json),
            }),
            trail: view.trail.iter().map(mark_json).collect(),
            parent: view
                .parent
                .as_ref()
                .map(|parent| Short { slug, view: parent }),
            children: Lists {
                slug,
                lists: &view.children,
            },
            links: Links {
                slug,
                lists: &view.links,
                pay: view.pay.as_deref(),
            },
            lookups: Lists {
                slug,
                lists: &view.lookups,
            },
            closed: view.closed.as_ref(),
            disposed: view.gone.iter().map(gone).collect(),
            outlook: view.outlook.as_ref().map(|o| Ahead {
                title: &o.title,
                value: o.day,
                because: &o.because,
            }),
            comparisons: view
                .comparisons
                .iter()
                .map(|one| Beside::of(view, one))
                .collect(),
            starts: view
                .starts
                .iter()
                .map(|start| Start {
                    title: &start.title,
                    record_type: &start.record_type,
                    field: &start.field,
                })
                .collect(),
            documents: Letter::all(view),
            created_at: tokyo(view.created_at),
            updated_at: tokyo(view.updated_at),
        }
    }
}

/// A record that may be begun from this one.
#[derive(Serialize)]
struct Start<'a> {
    title: &'a str,
    #[serde(rename = "type")]
    record_type: &'a str,
    field: &'a str,
}

#[derive(Serialize)]
struct Route<'a> {
    action: &'a str,
    step: usize,
    sent_back: &'a Option<String>,
    title: Option<&'a str>,
    steps: Option<Json>,
}

/// A letter that may be had, with its issues.
#[derive(Serialize)]
struct Letter<'a> {
    name: &'a str,
    title: &'a str,
    href: String,
    language: &'a str,
    draft: bool,
    issued: Vec<Issue>,
}

#[derive(Serialize)]
struct Issue {
    copy: u32,
    on: Date,
    href: String,
}

impl<'a> Letter<'a> {
    fn all(view: &'a RecordView) -> Vec<Self> {
        let base = href(&view.service.slug, &view.record_type.name, view.id);
        let one = |document: &'a DocumentView| {
            let href = format!("{base}/documents/{}", document.name);
            let issue = |issued: &IssuedView| Issue {
                copy: issued.copy,
                on: issued.on,
                href: format!("{href}?copy={}", issued.copy),
            };
            Self {
                name: &document.name,
                title: &document.title,
                language: &document.language,
                draft: document.draft,
                issued: document.issued.iter().map(issue).collect(),
                href,
            }
        };
        view.documents.iter().map(one).collect()
    }
}

/// A related record in short.
struct Short<'a> {
    slug: &'a str,
    view: &'a RelatedView,
}

impl Short<'_> {
    fn href(&self) -> String {
        href(self.slug, &self.view.record_type.name, self.view.id)
    }
}

impl Serialize for Short<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = self.view;
        let mut map = serializer.serialize_map(Some(9))?;
        map.serialize_entry("id", &view.id)?;
        map.serialize_entry("type", &view.record_type.name)?;
        map.serialize_entry("href", &self.href())?;
        map.serialize_entry("number", &view.number)?;
        map.serialize_entry("label", &view.label)?;
        map.serialize_entry("state", &view.state)?;
        map.serialize_entry("state_title", &view.state_title)?;
        map.serialize_entry("version", &view.version)?;
        map.serialize_entry("fields", &view.fields)?;
        map.end()
    }
}

/// A record that was disposed of, where another refers to it.
fn gone(one: &crate::GoneView) -> Json {
    serde_json::json!({
        "link": one.name, "id": one.id, "number": one.number, "title": one.title, "deed": one.deed.name(), "on": one.on,
    })
}

/// Related records by slot or name.
struct Lists<'a> {
    slug: &'a str,
    lists: &'a BTreeMap<String, Vec<RelatedView>>,
}

impl Serialize for Lists<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.lists.len()))?;
        for (name, found) in self.lists {
            let short: Vec<Short<'_>> = found
                .iter()
                .map(|view| Short {
                    slug: self.slug,
                    view,
                })
                .collect();
            map.serialize_entry(name, &short)?;
        }
        map.end()
    }
}

/// Addresses of linked records: one link is its address, several are a list of addresses.
struct Links<'a> {
    slug: &'a str,
    lists: &'a BTreeMap<String, Vec<RelatedView>>,
    /// The page on which the actor can pay.
    pay: Option<&'a str>,
}

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map =
            serializer.serialize_map(Some(self.lists.len() + usize::from(self.pay.is_some())))?;
        for (name, found) in self.lists {
            let links = found.iter().map(|view| {
                Short {
                    slug: self.slug,
                    view,
                }
                .href()
            });
            map.serialize_entry(name, &OneOrMany(links.collect()))?;
        }
        if let Some(pay) = self.pay {
            map.serialize_entry("pay", pay)?;
        }
        map.end()
    }
}

struct OneOrMany(Vec<String>);

impl Serialize for OneOrMany {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let [only] = self.0.as_slice() {
            return serializer.serialize_str(only);
        }
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for one in &self.0 {
            list.serialize_element(one)?;
        }
        list.end()
    }
}

impl ActionView {
    fn write(&self, text: &mut String) -> serde_json::Result<()> {
        text.push_str("{\"name\":");
        text.push_str(&serde_json::to_string(&self.name)?);
        text.push_str(",\"title\":");
        text.push_str(&serde_json::to_string(&self.title)?);
        if self.batch {
            text.push_str(",\"batch\":true");
        }
        if let Some(short) = &self.short {
            text.push_str(",\"needs_assurance\":");
            text.push_str(&serde_json::to_string(short)?);
        }
        if let Some(schema) = &self.input_schema {
            text.push_str(",\"input_schema\":");
            text.push_str(&schema.text);
        }
        text.push('}');
        Ok(())
    }
}
