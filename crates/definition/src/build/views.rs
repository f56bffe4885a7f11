//! Views: of records, which an index serves, and of numbers, which measures keep.

use super::compile::{Compiler, Pass};
use super::lists::{fixed, predicate, serves};
use super::skeleton::everybody;
use crate::diagnostic::nearest;
use crate::env::closed_filter_env;
use crate::model::{
    Close, Dimension, IndexKey, ListIndex, Numbers, Period, RecordType, ScopeKind, SeeRule, Shape,
    View, ViewColumn, ViewKind, Who,
};
use crate::yaml::Node;
use feel::{Predicate, Type, Typed};

/// Reads the views of a type; a dashboard may show those before and after it.
pub(super) fn fill(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let entries = pass
        .node
        .get("views")
        .map(Node::entries)
        .unwrap_or_default();
    for (key, node) in entries {
        let who = everybody(node, "for", rt, pass.service, pass.sink);
        let of_records = matches!(
            node.text_of("kind"),
            None | Some("list" | "board" | "calendar")
        );
        needs(pass, node, of_records);
        let (filter, columns) = rows(pass, node, rt, of_records);
        let Some(kind) = kind(pass, node, rt, filter.as_ref()) else {
            continue;
        };
        rt.views.insert(
            key.name.clone(),
            View {
                name: key.name.clone(),
                title: node.string("title").unwrap_or_else(|| key.name.clone()),
                who,
                kind,
                batch: node.strings("batch"),
                selected: node.flag("selected"),
                close: node
                    .get("close")
                    .map(|close| closing(pass, (node, close), rt)),
                index: node.string("index").unwrap_or_default(),
                filter,
                descending: node
                    .text_of("sort")
                    .is_some_and(|sort| sort.starts_with('-')),
                columns,
            },
        );
    }
    dashboards(pass, rt);
}

/// The words that a kind of view cannot do without, and those it has no use for.
fn needs(pass: &mut Pass<'_>, node: &Node, of_records: bool) {
    let kind = node.text_of("kind").unwrap_or("list");
    let needed: &[&str] = match kind {
        "board" => &["index", "columns", "lanes"],
        "calendar" => &["index", "columns", "date"],
        "chart" | "map" => &["measures", "across"],
        "report" => &["measures", "across", "month"],
        "dashboard" => &["show"],
        _ => &["index", "columns"],
    };
    for word in needed.iter().filter(|word| node.get(word).is_none()) {
        pass.sink
            .error(
                &node.at,
                "missing-word",
                format!("{kind} の画面に「{word}」がありません。"),
            )
            .hint("語の一覧の views を見てください。");
    }
    let idle: &[&str] = if of_records {
        &[
            "measures", "across", "split", "month", "periods", "shape", "show",
        ]
    } else {
        &[
            "index", "filter", "sort", "columns", "lanes", "date", "batch", "selected",
        ]
    };
    let report: &[&str] = match kind {
        "report" => &[],
        _ => &["periods", "close"],
    };
    let idle = idle.iter().chain(report);
    for word in idle.filter(|word| node.get(word).is_some()) {
        pass.sink.error(
            node.key_at(word),
            "idle-word",
            format!("{kind} の画面で「{word}」は使いません。"),
        );
    }
}

/// Index, filter and columns of a view of records.
fn rows(
    pass: &mut Pass<'_>,
    node: &Node,
    rt: &RecordType,
    of_records: bool,
) -> (Option<Typed>, Vec<ViewColumn>) {
    if !of_records {
        return (None, Vec::new());
    }
    let names: Vec<&String> = rt.indexes.iter().map(|index| &index.name).collect();
    let index = node
        .get("index")
        .filter(|index| pass.compiler().known(index, "並び", names.into_iter()))
        .and_then(|_| index_of(node, rt));
    let tables = &pass.service.tables;
    let filter_node = node.get("filter");
    let filter = filter_node.and_then(|filter| {
        let env = closed_filter_env(rt, tables);
        Compiler { sink: pass.sink }.expr(filter, &env, Some(&Type::Boolean))
    });
    if let Some(index) = index {
        serves(
            node,
            filter_node.filter(|_| filter.is_some()),
            index,
            (rt, tables),
            pass.sink,
        );
    }
    let lenient = pass.lenient;
    let mut compiler = pass.compiler();
    let columns = node.get("columns").map(Node::entries).unwrap_or_default();
    let columns = columns
        .iter()
        .filter_map(|(key, value)| {
            Some(ViewColumn {
                title: key.name.clone(),
                value: compiler.expr(value, lenient, None)?,
            })
        })
        .collect();
    (filter, columns)
}

fn index_of<'r>(node: &Node, rt: &'r RecordType) -> Option<&'r ListIndex> {
    let name = node.text_of("index")?;
    rt.indexes.iter().find(|known| known.name == name)
}

fn kind(
    pass: &mut Pass<'_>,
    node: &Node,
    rt: &RecordType,
    filter: Option<&Typed>,
) -> Option<ViewKind> {
    match node.text_of("kind").unwrap_or("list") {
        "board" => board(pass, node, rt, filter),
        "calendar" => calendar(pass, node, rt),
        "chart" => {
            let shape = match node.text_of("shape") {
                Some("line") => Shape::Line,
                _ => Shape::Bar,
            };
            Some(ViewKind::Chart(numbers(pass, node, rt)?, shape))
        }
        "map" => Some(ViewKind::Map(numbers(pass, node, rt)?)),
        "report" => {
            let numbers = numbers(pass, node, rt)?;
            let month = node.string("month")?;
            dimension(pass, node, "month", rt, &numbers)?;
            let periods = periods(node);
            Some(ViewKind::Report {
                numbers,
                month,
                periods,
            })
        }
        "dashboard" => Some(ViewKind::Dashboard(node.strings("show"))),
        _ => Some(ViewKind::List),
    }
}

/// In the order of their length, whatever the order of the words.
fn periods(node: &Node) -> Vec<Period> {
    let said = node.strings("periods");
    let all = [
        ("month", Period::Month),
        ("quarter", Period::Quarter),
        ("fiscal_year", Period::FiscalYear),
        ("year", Period::Year),
    ];
    let of = |(word, _): &(&str, Period)| match said.is_empty() {
        true => *word == "month",
        false => said.iter().any(|one| one == word),
    };
    all.into_iter().filter(of).map(|(_, one)| one).collect()
}

fn board(
    pass: &mut Pass<'_>,
    node: &Node,
    rt: &RecordType,
    filter: Option<&Typed>,
) -> Option<ViewKind> {
    pass.compiler()
        .all_known(node.get("lanes"), "状態", rt.states.keys());
    let index = index_of(node, rt)?;
    if index.keys.first() != Some(&IndexKey::State) || filter.is_some() {
        pass.sink
            .error(
                node.key_at("index"),
                "board-index",
                "board は、初めの鍵が state の並びで、絞り込みなしで使います。",
            )
            .hint("例: indexes: { by_state: { keys: [state, due] } }");
    }
    Some(ViewKind::Board(node.strings("lanes")))
}

/// The day must be the first key that the filter leaves open, so that a month is a range of the index.
fn calendar(pass: &mut Pass<'_>, node: &Node, rt: &RecordType) -> Option<ViewKind> {
    let date = node.get("date")?;
    let index = index_of(node, rt)?;
    let predicate = node
        .get("filter")
        .and_then(|filter| predicate(filter, rt, &pass.service.tables, pass.sink))
        .unwrap_or(Predicate::True);
    let open = index
        .keys
        .iter()
        .map(IndexKey::path)
        .find(|name| !fixed(&predicate, name));
    let text = date.text()?;
    if open.as_deref() != Some(text) {
        pass.sink
            .error(
                &date.at,
                "not-served",
                format!("並び「{}」では「{text}」の順に並びません。", index.name),
            )
            .hint("絞り込みで1つに決まる鍵の、すぐ次の鍵の日付を書いてください。");
        return None;
    }
    Some(ViewKind::Calendar(text.to_owned()))
}

fn numbers(pass: &mut Pass<'_>, node: &Node, rt: &RecordType) -> Option<Numbers> {
    pass.compiler()
        .all_known(node.get("measures"), "数", rt.measures.keys());
    let numbers = Numbers {
        measures: node.strings("measures"),
        across: node.string("across")?,
        split: node.string("split"),
    };
    by_office(pass, node, rt, &numbers);
    dimension(pass, node, "across", rt, &numbers)?;
    if node.get("split").is_some() {
        dimension(pass, node, "split", rt, &numbers)?;
    }
    Some(numbers)
}

/// A desk that sees records by office knows numbers by office: without that dimension there would be none to show.
fn by_office(pass: &mut Pass<'_>, node: &Node, rt: &RecordType, numbers: &Numbers) {
    let everywhere = |who: &Who| {
        let all = |rule: &SeeRule| {
            rule.who == *who && rule.scope == ScopeKind::All && rule.states.is_none()
        };
        !matches!(who, Who::Desk(_)) || rt.see.iter().any(all)
    };
    let who = everybody(node, "for", rt, pass.service, pass.sink);
    if who.iter().all(everywhere) {
        return;
    }
    for measure in numbers.measures.iter().filter_map(|m| rt.measures.get(m)) {
        let office = |d: &Dimension| d.value.source().trim() == "office";
        if !measure.by.iter().any(office) {
            pass.sink
                .error(
                    node.key_at("measures"),
                    "numbers-by-office",
                    format!("「{}」に事務所の軸がないので、事務所ごとに見る人には数を出せません。", measure.title),
                )
                .hint("measures の by に「事務所: office」を足すか、for をすべてを見られる人だけにしてください。");
        }
    }
}

/// Who closes a period knows all that is closed: everything, or their office's part where offices close their own.
fn closing(pass: &mut Pass<'_>, (view, node): (&Node, &Node), rt: &RecordType) -> Close {
    let shown = everybody(view, "for", rt, pass.service, pass.sink);
    let per_office = node.text_of("per") == Some("office");
    if per_office {
        every_measure_by_office(pass, (view, node), rt);
    }
    let mut roles = |word: &str| {
        let who = everybody(node, word, rt, pass.service, pass.sink);
        let all = |who: &Who| {
            let sees = |rule: &SeeRule| match rule.scope {
                _ if rule.who != *who => false,
                ScopeKind::All => rule.states.is_none(),
                ScopeKind::Office => per_office,
                _ => false,
            };
            matches!(who, Who::Desk(_)) && shown.contains(who) && rt.see.iter().any(sees)
        };
        if !who.iter().all(all) {
            pass.sink
                .error(
                    node.key_at(word),
                    "close-by",
                    format!("「{word}」には、画面の for にあり、すべての記録を見られる職員の役割だけを書きます。"),
                )
                .hint("see に { who: desk.役割, scope: all } を書き、for に足してください。");
        }
        who
    };
    Close {
        by: roles("by"),
        reopen: roles("reopen"),
        per_office,
    }
}

/// Where offices close their own, no number may belong to none.
fn every_measure_by_office(pass: &mut Pass<'_>, (view, node): (&Node, &Node), rt: &RecordType) {
    let office = |d: &Dimension| d.value.source().trim() == "office";
    for name in view.strings("measures") {
        let Some(measure) = rt.measures.get(&name) else {
            continue;
        };
        if !measure.by.iter().any(office) {
            pass.sink
                .error(
                    node.key_at("per"),
                    "close-per-office",
                    format!(
                        "「{}」に事務所の軸がないので、所ごとには締められません。",
                        measure.title
                    ),
                )
                .hint("measures の by に「事務所: office」を足すか、per をやめてください。");
        }
    }
}

/// Every measure shown must have the dimension.
fn dimension(
    pass: &mut Pass<'_>,
    node: &Node,
    word: &str,
    rt: &RecordType,
    numbers: &Numbers,
) -> Option<()> {
    let at = node.get(word)?;
    let name = at.text()?;
    for measure in numbers.measures.iter().filter_map(|m| rt.measures.get(m)) {
        let known: Vec<&str> = measure.by.iter().map(|d| d.title.as_str()).collect();
        if !known.contains(&name) {
            pass.sink
                .error(
                    &at.at,
                    "unknown-dimension",
                    format!("「{}」に「{name}」という軸はありません。", measure.title),
                )
                .hint_if(nearest(name, known));
            return None;
        }
    }
    Some(())
}

fn dashboards(pass: &mut Pass<'_>, rt: &RecordType) {
    let entries = pass
        .node
        .get("views")
        .map(Node::entries)
        .unwrap_or_default();
    for (_, node) in entries {
        pass.compiler()
            .all_known(node.get("show"), "画面", rt.views.keys());
    }
}
