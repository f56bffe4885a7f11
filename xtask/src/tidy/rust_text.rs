//! Rust source told apart: code without comments and literals, and the string literals alone.
//!
//! A scanner, not a parser: it knows comments, strings, raw strings, byte strings and characters.

/// The source with comments and the contents of literals blanked; lines stay where they were.
pub(crate) fn code_only(text: &str) -> String {
    split(text, |kind| kind == Kind::Code)
}

/// The source with everything but the contents of string literals blanked.
pub(crate) fn literals_only(text: &str) -> String {
    split(text, |kind| kind == Kind::Literal)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

fn split(text: &str, keep: impl Fn(Kind) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (kind, length) = next(rest, text[..text.len() - rest.len()].chars().next_back());
        let (piece, after) = rest.split_at(length);
        if keep(kind) {
            out.push_str(piece);
        } else {
            // Blanked one for one, so that lines and columns hold.
            out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = after;
    }
    out
}

/// The kind and the length in bytes of the next piece.
fn next(rest: &str, before: Option<char>) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if rest.starts_with('"') {
        return (Kind::Literal, string(rest));
    }
    let inside_a_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if !inside_a_name && let Some(length) = raw_string(rest) {
        return (Kind::Literal, length);
    }
    if rest.starts_with('\'')
        && let Some(length) = character(rest)
    {
        return (Kind::Literal, length);
    }
    (Kind::Code, rest.chars().next().map_or(1, char::len_utf8))
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0_usize);
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let after_b = rest.strip_prefix('b').unwrap_or(rest);
    let after_r = after_b.strip_prefix('r')?;
    let body = after_r.trim_start_matches('#');
    let hashes = after_r.len() - body.len();
    let inner = body.strip_prefix('"')?;
    let start = rest.len() - inner.len();
    let end = format!("\"{}", "#".repeat(hashes));
    Some(
        inner
            .find(&end)
            .map_or(rest.len(), |at| start + at + end.len()),
    )
}

/// A character literal, as against a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = &rest[1..];
    if inner.starts_with('\\') {
        let end = inner[2..].find('\'')?;
        return Some(1 + 2 + end + 1);
    }
    let c = inner.chars().next()?;
    inner[c.len_utf8()..]
        .starts_with('\'')
        .then_some(1 + c.len_utf8() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_line_for_line() {
        let text = "let a = \"x // y\"; // note\nlet b = 'q'; /* a /* b */ c */ fn f<'a>() {}\n";
        let code = code_only(text);
        assert_eq!(code.lines().count(), 2);
        for gone in ["x // y", "note", "q", "b */"] {
            assert!(!code.contains(gone), "{gone} in {code}");
        }
        assert!(code.contains("fn f<'a>() {}"), "{code}");
    }

    #[test]
    fn escapes_and_raw_strings_end_where_they_end() {
        let text = r##"f("a\"b", r#"c"d"#, b"e", '\'', '"'); g("h")"##;
        let code = code_only(text);
        assert_eq!(code.split_whitespace().collect::<String>(), "f(,,b,,);g()");
        let literals = literals_only(text);
        for kept in [r#"a\"b"#, r#"c"d"#, "e", "h"] {
            assert!(literals.contains(kept), "{kept} in {literals}");
        }
        assert!(!literals.contains("g("));
    }
}
