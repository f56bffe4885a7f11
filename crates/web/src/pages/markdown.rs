//! Content pages: Markdown that staff edit, as HTML. Raw HTML in it is shown as text.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// HTML of a page's Markdown; its headings stand `down` levels lower, so that the page's own heading leads.
pub(super) fn html(markdown: &str, down: usize) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: lower(level, down),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level, down))),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let dest_url = if safe(&dest_url) {
                dest_url
            } else {
                "#".into()
            };
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            })
        }
        other => other,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    scrolling(&out)
}

/// Each table in a region of its own that scrolls, numbered so that one is told from another.
fn scrolling(html: &str) -> String {
    let mut parts = html.split("<table>");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        out.push_str("<div class=\"scroll\" role=\"region\" aria-label=\"表");
        out.push_str(&(at + 1).to_string());
        out.push_str("\" tabindex=\"0\"><table>");
        out.push_str(&part.replace("</table>", "</table></div>"));
    }
    out
}

/// The Markdown without its first heading, which the page shows as its title.
pub(super) fn without_title(markdown: &str) -> &str {
    let trimmed = markdown.trim_start();
    match trimmed.strip_prefix("# ") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, body)| body),
        None => trimmed,
    }
}

fn safe(url: &str) -> bool {
    ["https://", "http://", "/", "#", "mailto:", "tel:"]
        .iter()
        .any(|start| url.starts_with(start))
        && !url.starts_with("//")
}

fn lower(level: HeadingLevel, down: usize) -> HeadingLevel {
    HeadingLevel::try_from((level as usize + down).min(6)).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_do_not_pass() {
        let out = html(
            "<script>alert(1)</script>\n\n[a](javascript:alert(1)) <b onclick=x>",
            0,
        );
        assert!(
            !out.contains("<script") && !out.contains("javascript:") && !out.contains("<b onclick"),
            "{out}"
        );
    }

    #[test]
    fn headings_step_down_and_the_title_goes() {
        assert_eq!(html(without_title("# 題\n## 節\n"), 1), "<h3>節</h3>\n");
    }
}
