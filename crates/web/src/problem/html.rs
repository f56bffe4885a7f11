//! A problem as a plain page, where a browser meets one outside the pages' own handlers.

use super::Problem;

/// The page: what is wrong, what to do, a way back.
pub(super) fn page(problem: &Problem, instance: Option<&str>) -> String {
    let detail = problem
        .detail
        .as_deref()
        .map(|text| format!("<p>{}</p>", escape(text)))
        .unwrap_or_default();
    let faults: String = problem
        .errors
        .iter()
        .map(|fault| format!("<li>{}</li>", escape(&fault.detail)))
        .collect();
    let faults = if faults.is_empty() {
        faults
    } else {
        format!("<ul>{faults}</ul>")
    };
    let number = instance
        .map(|id| format!("<p>問い合わせ番号：<code>{}</code></p>", escape(id)))
        .unwrap_or_default();
    let title = escape(&problem.title);
    format!(
        "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} | つむぎ</title></head><body><main><h1>{title}</h1>{detail}{faults}{number}\
         <p><a href=\"/\">トップページへ</a></p></main></body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_escaped() {
        let page = page(
            &Problem::invalid("/input/a", "format", "<script>alert(1)</script>"),
            None,
        );
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
    }
}
