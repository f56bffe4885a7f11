//! `security`: docs/security/asvs.md is what its source gives, and every piece of evidence is there, that of the threat model
//! too.

use super::finding::Finding;
use super::tree::Tree;
use crate::asvs::{PAGE, SOURCE, page, parts, read};

/// The threat model.
const THREATS: &str = "SECURITY.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(SOURCE) else {
        return Vec::new();
    };
    let mut findings = evidence(tree, &text);
    findings.extend(proofs(tree));
    let finding = |message: String| Finding {
        rule: "security",
        path: PAGE.to_owned(),
        line: 0,
        message,
    };
    match page(&text) {
        Err(fault) => findings.push(finding(format!("{fault:#}"))),
        Ok(made) if tree.text(PAGE).as_deref() != Some(&made) => {
            findings.push(finding(
                "is not what its source gives; run `cargo xtask asvs`".into(),
            ));
        }
        Ok(_) => {}
    }
    findings
}

fn evidence(tree: &Tree, text: &str) -> Vec<Finding> {
    let lines = read(text).unwrap_or_default();
    let missing = lines.iter().flat_map(|line| {
        let gone = line.evidence.iter().filter(|one| !stands(tree, one));
        gone.map(|one| Finding {
            rule: "security",
            path: SOURCE.to_owned(),
            line: line.number,
            message: format!("{one} is not there"),
        })
    });
    missing.collect()
}

/// What the threat model names as proof: all that stands between backticks in the last column of its table.
fn proofs(tree: &Tree) -> Vec<Finding> {
    let text = tree.text(THREATS).unwrap_or_default();
    let mut findings = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let row = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"));
        let proof = row
            .and_then(|row| row.rsplit(" | ").next())
            .unwrap_or_default();
        let named = proof.split('`').skip(1).step_by(2);
        findings.extend(named.filter(|one| !stands(tree, one)).map(|one| Finding {
            rule: "security",
            path: THREATS.to_owned(),
            line: number,
            message: format!("{one} is not there"),
        }));
    }
    findings
}

/// Whether a file, a folder, or a name in a file is there.
fn stands(tree: &Tree, evidence: &str) -> bool {
    let (path, name) = parts(evidence);
    let folder = format!("{path}/");
    match name {
        Some(name) => tree.text(path).is_some_and(|text| text.contains(name)),
        None => tree
            .paths()
            .any(|one| one == path || one.starts_with(&folder)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn evidence_that_is_not_there_is_found() {
        let text = "V1.1.1 | 2 | met | what | how | src/a.rs src/a.rs:it_holds src\nV1.1.2 | 2 | met | what | how | src/b.rs src/a.rs:it_fails\n";
        let threats = "| a | b | `src/c` | `src/a.rs:it_holds`, `src/a.rs:it_fails` |\n";
        let files = [
            (SOURCE, text),
            (THREATS, threats),
            ("src/a.rs", "fn it_holds() {}"),
        ];
        let found = found(check, &files);
        let at = format!("{SOURCE}:2");
        let threat = format!("{THREATS}:1");
        assert_eq!(found, [at.clone(), at, threat, PAGE.to_owned()]);
    }
}
