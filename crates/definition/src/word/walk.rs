//! Checks a file against the words: unknown ones, missing ones, wrong shapes; and gathers what is translated and used.

use super::{Kind, Kinds, Place, Shape, Word};
use crate::build::offers::WORDS;
use crate::diagnostic::{Sink, nearest};
use crate::yaml::{Content, Node, Scalar, Style};
use std::collections::BTreeSet;

/// A text shown to people, by its path.
#[derive(Clone, Debug)]
pub(crate) struct Prose {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// One walk over the files of a package.
pub(crate) struct Walk<'a> {
    pub(crate) sink: &'a mut Sink,
    pub(crate) prose: Vec<Prose>,
    /// Words met: place, kind, word.
    pub(crate) used: BTreeSet<(Place, &'static str, &'static str)>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(sink: &'a mut Sink) -> Self {
        Self {
            sink,
            prose: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    /// Checks a map of the words of a place.
    pub(crate) fn block(&mut self, node: &Node, place: Place, path: &str) {
        let Content::Map(entries) = &node.content else {
            self.wrong(node, &format!("{}の内容（名前: 値 の組）", place.info().ja));
            return;
        };
        let info = place.info();
        let kind = self.kind(node, place);
        if kind.is_none() && matches!(info.kinds, Kinds::ByWord(_)) {
            return;
        }
        let kind_words: &'static [Word] = kind.map_or(&[], |kind| kind.words);
        for (key, value) in entries {
            let own = kind_words.iter().find(|word| word.name == key.name);
            let common = || info.words.iter().find(|word| word.name == key.name);
            match own.or_else(common) {
                Some(word) => {
                    self.used.insert((
                        place,
                        if own.is_some() {
                            kind.map_or("", |kind| kind.name)
                        } else {
                            ""
                        },
                        word.name,
                    ));
                    if !value.is_null() {
                        self.shape(value, word.shape, &join(path, word.name));
                    }
                }
                None if kind.is_none() && !matches!(info.kinds, Kinds::None) => {}
                None => {
                    let known = kind_words.iter().chain(info.words).map(|word| word.name);
                    self.sink
                        .error(
                            &key.at,
                            "unknown-word",
                            format!("「{}」という語は{}にはありません。", key.name, info.ja),
                        )
                        .hint_if(nearest(&key.name, known));
                }
            }
        }
        for word in info
            .words
            .iter()
            .chain(kind_words)
            .filter(|word| word.required && node.get(word.name).is_none())
        {
            self.sink
                .error(
                    &node.at,
                    "missing-word",
                    format!("{}に「{}」がありません。{}", info.ja, word.name, word.ja),
                )
                .hint(format!("例: {}", word.example));
        }
    }

    fn kind(&mut self, node: &Node, place: Place) -> Option<&'static Kind> {
        let found = match place.info().kinds {
            Kinds::None => return None,
            Kinds::ByValue(word, kinds) => {
                let name = node.text_of(word)?;
                let found = kinds.iter().find(|kind| kind.name == name);
                if found.is_none() {
                    let at = &node.get(word)?.at;
                    self.sink
                        .error(
                            at,
                            "unknown-kind",
                            format!("「{name}」という種類はありません。"),
                        )
                        .hint_if(nearest(name, kinds.iter().map(|kind| kind.name)));
                }
                found
            }
            Kinds::ByWord(kinds) => {
                let found = kinds.iter().find(|kind| node.get(kind.name).is_some());
                if found.is_none() {
                    let first = node.entries().first();
                    let (at, name) =
                        first.map_or((&node.at, ""), |(key, _)| (&key.at, key.name.as_str()));
                    self.sink
                        .error(
                            at,
                            "unknown-word",
                            format!("{}として読めません。", place.info().ja),
                        )
                        .hint_if(nearest(name, kinds.iter().map(|kind| kind.name)));
                }
                found
            }
        };
        if let Some(kind) = found {
            self.used.insert((place, kind.name, ""));
        }
        found
    }

    fn shape(&mut self, node: &Node, shape: Shape, path: &str) {
        match shape {
            Shape::Prose => self.prose(node, path),
            Shape::Proses => node
                .one_or_many()
                .iter()
                .enumerate()
                .for_each(|(n, item)| self.prose(item, &join(path, &n.to_string()))),
            Shape::Text | Shape::Name => self.scalar(node),
            Shape::Texts | Shape::Names | Shape::Expressions => {
                node.one_or_many().iter().for_each(|item| self.scalar(item))
            }
            Shape::Expression => self.scalar(node),
            Shape::OneOf(options) => self.one_of(node, options),
            Shape::SomeOf(options) => node
                .one_or_many()
                .iter()
                .for_each(|item| self.one_of(item, options)),
            Shape::Flag if node.boolean().is_none() => self.wrong(node, "true か false"),
            Shape::Count => self.number::<u64>(node, "0以上の整数"),
            Shape::Counts => node
                .one_or_many()
                .iter()
                .for_each(|item| self.number::<u32>(item, "0以上の整数")),
            Shape::Whole => self.number::<i64>(node, "整数"),
            Shape::Amount => self.number::<rust_decimal::Decimal>(node, "数"),
            Shape::NamedExpressions
            | Shape::Columns
            | Shape::Headings
            | Shape::NamedTexts
            | Shape::NamedLists
            | Shape::ColumnTypes => self.members(node, shape, path),
            Shape::NamedProse => self.members(node, shape, path),
            Shape::Block(place) => self.block(node, place, path),
            Shape::Blocks(place) => self.blocks(node, place, path),
            Shape::Named(place) => self.named(node, place, path),
            Shape::Options => self.options(node, path),
            Shape::Form => node.one_or_many().iter().for_each(|item| self.scalar(item)),
            Shape::StateSet => self.set(node, Place::StateSet, path),
            Shape::FieldSet => self.set(node, Place::FieldSet, path),
            Shape::Flag | Shape::Any => {}
        }
    }

    fn wrong(&mut self, node: &Node, wanted: &str) {
        let found = match &node.content {
            Content::Map(_) => "名前と値の組",
            Content::Seq(_) => "一覧",
            Content::Scalar(Scalar {
                style: Style::Plain,
                ..
            }) => "文字",
            Content::Scalar(_) => "引用符つきの文字",
        };
        self.sink.error(
            &node.at,
            "wrong-shape",
            format!("ここには{wanted}を書きます（{found}が書かれています）。"),
        );
    }

    fn scalar(&mut self, node: &Node) {
        if !matches!(node.content, Content::Scalar(_)) {
            self.wrong(node, "1つの文字");
        }
    }

    fn prose(&mut self, node: &Node, path: &str) {
        self.scalar(node);
        if let Some(text) = node.text() {
            self.prose.push(Prose {
                path: path.to_owned(),
                text: text.to_owned(),
            });
        }
    }

    fn one_of(&mut self, node: &Node, options: &[&str]) {
        match node.text() {
            Some(text) if options.contains(&text) => {}
            Some(text) => {
                self.sink
                    .error(
                        &node.at,
                        "unknown-value",
                        format!("「{text}」は使えません。"),
                    )
                    .hint_if(nearest(text, options.iter().copied()));
            }
            None => self.wrong(node, &options.join("、")),
        }
    }

    fn number<T: std::str::FromStr>(&mut self, node: &Node, wanted: &str) {
        if node
            .text()
            .and_then(|text| text.parse::<T>().ok())
            .is_none()
        {
            self.wrong(node, wanted);
        }
    }

    fn members(&mut self, node: &Node, shape: Shape, path: &str) {
        if !matches!(node.content, Content::Map(_)) {
            self.wrong(node, "名前: 値 の組");
        }
        for (key, value) in node.entries() {
            match shape {
                Shape::NamedProse => self.prose(value, &join(path, &key.name)),
                Shape::NamedLists => value
                    .one_or_many()
                    .iter()
                    .for_each(|item| self.scalar(item)),
                Shape::Columns => {
                    self.prose.push(Prose {
                        path: join(path, &key.name),
                        text: key.name.clone(),
                    });
                    self.scalar(value);
                }
                _ => self.scalar(value),
            }
        }
    }

    fn blocks(&mut self, node: &Node, place: Place, path: &str) {
        match &node.content {
            Content::Seq(items) => items
                .iter()
                .enumerate()
                .for_each(|(n, item)| self.block(item, place, &join(path, &n.to_string()))),
            _ => self.wrong(node, &format!("{}の一覧（- で始まる行）", place.info().ja)),
        }
    }

    fn named(&mut self, node: &Node, place: Place, path: &str) {
        if !matches!(node.content, Content::Map(_)) {
            self.wrong(node, "名前: 内容 の組");
        }
        for (key, value) in node.entries() {
            if !is_name(&key.name) {
                self.sink
                    .error(
                        &key.at,
                        "bad-name",
                        format!("「{}」は名前に使えません。", key.name),
                    )
                    .hint("文字で始め、文字・数字・「_」だけを使ってください。");
            }
            if !value.is_null() {
                self.block(value, place, &join(path, &key.name));
            }
        }
    }

    fn options(&mut self, node: &Node, path: &str) {
        match &node.content {
            Content::Scalar(scalar)
                if scalar.text.starts_with("table(") && scalar.text.ends_with(')') => {}
            Content::Scalar(scalar) if WORDS.contains(&scalar.text.as_str()) => {}
            Content::Scalar(_) => {
                self.wrong(
                    node,
                    "選べるものの組、一覧、table(基準表)、services、または roles",
                );
            }
            Content::Seq(items) => items.iter().for_each(|item| {
                if let Some(text) = item.text() {
                    self.prose(item, &join(path, text));
                } else {
                    self.wrong(item, "1つの文字");
                }
            }),
            Content::Map(_) => self.members(node, Shape::NamedProse, path),
        }
    }

    fn set(&mut self, node: &Node, place: Place, path: &str) {
        match &node.content {
            Content::Map(_) => self.block(node, place, path),
            _ => node.one_or_many().iter().for_each(|item| self.scalar(item)),
        }
    }
}

/// Letters first, then letters, digits and `_`.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
