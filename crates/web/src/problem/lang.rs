//! The language of a problem's texts.

use axum::http::{HeaderMap, header};

/// Languages. Japanese is authoritative; the API's sentences are Japanese or English, pages may be in any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
    /// Easy Japanese (やさしい日本語).
    Easy,
    /// Chinese, simplified.
    Zh,
    /// Korean.
    Ko,
}

impl Lang {
    /// Language tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
            Self::Easy => "ja-x-easy",
            Self::Zh => "zh-Hans",
            Self::Ko => "ko",
        }
    }

    /// Whether a text in this language is written in kanji and kana as Japanese is.
    #[must_use]
    pub const fn japanese(self) -> bool {
        matches!(self, Self::Ja | Self::Easy)
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

impl Lang {
    /// The language in which the browser would have a page: of those there are, the one it prefers.
    #[must_use]
    pub fn of_page(headers: &HeaderMap) -> Self {
        let text = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let others = [(Self::En, "en"), (Self::Zh, "zh"), (Self::Ko, "ko")];
        let best = others
            .into_iter()
            .rev()
            .max_by_key(|(_, name)| weight(text, name));
        match best {
            Some((lang, name)) if weight(text, name) > weight(text, "ja") => lang,
            _ => Self::Ja,
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
        let page = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, text.parse().unwrap());
            Lang::of_page(&headers)
        };
        assert_eq!(page("zh-CN,zh;q=0.9,en;q=0.8"), Lang::Zh);
        assert_eq!(page("ko-KR, en;q=0.5, ja;q=0.4"), Lang::Ko);
        assert_eq!(page("ja, ko;q=0.9"), Lang::Ja);
        assert_eq!(page("fr"), Lang::Ja);
    }
}
