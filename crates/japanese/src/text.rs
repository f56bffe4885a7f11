//! Width, kana, blanks and 外字.

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Hiragana and half-width katakana as full-width katakana (`さとう`, `ｻﾄｳ` → `サトウ`);
/// dakuten that stand apart are joined. All else stays.
#[must_use]
pub fn to_full_kana(text: &str) -> String {
    let widened: String = text
        .chars()
        .flat_map(|c| {
            if is_half_kana(c) {
                c.nfkc().next()
            } else {
                Some(c)
            }
        })
        .map(|c| match c {
            'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
            _ => c,
        })
        .collect();
    if is_nfc(&widened) {
        widened
    } else {
        widened.nfc().collect()
    }
}

/// Full-width ASCII as half-width: digits, letters, signs, the blank, ￥. Kana stay.
#[must_use]
pub fn to_half(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '\u{3000}' => ' ',
            '￥' => '¥',
            '−' => '-',
            _ => c,
        })
        .collect()
}

/// Whether all characters are kana (either kind, either width), long-vowel or
/// middle dots; blanks between them are fine. False for a text without kana.
#[must_use]
pub fn is_kana(text: &str) -> bool {
    let mut some = false;
    text.chars().all(|c| {
        let kana = matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ゝ' | 'ゞ' | 'ヽ' | 'ヾ' | 'ｦ'..='ﾝ');
        some |= kana;
        kana || is_half_kana(c)
            || matches!(
                c,
                'ー' | '・' | '゛' | '゜' | '\u{3099}' | '\u{309a}' | ' ' | '\u{3000}'
            )
    }) && some
}

/// White space and control characters collapsed to one U+0020, none at the ends.
/// Letters set it wide again where they want to.
#[must_use]
pub fn normalise_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The first character that other systems cannot show: private use (外字),
/// unassigned, a lone surrogate's stand-in U+FFFD.
///
/// Such a character is neither refused nor replaced on its own: who reads the
/// answer decides what to ask the person for.
#[must_use]
pub fn has_gaiji(text: &str) -> Option<char> {
    text.chars().find(|c| {
        !c.is_ascii()
            && (*c == char::REPLACEMENT_CHARACTER
                || matches!(
                    c.general_category(),
                    GeneralCategory::PrivateUse | GeneralCategory::Unassigned
                ))
    })
}

fn is_half_kana(c: char) -> bool {
    matches!(c, '\u{ff65}'..='\u{ff9f}')
}

#[cfg(test)]
mod tests {
    use super::{has_gaiji, is_kana, normalise_spaces, to_full_kana, to_half};
    use proptest::prelude::*;

    #[test]
    fn kana_become_full_katakana() {
        assert_eq!(to_full_kana("さとう　ﾊﾅｺ"), "サトウ　ハナコ");
        assert_eq!(to_full_kana("ﾀﾞｲﾊﾟｰﾃｨｰ"), "ダイパーティー");
        assert_eq!(to_full_kana("漢字とABC"), "漢字トABC");
        assert_eq!(to_full_kana("ヴゔｳﾞ"), "ヴヴヴ");
    }

    #[test]
    fn ascii_becomes_half() {
        assert_eq!(to_half("０１２－ＡｂＣ　＠カナ"), "012-AbC @カナ");
    }

    #[test]
    fn kana_are_told_from_the_rest() {
        for yes in ["サトウ ハナコ", "ｻﾄｳ", "さとう・はなこ", "ラーメン"] {
            assert!(is_kana(yes), "{yes}");
        }
        for no in ["", " ", "佐藤", "サトウ1", "satou", "ー"] {
            assert!(!is_kana(no), "{no}");
        }
    }

    #[test]
    fn blanks_collapse() {
        assert_eq!(normalise_spaces("　山田 \t\u{3000}太郎\r\n"), "山田 太郎");
        assert_eq!(normalise_spaces("\u{3000}"), "");
    }

    #[test]
    fn gaiji_are_found() {
        assert_eq!(has_gaiji("山田\u{e000}郎"), Some('\u{e000}'));
        assert_eq!(has_gaiji("\u{f0000}"), Some('\u{f0000}'));
        assert_eq!(has_gaiji("\u{0378}"), Some('\u{0378}'));
        assert_eq!(has_gaiji("\u{fffd}"), Some('\u{fffd}'));
        assert_eq!(has_gaiji("髙﨑𠮷葛\u{e0100}飾 abc"), None);
    }

    proptest! {
        #[test]
        fn each_is_idempotent(text in any::<String>()) {
            for fold in [to_full_kana, to_half, normalise_spaces] {
                let once = fold(&text);
                prop_assert_eq!(fold(&once), once);
            }
            let _ = (is_kana(&text), has_gaiji(&text));
        }
    }
}
