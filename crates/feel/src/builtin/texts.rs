//! Functions over texts, and the bounded regular expressions.

use std::{cell::RefCell, collections::BTreeMap};

use regex::{Regex, RegexBuilder};

/// Compiled size of one pattern in bytes: a pattern comes from an author, not from a citizen, but
/// may be wrong.
const PATTERN_BYTES: usize = 1 << 20;
const KEPT_PATTERNS: usize = 64;

thread_local! {
    /// Patterns are few and used for every record: compiling costs a thousand matches.
    static PATTERNS: RefCell<BTreeMap<(String, String), Regex>> = const { RefCell::new(BTreeMap::new()) };
}

/// The regular expression of a pattern and XPath's flags `i`, `m`, `s`, `x`, or what is wrong.
pub(crate) fn pattern(pattern: &str, flags: &str) -> Result<Regex, String> {
    let key = (pattern.to_owned(), flags.to_owned());
    if let Some(known) = PATTERNS.with_borrow(|patterns| patterns.get(&key).cloned()) {
        return Ok(known);
    }
    if let Some(odd) = flags.chars().find(|flag| !"imsx".contains(*flag)) {
        return Err(format!(
            "正規表現の指定「{odd}」はありません。i、m、s、x を使ってください。"
        ));
    }
    let made = RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .build()
        .map_err(|_| format!("正規表現「{pattern}」の書き方が違います。"))?;
    PATTERNS.with_borrow_mut(|patterns| {
        if patterns.len() >= KEPT_PATTERNS {
            patterns.clear();
        }
        patterns.insert(key, made.clone());
    });
    Ok(made)
}

/// XPath's `$1` is `${1}` for the regex crate, which would read `$1a` as a group named `1a`.
pub(crate) fn replacement(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek().copied()) {
            ('$', Some(digit)) if digit.is_ascii_digit() => {
                out.push_str(&format!("${{{digit}}}"));
                rest.next();
            }
            ('\\', Some(escaped @ ('$' | '\\'))) => {
                out.push_str(if escaped == '$' { "$$" } else { "\\" });
                rest.next();
            }
            ('$', _) => out.push_str("$$"),
            (other, _) => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_numbered_as_in_xpath() {
        let found = pattern("([a-z])([0-9])", "").unwrap();
        assert_eq!(
            found.replace_all("a1", replacement("$2a$1").as_str()),
            "1aa"
        );
        assert_eq!(
            found.replace_all("a1", replacement(r"\$1 $").as_str()),
            "$1 $"
        );
        assert!(pattern("(", "").is_err());
        assert!(pattern("a", "q").is_err());
        assert!(pattern("(a{1000}){1000}", "").is_err());
    }
}
