//! From a place inside a scalar's text (an expression's span) to the place in the file.

use super::{At, Content, Node, Style};

impl Node {
    /// The place of `len` bytes at byte `offset` of the scalar's text. Where the text was changed by parameters, or
    /// the node is no scalar, the place of the node.
    pub(crate) fn inside(&self, offset: usize, len: usize) -> At {
        let Content::Scalar(scalar) = &self.content else {
            return self.at.clone();
        };
        let Some(start) = scalar.start else {
            return self.at.clone();
        };
        let width = scalar.text.get(offset..offset + len).map_or(1, |part| {
            part.lines().next().unwrap_or("").chars().count().max(1)
        });
        let found = match scalar.style {
            Style::Block => block(&self.at.file.text, start, &scalar.text, offset),
            style => flow(&self.at.file.text, start, &scalar.text, offset, style),
        };
        found.map_or_else(|| self.at.clone(), |byte| self.at.file.at(byte, width))
    }
}

/// Walks source and text side by side through plain and quoted scalars.
fn flow(source: &str, start: usize, text: &str, offset: usize, style: Style) -> Option<usize> {
    let mut at = start + usize::from(style != Style::Plain);
    for wanted in text.get(..offset)?.chars() {
        at = step(source, at, wanted, style)?;
    }
    if style == Style::Double {
        at = skip_joint(source, at);
    }
    // A fold in front of the wanted character belongs to what was before it.
    Some(at)
}

fn step(source: &str, at: usize, wanted: char, style: Style) -> Option<usize> {
    let rest = source.get(at..)?;
    let first = rest.chars().next()?;
    match (style, first) {
        (Style::Single, '\'') => Some(at + 2),
        (Style::Double, '\\') if rest.starts_with("\\\n") => {
            step(source, skip_joint(source, at), wanted, style)
        }
        (Style::Double, '\\') => Some(at + escape_len(rest)),
        _ if wanted.is_whitespace()
            && rest
                .trim_start_matches([' ', '\t'])
                .starts_with(['\n', '\r']) =>
        {
            Some(at + rest.len() - rest.trim_start().len())
        }
        _ => Some(at + first.len_utf8()),
    }
}

fn skip_joint(source: &str, at: usize) -> usize {
    match source.get(at..) {
        Some(rest) if rest.starts_with("\\\n") => {
            at + 1 + rest.len() - 1 - rest.get(1..).unwrap_or("").trim_start().len()
        }
        _ => at,
    }
}

fn escape_len(rest: &str) -> usize {
    match rest.chars().nth(1) {
        Some('x') => 4,
        Some('u') => 6,
        Some('U') => 10,
        Some(other) => 1 + other.len_utf8(),
        None => 1,
    }
}

/// Block scalars: the header's line, then lines with the same indentation.
fn block(source: &str, start: usize, text: &str, offset: usize) -> Option<usize> {
    let line = source
        .get(..start)?
        .rfind('\n')
        .map_or(0, |found| found + 1);
    // The parser says where the content begins; an empty first line makes it say where the header does.
    let at_content = source.get(line..start)?.trim().is_empty();
    let mut at = if at_content {
        line
    } else {
        start + source.get(start..)?.find('\n')? + 1
    };
    let body = source.get(at..)?;
    let indent = body
        .lines()
        .find(|line| !line.trim().is_empty())
        .map_or(0, |line| line.len() - line.trim_start().len());
    let before = text.get(..offset)?;
    let mut line_start = true;
    for wanted in before.chars() {
        if line_start {
            at += indent_of(source, at, indent);
            line_start = false;
        }
        let first = source.get(at..)?.chars().next()?;
        at += first.len_utf8();
        if first == '\n' && (wanted == '\n' || wanted == ' ') {
            line_start = true;
        }
    }
    if line_start {
        at += indent_of(source, at, indent);
    }
    Some(at)
}

fn indent_of(source: &str, at: usize, indent: usize) -> usize {
    source.get(at..).map_or(0, |rest| {
        rest.bytes().take(indent).take_while(|b| *b == b' ').count()
    })
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Sink;
    use crate::yaml::{Node, parse};

    fn place(yaml: &str, needle: &str) -> (usize, usize) {
        let mut sink = Sink::default();
        let root = parse("f", yaml.as_bytes(), &mut sink).expect("yaml");
        let node: &Node = root.get("a").expect("a");
        let offset = node.text().expect("text").find(needle).expect("needle");
        let at = node.inside(offset, needle.len());
        (at.line, at.column)
    }

    #[test]
    fn places_inside_all_styles() {
        assert_eq!(place("a: x = あい\n", "あ"), (1, 8));
        assert_eq!(place("a: 'x = \"い\" and ''y'' z'\n", "z"), (1, 23));
        assert_eq!(place("a: \"x = \\\"い\\\" z\"\n", "z"), (1, 15));
        assert_eq!(place("a: |-\n  one\n  two + いz\n", "z"), (3, 10));
        assert_eq!(place("a: >-\n  one\n  two z\n", "z"), (3, 7));
        assert_eq!(place("b: 1\na: one\n  two z\n", "z"), (3, 7));
    }
}
