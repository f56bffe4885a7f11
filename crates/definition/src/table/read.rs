//! A table from its two files.

use super::csv::{Cell, rows};
use crate::diagnostic::{Sink, nearest};
use crate::model::{CellTest, ColumnKind, HitPolicy, Table, TableRow};
use crate::yaml::{At, File, Node};
use feel::{Closed, Env, Type, Value};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The files of a table.
pub(crate) struct TableFiles {
    pub(crate) yaml: Node,
    pub(crate) csv: Option<(String, String)>,
}

/// A column of more texts than this is no list of codes.
const MOST_CODES: usize = 400;

const META: [&str; 3] = ["source", "basis", "verified"];

/// Reads a table. What is wrong stands in the sink; a table comes back as far as it can be read.
pub(crate) fn read(name: &str, files: &TableFiles, sink: &mut Sink) -> Table {
    let yaml = &files.yaml;
    let mut table = Table {
        name: name.to_owned(),
        title: yaml.string("title").unwrap_or_else(|| name.to_owned()),
        hit: hit(yaml.text_of("hit")),
        inputs: columns(yaml, "inputs", false, sink),
        outputs: columns(yaml, "outputs", true, sink),
        rows: Vec::new(),
        index: HashMap::new(),
        unindexed: Vec::new(),
        index_input: None,
    };
    match &files.csv {
        Some((path, text)) => {
            let file = File::new(path, text);
            Reader {
                table: &mut table,
                file,
                env: Env::new(),
                columns: Vec::new(),
            }
            .read(text, sink);
        }
        None => {
            sink.error(
                &yaml.at,
                "table-without-rows",
                format!("基準表「{name}」の行（{name}.csv）がありません。"),
            )
            .hint(format!("同じ folder に {name}.csv を置いてください。"));
        }
    }
    table.prepared()
}

fn hit(text: Option<&str>) -> HitPolicy {
    match text {
        Some("first") => HitPolicy::First,
        Some("any") => HitPolicy::Any,
        Some("collect") => HitPolicy::Collect,
        _ => HitPolicy::Unique,
    }
}

fn columns(yaml: &Node, word: &str, output: bool, sink: &mut Sink) -> Vec<(String, ColumnKind)> {
    let known: &[&str] = if output {
        &["text", "number", "yen", "date", "boolean"]
    } else {
        &["text", "number", "date", "boolean"]
    };
    let mut columns = Vec::new();
    for (key, value) in yaml.get(word).map(Node::entries).unwrap_or_default() {
        let written = value.text().unwrap_or("");
        let plain = written.strip_suffix('?').unwrap_or(written);
        let ty = match plain {
            "text" => Type::Text,
            "number" => Type::Number,
            "yen" if output => Type::Number,
            "date" => Type::Date,
            "boolean" => Type::Boolean,
            _ => {
                sink.error(
                    &value.at,
                    "unknown-value",
                    format!("「{written}」という列の型はありません。"),
                )
                .hint_if(nearest(plain, known.iter().copied()));
                continue;
            }
        };
        if plain != written && !output {
            sink.error(
                &value.at,
                "unknown-value",
                "入力の列に ? は付けられません。",
            )
            .hint("どんな値でもよい行では、セルに - と書きます。");
        }
        columns.push((
            key.name.clone(),
            ColumnKind {
                ty,
                yen: plain == "yen",
                optional: plain != written,
                closed: None,
            },
        ));
    }
    columns
}

#[derive(Clone, Copy)]
enum Column {
    From,
    Until,
    Input(usize),
    Output(usize),
    Meta(usize),
    Unknown,
}

struct Reader<'a> {
    table: &'a mut Table,
    file: Arc<File>,
    env: Env,
    columns: Vec<Column>,
}

impl Reader<'_> {
    fn read(&mut self, text: &str, sink: &mut Sink) {
        let mut rows = rows(text).into_iter();
        let Some(head) = rows.next() else {
            sink.error(
                &self.file.top(),
                "table-without-rows",
                "見出しの行がありません。",
            )
            .hint("1行目に列の名前を書いてください。");
            return;
        };
        self.head(&head, sink);
        for row in rows {
            self.row(&row, sink);
        }
    }

    fn head(&mut self, head: &[Cell], sink: &mut Sink) {
        let mut seen = HashSet::new();
        for cell in head {
            if !seen.insert(cell.text.clone()) {
                sink.error(
                    &cell.at(&self.file),
                    "duplicate-key",
                    format!("「{}」の列が2つあります。", cell.text),
                );
            }
            let column = self.column(&cell.text);
            if matches!(column, Column::Unknown) {
                let known = self.names();
                sink.error(
                    &cell.at(&self.file),
                    "unknown-column",
                    format!("「{}」という列は基準表にありません。", cell.text),
                )
                .hint_if(nearest(&cell.text, known.iter().map(String::as_str)));
            }
            self.columns.push(column);
        }
        let names: Vec<&String> = self
            .table
            .inputs
            .iter()
            .chain(&self.table.outputs)
            .map(|(name, _)| name)
            .collect();
        for name in names.into_iter().filter(|name| !seen.contains(*name)) {
            sink.error(
                &self.file.top(),
                "missing-column",
                format!("「{name}」の列がありません。"),
            )
            .hint("1行目にこの名前の列を足してください。");
        }
    }

    fn names(&self) -> Vec<String> {
        let own = self
            .table
            .inputs
            .iter()
            .chain(&self.table.outputs)
            .map(|(name, _)| name.clone());
        own.chain(["from", "until", "source", "basis", "verified"].map(str::to_owned))
            .collect()
    }

    fn column(&self, name: &str) -> Column {
        let place =
            |columns: &[(String, ColumnKind)]| columns.iter().position(|(known, _)| known == name);
        if let Some(input) = place(&self.table.inputs) {
            return Column::Input(input);
        }
        if let Some(output) = place(&self.table.outputs) {
            return Column::Output(output);
        }
        match name {
            "from" => Column::From,
            "until" => Column::Until,
            _ => META
                .iter()
                .position(|known| *known == name)
                .map_or(Column::Unknown, Column::Meta),
        }
    }

    fn row(&mut self, cells: &[Cell], sink: &mut Sink) {
        let Some(first) = cells.first() else { return };
        let at = first.at(&self.file);
        if cells.len() != self.columns.len() {
            sink.error(
                &at,
                "row-length",
                format!(
                    "列が{}個あるはずですが、{}個あります。",
                    self.columns.len(),
                    cells.len()
                ),
            )
            .hint("カンマを含むセルは \"…\" で囲みます。");
            return;
        }
        let mut row = TableRow {
            from: None,
            until: None,
            tests: vec![CellTest::Any; self.table.inputs.len()],
            outputs: vec![Value::Null; self.table.outputs.len()],
            context: Value::Null,
            source: None,
            basis: None,
            verified: None,
            line: at.line,
        };
        let before = sink.found.len();
        for (cell, column) in cells.iter().zip(self.columns.clone()) {
            self.cell(cell, column, &mut row, sink);
        }
        if sink.found.len() > before {
            // A half-read row would clash with others.
            return;
        }
        if let (Some(from), Some(until)) = (row.from, row.until)
            && until < from
        {
            sink.error(&at, "row-days", "until が from より前です。")
                .hint("終わりの日を、始まりの日より後にしてください。");
        }
        self.table.rows.push(row);
    }

    fn cell(&self, cell: &Cell, column: Column, row: &mut TableRow, sink: &mut Sink) {
        let at = || cell.at(&self.file);
        match column {
            Column::From => row.from = day(cell, &at(), sink),
            Column::Until => row.until = day(cell, &at(), sink),
            Column::Input(index) => {
                if let (Some((name, kind)), Some(slot)) =
                    (self.table.inputs.get(index), row.tests.get_mut(index))
                    && let Some(test) = self.test(cell, name, kind, &at(), sink)
                {
                    *slot = test;
                }
            }
            Column::Output(index) => {
                if let (Some((name, kind)), Some(slot)) =
                    (self.table.outputs.get(index), row.outputs.get_mut(index))
                {
                    *slot = output(cell, name, kind, &at(), sink);
                }
            }
            Column::Meta(index) => {
                let text = Some(cell.text.clone()).filter(|text| !text.is_empty());
                match index {
                    0 => row.source = text,
                    1 => row.basis = text,
                    _ => {
                        if let Some(text) = text.as_deref().filter(|text| {
                            !["verified", "transcribed", "predicted", "assumed"].contains(text)
                        }) {
                            sink.error(&at(), "unknown-value", format!("「{text}」は使えません。")).hint("verified（確かめた）、transcribed（書き写し）、predicted（見込み）、assumed（仮）のどれかを書いてください。");
                        }
                        row.verified = text;
                    }
                }
            }
            Column::Unknown => {}
        }
    }

    fn test(
        &self,
        cell: &Cell,
        name: &str,
        kind: &ColumnKind,
        at: &At,
        sink: &mut Sink,
    ) -> Option<CellTest> {
        let text = cell.text.trim();
        if text == "-" {
            return Some(CellTest::Any);
        }
        if text.is_empty() {
            sink.error(at, "empty-cell", format!("入力「{name}」のセルが空です。"))
                .hint("どんな値でもよいなら - と書いてください。");
            return None;
        }
        let bare = kind.ty == Type::Text
            && !text.contains('"')
            && !text.contains('?')
            && !text.starts_with("not(");
        if bare {
            return Some(CellTest::Is(Value::text(text)));
        }
        if let Some(value) = literal(text, &kind.ty) {
            return Some(CellTest::Is(value));
        }
        match feel::compile_unary_tests(text, &self.env, &kind.ty) {
            Ok(typed) => Some(CellTest::Test(typed)),
            Err(found) => {
                for fault in found {
                    sink.error(
                        at,
                        "cell",
                        format!(
                            "入力「{name}」（{}）のセルが読めません。{}",
                            kind.ty, fault.message
                        ),
                    )
                    .hint_if(fault.hint);
                }
                None
            }
        }
    }
}

fn day(cell: &Cell, at: &At, sink: &mut Sink) -> Option<Date> {
    if cell.text.is_empty() || cell.text == "-" {
        return None;
    }
    let day = cell.text.parse().ok();
    if day.is_none() {
        sink.error(
            at,
            "cell",
            format!("「{}」は日付として読めません。", cell.text),
        )
        .hint("2026-04-01 のように書いてください。");
    }
    day
}

fn output(cell: &Cell, name: &str, kind: &ColumnKind, at: &At, sink: &mut Sink) -> Value {
    if cell.text.is_empty() {
        if !kind.optional {
            sink.error(at, "empty-cell", format!("結果「{name}」のセルが空です。"))
                .hint("空でもよい列なら、型の後ろに ? を付けてください。");
        }
        return Value::Null;
    }
    if kind.ty == Type::Text {
        return Value::text(&cell.text);
    }
    let value = literal(&cell.text, &kind.ty);
    let whole =
        !kind.yen || matches!(&value, Some(Value::Number(number)) if number.fract().is_zero());
    match value.filter(|_| whole) {
        Some(value) => value,
        None => {
            let wanted = if kind.yen {
                "円（整数）".to_owned()
            } else {
                kind.ty.to_string()
            };
            sink.error(
                at,
                "cell",
                format!(
                    "結果「{name}」の「{}」は{wanted}として読めません。",
                    cell.text
                ),
            )
            .hint("数はカンマなし、日付は 2026-04-01、真偽は true か false と書きます。");
            Value::Null
        }
    }
}

/// A literal of a type as a cell writes it.
pub(super) fn literal(text: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Number => text.parse().ok().map(Value::Number),
        Type::Date => text.parse().ok().map(Value::Date),
        Type::Boolean => text.parse().ok().map(Value::Boolean),
        Type::Text => {
            let inner = text.strip_prefix('"')?.strip_suffix('"')?;
            (!inner.contains(['"', '\\'])).then(|| Value::text(inner))
        }
        _ => None,
    }
}

impl Table {
    /// With what calls use made from the rows: contexts, and the rows filed under the literal of the text input that
    /// tells most of them apart.
    #[must_use]
    pub fn prepared(mut self) -> Self {
        for row in &mut self.rows {
            let members = self.outputs.iter().zip(&row.outputs);
            row.context = Value::context(
                members
                    .filter(|(_, value)| **value != Value::Null)
                    .map(|((name, _), value)| (name.as_str(), value.clone())),
            );
        }
        build_index(&mut self);
        for (column, (name, kind)) in self.inputs.iter_mut().enumerate() {
            let cells = self.rows.iter().map(|row| match row.tests.get(column) {
                Some(CellTest::Is(Value::Text(text))) => Some(&**text),
                _ => None,
            });
            kind.closed = closed(name, &self.title, false, cells);
        }
        for (column, (name, kind)) in self.outputs.iter_mut().enumerate() {
            let cells = self
                .rows
                .iter()
                .filter_map(|row| match row.outputs.get(column) {
                    Some(Value::Null) => None,
                    Some(Value::Text(text)) => Some(Some(&**text)),
                    _ => Some(None),
                });
            kind.closed = closed(name, &self.title, true, cells);
        }
        self
    }
}

/// The texts of a column, unless a cell is no plain text or there are too many to be codes.
fn closed<'c>(
    column: &str,
    table: &str,
    all_occur: bool,
    cells: impl Iterator<Item = Option<&'c str>>,
) -> Option<Arc<Closed>> {
    let mut texts: HashSet<&str> = HashSet::new();
    for cell in cells {
        texts.insert(cell?);
        if texts.len() > MOST_CODES {
            return None;
        }
    }
    let texts: BTreeSet<String> = texts.into_iter().map(str::to_owned).collect();
    (!texts.is_empty()).then(|| {
        Arc::new(Closed {
            name: format!("{table}の{column}"),
            texts,
            all_occur,
        })
    })
}

fn build_index(table: &mut Table) {
    let best = table
        .inputs
        .iter()
        .enumerate()
        .filter(|(_, (_, kind))| kind.ty == Type::Text)
        .map(|(input, _)| (kinds(table, input), input))
        .max_by_key(|(kinds, input)| (*kinds, usize::MAX - input));
    let Some((_, input)) = best.filter(|(kinds, _)| *kinds > 1) else {
        table.unindexed = (0..table.rows.len()).collect();
        return;
    };
    table.index_input = Some(input);
    for (number, row) in table.rows.iter().enumerate() {
        match row.tests.get(input) {
            Some(CellTest::Is(Value::Text(text))) => {
                let key = text.to_string().into_boxed_str();
                table.index.entry(key).or_default().push(number);
            }
            _ => table.unindexed.push(number),
        }
    }
}

fn kinds(table: &Table, input: usize) -> usize {
    let texts: HashSet<&str> = table
        .rows
        .iter()
        .filter_map(|row| match row.tests.get(input) {
            Some(CellTest::Is(Value::Text(text))) => Some(&**text),
            _ => None,
        })
        .collect();
    texts.len()
}
