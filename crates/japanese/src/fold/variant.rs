//! 旧字・異体字 to the character in common use, by one array look-up.

use std::sync::LazyLock;

/// One group a word: the common character first, then its other forms.
const GROUPS: &str = include_str!("variants.txt");

const FIRST: u32 = 0x3400;
const LAST: u32 = 0xFAFF;

/// Replacement by code point from [`FIRST`] on, 0 where there is none.
///
/// All common forms lie in the Basic Multilingual Plane, so 16 bits hold them;
/// an array is several times faster than a binary search at each character.
static TABLE: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut table = vec![0_u16; (LAST - FIRST + 1) as usize];
    for (other, common) in pairs() {
        let slot = (other as u32)
            .checked_sub(FIRST)
            .and_then(|i| table.get_mut(i as usize));
        if let (Some(slot), Ok(common)) = (slot, u16::try_from(common as u32)) {
            *slot = common;
        }
    }
    table.into_boxed_slice()
});

/// Every (other form, common form) of the list.
pub(super) fn pairs() -> impl Iterator<Item = (char, char)> {
    GROUPS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .flat_map(|group| {
            let mut forms = group.chars();
            let common = forms.next().unwrap_or_default();
            forms.map(move |other| (other, common))
        })
}

/// The character in common use for `c`, or `c` itself.
pub(super) fn common_form(c: char) -> char {
    let code = c as u32;
    if (FIRST..=LAST).contains(&code) {
        return match TABLE.get((code - FIRST) as usize) {
            Some(&new) if new != 0 => char::from_u32(u32::from(new)).unwrap_or(c),
            _ => c,
        };
    }
    match c {
        '𠮷' => '吉',
        '𠮟' => '叱',
        '𣘺' => '橋',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::{common_form, pairs};
    use unicode_normalization::UnicodeNormalization as _;

    #[test]
    fn the_list_is_long_and_reaches_its_end_in_one_step() {
        assert!(pairs().count() >= 350, "{}", pairs().count());
        for (other, common) in pairs() {
            assert_eq!(common_form(other), common, "{other}");
            assert_eq!(
                common_form(common),
                common,
                "{other} leads to {common}, which leads on"
            );
            assert!(
                common.to_string().nfkc().eq([common]),
                "{common} is not normal"
            );
            assert!(
                other.to_string().nfkc().eq([other]),
                "{other}: NFKC already unifies it"
            );
        }
    }

    #[test]
    fn no_form_stands_twice() {
        let mut all: Vec<char> = pairs().map(|(other, _)| other).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
