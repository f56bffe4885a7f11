//! A service's texts in another language, by the paths of its `i18n/TAG.yaml`.

use crate::Lang;
use definition::model::{Field, FieldKind, Options, RecordType, Service, Translation};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Most services kept in translation: more than are current, with pinned ones beside them.
const KEPT: usize = 512;

/// The text at a path in a language; the Japanese where there is no translation, or only a stale one.
pub(crate) fn t(service: &Service, lang: Lang, path: &str, japanese: &str) -> String {
    fresh(service, lang, path).unwrap_or(japanese).to_owned()
}

fn fresh<'a>(service: &'a Service, lang: Lang, path: &str) -> Option<&'a str> {
    let found: &Translation = service.translations.get(lang.tag())?.by_path.get(path)?;
    found.fresh.then_some(found.text.as_str())
}

/// The translation of a sentence whose path is not known: a refusal in the service's own words.
pub(crate) fn by_text(service: &Service, lang: Lang, japanese: &str) -> Option<String> {
    service.said_in(lang.tag(), japanese).map(str::to_owned)
}

/// Services with their texts replaced, by hash and language: made once each.
#[derive(Default)]
pub(crate) struct Localised(Mutex<HashMap<(String, &'static str), Arc<Service>>>);

impl Localised {
    /// The service as a reader of a language sees it. Names, rules and the hash stay.
    pub(crate) fn of(&self, service: &Arc<Service>, lang: Lang) -> Arc<Service> {
        if !service.translations.contains_key(lang.tag()) {
            return Arc::clone(service);
        }
        let key = (service.hash.clone(), lang.tag());
        let mut kept = self.0.lock();
        if let Some(found) = kept.get(&key) {
            return Arc::clone(found);
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let made = Arc::new(translated(service, lang));
        kept.insert(key, Arc::clone(&made));
        made
    }
}

/// Replaces texts in place, below a path.
struct Texts<'a> {
    service: &'a Service,
    lang: Lang,
}

impl Texts<'_> {
    fn put(&self, path: &str, text: &mut String) {
        if let Some(found) = fresh(self.service, self.lang, path) {
            found.clone_into(text);
        }
    }

    fn maybe(&self, path: &str, text: &mut Option<String>) {
        if let Some(text) = text {
            self.put(path, text);
        }
    }

    fn field(&self, path: &str, field: &mut Field) {
        self.put(&format!("{path}.title"), &mut field.title);
        self.maybe(&format!("{path}.help"), &mut field.help);
        match &mut field.kind {
            FieldKind::Number { unit, .. } => self.maybe(&format!("{path}.unit"), unit),
            FieldKind::Record(link) => self.maybe(&format!("{path}.start"), &mut link.start),
            FieldKind::Declaration { text } => self.put(&format!("{path}.text"), text),
            FieldKind::Choice(Options::Inline(titles))
            | FieldKind::Choices(Options::Inline(titles)) => {
                for (code, title) in titles {
                    self.put(&format!("{path}.options.{code}"), title);
                }
            }
            FieldKind::Rows { fields, .. } => {
                for (name, field) in fields {
                    self.field(&format!("{path}.fields.{name}"), field);
                }
            }
            _ => {}
        }
    }

    fn record(&self, path: &str, rt: &mut RecordType) {
        self.put(&format!("{path}.title"), &mut rt.title);
        self.maybe(&format!("{path}.help"), &mut rt.help);
        for (name, one) in &mut rt.parties {
            self.put(&format!("{path}.parties.{name}.title"), &mut one.title);
        }
        for (name, one) in &mut rt.fields {
            self.field(&format!("{path}.fields.{name}"), one);
        }
        for (name, one) in &mut rt.lookups {
            self.put(&format!("{path}.lookups.{name}.title"), &mut one.title);
        }
        for (name, one) in &mut rt.has {
            self.put(&format!("{path}.has.{name}.title"), &mut one.title);
        }
        for (name, one) in &mut rt.states {
            self.put(&format!("{path}.states.{name}.title"), &mut one.title);
            self.maybe(&format!("{path}.states.{name}.line"), &mut one.line);
        }
        for (name, one) in &mut rt.clocks {
            self.put(&format!("{path}.clocks.{name}.title"), &mut one.title);
        }
        for (name, one) in &mut rt.actions {
            self.put(&format!("{path}.actions.{name}.title"), &mut one.title);
            self.maybe(&format!("{path}.actions.{name}.confirm"), &mut one.confirm);
        }
        if let Some(gateway) = &mut rt.gateway {
            self.maybe(&format!("{path}.gateway.terms"), &mut gateway.terms);
        }
        for (name, one) in &mut rt.views {
            self.put(&format!("{path}.views.{name}.title"), &mut one.title);
        }
    }
}

fn translated(service: &Service, lang: Lang) -> Service {
    let texts = Texts { service, lang };
    let mut made = service.clone();
    texts.put("service.title", &mut made.title);
    texts.put("service.area", &mut made.area);
    texts.put("service.owner", &mut made.owner);
    texts.put("service.summary", &mut made.summary);
    texts.maybe("service.retention", &mut made.retention);
    let lists = [
        ("actors", &mut made.actors),
        ("legal_basis", &mut made.legal_basis),
        ("life_events", &mut made.life_events),
    ];
    for (word, list) in lists {
        for (at, text) in list.iter_mut().enumerate() {
            texts.put(&format!("service.{word}.{at}"), text);
        }
    }
    for (name, role) in &mut made.roles {
        texts.put(&format!("service.roles.{name}"), &mut role.title);
    }
    for (name, ledger) in &mut made.ledgers {
        texts.put(&format!("service.ledgers.{name}.title"), &mut ledger.title);
        texts.put(&format!("service.ledgers.{name}.unit"), &mut ledger.unit);
    }
    for (name, route) in &mut made.routes {
        texts.put(&format!("service.routes.{name}.title"), &mut route.title);
        for (at, step) in route.steps.iter_mut().enumerate() {
            texts.put(
                &format!("service.routes.{name}.steps.{at}.title"),
                &mut step.title,
            );
        }
    }
    for (name, guide) in &mut made.guides {
        texts.put(&format!("service.guides.{name}.title"), &mut guide.title);
        texts.maybe(&format!("service.guides.{name}.help"), &mut guide.help);
    }
    for (name, rt) in &mut made.types {
        texts.record(&format!("records.{name}"), Arc::make_mut(rt));
    }
    made
}
