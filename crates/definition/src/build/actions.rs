//! Actions: conditions, changes, effects.

use super::compile::{Pass, message_known, recipient};
use crate::diagnostic::{Sink, nearest};
use crate::model::{
    Assured, Batch, Change, Effect, FieldKind, Recipient, RecordType, SetField, Target, Who,
};
use crate::word::is_name;
use crate::yaml::Node;
use feel::{Env, Type};
use indexmap::IndexMap;

/// Levels of assurance are low, middle and high.
const HIGHEST_LEVEL: u8 = 3;

/// Fills in what the actions of a type say.
pub(super) fn fill(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let mut actions = std::mem::take(&mut rt.actions);
    for (key, node) in pass
        .node
        .get("actions")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let Some(action) = actions.get_mut(&key.name) else {
            continue;
        };
        let (env, service) = (pass.env, pass.service);
        let mut compiler = pass.compiler();
        compiler.all_known(node.get("from"), "状態", rt.states.keys());
        compiler.all_known(node.get("to"), "状態", rt.states.keys());
        if let Some(route) = node.get("route") {
            compiler.known(route, "決裁", service.routes.keys());
        }
        form(node, "form", rt, compiler.sink);
        form(node, "corrects", rt, compiler.sink);
        routed(node, rt, compiler.sink);
        action.batch = compiler
            .at(node, "batch", env, Some(&Type::Boolean))
            .map(|when| match when.source().trim() {
                "true" => Batch::Always,
                _ => Batch::If(when),
            });
        if let Some(batch) = node.get("batch")
            && (action.from.is_empty() || !action.by.iter().any(|who| matches!(who, Who::Desk(_))))
        {
            compiler
                .sink
                .error(
                    &batch.at,
                    "batch-without-desk",
                    "batch は、職員が開いている記録に行う操作だけに書けます。",
                )
                .hint("by に desk.役割 を、from に状態を書くか、batch を消してください。");
        }
        action.assurance = assured(node, &action.by, compiler.sink);
        action.require = compiler.conditions(node, "require", env, &rt.fields);
        action.when = compiler.at(node, "when", env, Some(&Type::Boolean));
        if node.get("when").is_some() && !action.by.contains(&Who::System) {
            compiler
                .sink
                .error(
                    node.key_at("when"),
                    "when-without-system",
                    "when は system の操作だけに書けます。",
                )
                .hint("by に system を足すか、条件を require に書いてください。");
        }
        let here = RecordType {
            actions: IndexMap::new(),
            ..rt.clone()
        };
        action.change = node
            .get("change")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| change(pass, item, &here))
            .collect();
        action.effect = node
            .get("effect")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| effect(pass, item, &here))
            .collect();
    }
    rt.actions = actions;
}

/// How surely an actor must be known: demanded of somebody who signs in.
pub(super) fn assured(node: &Node, by: &[Who], sink: &mut Sink) -> Assured {
    let Some(demand) = node.get("assurance") else {
        return Assured::default();
    };
    let mut level = |word: &str| {
        let level = demand.number::<u8>(word).unwrap_or_default();
        if demand.get(word).is_some() && !(1..=HIGHEST_LEVEL).contains(&level) {
            sink.error(
                demand.key_at(word),
                "assurance-level",
                format!("保証レベル（{word}）は、1から{HIGHEST_LEVEL}までです。"),
            );
        }
        level
    };
    let assured = Assured {
        identity: level("identity"),
        authentication: level("authentication"),
    };
    if assured == Assured::default() {
        sink.error(
            &demand.at,
            "assurance-level",
            "assurance には、identity（身元確認）か authentication（当人認証）のどちらかを書いてください。",
        )
        .hint("例: assurance: { identity: 2, authentication: 2 }");
    }
    if by.contains(&Who::Public) || !by.iter().any(|who| *who != Who::System) {
        sink.error(
            &demand.at,
            "assurance-of-nobody",
            "ログインしない人（public）や system の操作には、assurance を書けません。",
        )
        .hint("by をログインする人だけにするか、assurance を消してください。");
    }
    assured
}

/// What a route asks for by itself may not be asked for by an action that goes through one.
fn routed(node: &Node, rt: &RecordType, sink: &mut Sink) {
    if node.get("route").is_none() {
        return;
    }
    for item in node.get("form").map(Node::one_or_many).unwrap_or_default() {
        if let Some(name) = item
            .text()
            .filter(|name| crate::ROUTE_INPUTS.contains(name) && rt.fields.contains_key(*name))
        {
            sink.error(
                &item.at,
                "reserved-name",
                format!("「{name}」は決裁が自分で尋ねる言葉の名前です。"),
            )
            .hint("項目を別の名前にしてください。");
        }
    }
}

fn form(node: &Node, word: &str, rt: &RecordType, sink: &mut Sink) {
    let Some(form) = node.get(word).filter(|form| form.text() != Some("any")) else {
        return;
    };
    for item in form.one_or_many() {
        let Some(name) = item.text() else { continue };
        match rt.fields.get(name) {
            None => {
                sink.error(
                    &item.at,
                    "unknown-field",
                    format!("「{name}」という項目はありません。"),
                )
                .hint_if(nearest(name, rt.fields.keys().map(String::as_str)));
            }
            Some(field) if field.value.is_some() => {
                sink.error(
                    &item.at,
                    "computed-in-form",
                    format!("「{name}」は計算で決まるので、書いてもらえません。"),
                )
                .hint("form から外してください。");
            }
            Some(_) => {}
        }
    }
}

/// An action that others perform must be open to the system.
pub(super) fn must_be_system(node: &Node, rt: &RecordType, sink: &mut Sink) {
    let Some(name) = node.text() else { return };
    if rt
        .actions
        .get(name)
        .is_some_and(|action| !action.by.contains(&Who::System))
    {
        sink.error(
            &node.at,
            "not-a-system-action",
            format!("「{name}」は system の操作ではありません。"),
        )
        .hint("その操作の by に system を足してください。");
    }
}

fn effect(pass: &mut Pass<'_>, item: &Node, rt: &RecordType) -> Option<Effect> {
    if let Some(document) = item.get("issue") {
        return issue(pass, item, document, rt);
    }
    let (env, service) = (pass.env, pass.service);
    let mut compiler = pass.compiler();
    let Some(notify) = item.get("notify") else {
        return super::payment::effect(&mut compiler, item, env);
    };
    let to = recipient(notify, rt, service, compiler.sink);
    let message = notify
        .get("message")
        .filter(|message| message_known(message, service, compiler.sink))
        .and_then(Node::text)
        .map(str::to_owned);
    let when = compiler.at(notify, "when", env, Some(&Type::Boolean));
    let office = compiler.at(notify, "office", env, Some(&Type::Text.optional()));
    if let (Some(node), Some(Recipient::Party(_))) = (notify.get("office"), &to) {
        compiler
            .sink
            .error(
                &node.at,
                "office-without-desk",
                "office は、職員に知らせるときだけに書けます。",
            )
            .hint("to を desk か desk.役割にするか、office を消してください。");
    }
    Some(Effect::Notify {
        to: to?,
        office,
        message: message?,
        when,
    })
}

fn issue(pass: &mut Pass<'_>, item: &Node, document: &Node, rt: &RecordType) -> Option<Effect> {
    let env = pass.env;
    let when = pass.compiler().at(item, "when", env, Some(&Type::Boolean));
    let on = match item.get("on") {
        Some(node) => target(pass, node, rt, true)?,
        None => Target::This,
    };
    let other = other(pass, &on, rt)?;
    let known = pass
        .compiler()
        .known(document, "文書", other.documents.keys());
    known.then_some(Effect::Issue {
        document: document.text()?.to_owned(),
        on,
        when,
    })
}

fn change(pass: &mut Pass<'_>, item: &Node, rt: &RecordType) -> Option<Change> {
    let env = pass.env;
    let when = pass.compiler().at(item, "when", env, Some(&Type::Boolean));
    if let Some(open) = item.get("open") {
        return opened(pass, item, open, rt, when);
    }
    if let Some(target) = item.get("set") {
        let on = self::target(pass, target, rt, true)?;
        let other = other(pass, &on, rt)?;
        let fields = values(pass, item.get("fields"), &other, env);
        return Some(Change::Set { on, when, fields });
    }
    if let Some(target) = item.get("act") {
        return acted(pass, item, target, rt, when);
    }
    if let Some(role) = item.get("party") {
        return party(pass, item, role, rt, when);
    }
    posted(pass, item)
}

fn party(
    pass: &mut Pass<'_>,
    item: &Node,
    role: &Node,
    rt: &RecordType,
    when: Option<feel::Typed>,
) -> Option<Change> {
    let on = target(pass, item.get("of")?, rt, false)?;
    let other = other(pass, &on, rt)?;
    let from = item.get("from")?;
    let mut compiler = pass.compiler();
    let there = compiler.known(role, "当事者", other.parties.keys());
    let here = compiler.known(from, "当事者", rt.parties.keys());
    (there && here).then_some(())?;
    Some(Change::Party {
        on,
        role: role.text()?.to_owned(),
        from: from.text()?.to_owned(),
        when,
    })
}

fn opened(
    pass: &mut Pass<'_>,
    item: &Node,
    open: &Node,
    rt: &RecordType,
    when: Option<feel::Typed>,
) -> Option<Change> {
    let types = pass.types;
    if !pass.compiler().known(open, "記録の種類", types.keys()) {
        return None;
    }
    let other = types.get(open.text()?)?;
    let name = item.string("as");
    let slot = name.clone().filter(|name| rt.has.contains_key(name));
    if let (Some(slot), Some(node)) = (&slot, item.get("as"))
        && rt
            .has
            .get(slot)
            .is_some_and(|child| child.record_type != other.name)
    {
        pass.sink
            .error(
                &node.at,
                "wrong-slot",
                format!("「{slot}」に入るのは「{}」ではありません。", other.name),
            )
            .hint("has の type を確かめてください。");
    }
    if let Some(node) = item
        .get("as")
        .filter(|node| !is_name(node.text().unwrap_or("")))
    {
        pass.sink
            .error(&node.at, "bad-name", "結びの名前に使えません。")
            .hint("文字で始め、文字・数字・「_」だけを使ってください。");
    }
    let mut env = pass.env.clone();
    if let Some(rows) = item.get("for_each") {
        let row = rows
            .text()
            .and_then(|rows| env.variables.get(rows))
            .map(Type::required);
        match (
            row,
            rows.text()
                .and_then(|rows| rt.fields.get(rows))
                .map(|field| &field.kind),
        ) {
            (Some(Type::List(of)), Some(FieldKind::Rows { .. })) => {
                let of = (**of).clone();
                env.variables.insert("row".to_owned(), of);
            }
            _ => {
                let names: Vec<&String> = rt
                    .fields
                    .values()
                    .filter(|field| matches!(field.kind, FieldKind::Rows { .. }))
                    .map(|field| &field.name)
                    .collect();
                pass.compiler().known(rows, "明細", names.into_iter());
            }
        }
    }
    pass.compiler()
        .all_known(item.get("state"), "状態", other.states.keys());
    let with = values(pass, item.get("with"), other, &env);
    Some(Change::Open {
        record_type: other.name.clone(),
        link: name.filter(|_| slot.is_none()),
        slot,
        for_each: item.string("for_each"),
        when,
        state: item.string("state"),
        with,
        parties: item.get("parties").and_then(Node::boolean).unwrap_or(true),
    })
}

fn acted(
    pass: &mut Pass<'_>,
    item: &Node,
    target: &Node,
    rt: &RecordType,
    when: Option<feel::Typed>,
) -> Option<Change> {
    let on = self::target(pass, target, rt, false)?;
    let other = other(pass, &on, rt)?;
    let action = item.get("do")?;
    if !pass.compiler().known(action, "操作", other.actions.keys()) {
        return None;
    }
    must_be_system(action, &other, pass.sink);
    let env = pass.env;
    let with = values(pass, item.get("with"), &other, env);
    Some(Change::Act {
        on,
        action: action.text()?.to_owned(),
        when,
        with,
    })
}

fn posted(pass: &mut Pass<'_>, item: &Node) -> Option<Change> {
    let (word, node) = ["post", "hold", "release"]
        .into_iter()
        .find_map(|word| Some((word, item.get(word)?)))?;
    let (service, env) = (pass.service, pass.env);
    let mut compiler = pass.compiler();
    compiler.known(node, "残高", service.ledgers.keys());
    let key = compiler.at(item, "key", env, Some(&Type::Text));
    let amount = compiler.at(item, "amount", env, Some(&Type::Number));
    let (ledger, key, amount) = (node.text()?.to_owned(), key?, amount?);
    Some(match word {
        "post" => Change::Post {
            ledger,
            key,
            amount,
        },
        "hold" => Change::Hold {
            ledger,
            key,
            amount,
        },
        _ => Change::Release {
            ledger,
            key,
            amount,
        },
    })
}

fn target(pass: &mut Pass<'_>, node: &Node, rt: &RecordType, this: bool) -> Option<Target> {
    let text = node.text()?;
    match text {
        "this" if this => Some(Target::This),
        "parent" if !rt.child_of.is_empty() => Some(Target::Parent),
        _ if rt.has.contains_key(text) => Some(Target::Children(text.to_owned())),
        _ if rt.links.contains_key(text) => Some(Target::Link(text.to_owned())),
        _ => {
            let own = this
                .then(|| "this".to_owned())
                .into_iter()
                .chain((!rt.child_of.is_empty()).then(|| "parent".to_owned()));
            let known: Vec<String> = own
                .chain(rt.has.keys().cloned())
                .chain(rt.links.keys().cloned())
                .collect();
            pass.sink
                .error(
                    &node.at,
                    "unknown-target",
                    format!("「{text}」という相手の記録はありません。"),
                )
                .hint_if(nearest(text, known.iter().map(String::as_str)));
            None
        }
    }
}

/// The type of a target. With several parent types the first stands for all: names must be right in each, which
/// [`crate::check`] sees to when it looks at the parents.
fn other(pass: &Pass<'_>, target: &Target, rt: &RecordType) -> Option<RecordType> {
    let name = match target {
        Target::This => return pass.types.get(&rt.name).cloned(),
        Target::Parent => &rt.child_of.first()?.0,
        Target::Children(slot) => &rt.has.get(slot)?.record_type,
        Target::Link(link) => rt.links.get(link)?,
    };
    pass.types.get(name).cloned()
}

pub(super) fn values(
    pass: &mut Pass<'_>,
    node: Option<&Node>,
    other: &RecordType,
    env: &Env,
) -> Vec<SetField> {
    let mut set = Vec::new();
    for (key, value) in node.map(Node::entries).unwrap_or_default() {
        let Some(field) = other.fields.get(&key.name) else {
            pass.sink
                .error(
                    &key.at,
                    "unknown-field",
                    format!(
                        "「{}」に「{}」という項目はありません。",
                        other.title, key.name
                    ),
                )
                .hint_if(nearest(&key.name, other.fields.keys().map(String::as_str)));
            continue;
        };
        if super::numbers::refused(field, &key.at, pass.sink) {
            continue;
        }
        let tables = &pass.service.tables;
        let expected = field.kind.closed_type(&field.title, tables).optional();
        if let Some(value) = pass.compiler().expr(value, env, Some(&expected)) {
            set.push(SetField {
                field: key.name.clone(),
                value,
            });
        }
    }
    set
}
