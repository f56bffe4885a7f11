//! Sentences about letters: fetched as PDF and as a page, read, and checked by the code printed on them.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use super::{Deed, word};
use crate::http::Answer;
use crate::value;
use crate::world::World;

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が {} の文書 {} を受け取る",
        |world, words, _| {
            let (persona, record, name) = (word(words, 1), word(words, 2), word(words, 3));
            world.acts_now(persona);
            world.letter = Some(Letter::fetch(world, persona, record, name)?);
            Ok(())
        },
    ),
    (
        "{} は {} の文書 {} を受け取れない",
        |world, words, _| {
            let (persona, record, name) = (word(words, 1), word(words, 2), word(words, 3));
            for path in paths(world, record, name)? {
                let answer = world.page(persona, &path)?;
                ensure!(answer.status == 404, "{path}: {}", answer.told());
            }
            Ok(())
        },
    ),
    (
        "{} の文書 {} は作れず、応答は {n} である",
        |world, words, _| {
            let persona = world.actor_now()?;
            let [pdf, _] = paths(world, word(words, 1), word(words, 2))?;
            let answer = world.page(&persona, &pdf)?;
            ensure!(
                answer.status.to_string() == word(words, 3),
                "応答は {}",
                answer.told()
            );
            world.hear(answer);
            Ok(())
        },
    ),
    ("文書に {} がある", |world, words, _| {
        world.letter()?.says(word(words, 1))
    }),
    ("文書に {} はない", |world, words, _| {
        world.letter()?.says_not(word(words, 1))
    }),
    ("文書に {} の {} がある", |world, words, _| {
        let json = world.read(word(words, 1))?;
        let found = value::at(&json, word(words, 2))
            .with_context(|| format!("{} がありません: {json}", word(words, 2)))?;
        world.letter()?.says(&written(found)?)
    }),
    ("文書の二次元コードを開く", |world, _, _| {
        let path = world.letter()?.code()?;
        world.opened_page = Some(world.open_page(&path)?);
        Ok(())
    }),
    ("開いた画面に {} がある", |world, words, _| {
        let page = world.opened_page()?;
        ensure!(
            page.contains(&squeezed(word(words, 1))),
            "画面にありません: {page}"
        );
        Ok(())
    }),
    ("開いた画面に {} はない", |world, words, _| {
        let page = world.opened_page()?;
        ensure!(
            !page.contains(&squeezed(word(words, 1))),
            "画面にあります: {page}"
        );
        Ok(())
    }),
    ("{} が画面 {} を開く", |world, words, _| {
        show(world, word(words, 1), word(words, 2))
    }),
    ("{} が {} の画面を開く", |world, words, _| {
        let path = format!("/r/{}", world.reference(word(words, 2))?);
        show(world, word(words, 1), &path)
    }),
];

/// Opens a page as a persona; sentences then speak of what stands in it.
fn show(world: &mut World<'_>, persona: &str, path: &str) -> Result<()> {
    let answer = world.page(persona, path)?;
    ensure!(answer.ok(), "開けません: {}", answer.told());
    world.opened_page = Some(squeezed(&text_of(&answer.text)));
    Ok(())
}

/// Where a letter lies: the PDF of the API, and the page.
fn paths(world: &World<'_>, record: &str, name: &str) -> Result<[String; 2]> {
    let reference = world.reference(record)?;
    Ok([
        format!("/api/v1/services/{reference}/documents/{name}"),
        format!("/r/{reference}/documents/{name}"),
    ])
}

/// A letter in its two forms, without white space: where a line breaks means nothing.
pub(crate) struct Letter {
    pdf: String,
    page: String,
    /// Path of the page behind its code.
    code: Option<String>,
}

impl Letter {
    fn fetch(world: &World<'_>, persona: &str, record: &str, name: &str) -> Result<Self> {
        let [pdf, page] = paths(world, record, name)?;
        let pdf = world.file(persona, &pdf)?;
        let page = world.page(persona, &page)?;
        ensure!(page.ok(), "画面を開けません: {}", page.told());
        let html = article(&page)?;
        let link = html.split_once("/verify/").map(|(_, rest)| rest);
        let token = link.and_then(|rest| rest.split('"').next());
        Ok(Self {
            pdf: squeezed(&text_of_pdf(&pdf)?),
            page: squeezed(&text_of(html)),
            code: token.map(|token| format!("/verify/{token}")),
        })
    }

    fn says(&self, text: &str) -> Result<()> {
        let text = squeezed(text);
        ensure!(
            self.pdf.contains(&text),
            "PDF に {text} がありません: {}",
            self.pdf
        );
        ensure!(
            self.page.contains(&text),
            "画面に {text} がありません: {}",
            self.page
        );
        Ok(())
    }

    fn says_not(&self, text: &str) -> Result<()> {
        let text = squeezed(text);
        ensure!(!self.pdf.contains(&text), "PDF に {text} があります");
        ensure!(!self.page.contains(&text), "画面に {text} があります");
        Ok(())
    }

    /// The page behind the code. What the page links to must stand on the paper too.
    fn code(&self) -> Result<String> {
        let code = self
            .code
            .clone()
            .context("文書に二次元コードがありません")?;
        ensure!(
            self.pdf.contains(&code),
            "紙のアドレスが画面と違います: {}",
            self.pdf
        );
        Ok(code)
    }
}

/// The letter itself, without the page around it.
fn article(page: &Answer) -> Result<&str> {
    page.text
        .split_once("<article")
        .and_then(|(_, rest)| rest.split_once("</article>"))
        .map(|(inside, _)| inside)
        .context("画面に文書がありません")
}

fn text_of_pdf(bytes: &[u8]) -> Result<String> {
    ensure!(bytes.starts_with(b"%PDF-"), "PDF ではありません");
    let pdf = lopdf::Document::load_mem(bytes).context("PDF を読めません")?;
    let pages: Vec<u32> = pdf.get_pages().into_keys().collect();
    pdf.extract_text(&pages).context("PDF の文を読めません")
}

/// What a browser shows of a piece of HTML.
pub(super) fn text_of(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        match part.split_once('>') {
            Some((_, shown)) => text.push_str(shown),
            None => text.push_str(part),
        }
    }
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (code, sign)| text.replace(code, sign))
}

/// Without white space, and with letters of the same look as one.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A value as letters write it: days in the Japanese calendar, numbers with commas.
fn written(value: &Json) -> Result<String> {
    Ok(match value {
        Json::String(text) => match text.parse() {
            Ok(day) => japanese::wareki::format(day),
            Err(_) => text.clone(),
        },
        Json::Number(number) => {
            let digits = number.to_string();
            let groups = digits.as_bytes().rchunks(3).rev();
            let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
            groups.join(",")
        }
        other => bail!("文書に書かれる値ではありません: {other}"),
    })
}

impl World<'_> {
    /// The letter that was fetched last.
    fn letter(&self) -> Result<&Letter> {
        self.letter.as_ref().context("まだ文書を受け取っていません")
    }

    /// The text of the page that was opened last.
    fn opened_page(&self) -> Result<&str> {
        self.opened_page
            .as_deref()
            .context("まだ画面を開いていません")
    }

    /// The text of a page as anybody sees it.
    fn open_page(&self, path: &str) -> Result<String> {
        let answer = self.anybody(path)?;
        ensure!(answer.ok(), "開けません: {}", answer.told());
        Ok(squeezed(&text_of(&answer.text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_letters_write_them() {
        let says = |value| written(&value).unwrap_or_default();
        assert_eq!(says(json!("2026-11-24")), "令和8年11月24日");
        assert_eq!(says(json!(1_234_567)), "1,234,567");
        assert_eq!(says(json!(29_800)), "29,800");
        assert_eq!(says(json!("食-2026-00001")), "食-2026-00001");
        assert!(written(&json!([])).is_err());
    }

    #[test]
    fn pages_are_read_as_a_browser_shows_them() {
        assert_eq!(
            text_of("<p class=\"x\">A &amp;lt; B</p><b>C</b>"),
            "A &lt; BC"
        );
    }
}
