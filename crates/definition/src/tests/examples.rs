use super::{TODAY, told};
use crate::diagnostic::Sink;
use crate::word::{PLACES, Place, Shape, Walk};
use crate::yaml::parse;
use crate::{Source, json_schema, load, manual};
use std::path::Path;

/// Compares a generated file, or writes it when `UPDATE=1`.
#[expect(
    clippy::disallowed_methods,
    reason = "the developer's own switch for this test"
)]
fn same(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    if std::env::var("UPDATE").is_ok() {
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        std::fs::write(&path, text).expect("write");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "{} is stale: UPDATE=1 cargo test -p definition",
        path.display()
    );
}

#[test]
fn the_manual_is_up_to_date() {
    same("docs/language/manual.md", &manual());
}

#[test]
fn the_editors_schema_is_up_to_date() {
    let text = serde_json::to_string_pretty(&json_schema()).expect("json");
    same("docs/language/schema.json", &format!("{text}\n"));
}

/// Fenced blocks of the manual: what stands after the language, and the text.
fn blocks(markdown: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in markdown.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some((
                    info.split_once(' ').map_or("", |(_, path)| path).to_owned(),
                    String::new(),
                ))
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, text)), None) => text.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    blocks
}

#[test]
fn the_manuals_files_load() {
    let files = blocks(&manual())
        .into_iter()
        .filter(|(path, _)| path.contains('/'));
    let source = Source::from_files(files);
    assert!(source.files.len() >= 4);
    let loaded = load(&source, TODAY);
    assert!(loaded.diagnostics.is_empty(), "{}", told(&loaded));
    assert_eq!(loaded.catalogue.services.len(), 1);
}

#[test]
fn the_example_of_every_kind_and_word_is_well_formed() {
    for info in PLACES {
        for (kind, word) in info.all_words() {
            let found = faults(info.place, kind, word.example);
            assert!(found.is_empty(), "{} {}: {found:?}", info.id, word.name);
            assert!(
                word.example.starts_with(&format!("{}:", word.name)),
                "{} {}",
                info.id,
                word.name
            );
            assert!(!word.ja.is_empty() && !word.en.is_empty());
        }
        for kind in info.kinds() {
            let found = faults(info.place, "", kind.example);
            assert!(found.is_empty(), "{} {}: {found:?}", info.id, kind.name);
        }
    }
}

/// Faults of a fragment but for what is missing around it.
fn faults(place: Place, kind: &str, example: &str) -> Vec<String> {
    let head = match (place, kind) {
        (_, "") => String::new(),
        (Place::Field, kind) => format!("type: {kind}\n"),
        (_, kind) if example.starts_with(&format!("{kind}:")) => String::new(),
        (_, kind) => format!("{kind}: x\n"),
    };
    let mut sink = Sink::default();
    let node = parse(
        "example.yaml",
        format!("{head}{example}\n").as_bytes(),
        &mut sink,
    )
    .expect("yaml");
    Walk::new(&mut sink).block(&node, place, "");
    sink.found
        .iter()
        .filter(|found| !matches!(found.code, "missing-word" | "unknown-kind"))
        .map(ToString::to_string)
        .collect()
}

#[test]
fn places_are_reached() {
    let mut reached: Vec<Place> = vec![
        Place::Service,
        Place::Record,
        Place::Table,
        Place::Publication,
        Place::Import,
        Place::Archetype,
        Place::Translation,
        Place::Demo,
        Place::StateSet,
        Place::FieldSet,
    ];
    for (_, word) in PLACES.iter().flat_map(crate::word::PlaceInfo::all_words) {
        if let Shape::Block(place) | Shape::Blocks(place) | Shape::Named(place) = word.shape {
            reached.push(place);
        }
    }
    assert!(PLACES.iter().all(|info| reached.contains(&info.place)));
}
