//! Trying every letter of a service before anybody waits for one.

use crate::Typesetter;
use definition::model::{Document, RecordType, Service};
use definition::{Diagnostic, Severity, letter_samples};
use engine::{Letter, LetterHead, PressFault};
use jiff::Timestamp;
use serde_json::Value as Json;
use std::sync::Arc;

/// Makes every letter of a service with samples: one in which everything is there, one in which all that may be absent
/// is. Both must compile, as PDF and as HTML. Fonts are not needed for it.
#[must_use]
pub fn check(press: &Typesetter, service: &Service) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for rt in service.types.values() {
        for document in rt.documents.values() {
            for (data, sparse) in letter_samples(rt, document).into_iter().zip([false, true]) {
                let letter = sample(service, document, data, sparse);
                for fault in press.try_out(&letter) {
                    let finding = finding(service, rt, document, fault, sparse);
                    if !found.contains(&finding) {
                        found.push(finding);
                    }
                }
            }
        }
    }
    found
}

/// A letter with these samples as its data; a `sparse` one is a draft without a code.
#[must_use]
pub fn sample(service: &Service, document: &Document, data: Json, sparse: bool) -> Letter {
    Letter {
        templates: Arc::clone(&service.templates),
        template: document.template.clone(),
        head: LetterHead {
            title: document.title.clone(),
            language: document.language.clone(),
            on: "令和8年11月22日".to_owned(),
            copy: (!sparse).then_some(1),
            mark: sparse.then_some("見本"),
        },
        data,
        verify: (!sparse && document.verify.is_some())
            .then(|| "https://example.jp/verify/AZ0example".to_owned()),
        at: Timestamp::UNIX_EPOCH,
    }
}

impl Typesetter {
    /// What is wrong with a letter's template, in both forms; none if nothing.
    fn try_out(&self, letter: &Letter) -> Vec<PressFault> {
        use typst::compile;
        let world = self.world(letter);
        let paged = compile::<typst_layout::PagedDocument>(&world).output.err();
        let html = compile::<typst_html::HtmlDocument>(&world).output.err();
        self.thin_out();
        let mut faults: Vec<PressFault> = Vec::new();
        for errors in paged.into_iter().chain(html) {
            let fault = world.fault(&errors);
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        faults
    }
}

fn finding(
    service: &Service,
    rt: &RecordType,
    document: &Document,
    fault: PressFault,
    sparse: bool,
) -> Diagnostic {
    let (file, line, column, message, hint) = match fault {
        PressFault::Template {
            file,
            line,
            column,
            message,
            hint,
        } => (file, line, column, message, hint),
        other => (String::new(), 1, 1, other.to_string(), None),
    };
    let template = service.templates.values().find(|known| known.path == file);
    let source_line = template.and_then(|known| known.text.lines().nth(line - 1));
    let when = if sparse {
        "（空かもしれないものがすべて空のとき）"
    } else {
        ""
    };
    Diagnostic {
        file,
        line,
        column,
        severity: Severity::Error,
        code: "letter",
        message: format!(
            "{}の文書「{}」を作れません{when}：{message}",
            rt.title, document.title
        ),
        hint: hint.or_else(|| sparse.then(|| "none のときを if で分けてください。".to_owned())),
        source_line: source_line.map(str::to_owned),
        width: 1,
    }
}
