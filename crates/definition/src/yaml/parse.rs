//! From the parser's events to nodes. No recursion: depth is bounded by the parser's own limit.

use super::{At, Content, File, Key, Node, Scalar, Style};
use crate::diagnostic::Sink;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::HashSet;
use std::sync::Arc;

/// Reads one document. `None` when it is no YAML; what is wrong stands in the sink.
pub(crate) fn parse(path: &str, bytes: &[u8], sink: &mut Sink) -> Option<Node> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let file = File::new(path, &String::from_utf8_lossy(bytes));
            let line = bytes
                .iter()
                .take(error.valid_up_to())
                .filter(|b| **b == b'\n')
                .count()
                + 1;
            sink.error(
                &At { line, ..file.top() },
                "encoding",
                "UTF-8 の文字として読めません。",
            )
            .hint("UTF-8 で保存し直してください。");
            return None;
        }
    };
    let file = File::new(path, text);
    let mut builder = Builder {
        file: file.clone(),
        stack: Vec::new(),
        root: None,
    };
    for next in Parser::new_from_str(text) {
        match next {
            Ok((event, span)) => {
                if !builder.take(event, &span, sink) {
                    return None;
                }
            }
            Err(error) => {
                let mark = error.marker();
                let at = At {
                    file,
                    line: mark.line().max(1),
                    column: mark.col() + 1,
                    width: 1,
                };
                sink.error(&at, "yaml", format!("YAML として読めません（{}）。", error.info()))
                    .hint("字下げ、コロンの後の空白、引用符を確かめてください。式や「: 」を含む文は '…' で囲みます。");
                return None;
            }
        }
    }
    builder.root.or_else(|| {
        Some(Node {
            at: file.top(),
            content: Content::Map(Vec::new()),
        })
    })
}

enum Open {
    Seq(At, Vec<Node>),
    Map {
        at: At,
        entries: Vec<(Key, Node)>,
        seen: HashSet<String>,
        key: Option<Key>,
        repeated: bool,
    },
}

struct Builder {
    file: Arc<File>,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    /// Takes an event; false where the document cannot be read on.
    fn take(&mut self, event: Event<'_>, span: &Span, sink: &mut Sink) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, span);
                self.plain_only(anchor != 0, tag.is_some(), &node.at, sink);
                self.put(node, sink);
            }
            Event::SequenceStart(_, anchor, tag) => {
                let at = self.at(span);
                self.plain_only(anchor != 0, tag.is_some(), &at, sink);
                self.stack.push(Open::Seq(at, Vec::new()));
            }
            Event::MappingStart(_, anchor, tag) => {
                let at = self.at(span);
                self.plain_only(anchor != 0, tag.is_some(), &at, sink);
                self.stack.push(Open::Map {
                    at,
                    entries: Vec::new(),
                    seen: HashSet::new(),
                    key: None,
                    repeated: false,
                });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.stack.pop() {
                    Some(Open::Seq(at, items)) => Node {
                        at,
                        content: Content::Seq(items),
                    },
                    Some(Open::Map { at, entries, .. }) => Node {
                        at,
                        content: Content::Map(entries),
                    },
                    None => return false,
                };
                self.put(node, sink);
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let at = self.at(span);
                sink.error(&at, "yaml", "YAML の別名（*名前）は使えません。")
                    .hint("同じ内容はひな型にまとめてください。");
                self.put(Node::null(at), sink);
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                sink.error(
                    &self.at(span),
                    "yaml",
                    "1つのファイルに文書を2つ書けません。",
                )
                .hint("「---」を消し、ファイルを分けてください。");
                return false;
            }
            _ => {}
        }
        true
    }

    fn plain_only(&self, anchor: bool, tag: bool, at: &At, sink: &mut Sink) {
        if anchor {
            sink.error(at, "yaml", "YAML の目印（&名前）は使えません。")
                .hint("同じ内容はひな型にまとめてください。");
        }
        if tag {
            sink.error(at, "yaml", "YAML の型の印（!名前）は使えません。")
                .hint("印を消してください。");
        }
    }

    fn at(&self, span: &Span) -> At {
        let width = if span.start.line() == span.end.line() {
            span.end.col().saturating_sub(span.start.col()).max(1)
        } else {
            1
        };
        At {
            file: self.file.clone(),
            line: span.start.line().max(1),
            column: span.start.col() + 1,
            width,
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: &Span) -> Node {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            _ => Style::Block,
        };
        let start = span.start.byte_offset();
        Node {
            at: self.at(span),
            content: Content::Scalar(Scalar {
                text: text.to_owned(),
                style,
                start,
            }),
        }
    }

    fn put(&mut self, node: Node, sink: &mut Sink) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::Seq(_, items)) => items.push(node),
            Some(Open::Map {
                entries,
                seen,
                key,
                repeated,
                ..
            }) => match key.take() {
                Some(_) if *repeated => *repeated = false,
                Some(name) => entries.push((name, node)),
                None => {
                    let (name, at) = match node {
                        Node {
                            at,
                            content: Content::Scalar(scalar),
                        } => (scalar.text, at),
                        Node { at, .. } => {
                            sink.error(
                                &at,
                                "yaml",
                                "名前（コロンの左）は文字でなければなりません。",
                            )
                            .hint("コロンの左に名前を1つ書いてください。");
                            (String::new(), at)
                        }
                    };
                    if !seen.insert(name.clone()) {
                        *repeated = true;
                        sink.error(
                            &at,
                            "duplicate-key",
                            format!("「{name}」が2度書かれています。"),
                        )
                        .hint("どちらか1つにまとめてください。");
                    }
                    *key = Some(Key { name, at });
                }
            },
        }
    }
}
