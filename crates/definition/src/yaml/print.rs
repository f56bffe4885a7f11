//! A merged node as YAML again, each line with the place that it came from.

use super::{At, Content, Node, Scalar, Style};
use std::fmt::Write;

/// Prints a node. Every line that opens a key or an item ends in `# from FILE:LINE`.
pub(crate) fn print(node: &Node) -> String {
    let mut out = String::new();
    block(node, 0, &mut out);
    out
}

fn block(node: &Node, indent: usize, out: &mut String) {
    match &node.content {
        Content::Map(entries) => {
            for (key, value) in entries {
                member(
                    &format!("{:indent$}{}:", "", quoted(&key.name, Style::Plain)),
                    value,
                    &key.at,
                    indent,
                    out,
                );
            }
        }
        Content::Seq(items) => {
            for item in items {
                member(&format!("{:indent$}-", ""), item, &item.at, indent, out);
            }
        }
        Content::Scalar(scalar) => line(
            &format!("{:indent$}{}", "", quoted(&scalar.text, scalar.style)),
            &node.at,
            out,
        ),
    }
}

fn member(head: &str, value: &Node, at: &At, indent: usize, out: &mut String) {
    match &value.content {
        Content::Scalar(_) if value.is_null() => line(head, at, out),
        Content::Scalar(scalar) if scalar.text.contains('\n') => {
            line(
                &format!(
                    "{head} |{}",
                    if scalar.text.ends_with('\n') { "" } else { "-" }
                ),
                &value.at,
                out,
            );
            for text in scalar.text.lines() {
                let _ = writeln!(out, "{:width$}{text}", "", width = indent + 2);
            }
        }
        Content::Scalar(Scalar { text, style, .. }) => {
            line(&format!("{head} {}", quoted(text, *style)), &value.at, out)
        }
        Content::Seq(items) if items.is_empty() => line(&format!("{head} []"), at, out),
        Content::Map(entries) if entries.is_empty() => line(&format!("{head} {{}}"), at, out),
        _ => {
            line(head, at, out);
            block(value, indent + 2, out);
        }
    }
}

fn line(text: &str, at: &At, out: &mut String) {
    let _ = writeln!(out, "{text}  # from {}:{}", at.file.path, at.line);
}

/// As a plain scalar where that reads back as the same text, else in single quotes.
fn quoted(text: &str, style: Style) -> String {
    let starts_badly = text.starts_with(|c: char| "-?:,[]{}#&*!|>'\"%@` \t".contains(c));
    let plain = !text.is_empty()
        && !starts_badly
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([' ', ':']);
    let looks_typed = matches!(text, "null" | "~" | "true" | "false")
        || text.starts_with(|c: char| c.is_ascii_digit());
    let written_plain = style == Style::Plain;
    if plain && (written_plain || !looks_typed) && !text.contains(['"', ',', '[', ']', '{', '}']) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}
