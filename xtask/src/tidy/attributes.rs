//! `attributes`: a lint that is switched off says why; `#[expect]` is preferred, since it goes when
//! it is no longer needed.

use super::finding::Finding;
use super::rust_text::code_only;
use super::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in tree.with_extension(&["rs"]) {
        let Some(text) = tree.text(path) else {
            continue;
        };
        findings.extend(unreasoned(&text).into_iter().map(|line| {
            Finding {
                rule: "attributes",
                path: path.to_owned(),
                line,
                message:
                    "switches a lint off without `reason = \"…\"`; prefer #[expect(…, reason = …)]"
                        .into(),
            }
        }));
    }
    findings
}

/// One-based lines of `allow` and `expect` attributes without a reason.
fn unreasoned(text: &str) -> Vec<usize> {
    let code = code_only(text);
    let mut lines = Vec::new();
    for opening in ["[allow(", "[expect("] {
        for (at, _) in code.match_indices(opening) {
            let is_attribute = code[..at].ends_with('#') || code[..at].ends_with("#!");
            let body = &code[at..];
            let end = body.find(")]").unwrap_or(body.len());
            if is_attribute && !body[..end].contains("reason") {
                lines.push(code[..at].matches('\n').count() + 1);
            }
        }
    }
    lines.sort_unstable();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn a_reason_is_asked_for_also_over_several_lines() {
        let text = "#[allow(dead_code)]\nfn a() {}\n#![allow(\n    dead_code,\n    reason = \"x\"\n)]\n\
                    #[expect(unused)]\nfn b() {}\n// #[allow(dead_code)]\nlet s = \"#[allow(x)]\";\n";
        assert_eq!(found(check, &[("a.rs", text)]), ["a.rs:1", "a.rs:7"]);
    }
}
