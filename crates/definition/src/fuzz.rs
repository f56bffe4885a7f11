//! No package makes its reader panic: whoever writes one is told what is wrong with it.

use crate::load_package;
use fuzzed::fuzz;
use std::collections::BTreeMap;
use std::path::Path;

fn reference(file: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services/_reference");
    std::fs::read(root.join(file)).unwrap()
}

/// Packages of one service and one more file, which is fuzzed.
fn one(name: &str, files: &[&str], place: &str, words: &[&str]) {
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| reference(file)).collect();
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    let service = reference("service.yaml");
    fuzz(name, &seeds, words, |bytes| {
        let mut files = BTreeMap::new();
        files.insert("reference/service.yaml".to_owned(), service.clone());
        files.insert(format!("reference/{place}"), bytes.to_vec());
        let _ = load_package(&files).is_ok();
    });
}

const YAML: &[&str] = &[
    "- ",
    "{ ",
    " }",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "? ",
    "|-\n",
    ">\n",
    "type: ",
    "required: true",
    "'",
    "table(",
    "  ",
];

#[test]
fn services() {
    one("service.yaml", &["service.yaml"], "service.yaml", YAML);
}

#[test]
fn record_types() {
    one(
        "records",
        &[
            "records/visit.yaml",
            "records/permit.yaml",
            "records/till.yaml",
        ],
        "records/visit.yaml",
        YAML,
    );
}

#[test]
fn tables() {
    one(
        "tables",
        &["tables/plots.csv", "tables/rates.csv"],
        "tables/plots.csv",
        &[",", "\"", "\n"],
    );
}
