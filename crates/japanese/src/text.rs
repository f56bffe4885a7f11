//! Width, kana, spaces and 外字.

/// Half-width and hiragana to full-width katakana.
#[must_use]
pub fn to_full_kana(text: &str) -> String {
    text.into()
}
/// Full-width ASCII to half-width.
#[must_use]
pub fn to_half(text: &str) -> String {
    text.into()
}
/// Whether all is kana.
#[must_use]
pub fn is_kana(text: &str) -> bool {
    !text.is_empty()
}
/// Spaces collapsed and trimmed.
#[must_use]
pub fn normalise_spaces(text: &str) -> String {
    text.into()
}
/// The first 外字.
#[must_use]
pub fn has_gaiji(text: &str) -> Option<char> {
    text.chars().find(|c| ('\u{e000}'..='\u{f8ff}').contains(c))
}
