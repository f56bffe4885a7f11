//! The manual for service authors, printed from the words.

use crate::word::{Kind, PLACES, PlaceInfo, Shape, Word};
use std::fmt::Write;

/// What stands before the reference: what a package is, and whole examples. Its fenced blocks with a path are files.
const INTRODUCTION: &str = include_str!("manual.md");

/// The manual as Markdown.
#[must_use]
pub fn manual() -> String {
    let mut out = String::from(INTRODUCTION);
    out.push_str("\n## 語の一覧\n\n");
    for info in PLACES {
        let _ = writeln!(out, "- [{}](#{})", info.ja, info.id);
    }
    for info in PLACES {
        place(info, &mut out);
    }
    out
}

fn place(info: &PlaceInfo, out: &mut String) {
    let _ = write!(
        out,
        "\n### <a id=\"{}\"></a>{}\n\n{}\n",
        info.id, info.ja, info.en
    );
    table(info.words, out);
    for kind in info.kinds() {
        self::kind(info, kind, out);
    }
}

fn kind(info: &PlaceInfo, kind: &Kind, out: &mut String) {
    let _ = write!(
        out,
        "\n#### {}（{}）\n\n{} / {}\n\n```yaml {}:{}\n{}\n```\n",
        kind.name, info.id, kind.ja, kind.en, info.id, kind.name, kind.example
    );
    table(kind.words, out);
}

fn table(words: &[Word], out: &mut String) {
    if words.is_empty() {
        return;
    }
    out.push_str("\n| 語 | 書くもの | 意味 | meaning | 例 |\n| --- | --- | --- | --- | --- |\n");
    for word in words {
        let must = if word.required { "（必ず）" } else { "" };
        let _ = writeln!(
            out,
            "| `{}`{must} | {} | {} | {} | `{}` |",
            word.name,
            shape(word.shape),
            cell(word.ja),
            cell(word.en),
            cell(word.example)
        );
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn shape(shape: Shape) -> String {
    match shape {
        Shape::Prose => "日本語の文".into(),
        Shape::Proses => "文（一覧も可）".into(),
        Shape::Text => "文字".into(),
        Shape::Texts => "文字（一覧も可）".into(),
        Shape::Name => "名前".into(),
        Shape::Names => "名前（一覧も可）".into(),
        Shape::OneOf(options) => options
            .iter()
            .map(|option| format!("`{option}`"))
            .collect::<Vec<_>>()
            .join("・"),
        Shape::SomeOf(options) => format!(
            "{} から",
            options
                .iter()
                .map(|option| format!("`{option}`"))
                .collect::<Vec<_>>()
                .join("・")
        ),
        Shape::Flag => "`true`・`false`".into(),
        Shape::Count => "0以上の整数".into(),
        Shape::Counts => "整数（一覧も可）".into(),
        Shape::Whole => "整数".into(),
        Shape::Amount => "数".into(),
        Shape::Expression => "式".into(),
        Shape::Expressions => "式（一覧も可）".into(),
        Shape::NamedExpressions => "名前: 式".into(),
        Shape::Columns | Shape::Headings => "見出し: 式".into(),
        Shape::NamedLists => "名前: 文字（一覧も可）".into(),
        Shape::NamedProse => "名前: 文".into(),
        Shape::NamedTexts => "名前: 名前".into(),
        Shape::Block(place) => link(place.info()),
        Shape::Blocks(place) => format!("{}の一覧", link(place.info())),
        Shape::Named(place) => format!("名前: {}", link(place.info())),
        Shape::Options => "名前: 文、一覧、`table(名前)`".into(),
        Shape::Form => "`any` か項目の一覧".into(),
        Shape::StateSet => "状態の一覧、`{ except: […] }`".into(),
        Shape::FieldSet => "`all`、`{ only: […] }`、`{ except: […] }`".into(),
        Shape::ColumnTypes => "列: 型".into(),
        Shape::Any => "自由".into(),
    }
}

fn link(info: &PlaceInfo) -> String {
    format!("[{}](#{})", info.ja, info.id)
}
