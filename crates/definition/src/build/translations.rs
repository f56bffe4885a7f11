//! Translations by path, with the hash of the Japanese that they translate.

use crate::diagnostic::{Sink, nearest};
use crate::model::{Service, Translation, Translations};
use crate::package::{Parts, hex};
use crate::word::Prose;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Reads the translations; a missing or stale one is a warning, for then the Japanese shows.
pub(super) fn read(parts: &Parts, prose: &[Prose], service: &mut Service, sink: &mut Sink) {
    if parts.i18n.is_empty() {
        return;
    }
    let known: BTreeMap<&str, &str> = prose
        .iter()
        .map(|prose| (prose.path.as_str(), prose.text.as_str()))
        .collect();
    for (language, node) in &parts.i18n {
        let mut translations = Translations::default();
        for (key, item) in node.entries() {
            let (Some(text), Some(of)) = (item.string("text"), item.string("of")) else {
                continue;
            };
            let japanese = known.get(key.name.as_str());
            let fresh = japanese.is_some_and(|japanese| of == short_hash(japanese));
            match japanese {
                None => {
                    let near = nearest(
                        &key.name,
                        known
                            .keys()
                            .copied()
                            .filter(|path| path.split('.').count() == key.name.split('.').count()),
                    );
                    sink.warning(
                        &key.at,
                        "unknown-path",
                        format!("「{}」という文はありません。", key.name),
                    )
                    .hint_if(near);
                }
                Some(japanese) if !fresh => {
                    sink.warning(
                        &key.at,
                        "stale-translation",
                        format!(
                            "「{}」の日本語が変わったので、この訳は使われません。",
                            key.name
                        ),
                    )
                    .hint(format!(
                        "訳を見直し、of を {} にしてください。",
                        short_hash(japanese)
                    ));
                }
                Some(_) => {}
            }
            if fresh {
                let said = translations.by_hash.entry(of.clone());
                said.or_insert_with(|| text.clone());
            }
            translations
                .by_path
                .insert(key.name.clone(), Translation { text, of, fresh });
        }
        missing(language, node, prose, &translations, sink);
        service.translations.insert(language.clone(), translations);
    }
}

fn missing(
    language: &str,
    node: &crate::yaml::Node,
    prose: &[Prose],
    translations: &Translations,
    sink: &mut Sink,
) {
    let missing: Vec<&Prose> = prose
        .iter()
        .filter(|prose| !translations.by_path.contains_key(&prose.path))
        .collect();
    let Some(first) = missing.first() else { return };
    sink.warning(
        &node.at,
        "missing-translation",
        format!(
            "{language} の訳がない文が{}あります（「{}」など）。",
            missing.len(),
            first.path
        ),
    )
    .hint(format!(
        "{}: {{ text: …, of: {} }} のように足してください。",
        first.path,
        short_hash(&first.text)
    ));
}

/// First 8 hex digits of SHA-256.
pub(crate) fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
        .chars()
        .take(8)
        .collect()
}
