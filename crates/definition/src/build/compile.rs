//! Second pass over a record type: its expressions.

use super::messages::template;
use super::presence::{Settled, row_env};
use super::skeleton::{seat_or_party, seats_and_parties};
use super::{actions, documents, faces, lists, payment, views};
use crate::diagnostic::Sink;
use crate::env::{Lenient, Names};
use crate::kinds::{Tables, row_type};
use crate::model::{Clock, Condition, Field, FieldKind, Part, Recipient, RecordType, Service, Who};
use crate::yaml::Node;
use feel::{Env, Type, Typed};
use indexmap::IndexMap;

/// Compiles expressions and puts what is wrong with them at their place in the file.
pub(super) struct Compiler<'a> {
    pub(super) sink: &'a mut Sink,
}

impl Compiler<'_> {
    pub(super) fn expr(
        &mut self,
        node: &Node,
        env: &Env,
        expected: Option<&Type>,
    ) -> Option<Typed> {
        let source = node.text()?;
        match feel::compile(source, env, expected) {
            Ok(typed) => {
                self.sink.passed.extend_from_slice(typed.passed());
                Some(typed)
            }
            Err(found) => {
                for fault in found {
                    let at = node.inside(
                        fault.span.start,
                        fault.span.end.saturating_sub(fault.span.start),
                    );
                    self.sink
                        .error(&at, fault.code, fault.message)
                        .hint_if(fault.hint);
                }
                None
            }
        }
    }

    pub(super) fn at(
        &mut self,
        node: &Node,
        word: &str,
        env: &Env,
        expected: Option<&Type>,
    ) -> Option<Typed> {
        node.get(word)
            .and_then(|node| self.expr(node, env, expected))
    }

    pub(super) fn conditions(
        &mut self,
        node: &Node,
        word: &str,
        env: &Env,
        fields: &IndexMap<String, Field>,
    ) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for item in node.get(word).map(Node::items).unwrap_or_default() {
            conditions.extend(self.condition(item, env, fields));
        }
        conditions
    }

    /// One condition.
    pub(super) fn condition(
        &mut self,
        item: &Node,
        env: &Env,
        fields: &IndexMap<String, Field>,
    ) -> Option<Condition> {
        if let Some(field) = item.get("field") {
            self.known(field, "項目", fields.keys());
        }
        let that = self.at(item, "that", env, Some(&Type::Boolean));
        let message = self.sentence(item, "else", env);
        Some(Condition {
            that: that?,
            message: message.unwrap_or_default(),
            field: item.string("field"),
        })
    }

    /// A sentence in which `{{ expression }}` stands for a value.
    pub(super) fn sentence(&mut self, node: &Node, word: &str, env: &Env) -> Option<Vec<Part>> {
        node.get(word).map(|node| template(node, &[env], self.sink))
    }

    /// Says so if a name is none of the known ones.
    pub(super) fn known<'n>(
        &mut self,
        node: &Node,
        what: &str,
        names: impl Iterator<Item = &'n String> + Clone,
    ) -> bool {
        let Some(text) = node.text() else {
            return false;
        };
        let found = names.clone().any(|name| name == text);
        if !found {
            let code = match what {
                "項目" => "unknown-field",
                "状態" => "unknown-state",
                "操作" => "unknown-action",
                "文" => "unknown-message",
                "並び" => "unknown-index",
                "記録の種類" => "unknown-type",
                "残高" => "unknown-ledger",
                "決裁" => "unknown-route",
                "文書" => "unknown-document",
                _ => "unknown-name",
            };
            self.sink
                .error(
                    &node.at,
                    code,
                    format!("「{text}」という{what}はありません。"),
                )
                .hint_if(crate::diagnostic::nearest(text, names.map(String::as_str)));
        }
        found
    }

    /// The same for each of a list.
    pub(super) fn all_known<'n>(
        &mut self,
        node: Option<&Node>,
        what: &str,
        names: impl Iterator<Item = &'n String> + Clone,
    ) {
        for item in node.map(Node::one_or_many).unwrap_or_default() {
            self.known(item, what, names.clone());
        }
    }
}

/// Fills in the expressions of all types.
pub(super) fn fill(
    records: &IndexMap<String, Node>,
    types: &mut IndexMap<String, RecordType>,
    service: &Service,
    presence: &Settled,
    sink: &mut Sink,
) {
    let plain = types.clone();
    let names = Names {
        types: plain.values().collect(),
        tables: &service.tables,
    };
    // Indexes first: views and lookups of other types refer to them.
    for (name, node) in records {
        if let Some(rt) = types.get_mut(name) {
            lists::indexes(node, rt, &service.tables, sink);
            super::handed::indexes(node, rt, sink);
        }
    }
    let indexed = types.clone();
    for (name, node) in records {
        let Some(rt) = types.get_mut(name) else {
            continue;
        };
        let env = names.env(rt, presence);
        let kind = names.env(rt, &Lenient);
        let mut all = Pass {
            node,
            service,
            env: &env,
            lenient: &kind,
            types: &indexed,
            presence,
            sink,
        };
        all.record(rt);
    }
}

/// What a pass over one record type needs.
pub(super) struct Pass<'a> {
    pub(super) node: &'a Node,
    pub(super) service: &'a Service,
    pub(super) env: &'a Env,
    pub(super) lenient: &'a Env,
    pub(super) types: &'a IndexMap<String, RecordType>,
    pub(super) presence: &'a Settled,
    pub(super) sink: &'a mut Sink,
}

impl Pass<'_> {
    pub(super) fn compiler(&mut self) -> Compiler<'_> {
        Compiler { sink: self.sink }
    }

    fn record(&mut self, rt: &mut RecordType) {
        let node = self.node;
        let text = Type::Text.optional();
        let env = self.env;
        let mut derived = |word| Compiler { sink: self.sink }.at(node, word, env, Some(&text));
        rt.label = derived("label");
        rt.authority = derived("authority");
        rt.office = derived("office");
        rt.municipality = derived("municipality");
        self.fields(rt);
        self.number(rt);
        self.clocks(rt);
        lists::lookups(self, rt);
        faces::outlook(self, rt);
        faces::compare(self, rt);
        faces::measures(self, rt);
        actions::fill(self, rt);
        super::numbers::fill(self.node, rt, self.service, self.sink);
        payment::fill(self, rt);
        lists::see(self, rt);
        lists::search(self, rt);
        lists::unique(self, rt);
        views::fill(self, rt);
        documents::fill(self, rt);
        super::retention::read(self, rt);
        super::handed::check(self.node, rt, self.sink);
        super::looked::read(self, rt);
        super::closed::read(self, rt);
        super::sharing::read(self, rt);
        super::glass::read(self, rt);
    }

    fn number(&mut self, rt: &RecordType) {
        let node = self.node;
        let mut compiler = self.compiler();
        if let Some(number) = node.get("number") {
            if let Some(drawn) = number.get("drawn_at") {
                compiler.known(drawn, "操作", rt.actions.keys());
            }
            if let Some(pattern) = number.get("pattern") {
                number_pattern(pattern, compiler.sink);
            }
        }
        if let Some(arrives) = node.get("arrives_at") {
            compiler.known(arrives, "操作", rt.actions.keys());
        }
    }

    fn fields(&mut self, rt: &mut RecordType) {
        let mut fields = std::mem::take(&mut rt.fields);
        let shape = RecordType {
            fields: fields.clone(),
            ..rt.clone()
        };
        for (key, node) in self
            .node
            .get("fields")
            .map(Node::entries)
            .unwrap_or_default()
        {
            let Some(field) = fields.get_mut(&key.name) else {
                continue;
            };
            let env = self.env;
            let tables = &self.service.tables;
            field_expressions(
                &mut self.compiler(),
                node,
                field,
                (env, tables),
                &shape.fields,
            );
            if let FieldKind::Record(link) = &mut field.kind {
                super::link::fill(self, node, &key.name, link, &shape);
            }
            field.official = super::link::official(self, node, &shape);
            if let FieldKind::Rows { fields: inner, .. } = &mut field.kind {
                let tables = &self.service.tables;
                let env = row_env(self.env, &shape, &key.name, inner, self.presence, tables);
                let names = inner.clone();
                for (key, node) in node.get("fields").map(Node::entries).unwrap_or_default() {
                    if let Some(field) = inner.get_mut(&key.name) {
                        field_expressions(
                            &mut self.compiler(),
                            node,
                            field,
                            (&env, tables),
                            &names,
                        );
                    }
                }
            }
        }
        rt.fields = fields;
    }

    fn clocks(&mut self, rt: &mut RecordType) {
        let (service, env) = (self.service, self.env);
        for (key, node) in self
            .node
            .get("clocks")
            .map(Node::entries)
            .unwrap_or_default()
        {
            let mut compiler = self.compiler();
            for word in ["from", "paused_in", "until"] {
                compiler.all_known(node.get(word), "状態", rt.states.keys());
            }
            if let Some(action) = node.get("on_due")
                && compiler.known(action, "操作", rt.actions.keys())
            {
                actions::must_be_system(action, rt, compiler.sink);
            }
            let days = compiler.at(node, "days", env, Some(&Type::Number));
            let remind = node.get("remind");
            let to = remind.and_then(|remind| recipient(remind, rt, service, compiler.sink));
            let message = remind
                .and_then(|remind| remind.get("message"))
                .filter(|message| message_known(message, service, compiler.sink))
                .and_then(Node::text);
            let before = remind
                .map(|remind| remind.strings("days_before"))
                .unwrap_or_default();
            let Some(days) = days else { continue };
            rt.clocks.insert(
                key.name.clone(),
                Clock {
                    name: key.name.clone(),
                    title: node.string("title").unwrap_or_default(),
                    from: node.strings("from"),
                    paused_in: node.strings("paused_in"),
                    until: node.strings("until"),
                    days,
                    remind_before: before.iter().filter_map(|days| days.parse().ok()).collect(),
                    remind: to.zip(message.map(str::to_owned)),
                    on_due: node.string("on_due"),
                },
            );
        }
    }
}

fn field_expressions(
    compiler: &mut Compiler<'_>,
    node: &Node,
    field: &mut Field,
    (env, tables): (&Env, &Tables),
    fields: &IndexMap<String, Field>,
) {
    let closed = |field: &Field| field.kind.closed_type(&field.title, tables);
    let ty = closed(field).optional();
    field.show_if = compiler.at(node, "show_if", env, Some(&Type::Boolean));
    field.value = compiler.at(node, "value", env, Some(&ty));
    // What is offered may leave gaps: the rest of a row is for whoever fills it in.
    let offered = match &field.kind {
        FieldKind::Rows { fields, .. } => {
            Type::list(row_type(fields.values(), &|_| true, &closed)).optional()
        }
        _ => ty,
    };
    field.default = compiler.at(node, "default", env, Some(&offered));
    field.checks = compiler.conditions(node, "check", env, fields);
    field.missing = compiler.sentence(node, "missing", env);
}

/// The names under `messages:` of the service. They are typed later, over the records that send them.
pub(super) fn message_known(node: &Node, service: &Service, sink: &mut Sink) -> bool {
    Compiler { sink }.known(node, "文", service.messages.keys())
}

/// Who gets a message.
pub(super) fn recipient(
    node: &Node,
    rt: &RecordType,
    service: &Service,
    sink: &mut Sink,
) -> Option<Recipient> {
    let to = node.get("to")?;
    let text = to.text()?;
    if text == "desk" {
        return Some(Recipient::Desk(None));
    }
    let found = match seat_or_party(text, rt, service) {
        Some(Who::Desk(role)) => Some(Recipient::Desk(Some(role))),
        Some(Who::Party(role)) => Some(Recipient::Party(role)),
        _ => None,
    };
    if found.is_none() {
        let known: Vec<String> = seats_and_parties(rt, service)
            .chain(std::iter::once("desk".to_owned()))
            .collect();
        sink.error(
            &to.at,
            "unknown-role",
            format!("知らせる相手「{text}」はいません。"),
        )
        .hint_if(crate::diagnostic::nearest(
            text,
            known.iter().map(String::as_str),
        ));
    }
    found
}

fn number_pattern(node: &Node, sink: &mut Sink) {
    let Some(text) = node.text() else { return };
    let mut rest = text;
    let mut counted = false;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let padded = name.strip_prefix("seq:0").is_some_and(|width| {
            width
                .parse::<u8>()
                .is_ok_and(|width| (1..=18).contains(&width))
        });
        counted |= padded || name == "seq";
        if !padded && !["seq", "fiscal_year", "authority"].contains(&name) {
            sink.error(
                &node.at,
                "number-pattern",
                format!("番号の形に「{{{name}}}」は使えません。"),
            )
            .hint("{fiscal_year}、{authority}、{seq}、{seq:05} が使えます。");
        }
        rest = tail;
    }
    if !counted {
        sink.error(
            &node.at,
            "number-pattern",
            "番号の形に {seq} がありません。",
        )
        .hint("同じ番号が出ないように {seq:05} などを入れてください。");
    }
}
