//! Passwords that whoever guesses tries first: common ones, what is known of their owner, and little more than those.
//!
//! The list is that of Django (`common-passwords.txt.gz`, BSD-3-Clause): 19,640 passwords that were most frequent in what
//! leaked. Few of them have the length that is asked for, so two of them beside each other are refused as well: all pairs
//! together are 28 bits.

use std::collections::HashSet;
use std::sync::OnceLock;

const LIST: &str = include_str!("common-passwords.txt");
/// Names of the place itself.
const OURS: &[&str] = &[
    "tsumugi",
    "つむぎ",
    "tokyo",
    "東京都",
    "東京",
    "福祉",
    "保健",
    "パスワード",
    "マイページ",
];
/// So few pieces are guessed.
const FEW: usize = 2;
/// Words of so few signs are in every password.
const SHORTEST_WORD: usize = 3;
/// Whatever is longer is looked at up to here: what begins so well is not guessed.
const LOOKED_AT: usize = 64;

fn common() -> &'static HashSet<&'static str> {
    static COMMON: OnceLock<HashSet<&'static str>> = OnceLock::new();
    COMMON.get_or_init(|| LIST.lines().collect())
}

/// Whether a password is one that is tried first. `about` is what others may know of its owner: sign-in name, name.
#[must_use]
pub fn is_guessable(password: &str, about: &[&str]) -> bool {
    let signs: Vec<char> = folded(password).chars().take(LOOKED_AT).collect();
    let about: HashSet<String> = about.iter().flat_map(|text| words(text)).collect();
    // What is written twice may stand in the list as a whole.
    let mut ways = [signs.as_slice(), unit(&signs)].into_iter();
    ways.any(|signs| pieces(signs, &about).is_some_and(|pieces| pieces <= FEW))
}

/// As it would be guessed: small letters, none of full width.
fn folded(text: &str) -> String {
    let narrow = |sign: char| match u32::from(sign) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(sign),
        _ => sign,
    };
    text.chars().map(narrow).collect::<String>().to_lowercase()
}

/// A name, and each part of it.
fn words(text: &str) -> Vec<String> {
    let text = folded(text);
    let parts = text.split(|sign: char| !sign.is_alphanumeric());
    let all = parts.map(str::to_owned).chain([text.clone()]);
    all.filter(|word| word.chars().count() > 1).collect()
}

/// What is written again and again: once.
fn unit(signs: &[char]) -> &[char] {
    let again = |length: &usize| {
        let (unit, _) = signs.split_at(*length);
        signs.chunks(*length).all(|chunk| unit.starts_with(chunk))
    };
    let length = (1..=signs.len() / 2).find(again);
    length.map_or(signs, |length| signs.split_at(length).0)
}

/// Of how few known pieces it is made; none where some of it is known to nobody.
fn pieces(signs: &[char], about: &HashSet<String>) -> Option<usize> {
    let mut fewest: Vec<Option<usize>> = vec![Some(0)];
    for end in 1..=signs.len() {
        let ways = (0..end).filter_map(|from| {
            let before = fewest.get(from).copied().flatten()?;
            let piece = signs.get(from..end)?;
            is_known(piece, about).then_some(before + 1)
        });
        let best = ways.min();
        fewest.push(best);
    }
    fewest.last().copied().flatten()
}

fn is_known(piece: &[char], about: &HashSet<String>) -> bool {
    let text: String = piece.iter().collect();
    let listed = piece.len() >= SHORTEST_WORD && common().contains(text.as_str());
    let number = piece.len() <= 4 && piece.iter().all(char::is_ascii_digit);
    let sign = matches!(piece, [one] if !one.is_alphanumeric());
    listed
        || number
        || sign
        || is_row(piece)
        || OURS.contains(&text.as_str())
        || about.contains(&text)
}

/// One sign, the same sign many times, or signs that follow each other: `a`, `aaaa`, `12345`, `edcba`.
fn is_row(piece: &[char]) -> bool {
    let steps = piece.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(i64::from(u32::from(*b)) - i64::from(u32::from(*a))),
        _ => None,
    });
    let steps: Vec<i64> = steps.collect();
    let same = |step: i64| steps.iter().all(|one| *one == step);
    piece.len() == 1 || (piece.len() >= SHORTEST_WORD && [-1, 0, 1].into_iter().any(same))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused() {
        let about = ["hanako@example.jp", "佐藤 花子"];
        for guessable in [
            "password1234",
            "Password2026",
            "123456123456",
            "qwertyqwerty",
            "abcabcabcabc",
            "aaaaaaaaaaaa",
            "123456789012",
            "abcdefghijkl",
            "ｐａｓｓｗｏｒｄ１２３４",
            "hanako123456",
            "hanakohanako",
            "tsumugi12345",
            "つむぎつむぎつむぎつむぎ",
            "佐藤佐藤佐藤佐藤佐藤佐藤",
            "ああああああああああああ",
            "dragonmonkey",
            "",
        ] {
            assert!(is_guessable(guessable, &about), "{guessable}");
        }
        for long in LIST.lines().filter(|word| word.chars().count() >= 12) {
            assert!(is_guessable(long, &[]), "{long}");
        }
    }

    #[test]
    fn what_is_well_chosen_is_not() {
        for good in [
            "春の小川はさらさらいくよ",
            "十分に長い合い言葉です。",
            "correct horse battery staple",
            "きのうの雨でぬれた自転車",
            "vX9!kd02-mmQe",
            "hanakoがうえた7本の梅の木",
        ] {
            assert!(
                !is_guessable(good, &["hanako@example.jp", "佐藤 花子"]),
                "{good}"
            );
        }
    }

    #[test]
    fn the_list_is_as_long_as_it_was() {
        assert!(common().len() > 19_000, "{}", common().len());
    }
}
