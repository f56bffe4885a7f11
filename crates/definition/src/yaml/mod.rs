//! YAML as nodes that know where they stand. Scalars stay text (`no`, `0123`): what they mean is the word's business.

mod locate;
mod merge;
mod parse;
mod print;

pub(crate) use merge::{filled, merge, substitute};
pub(crate) use parse::parse;
pub(crate) use print::print;

use std::sync::Arc;

/// A file and its text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    /// Byte offset at which each line begins.
    lines: Vec<usize>,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Arc<Self> {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Arc::new(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            lines,
        })
    }

    /// A line by number from 1, without its break.
    pub(crate) fn line(&self, number: usize) -> Option<&str> {
        let start = *self.lines.get(number.checked_sub(1)?)?;
        let end = self.lines.get(number).copied().unwrap_or(self.text.len());
        self.text
            .get(start..end)
            .map(|line| line.trim_end_matches(['\n', '\r']))
    }

    /// The place of a byte offset.
    pub(crate) fn at(self: &Arc<Self>, offset: usize, width: usize) -> At {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| self.lines.get(index))
            .copied()
            .unwrap_or(0);
        let column = self
            .text
            .get(start..offset)
            .map_or(1, |before| before.chars().count() + 1);
        At {
            file: self.clone(),
            line: line.max(1),
            column,
            width,
        }
    }

    /// The first line.
    pub(crate) fn top(self: &Arc<Self>) -> At {
        At {
            file: self.clone(),
            line: 1,
            column: 1,
            width: 1,
        }
    }
}

/// A place in a file: line and column from 1, in characters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) file: Arc<File>,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// How many characters are meant.
    pub(crate) width: usize,
}

impl std::fmt::Debug for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file.path, self.line, self.column)
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) content: Content,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Scalar(Scalar),
    Seq(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) at: At,
}

/// A scalar: its text, how it was written and from which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) style: Style,
    /// First byte in the file, after an opening quote or block header; none once parameters were filled in.
    pub(crate) start: Option<usize>,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Single,
    Double,
    Block,
}

impl Node {
    pub(crate) fn null(at: At) -> Self {
        Self {
            at,
            content: Content::Scalar(Scalar {
                text: String::new(),
                style: Style::Plain,
                start: None,
            }),
        }
    }

    /// `null`, `~` or nothing.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(Scalar { text, style: Style::Plain, .. }) if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// The text of a scalar that is not null.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(scalar) if !self.is_null() => Some(&scalar.text),
            _ => None,
        }
    }

    /// `true` or `false`, unquoted.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match &self.content {
            Content::Scalar(Scalar {
                text,
                style: Style::Plain,
                ..
            }) => text.parse().ok(),
            _ => None,
        }
    }

    /// The entries of a mapping; none for anything else.
    pub(crate) fn entries(&self) -> &[(Key, Node)] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.content {
            Content::Seq(items) => items,
            _ => &[],
        }
    }

    /// The items of a sequence, or the node itself where one stands for a list of one.
    pub(crate) fn one_or_many(&self) -> &[Node] {
        match &self.content {
            Content::Seq(items) => items,
            Content::Scalar(_) if self.is_null() => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// A member of a mapping that is not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, node)| node)
            .filter(|node| !node.is_null())
    }

    /// The place of a key, or of the node.
    pub(crate) fn key_at(&self, name: &str) -> &At {
        self.entries()
            .iter()
            .find(|(key, _)| key.name == name)
            .map_or(&self.at, |(key, _)| &key.at)
    }

    /// The text of a member.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::text)
    }

    /// An owned text of a member.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.text_of(name).map(str::to_owned)
    }

    /// A boolean member, false when it is not there.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Node::boolean).unwrap_or(false)
    }

    /// Texts of a member that is a list or one text.
    pub(crate) fn strings(&self, name: &str) -> Vec<String> {
        self.get(name)
            .map(|node| {
                node.one_or_many()
                    .iter()
                    .filter_map(Node::text)
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default()
    }

    /// A number member.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text_of(name).and_then(|text| text.parse().ok())
    }
}
