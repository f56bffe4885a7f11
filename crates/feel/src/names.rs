//! Names of several words, and the nearest known name.

use std::collections::BTreeSet;

use crate::{Env, Type, builtin};

/// Words that never begin a name.
pub(crate) const KEYWORDS: [&str; 17] = [
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "and",
    "or",
    "between",
    "true",
    "false",
    "null",
    "instance",
    "function",
];

/// What the parser must know to tell names of several words from words in a row.
pub(crate) struct Names {
    functions: BTreeSet<String>,
    phrases: BTreeSet<String>,
    /// The most words that a name has.
    pub(crate) longest: usize,
}

impl Names {
    pub(crate) fn of(env: &Env) -> Self {
        let mut functions: BTreeSet<String> =
            env.functions.keys().map(|name| normal(name)).collect();
        functions.extend(builtin::SPECS.iter().map(|spec| spec.name.to_owned()));
        let mut phrases = BTreeSet::new();
        for (name, ty) in &env.variables {
            phrase(name, &mut phrases);
            members(ty, &mut phrases);
        }
        for signature in env.functions.values() {
            signature
                .params
                .iter()
                .for_each(|(name, _)| phrase(name, &mut phrases));
            members(&signature.result, &mut phrases);
        }
        for context in env.types.values() {
            for (name, ty) in &context.fields {
                phrase(name, &mut phrases);
                members(ty, &mut phrases);
            }
        }
        let longest = functions
            .iter()
            .chain(&phrases)
            .map(|name| name.split(' ').count())
            .max()
            .unwrap_or(1);
        Self {
            functions,
            phrases,
            longest,
        }
    }

    pub(crate) fn is_function(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    pub(crate) fn is_phrase(&self, name: &str) -> bool {
        self.phrases.contains(name)
    }

    /// Learns a local name.
    pub(crate) fn learn(&mut self, name: &str) {
        phrase(name, &mut self.phrases);
        self.longest = self.longest.max(name.split(' ').count());
    }
}

/// Whether a name can be written in an expression: words of letters, digits and `_`, each
/// beginning with no digit and none of them a keyword, with one blank between. What declares
/// variables, members and functions should refuse every other name.
pub fn is_name(name: &str) -> bool {
    let word = |word: &str| {
        let begins = word.starts_with(|c: char| !c.is_ascii_digit());
        begins
            && word.chars().all(|c| c.is_alphanumeric() || c == '_')
            && word != "not"
            && !KEYWORDS.contains(&word)
    };
    name.split(' ').all(word)
}

/// One blank between the words.
pub(crate) fn normal(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn phrase(name: &str, into: &mut BTreeSet<String>) {
    if name.contains(char::is_whitespace) {
        into.insert(normal(name));
    }
}

fn members(ty: &Type, into: &mut BTreeSet<String>) {
    match ty {
        Type::List(of) | Type::Optional(of) | Type::Range(of) => members(of, into),
        Type::Context(context) => {
            for (name, ty) in &context.fields {
                phrase(name, into);
                members(ty, into);
            }
        }
        _ => {}
    }
}

/// The known name nearest to a mistyped one, at most a third of its letters away.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(64).collect();
    let bound = (wanted.len() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (distance(&wanted, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= bound && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance with swaps of neighbours counted once.
fn distance(wanted: &[char], candidate: &str) -> usize {
    let candidate: Vec<char> = candidate.to_lowercase().chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=candidate.len()).collect()];
    for (i, a) in wanted.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in candidate.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == candidate[j - 1] && wanted[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[wanted.len()][candidate.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile;

    #[test]
    fn a_good_name_can_be_read_and_a_bad_one_not() {
        for name in ["a", "施設 名称", "fee_2", "_x", "ー", "same place", "item"] {
            assert!(is_name(name), "{name}");
            let env = Env::new().variable(name, Type::Number);
            assert!(
                compile(&format!("{name} + 1"), &env, Some(&Type::Number)).is_ok(),
                "{name}"
            );
        }
        for name in [
            "",
            " ",
            "a  b",
            "2階",
            "a-b",
            "for",
            "date and time",
            "a 2",
            "not",
            "not yet",
            "食・品",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(
            nearest("muncipality", ["municipality", "locality"]),
            Some("municipality")
        );
        assert_eq!(nearest("aera", ["area", "era"]), Some("area"));
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("手数量", ["手数料", "備考"]), Some("手数料"));
    }
}
