//! Nothing in an address or a head of a file makes its reader panic.

use super::cursor;
use super::query::Query;
use crate::bind::Photo;
use fuzzed::{fuzz, fuzz_text};

#[test]
fn queries_and_cursors() {
    let seeds = [
        "filter=a%20%3D%201&limit=50",
        "as_of=2026-11-22&dry_run=true",
        "q=%E6%9F%B4&after=eyJ",
    ];
    fuzz_text(
        "queries",
        &seeds,
        &["&", "=", "%E3%81", "limit=", "as_of=", "+"],
        |text| {
            let _ = cursor::read("history", Some(text)).is_ok();
            let Ok(uri) = format!("/api/v1/x?{text}").parse() else {
                return;
            };
            if let Ok(query) =
                Query::read(&uri, &["filter", "limit", "as_of", "dry_run", "q", "after"])
            {
                let _ = (
                    query.limit().is_ok(),
                    query.flag("dry_run").is_ok(),
                    query.day("as_of").is_ok(),
                );
            }
        },
    );
}

#[test]
fn heads_of_photographs() {
    let upright = crate::bind::tests::head(640, 480, 6, true);
    let turned = crate::bind::tests::head(65_535, 1, 8, false);
    fuzz(
        "photographs",
        &[&upright, &turned],
        &["Exif\0\0", "II", "MM"],
        |bytes| {
            if let Some(photo) = Photo::read(bytes.to_vec()) {
                let _ = photo.shown();
            }
        },
    );
}
