//! Text to bytes and back.

use encoding_rs::{CoderResult, EncoderResult, SHIFT_JIS};

/// What stands where CP932 has no character: 〓 (ゲタ記号), which Japanese printers have used for a missing type since
/// metal, so that nobody takes it for the name itself.
pub const REPLACEMENT: char = '〓';

/// How a text file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 with a byte order mark, as spreadsheets want it.
    Utf8Bom,
    /// Windows code page 932 (Shift_JIS with the NEC and IBM extensions), as WHATWG's `shift_jis` maps it.
    Cp932,
}

/// A character that an encoding could not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Row of the file, the heading being 1.
    pub row: usize,
    /// Column, from 1.
    pub column: usize,
    /// The character.
    pub character: char,
    /// What was written for it.
    pub written: char,
}

/// Characters that JIS tables of different houses map apart though they are one sign, with the sign that CP932 has.
/// The last two WHATWG would write as `\` and `~`, which they are not.
const ALIKE: [(char, char); 8] = [
    ('\u{301c}', '\u{ff5e}'),
    ('\u{2212}', '\u{ff0d}'),
    ('\u{2014}', '\u{2015}'),
    ('\u{2016}', '\u{2225}'),
    ('\u{a2}', '\u{ffe0}'),
    ('\u{a3}', '\u{ffe1}'),
    ('\u{a5}', '\u{ffe5}'),
    ('\u{203e}', '\u{ffe3}'),
];

/// The sign that CP932 has for this character; itself where nothing need be done.
pub(crate) fn alike(character: char) -> char {
    ALIKE
        .iter()
        .find(|(from, _)| *from == character)
        .map_or(character, |(_, to)| *to)
}

/// Encodes as CP932; `lost` hears of every character that was replaced.
pub(crate) fn to_cp932(text: &str, mut lost: impl FnMut(char)) -> Vec<u8> {
    let alike: String = text.chars().map(alike).collect();
    let mut encoder = SHIFT_JIS.new_encoder();
    let mut rest = alike.as_str();
    let mut out = Vec::with_capacity(rest.len() + 16);
    loop {
        let room = encoder
            .max_buffer_length_from_utf8_without_replacement(rest.len())
            .unwrap_or(rest.len() * 4);
        out.reserve(room);
        let (result, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut out, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return out,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => {
                lost(character);
                // 〓 is 0x81AC in every table of JIS X 0208.
                out.extend_from_slice(&[0x81, 0xac]);
            }
        }
    }
}

/// Whether the bytes are CP932 throughout.
pub(crate) fn from_cp932(bytes: &[u8]) -> Option<String> {
    let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(
        decoder
            .max_utf8_buffer_length_without_replacement(bytes.len())
            .unwrap_or(bytes.len()),
    );
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    matches!(result, encoding_rs::DecoderResult::InputEmpty).then_some(text)
}

/// As [`from_cp932`], with U+FFFD for what is broken: a file in which one byte is bad can still be shown.
pub(crate) fn from_cp932_lossy(bytes: &[u8]) -> String {
    let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(
        decoder
            .max_utf8_buffer_length(bytes.len())
            .unwrap_or(bytes.len() * 3),
    );
    let (result, _, _) = decoder.decode_to_string(bytes, &mut text, true);
    debug_assert_eq!(result, CoderResult::InputEmpty);
    text
}

/// Bytes as text, be they UTF-8 or CP932; none if they are neither.
#[must_use]
pub fn text(bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.into()),
        Err(_) => from_cp932(bytes).map(Into::into),
    }
}
