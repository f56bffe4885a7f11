//! The layouts of what is published are what others' programs rely on: the columns of every publication of every
//! running service stand in `tests/golden/publications/` (`UPDATE=1` writes them anew).
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use definition::model::Status;
use std::path::Path;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "UPDATE=1 is how golden files are written anew"
)]
fn every_layout_stands_in_its_golden_file() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/publications");
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    for service in common::catalogue().services.values() {
        if service.status != Status::Running {
            continue;
        }
        for publication in service.publications.values() {
            let columns = publication.columns.iter();
            let titles: Vec<&str> = columns.map(|column| column.title.as_str()).collect();
            let text = format!(
                "{} {} {}\n{}\n",
                titles.len(),
                publication.encoding,
                publication.file,
                titles.join("\n")
            );
            let file = golden.join(format!("{}.{}.txt", service.slug, publication.name));
            if update {
                std::fs::create_dir_all(&golden).unwrap();
                std::fs::write(&file, &text).unwrap();
            }
            let there = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(there, text, "{}", file.display());
        }
    }
}
