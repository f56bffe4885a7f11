//! The site's own words. The Japanese sentence is the key, so that templates stay readable and Japanese needs no file.

use super::current;
use crate::Lang;
use std::collections::HashMap;
use std::sync::LazyLock;

type Words = HashMap<&'static str, String>;

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../i18n/en.txt")));

static EASY: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../i18n/ja-x-easy.txt")));
static CHINESE: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../i18n/zh-Hans.txt")));
static KOREAN: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../i18n/ko.txt")));

/// Lines `日本語 = translation`; `\s` at an end of the translation stands for a blank, `#` begins a remark.
fn read(text: &'static str) -> Words {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, text)| (key.trim(), text.trim().replace("\\s", " ")))
        .collect()
}

fn words(lang: Lang) -> Option<&'static Words> {
    match lang {
        Lang::Ja => None,
        Lang::En => Some(&ENGLISH),
        Lang::Easy => Some(&EASY),
        Lang::Zh => Some(&CHINESE),
        Lang::Ko => Some(&KOREAN),
    }
}

/// A catalogue, for tests.
#[cfg(test)]
pub(super) fn catalogue(lang: Lang) -> Option<&'static Words> {
    words(lang)
}

/// The site's words in the language of the page; the Japanese where the catalogue lacks them.
pub(crate) fn say(japanese: &str) -> &str {
    words(current())
        .and_then(|words| words.get(japanese))
        .map_or(japanese, String::as_str)
}

/// [`say`] with `{0}`, `{1}` … filled in.
pub(crate) fn with(japanese: &str, parts: &[&dyn std::fmt::Display]) -> String {
    let mut rest = say(japanese);
    let mut text = String::with_capacity(rest.len() + 16 * parts.len());
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((number, after)) = after.split_once('}') else {
            break;
        };
        if let Some(part) = number.parse::<usize>().ok().and_then(|at| parts.get(at)) {
            text.push_str(&part.to_string());
        }
        rest = after;
    }
    text.push_str(rest);
    text
}
