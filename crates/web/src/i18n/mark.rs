//! Marks what is Japanese on a page of another language, so that a screen reader reads it right: what has no
//! translation, and what people entered.

/// Elements whose text takes no elements within it: they are marked themselves.
const TEXT_ONLY: [&str; 4] = ["option", "textarea", "title", "text"];
/// Elements whose text is no prose.
const SKIPPED: [&str; 2] = ["script", "style"];
/// Attributes that are read out.
const READ_OUT: [&str; 5] = [
    " alt=\"",
    " aria-label=\"",
    " label=\"",
    " placeholder=\"",
    " value=\"",
];

/// Kana, kanji or full-width forms. Text in a language that shares them would have to be marked where it is made.
pub(crate) fn japanese(text: &str) -> bool {
    text.contains(is_japanese)
}

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}')
}

fn kana(text: &str) -> bool {
    text.contains(|c| matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}'))
}

/// HTML of this site's templates with `lang="ja"` on every Japanese text that does not stand in Japanese already.
pub(crate) fn mark(html: &str) -> String {
    marked(html, japanese)
}

/// The same on a page whose own language is written in kanji: only what has kana is marked.
pub(crate) fn mark_kana(html: &str) -> String {
    marked(html, kana)
}

fn marked(html: &str, japanese: fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    let mut open = "";
    while let Some(at) = rest.find('<') {
        let (text, from) = rest.split_at(at);
        prose(&mut out, open, text, japanese);
        let Some(end) = tag_end(from) else {
            out.push_str(from);
            return out;
        };
        let (tag, after) = from.split_at(end);
        let name = name(tag);
        let inner = after.split('<').next().unwrap_or_default();
        element(&mut out, tag, name, inner, japanese);
        open = if tag.starts_with("</") { "" } else { name };
        rest = after;
    }
    prose(&mut out, open, rest, japanese);
    out
}

/// One past the `>` of the tag at the beginning; a `>` in a quoted value does not end it.
fn tag_end(from: &str) -> Option<usize> {
    let mut quoted = false;
    from.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '>' && !quoted).then_some(at + 1)
    })
}

fn name(tag: &str) -> &str {
    let inner = tag.trim_start_matches(['<', '/']);
    let end = inner
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(inner.len());
    inner.get(..end).unwrap_or_default()
}

fn prose(out: &mut String, open: &str, text: &str, japanese: fn(&str) -> bool) {
    if SKIPPED.contains(&open) || TEXT_ONLY.contains(&open) || !japanese(text) {
        out.push_str(text);
        return;
    }
    let mut rest = text;
    while let Some(start) = rest.find(is_japanese) {
        let (before, from) = rest.split_at(run_start(rest, start));
        let (run, after) = from.split_at(run_end(from));
        out.push_str(before);
        out.push_str("<span lang=\"ja\">");
        out.push_str(run);
        out.push_str("</span>");
        rest = after;
    }
    out.push_str(rest);
}

/// Where the sentence around its first Japanese letter begins: numbers and brackets before it belong to it.
fn run_start(text: &str, first: usize) -> usize {
    let before = text.get(..first).unwrap_or_default();
    let own = |c: char| c.is_numeric() || "「『（〒".contains(c);
    before.trim_end_matches(own).len()
}

/// Where Japanese ends: before the next word of other letters, less what stands between. Digits may stand within, an
/// entity may not be cut.
fn run_end(from: &str) -> usize {
    let letters = from.find(|c: char| c.is_ascii_alphabetic() || c == '&');
    let run = from.get(..letters.unwrap_or(from.len())).unwrap_or(from);
    let last = |c: char| is_japanese(c) || c.is_alphanumeric() || "。、）」！？".contains(c);
    run.char_indices()
        .rfind(|(_, c)| last(*c))
        .map_or(run.len(), |(at, c)| at + c.len_utf8())
}

fn element(out: &mut String, tag: &str, name: &str, inner: &str, japanese: fn(&str) -> bool) {
    let inside = TEXT_ONLY.contains(&name) && japanese(inner);
    let attribute = || {
        READ_OUT.iter().any(|start| {
            tag.split_once(start)
                .is_some_and(|(_, rest)| japanese(rest.split('"').next().unwrap_or_default()))
        })
    };
    let already = tag.contains(" lang=\"") || tag.starts_with("</");
    if already || !(inside || attribute()) {
        out.push_str(tag);
        return;
    }
    let (head, tail) = tag.split_at(1 + name.len());
    out.push_str(head);
    out.push_str(" lang=\"ja\"");
    out.push_str(tail);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_is_marked_and_nothing_else() {
        let cases = [
            ("<p>Hello</p>", "<p>Hello</p>"),
            ("<p> 立川 </p>", "<p> <span lang=\"ja\">立川</span> </p>"),
            (
                "<option value=\"1\">立川</option>",
                "<option lang=\"ja\" value=\"1\">立川</option>",
            ),
            (
                "<input value=\"甲 > 乙\">",
                "<input lang=\"ja\" value=\"甲 > 乙\">",
            ),
            (
                "<td data-label=\"甲\">1</td>",
                "<td data-label=\"甲\">1</td>",
            ),
            (
                "<a lang=\"ja\" href=\"/\">日本語</a>",
                "<a lang=\"ja\" href=\"/\"><span lang=\"ja\">日本語</span></a>",
            ),
            (
                "<p>As 見本商店 (甲&amp;乙 2-1) OK</p>",
                "<p>As <span lang=\"ja\">見本商店 (甲</span>&amp;<span lang=\"ja\">乙 2-1</span>) OK</p>",
            ),
            (
                "<p>「2021年」 12 &#39;甲</p>",
                "<p><span lang=\"ja\">「2021年」 12</span> &#39;<span lang=\"ja\">甲</span></p>",
            ),
            ("<title>Home</title>", "<title>Home</title>"),
            (
                "<textarea>\n甲</textarea>",
                "<textarea lang=\"ja\">\n甲</textarea>",
            ),
        ];
        for (html, marked) in cases {
            assert_eq!(mark(html), marked);
        }
    }

    #[test]
    fn chinese_is_not_taken_for_japanese() {
        let html = "<p>服务一览</p><p>営業をはじめる</p>";
        assert_eq!(
            mark_kana(html),
            "<p>服务一览</p><p><span lang=\"ja\">営業をはじめる</span></p>"
        );
    }

    #[test]
    fn what_is_cut_short_does_no_harm() {
        for html in ["<p", "<", "", "<p>甲", "<a title=\"<p>"] {
            assert!(
                mark(html)
                    .replace("<span lang=\"ja\">", "")
                    .replace("</span>", "")
                    == html
            );
        }
    }
}
