//! `length`: no source file over 700 lines. Long files hide what they do; split by what changes together.

use super::finding::Finding;
use super::tree::Tree;

const LIMIT_LINES: usize = 700;
const SOURCES: &[&str] = &["rs", "ts", "tsx", "js", "mjs", "cjs", "css", "html", "py"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let long = |path: &str| {
        let lines = tree.text(path)?.lines().count();
        (lines > LIMIT_LINES).then(|| Finding {
            rule: "length",
            path: path.to_owned(),
            line: 0,
            message: format!("{lines} lines; split it, {LIMIT_LINES} is the limit"),
        })
    };
    tree.with_extension(SOURCES).filter_map(long).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn the_limit_itself_passes_and_one_more_does_not() {
        let just = "//\n".repeat(LIMIT_LINES);
        let over = "//\n".repeat(LIMIT_LINES + 1);
        let files = [
            ("a.rs", just.as_str()),
            ("b.css", &over),
            ("b.rs", &over),
            ("d.csv", &over),
        ];
        assert_eq!(found(check, &files), ["b.css", "b.rs"]);
    }
}
