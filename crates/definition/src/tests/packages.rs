use super::{TODAY, services, told};
use crate::build::build;
use crate::load::shared;
use crate::source::{service_folders, slug_of};
use crate::word::PLACES;
use crate::{Source, explain, load, load_package, package_files, scaffold};
use std::collections::BTreeSet;

#[test]
fn every_package_is_free_of_errors() {
    let loaded = load(&services(), TODAY);
    assert!(!loaded.has_errors(), "{}", told(&loaded));
    assert!(loaded.catalogue.services.len() > 150);
    assert!(loaded.catalogue.calendar.covers(TODAY));
}

#[test]
fn the_reference_uses_every_word() {
    let source = services();
    let mut sink = crate::diagnostic::Sink::default();
    let shared = shared(&source, None, &mut sink);
    let folder = service_folders(&source)
        .into_iter()
        .find(|folder| folder == "_reference/")
        .expect("reference");
    let used = build(&source, &folder, &shared, None).used;
    let unused: Vec<String> = PLACES
        .iter()
        .flat_map(|info| info.all_words().map(move |(kind, word)| (info, kind, word)))
        .filter(|(info, kind, word)| !used.contains(&(info.place, kind, word.name)))
        .map(|(info, kind, word)| format!("{} {kind} {}", info.id, word.name))
        .collect();
    assert!(unused.is_empty(), "{unused:#?}");
    let kinds: Vec<String> = PLACES
        .iter()
        .flat_map(|info| info.kinds().iter().map(move |kind| (info, kind)))
        .filter(|(info, kind)| !used.contains(&(info.place, kind.name, "")))
        .map(|(info, kind)| format!("{} {}", info.id, kind.name))
        .collect();
    assert!(kinds.is_empty(), "{kinds:#?}");
}

#[test]
fn a_published_package_loads_to_the_same() {
    let source = services();
    let loaded = load(&source, TODAY);
    for (slug, service) in &loaded.catalogue.services {
        let files = package_files(&source, slug);
        let again = load_package(&files).unwrap_or_else(|found| panic!("{slug}: {found:?}"));
        assert_eq!(again.hash, service.hash, "{slug}");
        // What the others offer, a package by itself does not know.
        let asks = |text: &Vec<u8>| {
            String::from_utf8_lossy(text).contains("options: services")
                || String::from_utf8_lossy(text).contains("options: roles")
        };
        if !files.values().any(asks) {
            assert_eq!(
                format!("{:?}", again.types),
                format!("{:?}", service.types),
                "{slug}"
            );
        }
        assert_eq!(
            again.tables.keys().collect::<BTreeSet<_>>(),
            service.tables.keys().collect::<BTreeSet<_>>()
        );
    }
    let hashes: BTreeSet<&String> = loaded
        .catalogue
        .services
        .values()
        .map(|service| &service.hash)
        .collect();
    assert_eq!(hashes.len(), loaded.catalogue.services.len());
}

#[test]
fn the_hash_follows_what_decides_and_nothing_else() {
    let mut source = services();
    let hash = |source: &Source| {
        load(source, TODAY).catalogue.services["reference"]
            .hash
            .clone()
    };
    let before = hash(&source);
    source
        .files
        .insert("_reference/README.md".into(), b"other".to_vec());
    assert_eq!(hash(&source), before);
    let archetype = source
        .files
        .get_mut("_archetypes/permit/records/permit.yaml")
        .expect("permit");
    archetype.extend_from_slice(b"# one more line\n");
    assert_ne!(hash(&source), before);
}

#[test]
fn explain_says_where_each_line_comes_from() {
    let text = explain(&services(), "reference").expect("reference");
    let line = |needle: &str| {
        text.lines()
            .find(|line| line.contains(needle))
            .unwrap_or_else(|| panic!("{needle}"))
            .trim()
            .to_owned()
    };
    assert!(line("satisfies v.state").contains("# from _reference/records/application.yaml:"));
    assert!(
        line("やめる届出がありました（").contains("やめる届出"),
        "parameters are filled in"
    );
    assert!(
        line("pattern: '花登-{fiscal_year}-{seq:05}'")
            .contains("# from _archetypes/permit/records/permit.yaml:4")
    );
    assert!(
        explain(&services(), "referense")
            .expect_err("unknown")
            .iter()
            .any(|found| found.hint.as_deref() == Some("「reference」ではありませんか。"))
    );
    for line in text
        .lines()
        .filter(|line| line.trim_start().starts_with("title:"))
    {
        assert!(line.contains("# from "), "{line}");
    }
}

#[test]
fn a_new_package_passes() {
    for archetype in [None, Some("permit"), Some("notification")] {
        let mut source = services();
        for (path, text) in scaffold("new-one", "新しい: 手続き 'その1'", archetype) {
            source
                .files
                .insert(format!("common/999-new-one/{path}"), text.into_bytes());
        }
        let loaded = load(&source, TODAY);
        assert!(!loaded.has_errors(), "{}", told(&loaded));
        assert_eq!(
            loaded.catalogue.services["new-one"].title,
            "新しい: 手続き 'その1'"
        );
    }
}

#[test]
fn slugs() {
    assert_eq!(slug_of("health/123-a-b/"), "a-b");
    assert_eq!(slug_of("_reference/"), "reference");
    assert_eq!(slug_of("x/24hours"), "24hours");
}

#[test]
fn inputs_have_schemas() {
    let loaded = load(&services(), TODAY);
    let service = &loaded.catalogue.services["reference"];
    let rt = &service.types["application"];
    let schema = crate::input_schema(service, rt, &rt.actions["submit"]);
    insta::assert_json_snapshot!("input_schema", schema);
    let draft = crate::input_schema(service, rt, &rt.actions["save"]);
    assert_eq!(draft["required"], serde_json::json!([]));
    assert!(
        draft["properties"].get("reasons").is_none(),
        "a draft takes nothing that only the desk enters"
    );
    assert_eq!(
        crate::type_schema(service, rt)["open_with"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

#[test]
fn classes_of_sight() {
    let loaded = load(&services(), TODAY);
    let classes: Vec<(String, String)> =
        loaded.catalogue.services["reference"].types["application"]
            .see
            .iter()
            .map(|rule| (rule.who.to_string(), rule.class.clone()))
            .collect();
    let expected = [
        ("applicant", "own"),
        ("aide", "own2"),
        ("desk.examiner", "office"),
        ("desk.chief", "office"),
        ("desk.approver", "office"),
        ("desk.inspector", "office"),
        ("desk.examiner", "office2"),
        ("desk.auditor", "all"),
        ("desk.auditor", "all"),
    ];
    assert_eq!(
        classes,
        expected.map(|(who, class)| (who.to_owned(), class.to_owned()))
    );
}
