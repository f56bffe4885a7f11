//! A small package to begin with: what `tsumugi new` writes.

use std::collections::BTreeMap;

const SERVICE: &str = include_str!("scaffold/service.yaml");
const RECORD: &str = include_str!("scaffold/application.yaml");
const PAGE: &str = include_str!("scaffold/guide.md");
const README: &str = include_str!("scaffold/README.md");

/// The files of a new package by path inside its folder (`services/AREA/NUMBER-SLUG/`). It passes the check as it is: a
/// desk, one record type with draft, arrival, correction and end; or, with an archetype, what that brings.
#[must_use]
pub fn scaffold(slug: &str, title: &str, archetype: Option<&str>) -> BTreeMap<String, String> {
    // Single quotes, so that no title can break out of its line.
    let quoted = format!("'{}'", title.replace(['\n', '\r'], " ").replace('\'', "''"));
    let fill = |text: &str| {
        text.replace("@title@", &quoted)
            .replace("@plain@", title.trim())
            .replace("@slug@", slug)
    };
    let mut files = BTreeMap::from([
        ("README.md".to_owned(), fill(README)),
        ("pages/guide.md".to_owned(), fill(PAGE)),
    ]);
    match archetype {
        Some(archetype) => {
            let (facts, _) = SERVICE.split_once("roles:").unwrap_or((SERVICE, ""));
            files.insert(
                "service.yaml".to_owned(),
                format!(
                    "{}extends:\n  - {{ archetype: {archetype} }}\n",
                    fill(facts)
                ),
            );
        }
        None => {
            files.insert("service.yaml".to_owned(), fill(SERVICE));
            files.insert("records/application.yaml".to_owned(), fill(RECORD));
        }
    }
    files
}
