//! The search key of a text.

use super::variant::common_form;
use unicode_normalization::UnicodeNormalization as _;

/// `text` as search compares it. Folding twice gives the same as folding once.
///
/// - NFKC: half and full width, ligatures such as ㈱, compatibility forms; lower case.
/// - Katakana become **hiragana** (`サイトウ` and `さいとう` are one word).
/// - Hyphens, dashes and the long-vowel mark become one `-`; repeated ones collapse.
/// - 旧字 and 異体字 become the common form (髙 → 高, 邉 → 辺); variation selectors go.
/// - ヶ, and ケ between two kanji, become `が`, before a counter (月 所 国 年 条) `か`:
///   霞ヶ関 = 霞ケ関 = 霞が関, 三ヶ月 = 三か月. At the very edge of a text ケ stays `け`.
/// - White space and control characters collapse to one blank; none at the ends.
#[must_use]
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    if fold_into(&mut key, text.chars()) {
        return key;
    }
    // Rare characters: removing or mapping one may let its neighbours compose,
    // hence until nothing changes; one round is usual.
    let mut current = text.to_owned();
    for _ in 0..MAX_ROUNDS {
        key.clear();
        fold_into(&mut key, normalised(&current).chars());
        if key == current || key.chars().all(|c| simple(c) == Some(c)) {
            break;
        }
        current.clone_from(&key);
    }
    key
}

/// NFKC, lower case, nothing ignorable; only where characters are not simple,
/// each such stretch with the one character before it that it may compose with.
fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c| simple(c).is_none()) {
        let begin = rest[..start]
            .char_indices()
            .next_back()
            .map_or(0, |(at, _)| at);
        let length = rest[start..]
            .find(|c| simple(c).is_some())
            .unwrap_or(rest.len() - start);
        let (stretch, after) = rest.split_at(start + length);
        let (before, stretch) = stretch.split_at(begin);
        out.push_str(before);
        out.extend(
            stretch
                .nfkc()
                .filter(|c| !is_ignorable(*c))
                .flat_map(char::to_lowercase),
        );
        rest = after;
    }
    out.push_str(rest);
    out
}

/// More rounds than any text was seen to need; a bound, not a target.
const MAX_ROUNDS: usize = 8;

/// Appends the folded characters; `false` when one of them wants normalising first.
fn fold_into(key: &mut String, chars: impl Iterator<Item = char>) -> bool {
    let mut all_simple = true;
    let mut previous = ' ';
    let mut chars = chars.peekable();
    while let Some(raw) = chars.next() {
        let folded = match raw {
            'ヶ' => small_ke(chars.peek()),
            'ケ' if is_kanji(previous) && chars.peek().is_some_and(|c| is_kanji(*c)) => {
                small_ke(chars.peek())
            }
            _ => simple(raw).unwrap_or_else(|| {
                all_simple = false;
                common_form(raw)
            }),
        };
        let collapses = folded == previous && matches!(folded, ' ' | '-');
        if !collapses {
            key.push(folded);
        }
        previous = folded;
    }
    if key.ends_with(' ') {
        key.pop();
    }
    all_simple
}

fn small_ke(next: Option<&char>) -> char {
    match next {
        Some('月' | '所' | '国' | '國' | '年' | '条' | '條') => 'か',
        _ => 'が',
    }
}

/// The folded form of a character that needs no look at its neighbours.
///
/// Only what NFKC leaves alone by itself may stand here; whatever may compose
/// with the character before it (marks, jamo) is not simple.
fn simple(c: char) -> Option<char> {
    let shifted = |by: u32| char::from_u32((c as u32).wrapping_sub(by));
    match c {
        'ー' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' | '－' | '⁃' | '➖' | '-' => {
            Some('-')
        }
        '〜' | '～' => Some('~'),
        '①'..='⑨' => char::from_u32(c as u32 - '①' as u32 + '1' as u32),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        '!'..='~' => Some(c),
        '\0'..=' ' | '\u{7f}'..='\u{a0}' | '\u{3000}' => Some(' '),
        'ァ'..='ヴ' | 'ヵ' | 'ヽ' | 'ヾ' => shifted(0x60),
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' | '、'..='〛' | '・' => Some(c),
        '‘'..='”' | '†' | '‡' | '•' | '※' | '←'..='⇿' | '■'..='⛿' => Some(c),
        '！'..='＿' | '｀'..='｝' => shifted(0xFEE0).map(|c| c.to_ascii_lowercase()),
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Some(common_form(c)),
        _ => None,
    }
}

/// Kanji, and the signs that stand for one.
pub(super) fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Variation selectors (葛󠄀 is 葛), zero-width characters, soft hyphen, byte-order mark.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::{fold_into, is_ignorable, normalised, search_key, simple};
    use proptest::prelude::*;
    use unicode_normalization::{UnicodeNormalization as _, char::canonical_combining_class};

    /// Every character there is: the quick way and the thorough way agree.
    #[test]
    fn simple_characters_are_inert() {
        for c in '\0'..=char::MAX {
            let Some(folded) = simple(c) else { continue };
            assert_eq!(simple(folded), Some(folded), "{c:?}");
            assert_eq!(canonical_combining_class(c), 0, "{c:?}");
            assert!(
                folded
                    .to_string()
                    .nfkc()
                    .flat_map(char::to_lowercase)
                    .eq([folded]),
                "{c:?}"
            );
            let normal: String = c.nfkc().collect();
            assert_eq!(search_key(&normal), search_key(&c.to_string()), "{c:?}");
        }
    }

    #[test]
    fn folding_any_single_character_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            let key = search_key(&c.to_string());
            assert_eq!(search_key(&key), key, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn normalising_by_stretches_is_normalising_the_whole(text in "(\\PC|[か-げａ-ｃ①-③ｶ-ｹﾞﾟ\u{3099}\u{309a}\u{301}e\u{200d}가각ㄱ\u{1100}-\u{11ff}]){0,24}") {
            let whole: String = text.nfkc().filter(|c| !is_ignorable(*c)).flat_map(char::to_lowercase).collect();
            let (mut by_stretches, mut by_whole) = (String::new(), String::new());
            fold_into(&mut by_stretches, normalised(&text).chars());
            fold_into(&mut by_whole, whole.chars());
            prop_assert_eq!(by_stretches, by_whole);
        }
    }
}
