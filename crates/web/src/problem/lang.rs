//! The language of a problem's texts.

use axum::http::{HeaderMap, header};

/// Languages of the API's sentences. Japanese is authoritative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Language tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The one that `Accept-Language` prefers; Japanese when it names neither or both alike.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(text) = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
        else {
            return Self::Ja;
        };
        match weight(text, "en") > weight(text, "ja") {
            true => Self::En,
            false => Self::Ja,
        }
    }
}

/// Thousandths that a header gives to a language; 0 if it does not name it.
fn weight(header: &str, language: &str) -> u32 {
    let of_range = |range: &str| {
        let (tag, rest) = range.split_once(';').unwrap_or((range, ""));
        let tag = tag.trim();
        let primary = tag.split('-').next().unwrap_or_default();
        let named = primary.eq_ignore_ascii_case(language);
        let quality = rest
            .trim()
            .strip_prefix("q=")
            .and_then(|text| text.trim().parse::<f32>().ok())
            .unwrap_or(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1000"
        )]
        named.then(|| (quality.clamp(0.0, 1.0) * 1000.0) as u32)
    };
    header.split(',').filter_map(of_range).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_unless_english_is_preferred() {
        let lang = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, text.parse().unwrap());
            Lang::of(&headers)
        };
        assert_eq!(Lang::of(&HeaderMap::new()), Lang::Ja);
        assert_eq!(lang("en"), Lang::En);
        assert_eq!(lang("en-GB, ja;q=0.5"), Lang::En);
        assert_eq!(lang("ja, en;q=0.9"), Lang::Ja);
        assert_eq!(lang("fr, *;q=0.1"), Lang::Ja);
        assert_eq!(lang("en;q=nonsense, ja;q=0.2"), Lang::En);
        assert_eq!(lang("en;q=0"), Lang::Ja);
    }
}
