//! Languages of what people read. Japanese is authoritative; another language stands beside it: the site's own words in
//! one catalogue a language (`crates/web/i18n`), a service's in its package (`i18n/TAG.yaml`). What has no fresh
//! translation stays Japanese and says so by `lang="ja"`.
//!
//! A further language is a variant of [`Lang`], a line in each `match` on it and a catalogue.

mod choice;
mod mark;
mod record;
mod service;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use choice::{choose, cookie, japanese_only, switch};
pub(crate) use mark::{mark, mark_kana};
pub(crate) use record::{history, view};
pub(crate) use service::{Localised, by_text, t};
pub(crate) use words::{say, with};

use crate::Lang;
use std::cell::Cell;

tokio::task_local! {
    /// Language of the page being made: the frame around all pages sets it, so that a formatter of dates deep below a
    /// template need not be handed it.
    static PAGE: Cell<Lang>;
}

/// Runs what makes a page in a language.
pub(crate) async fn scope<F: Future>(lang: Lang, page: F) -> F::Output {
    PAGE.scope(Cell::new(lang), page).await
}

/// The language of the page being made; Japanese outside of one.
pub(crate) fn current() -> Lang {
    PAGE.try_with(Cell::get).unwrap_or(Lang::Ja)
}

/// From here on the page is Japanese: an official's, whatever the browser asks for.
pub(crate) fn in_japanese() {
    // Outside of a page there is nothing to change: it is Japanese already.
    let _ = PAGE.try_with(|lang| lang.set(Lang::Ja));
}

/// A fault in the language of the page.
pub(crate) fn fault(fault: &kernel::Fault) -> String {
    match current() {
        Lang::Ja | Lang::Easy => fault.detail.clone(),
        Lang::En | Lang::Zh | Lang::Ko => crate::problem::english::fault(fault),
    }
}

/// Faults of one field, in one line.
pub(crate) fn faults(faults: &[kernel::Fault]) -> String {
    faults.iter().map(fault).collect::<Vec<_>>().join(" ")
}

/// A fault in the language of the page; in the service's own words where it has them.
pub(crate) fn fault_of(service: &definition::model::Service, one: &kernel::Fault) -> String {
    by_text(service, current(), &one.detail).unwrap_or_else(|| fault(one))
}

impl Lang {
    /// Every language, Japanese first.
    pub(crate) const ALL: [Self; 5] = [Self::Ja, Self::Easy, Self::En, Self::Zh, Self::Ko];

    /// Its name in itself.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::En => "English",
            Self::Easy => "やさしい日本語",
            Self::Zh => "中文",
            Self::Ko => "한국어",
        }
    }

    /// The language of a tag (`en`).
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }
}
