//! Index terms: bigrams over Japanese, prefixes of words elsewhere.

use super::key::search_key;

/// Longest prefix of a word in letters or digits that is kept as a term; a
/// longer word is found by its first 16 characters and the exact check.
pub const MAX_PREFIX_CHARS: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Kanji, kana, hangul, 外字: written without blanks.
    Japanese,
    /// Latin, Greek, Cyrillic letters and digits: written as words.
    Word,
    Separator,
}

/// The terms under which a text is indexed, without duplicates, in a stable order.
///
/// Any text may be given; it is folded here, and a [`search_key`] stays as it is.
/// - Each pair of neighbours in a Japanese run, also over one blank, and at the
///   border between Japanese and a word (`2020大会` has `0大`).
/// - A run of a single character: that character.
/// - Words: their prefixes of 2 to [`MAX_PREFIX_CHARS`] characters; a long number with
///   hyphens (`190-0023`) also without them.
///
/// The terms of a part of two or more characters of a Japanese run are a subset
/// of the terms of the whole.
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    terms_of_key(&search_key(text))
}

/// As [`terms`], for a text that is a [`search_key`] already: whoever keeps the key
/// too folds only once.
#[must_use]
pub fn terms_of_key(key: &str) -> Vec<String> {
    let mut marks = Marks::of(key);
    let mut found = Found::default();
    marks.pairs(true, &mut found);
    marks.singles(&mut found);
    let joined = marks.append_long_numbers();
    for (from, until) in marks.words().chain(joined) {
        let longest = (until - from).min(MAX_PREFIX_CHARS);
        for length in 2..=longest {
            found.words.push((from, from + length));
        }
    }
    found.into_terms(&marks.chars)
}

/// The terms that a text must **all** have to match `query`; none when the
/// query has nothing to search by.
///
/// A single character counts only when nothing longer is there to look for,
/// since inside a longer run it is no term; [`super::matches`] still checks it.
#[must_use]
pub fn query_terms(query: &str) -> Vec<String> {
    let key = search_key(query);
    let mut all = Vec::new();
    let mut singles = Vec::new();
    for word in key.split(' ') {
        let marks = Marks::of(word);
        let mut found = Found::default();
        marks.pairs(false, &mut found);
        for (from, until) in marks.words() {
            let length = (until - from).min(MAX_PREFIX_CHARS);
            // "20大" may be the end of "2020大会": its border pair stands in for it.
            let may_be_cut = from == 0 && marks.kind(until) == Kind::Japanese;
            if length > 1 && !may_be_cut {
                found.words.push((from, from + length));
            }
        }
        all.append(&mut found.into_terms(&marks.chars));
        let mut alone = Found::default();
        marks.singles(&mut alone);
        singles.append(&mut alone.into_terms(&marks.chars));
    }
    if all.is_empty() {
        all = singles;
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// A key as [`super::matches`] reads it a second time: without the blanks between
/// Japanese characters and without the hyphens of long numbers.
pub(super) fn joined(key: &str) -> String {
    let marks = Marks::of(key);
    let numbers = marks.long_numbers();
    let blank = |at: usize| marks.chars[at] == ' ' && at > 0 && marks.joins(at - 1, at + 1);
    let hyphen = |at: usize| {
        marks.chars[at] == '-'
            && numbers
                .iter()
                .any(|(from, until)| (*from..*until).contains(&at))
    };
    (0..marks.chars.len())
        .filter(|at| !blank(*at) && !hyphen(*at))
        .map(|at| marks.chars[at])
        .collect()
}

/// A number with hyphens of at least this many digits is also found without
/// them: 郵便番号 have 7, telephone numbers 10 or 11.
const LONG_NUMBER_DIGITS: usize = 7;

/// A key's characters with what each is.
struct Marks {
    chars: Vec<char>,
    kinds: Vec<Kind>,
}

impl Marks {
    fn of(key: &str) -> Self {
        let mut chars = Vec::with_capacity(key.len() / 2);
        chars.extend(key.chars());
        let mut kinds: Vec<Kind> = chars.iter().map(|c| kind(*c)).collect();
        // '-' is a long vowel beside Japanese, a hyphen elsewhere. Keys never have two in a row.
        for at in 0..chars.len() {
            let beside =
                |at: Option<usize>| at.and_then(|at| kinds.get(at)) == Some(&Kind::Japanese);
            if chars[at] == '-' && (beside(at.checked_sub(1)) || beside(Some(at + 1))) {
                kinds[at] = Kind::Japanese;
            }
        }
        Self { chars, kinds }
    }

    fn kind(&self, at: usize) -> Kind {
        self.kinds.get(at).copied().unwrap_or(Kind::Separator)
    }

    fn joins(&self, a: usize, b: usize) -> bool {
        self.kind(a) == Kind::Japanese && self.kind(b) == Kind::Japanese
    }

    fn pairs(&self, over_blanks: bool, found: &mut Found) {
        for at in 0..self.chars.len() {
            let (here, next) = (self.kind(at), self.kind(at + 1));
            let bordered = here != Kind::Separator && next != Kind::Separator;
            if bordered && (here == Kind::Japanese || next == Kind::Japanese) {
                found.pair(self.chars[at], self.chars[at + 1]);
            } else if over_blanks && self.chars.get(at + 1) == Some(&' ') && self.joins(at, at + 2)
            {
                found.pair(self.chars[at], self.chars[at + 2]);
            }
        }
    }

    fn singles(&self, found: &mut Found) {
        for at in 0..self.chars.len() {
            let here = self.kind(at);
            let same = |at: Option<usize>| at.is_some_and(|at| self.kind(at) == here);
            if here != Kind::Separator && !same(at.checked_sub(1)) && !same(Some(at + 1)) {
                found.words.push((at, at + 1));
            }
        }
    }

    /// Numbers in groups with single hyphens between them, as (start, end).
    fn long_numbers(&self) -> Vec<(usize, usize)> {
        let digit = |at: usize| self.chars.get(at).is_some_and(char::is_ascii_digit);
        let hyphen = |at: usize| self.chars.get(at) == Some(&'-') && digit(at + 1);
        let mut out = Vec::new();
        let mut end = 0;
        for (from, until) in self.words() {
            if from < end || !digit(from) {
                continue;
            }
            end = until;
            let mut digits = 0;
            let mut at = from;
            while digit(at) || (at > from && digit(at - 1) && hyphen(at)) {
                digits += usize::from(digit(at));
                at += 1;
            }
            end = end.max(at);
            if digits >= LONG_NUMBER_DIGITS && digits < at - from {
                out.push((from, at));
            }
        }
        out
    }

    /// Puts the long numbers without hyphens behind the text, where only the
    /// returned ranges speak of them.
    fn append_long_numbers(&mut self) -> Vec<(usize, usize)> {
        let numbers = self.long_numbers();
        let append = |(from, until)| {
            let start = self.chars.len();
            for at in from..until {
                if self.chars[at] != '-' {
                    self.chars.push(self.chars[at]);
                    self.kinds.push(Kind::Separator);
                }
            }
            (start, self.chars.len())
        };
        numbers.into_iter().map(append).collect()
    }

    /// Runs of [`Kind::Word`] as (start, end).
    fn words(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < self.kinds.len() && self.kinds[at] != Kind::Word {
                at += 1;
            }
            let from = at;
            while at < self.kinds.len() && self.kinds[at] == Kind::Word {
                at += 1;
            }
            (from < at).then_some((from, at))
        })
    }
}

/// Terms before they are written out: pairs packed into integers sort quickly.
#[derive(Default)]
struct Found {
    pairs: Vec<u64>,
    words: Vec<(usize, usize)>,
}

impl Found {
    fn pair(&mut self, a: char, b: char) {
        self.pairs
            .push(u64::from(a as u32) << 32 | u64::from(b as u32));
    }

    fn into_terms(mut self, chars: &[char]) -> Vec<String> {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        self.words
            .sort_unstable_by(|a, b| chars[a.0..a.1].cmp(&chars[b.0..b.1]));
        self.words
            .dedup_by(|a, b| chars[a.0..a.1] == chars[b.0..b.1]);
        let unpack = |half: u64| char::from_u32(half as u32).unwrap_or_default();
        let mut out = Vec::with_capacity(self.pairs.len() + self.words.len());
        for pair in self.pairs {
            let mut term = String::with_capacity(8);
            term.push(unpack(pair >> 32));
            term.push(unpack(pair & 0xFFFF_FFFF));
            out.push(term);
        }
        out.extend(
            self.words
                .into_iter()
                .map(|(from, until)| chars[from..until].iter().collect::<String>()),
        );
        out
    }
}

fn kind(c: char) -> Kind {
    match c {
        'a'..='z' | '0'..='9' => Kind::Word,
        '\0'..='\x7f' => Kind::Separator,
        '\u{3041}'..='\u{3096}' | '\u{3400}'..='\u{9fff}' | '々' | '〆' | '〇' | 'ゝ' | 'ゞ' => {
            Kind::Japanese
        }
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Kind::Japanese,
        '\u{80}'..='\u{2fff}' if c.is_alphanumeric() => Kind::Word,
        // A mark that composes with nothing belongs to the word before it.
        _ if unicode_normalization::char::is_combining_mark(c) => Kind::Word,
        _ if c.is_alphanumeric() => Kind::Japanese,
        _ => Kind::Separator,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn packing_keeps_astral_characters() {
        assert_eq!(super::terms("𠀋𠮷田"), ["吉田", "𠀋吉"]);
    }
}
