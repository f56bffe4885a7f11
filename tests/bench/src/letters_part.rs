//! What a letter costs once the fonts are read: every letter with a verification code that the packages have, as PDF.

use crate::table::Table;
use anyhow::{Context as _, ensure};
use definition::model::{Document, RecordType, Service};
use definition::{Source, letter_samples, load};
use document::Typesetter;
use engine::{Letter, Press as _};
use jiff::civil::date;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Where `cargo xtask assets` puts the fonts.
const FONTS: &str = ".cache/assets/fonts";
/// Letters made, each with other words.
const LETTERS: u32 = 50;

/// Makes letters of each kind, one after another.
pub(crate) fn run(table: &mut Table) -> anyhow::Result<()> {
    let loaded = load(
        &Source::from_dir(Path::new("services")).context("services")?,
        date(2026, 11, 22),
    );
    let press = Typesetter::new(Path::new(FONTS));
    let mut kinds = 0;
    for service in loaded.catalogue.services.values() {
        let of_type = |rt: &Arc<RecordType>| {
            let all = rt.documents.values();
            let checked = all.filter(|document| document.verify.is_some());
            let checked: Vec<Document> = checked.cloned().collect();
            checked
                .into_iter()
                .map(|document| (Arc::clone(rt), document))
                .collect::<Vec<_>>()
        };
        for (rt, document) in service.types.values().flat_map(of_type) {
            let each = each_ms(&press, service, &rt, &document)?;
            let what = format!("letter {}/{}, PDF, warm", service.slug, document.name);
            table.add(what, format!("{each:.1} ms"), "< 30 ms");
            kinds += 1;
        }
    }
    ensure!(
        kinds > 0,
        "no package has a letter with a verification code"
    );
    Ok(())
}

fn each_ms(
    press: &Typesetter,
    service: &Service,
    rt: &RecordType,
    document: &Document,
) -> anyhow::Result<f64> {
    let make = |number: u32| {
        let pdf = press.pdf(&letter(service, rt, document, number));
        pdf.with_context(|| format!("letter {}", document.name))
    };
    make(0)?;
    let begun = Instant::now();
    for number in 1..=LETTERS {
        ensure!(make(number)?.starts_with(b"%PDF"), "no PDF");
    }
    Ok(begun.elapsed().as_secs_f64() * 1e3 / f64::from(LETTERS))
}

/// A letter that no other equals: every text of its data carries the number.
fn letter(service: &Service, rt: &RecordType, document: &Document, number: u32) -> Letter {
    let [mut data, _] = letter_samples(rt, document);
    for value in data
        .as_object_mut()
        .into_iter()
        .flat_map(|data| data.values_mut())
    {
        if let Some(text) = value.as_str() {
            *value = format!("{text}{number}").into();
        }
    }
    Letter {
        verify: Some(format!("https://example.jp/verify/AZ0example{number}")),
        ..document::sample(service, document, data, false)
    }
}
