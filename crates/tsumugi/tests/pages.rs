//! Strangers' PDF files are drawn in a process apart: whatever becomes of that one, the product answers.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it must"
)]

use engine::{Engine, Failure, ManualClock};
use kernel::Actor;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use tsumugi::{Config, Demo, Running, start};

async fn running(data: &Path, program: &str) -> Running {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let at = "2026-11-22T09:00:00+09:00".parse().unwrap();
    let config = Config {
        program: Some(program.into()),
        ..Config::demo(
            data.to_path_buf(),
            root.join("services"),
            Demo::People,
            Arc::new(ManualClock::new(at)),
        )
    };
    start(config).await.unwrap()
}

async fn sender(engine: &Engine) -> Actor {
    let account = engine.account_by_login("business").await.unwrap();
    engine.actor(&account.unwrap(), None).unwrap()
}

/// A PDF of a catalogue and these objects.
fn pdf(objects: &[&str]) -> Vec<u8> {
    let mut text = String::from("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    for (at, object) in (2..).zip(objects) {
        let _ = write!(text, "{at} 0 obj\n{object}\nendobj\n");
    }
    // Without a table of places: readers look for the objects themselves.
    text.push_str("trailer\n<< /Root 1 0 R >>\n%%EOF\n");
    text.into_bytes()
}

const PAGES: &str = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";

fn page_with(form: &str) -> Vec<u8> {
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>";
    pdf(&[
        PAGES,
        page,
        "<< /Length 6 >>\nstream\n/I Do \nendstream",
        form,
    ])
}

/// The code with which a page of a file is refused; `shown` if it is not.
async fn told(engine: &Engine, actor: &Actor, content: Vec<u8>) -> String {
    let file = engine.upload(actor, "図面.pdf", content).await.unwrap();
    let made = engine.attachment_page(actor, file.id, (1, 640), |_| false);
    match made.await {
        Ok(made) => {
            assert!(made.content.unwrap().starts_with(b"\x89PNG"));
            "shown".into()
        }
        Err(Failure::Refused(refusal)) => match refusal.faults.first() {
            Some(fault) => fault.code.clone(),
            None => refusal.title,
        },
        Err(failure) => panic!("{failure:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_file_ends_its_own_process_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let product = running(folder.path(), env!("CARGO_BIN_EXE_tsumugi")).await;
    let engine = &product.engine;
    let actor = sender(engine).await;
    let plain = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 11 >>\nstream\n0 0 9 9 re f\nendstream";
    assert_eq!(told(engine, &actor, page_with(plain)).await, "shown");
    // Nested so deeply that its reader's stack overflows.
    let deep = format!("<< /Kids {}{} >>", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(told(engine, &actor, pdf(&[&deep])).await, "too_heavy");
    let locked = include_bytes!("../../document/fixtures/locked.pdf").to_vec();
    assert_eq!(told(engine, &actor, locked).await, "encrypted");
    let cut = b"%PDF-1.7\nnothing more".to_vec();
    assert_eq!(told(engine, &actor, cut).await, "broken");
    assert_eq!(told(engine, &actor, page_with(plain)).await, "shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_there_is_no_fault_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let product = running(folder.path(), "/nowhere/tsumugi").await;
    let actor = sender(&product.engine).await;
    let file = pdf(&[PAGES, "<< /Type /Page /Parent 2 0 R >>"]);
    let said = told(&product.engine, &actor, file).await;
    assert!(said.contains("いまはPDFのページを出せません"), "{said}");
}
