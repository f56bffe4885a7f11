//! `sql`: SQL stands in the crate `store` only; everything above it speaks to the store's trait.

use super::finding::Finding;
use super::rust_text::literals_only;
use super::tree::Tree;

const HOME: &str = "crates/store/";

/// Openings of statements, in capitals, with a word that must follow somewhere in the literal's line.
const STATEMENTS: &[(&str, &str)] = &[
    ("SELECT ", " FROM "),
    ("INSERT INTO ", ""),
    ("INSERT OR ", " INTO "),
    ("UPDATE ", " SET "),
    ("DELETE FROM ", ""),
    ("CREATE TABLE ", ""),
    ("CREATE INDEX ", ""),
    ("CREATE UNIQUE INDEX ", ""),
    ("CREATE VIRTUAL TABLE ", ""),
    ("CREATE TRIGGER ", ""),
    ("ALTER TABLE ", ""),
    ("DROP TABLE ", ""),
    ("PRAGMA ", ""),
    ("BEGIN IMMEDIATE", ""),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in tree.with_extension(&["rs"]) {
        if path.starts_with(HOME) || !path.starts_with("crates/") {
            continue;
        }
        let Some(text) = tree.text(path) else {
            continue;
        };
        for (index, line) in literals_only(&text).lines().enumerate() {
            findings.extend(statement(line).map(|start| Finding {
                rule: "sql",
                path: path.to_owned(),
                line: index + 1,
                message: format!("`{start}…` outside {HOME}; ask the store's trait for it"),
            }));
        }
    }
    findings
}

/// Prose in small letters ("select one from the list") is no statement unless the literal opens with it.
fn statement(literals: &str) -> Option<&'static str> {
    let opens = literals
        .trim_start_matches([' ', '"', 'r', '#', '\\'])
        .to_uppercase();
    let is = |(start, then): &&(&str, &str)| {
        let in_capitals = literals.contains(start) && literals.contains(then);
        in_capitals || (opens.starts_with(start) && opens.contains(then))
    };
    STATEMENTS
        .iter()
        .find(is)
        .map(|(start, _)| start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn statements_outside_the_store_are_found() {
        let text = "let a = \"SELECT id FROM record\";\nlet b = \"select id from record\";\n\
                    // SELECT id FROM record\nlet c = r#\"\n  UPDATE record SET state = 1\"#;\n\
                    let d = \"please select one from the list\";\nlet e = \"INSERT INTO t\";\n";
        let files = [
            ("crates/web/src/a.rs", text),
            ("crates/store/src/a.rs", text),
        ];
        let places = ["1", "2", "5", "7"].map(|line| format!("crates/web/src/a.rs:{line}"));
        assert_eq!(found(check, &files), places);
    }

    #[test]
    fn the_bench_may_speak_sql_as_its_yardstick() {
        assert!(found(check, &[("tests/bench/src/bare.rs", "\"SELECT 1 FROM t\"")]).is_empty());
    }
}
