use crate::{Typesetter, check};
use definition::model::Template;
use definition::{Source, letter_samples, load};
use engine::{Letter, LetterHead, Press, PressFault};
use jiff::civil::date;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Fetched by `cargo xtask assets`.
fn fonts() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/assets/fonts");
    assert!(folder.is_dir(), "fetch the fonts first: cargo xtask assets");
    folder
}

fn letterhead() -> &'static str {
    include_str!("../../../services/_archetypes/letter/documents/letter.typ")
}

fn services() -> definition::Loaded {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    load(
        &Source::from_dir(&folder).expect("services"),
        date(2026, 11, 22),
    )
}

/// A letter of one template beside the letterhead.
fn letter(template: &str, data: Json) -> Letter {
    let file = |name: &str, text: &str| {
        let path = format!("x/documents/{name}.typ");
        let text = text.to_owned();
        (name.to_owned(), Template { path, text })
    };
    let templates = [file("letter", letterhead()), file("one", template)];
    Letter {
        templates: Arc::new(templates.into_iter().collect()),
        template: "one".into(),
        head: LetterHead {
            title: "見本の通知".into(),
            language: "ja".into(),
            on: "令和8年11月22日".into(),
            copy: Some(1),
            mark: None,
        },
        data,
        verify: Some("https://example.jp/verify/abc".into()),
        at: "2026-11-22T00:00:00Z".parse().unwrap(),
    }
}

const NOTICE: &str =
    "#import \"letter.typ\": *\n#show: sheet\n#heading-of[通知]\n#to(data.name)\n#verification()\n";

#[test]
fn every_letter_of_every_service_compiles() {
    let press = Typesetter::new(Path::new("/nowhere"));
    let loaded = services();
    let told: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    assert!(!loaded.has_errors(), "{}", told.join("\n"));
    let found: Vec<String> = loaded
        .catalogue
        .services
        .values()
        .flat_map(|service| check(&press, service))
        .map(|found| found.to_string())
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let letters = loaded.catalogue.services.values();
    let letters = letters.flat_map(|service| service.types.values());
    assert!(letters.map(|rt| rt.documents.len()).sum::<usize>() > 5);
}

#[test]
fn a_name_that_is_not_given_is_told_with_its_place() {
    let press = Typesetter::new(&fonts());
    let fault = press.pdf(&letter(
        &format!("{NOTICE}#data.nmae\n"),
        json!({"name": "花"}),
    ));
    let Err(PressFault::Template {
        file,
        line,
        column,
        message,
        ..
    }) = fault
    else {
        panic!("{fault:?}");
    };
    assert_eq!((file.as_str(), line), ("x/documents/one.typ", 6));
    assert!(column > 1 && message.contains("nmae"), "{column} {message}");
}

#[test]
fn other_files_and_the_network_are_out_of_reach() {
    let press = Typesetter::new(&fonts());
    for reach in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../../../etc/passwd\")",
        "#import \"@preview/example:0.1.0\": *",
        "#import \"other.typ\": *",
    ] {
        let fault = press.pdf(&letter(reach, json!({})));
        assert!(
            matches!(fault, Err(PressFault::Template { .. })),
            "{reach}: {fault:?}"
        );
    }
}

#[test]
fn a_character_that_no_font_has_is_named_with_its_field() {
    let press = Typesetter::new(&fonts());
    // U+10FFFD stands for a character of somebody's own making (外字).
    let fault = press.pdf(&letter(
        NOTICE,
        json!({"name": "田中\u{10fffd}子", "other": "よい"}),
    ));
    let missing = vec![("\u{10fffd}".to_owned(), "name".to_owned())];
    assert_eq!(fault, Err(PressFault::Missing(missing.clone())));
    let told = PressFault::Missing(missing).to_string();
    assert!(
        told.contains("U+10FFFD") && told.contains("「name」"),
        "{told}"
    );
    // Rare characters of names and a variant of one are there.
    for name in ["𠮷田", "髙﨑", "渡邉", "葛\u{e0100}飾"] {
        assert!(
            press.pdf(&letter(NOTICE, json!({ "name": name }))).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn without_fonts_it_says_how_to_get_them() {
    let fault = Typesetter::new(Path::new("/nowhere")).pdf(&letter(NOTICE, json!({"name": "花"})));
    assert_eq!(fault, Err(PressFault::NoFonts));
    assert!(
        PressFault::NoFonts
            .to_string()
            .contains("cargo xtask assets")
    );
}

#[test]
fn a_pdf_is_for_the_archive_tagged_and_the_same_each_time() {
    let press = Typesetter::new(&fonts());
    let letter = letter(NOTICE, json!({"name": "見本　花子"}));
    let pdf = press.pdf(&letter).expect("pdf");
    let has = |text: &str| {
        pdf.windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(pdf.starts_with(b"%PDF-1.7"));
    for text in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>U</pdfaid:conformance>",
        "/StructTreeRoot",
        "/MarkInfo",
        "/Marked true",
    ] {
        assert!(has(text), "{text}");
    }
    assert_eq!(pdf, press.pdf(&letter).expect("again"));
}

#[test]
fn html_has_the_same_words_and_no_styles() {
    let press = Typesetter::new(&fonts());
    let html = press
        .html(&letter(NOTICE, json!({"name": "<b>花子</b>"})))
        .expect("html");
    assert!(
        html.contains("<h1 class=\"letter-title\">通知</h1>"),
        "{html}"
    );
    assert!(html.contains("&lt;b>花子&lt;/b>　様"), "{html}");
    assert!(
        html.contains("href=\"https://example.jp/verify/abc\""),
        "{html}"
    );
    for banned in ["<script", "<style", "style=", "<html", "<body"] {
        assert!(!html.contains(banned), "{banned} in {html}");
    }
}

/// The same data with texts that fill lines and lists that fill pages.
fn long(data: &Json) -> Json {
    match data {
        Json::String(text) if text.contains('。') || text.contains("見本") => {
            Json::String(text.trim_end_matches('。').repeat(12))
        }
        Json::Array(items) => items
            .iter()
            .cycle()
            .take(items.len() * 12)
            .map(long)
            .collect(),
        Json::Object(members) => {
            let long = members
                .iter()
                .map(|(name, value)| (name.clone(), long(value)));
            Json::Object(long.collect())
        }
        other => other.clone(),
    }
}

/// Writes every letter with samples, short and long, to a folder, to be looked at: `LETTERS=FOLDER cargo test -p document`.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a person names the folder by a variable"
)]
fn letters_to_look_at() {
    let Some(folder) = std::env::var_os("LETTERS").map(PathBuf::from) else {
        return;
    };
    let press = Typesetter::new(&fonts());
    for service in services().catalogue.services.values() {
        for rt in service.types.values() {
            for document in rt.documents.values() {
                let [data, _] = letter_samples(rt, document);
                let name = format!("{}-{}-{}", service.slug, rt.name, document.name);
                for (name, data) in [(format!("{name}-long"), long(&data)), (name, data)] {
                    let mut letter = letter("", data);
                    letter.templates = Arc::clone(&service.templates);
                    letter.template = document.template.clone();
                    letter.head.title.clone_from(&document.title);
                    let pdf = press.pdf(&letter).expect("pdf");
                    eprintln!("{name}: {} bytes", pdf.len());
                    std::fs::write(folder.join(format!("{name}.pdf")), pdf).expect("write");
                    let html = press.html(&letter).expect("html");
                    std::fs::write(folder.join(format!("{name}.html")), html).expect("write");
                }
            }
        }
    }
}
