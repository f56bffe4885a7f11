//! The facts of `service.yaml`: roles, ledgers, routes.

use super::compile::Compiler;
use super::presence::Settled;
use crate::diagnostic::{Sink, nearest};
use crate::env::Names;
use crate::model::{
    Door, Guide, Ledger, Message, Outside, Plan, RecordType, Role, Route, RouteStep, Service,
    Status, Who,
};
use crate::yaml::Node;
use feel::Type;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Reads what needs no expression.
pub(super) fn read(head: &Node, slug: &str, sink: &mut Sink) -> Service {
    let text = |name: &str| head.string(name).unwrap_or_default();
    let status = match head.text_of("status") {
        Some("running") => Status::Running,
        Some("register") => Status::Register,
        _ => Status::Preparing,
    };
    if status != Status::Register {
        for word in ["initiatives", "area", "category"] {
            if head.get(word).is_none() {
                sink.error(
                    &head.at,
                    "missing-word",
                    format!("service.yaml に「{word}」がありません。"),
                )
                .hint("目録に出るサービスには要ります。");
            }
        }
    }
    if let Some(node) = head.get("plan")
        && node.number::<u32>("page").is_some_and(|page| page == 0)
    {
        sink.error(&node.at, "wrong-shape", "ページは1から数えます。");
    }
    let mut service = Service {
        slug: slug.to_owned(),
        hash: String::new(),
        title: text("title"),
        initiatives: head.strings("initiatives"),
        area: text("area"),
        category: text("category"),
        status,
        owner: text("owner"),
        summary: text("summary").trim().to_owned(),
        audience: head.strings("audience"),
        actors: head.strings("actors"),
        keywords: head.strings("keywords"),
        legal_basis: head.strings("legal_basis"),
        life_events: head.strings("life_events"),
        retention: head.string("retention"),
        plan: head.get("plan").map(plan),
        roles: named(head, "roles", |name, node| Role {
            name: name.to_owned(),
            title: node.text().unwrap_or(name).to_owned(),
        }),
        types: IndexMap::new(),
        publications: IndexMap::new(),
        imports: IndexMap::new(),
        tables: IndexMap::new(),
        ledgers: named(head, "ledgers", |name, node| Ledger {
            name: name.to_owned(),
            title: node.string("title").unwrap_or_default(),
            unit: node.string("unit").unwrap_or_default(),
            floor: node.number("floor"),
        }),
        routes: IndexMap::new(),
        messages: named(head, "messages", |name, _| Message {
            name: name.to_owned(),
            subject: Vec::new(),
            body: Vec::new(),
            outside: Outside::default(),
            urgent: false,
            translated: BTreeMap::new(),
        }),
        guides: named(head, "guides", guide),
        doors: named(head, "doors", |name, node| Door {
            name: name.to_owned(),
            title: node.string("title").unwrap_or_default(),
            help: node.string("help"),
            records: node.strings("records"),
        }),
        review: Vec::new(),
        content: IndexMap::new(),
        templates: Default::default(),
        translations: Default::default(),
    };
    service.routes = routes(head, &service, sink);
    service
}

fn guide(name: &str, node: &Node) -> Guide {
    let text = |word: &str| node.string(word).unwrap_or_default();
    Guide {
        name: name.to_owned(),
        title: text("title"),
        help: node.string("help"),
        taps: node.number("taps").unwrap_or(6),
        questions: text("questions"),
        answers: text("answers"),
        start: text("start"),
        covers: node.strings("covers"),
    }
}

fn plan(node: &Node) -> Plan {
    Plan {
        document: node.string("document").unwrap_or_default(),
        page: node.number("page"),
        kind: node.string("kind"),
    }
}

fn named<T>(head: &Node, word: &str, make: impl Fn(&str, &Node) -> T) -> IndexMap<String, T> {
    head.get(word)
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|(key, node)| (key.name.clone(), make(&key.name, node)))
        .collect()
}

fn routes(head: &Node, service: &Service, sink: &mut Sink) -> IndexMap<String, Route> {
    let mut routes = IndexMap::new();
    for (key, node) in head.get("routes").map(Node::entries).unwrap_or_default() {
        let draft = node.get("draft");
        let steps = node.get("steps").map(Node::items).unwrap_or_default();
        delegation(steps, sink);
        if steps.is_empty() {
            sink.error(
                &key.at,
                "route-without-steps",
                format!("決裁「{}」に段がありません。", key.name),
            )
            .hint("steps に決定の段を1つは書いてください。");
        }
        routes.insert(
            key.name.clone(),
            Route {
                name: key.name.clone(),
                title: node.string("title").unwrap_or_else(|| key.name.clone()),
                draft_by: draft
                    .map(|draft| desks(draft, service, sink))
                    .unwrap_or_default(),
                draft_required: draft.is_some_and(|draft| draft.flag("required")),
                steps: steps
                    .iter()
                    .map(|step| RouteStep {
                        title: step.string("title").unwrap_or_default(),
                        by: desks(step, service, sink),
                        when: None,
                        every: step.flag("every"),
                        delegated: None,
                        substitute: step.flag("substitute"),
                    })
                    .collect(),
            },
        );
    }
    routes
}

/// 専決 is about who decides: a word of the last step alone.
fn delegation(steps: &[Node], sink: &mut Sink) {
    for (number, step) in steps.iter().enumerate() {
        let last = number + 1 == steps.len();
        if let Some(delegated) = step.get("delegated").filter(|_| !last) {
            sink.error(
                &delegated.at,
                "delegated-before-decision",
                "delegated（専決）は、最後の段（決定）だけに書けます。",
            )
            .hint("途中の段が要るかどうかは when に書いてください。");
        }
        if last && step.flag("every") {
            sink.error(
                step.key_at("every"),
                "every-at-decision",
                "every（合議）は、決定より前の段だけに書けます。決めるのは1人です。",
            )
            .hint("合議の段を決定の前に分けてください。");
        }
    }
}

/// Desk roles under `by`.
fn desks(node: &Node, service: &Service, sink: &mut Sink) -> Vec<Who> {
    let mut who = Vec::new();
    for item in node.get("by").map(Node::one_or_many).unwrap_or_default() {
        let Some(text) = item.text() else { continue };
        match text
            .strip_prefix("desk.")
            .filter(|role| service.roles.contains_key(*role))
        {
            Some(role) => who.push(Who::Desk(role.to_owned())),
            None => {
                let known: Vec<String> = service
                    .roles
                    .keys()
                    .map(|role| format!("desk.{role}"))
                    .collect();
                sink.error(
                    &item.at,
                    "unknown-role",
                    format!("決裁に「{text}」という役割はありません。"),
                )
                .hint_if(nearest(text, known.iter().map(String::as_str)));
            }
        }
    }
    who
}

/// Conditions of route steps, over the records whose actions go through the route.
pub(super) fn route_conditions(
    head: &Node,
    types: &IndexMap<String, RecordType>,
    service: &mut Service,
    presence: &Settled,
    sink: &mut Sink,
) {
    let mut routes = std::mem::take(&mut service.routes);
    for (key, node) in head.get("routes").map(Node::entries).unwrap_or_default() {
        let users: Vec<&RecordType> = types
            .values()
            .filter(|rt| {
                rt.actions
                    .values()
                    .any(|action| action.route.as_ref() == Some(&key.name))
            })
            .collect();
        for (number, step) in node
            .get("steps")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            let (when, delegated) = (step.get("when"), step.get("delegated"));
            if when.is_none() && delegated.is_none() {
                continue;
            }
            let names = Names {
                types: types.values().collect(),
                tables: &service.tables,
            };
            for rt in &users {
                let env = names.env(rt, presence);
                let mut compiler = Compiler { sink };
                let holds = compiler.at(step, "when", &env, Some(&Type::Boolean));
                let role = compiler.at(step, "delegated", &env, Some(&Type::Text));
                if let Some(slot) = routes
                    .get_mut(&key.name)
                    .and_then(|route| route.steps.get_mut(number))
                {
                    slot.when = holds.or(slot.when.take());
                    slot.delegated = role.or(slot.delegated.take());
                }
            }
            if users.is_empty() {
                sink.warning(
                    &key.at,
                    "unused",
                    format!("決裁「{}」はどの操作も使っていません。", key.name),
                );
            }
        }
    }
    service.routes = routes;
}
