//! Which paths of which variables a program may read, and which functions it may call.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Bind, Code, Id, Program};
use crate::{Op, Value};

type Path = Vec<String>;

/// The paths read and the functions called.
pub(crate) fn of(program: &Program) -> (BTreeSet<Path>, BTreeSet<String>) {
    read(program, None)
}

/// The paths read where it is not known that the text at `path` equals `value`: `then` branches under that condition
/// are left out.
pub(crate) fn outside(program: &Program, path: &[&str], value: &str) -> BTreeSet<Path> {
    read(program, Some((path, value))).0
}

fn read(program: &Program, guard: Option<(&[&str], &str)>) -> (BTreeSet<Path>, BTreeSet<String>) {
    let mut reader = Reader {
        program,
        guard,
        slots: BTreeMap::new(),
        hard: BTreeSet::new(),
        soft: BTreeSet::new(),
        calls: BTreeSet::new(),
    };
    reader.visit(program.root());
    let Reader {
        mut hard,
        soft,
        calls,
        ..
    } = reader;
    // A list that is only gone through is told by the members read of it.
    let told: Vec<Path> = soft
        .into_iter()
        .filter(|list| !hard.iter().any(|read| read.starts_with(list)))
        .collect();
    hard.extend(told);
    (hard, calls)
}

struct Reader<'a> {
    program: &'a Program,
    guard: Option<(&'a [&'a str], &'a str)>,
    /// The path of the list that a slot goes through.
    slots: BTreeMap<u32, Option<Path>>,
    hard: BTreeSet<Path>,
    soft: BTreeSet<Path>,
    calls: BTreeSet<String>,
}

impl Reader<'_> {
    /// The path of a node without places in lists.
    fn path(&self, id: Id) -> Option<Path> {
        match &self.program.node(id)?.code {
            Code::Var { name, .. } => Some(vec![name.clone()]),
            Code::Local(slot) => self.slots.get(slot).cloned().flatten(),
            Code::Member { base, name, .. } => {
                let mut path = self.path(*base)?;
                path.push(name.clone());
                Some(path)
            }
            Code::Filter(bind, _) => self.path(bind.list),
            Code::At(list, _) => self.path(*list),
            _ => None,
        }
    }

    fn visit(&mut self, id: Id) {
        let Some(node) = self.program.node(id) else {
            return;
        };
        if let Some(path) = self.path(id) {
            self.hard.insert(path);
            return self.conditions(id);
        }
        match &node.code {
            Code::For(binds, body) | Code::Quantified(_, binds, body) => {
                binds.iter().for_each(|bind| self.bind(*bind));
                self.visit(*body);
            }
            Code::Filter(bind, condition) => {
                self.bind(*bind);
                self.visit(*condition);
            }
            Code::Sort {
                list,
                slot,
                precedes,
            } => {
                let path = self.path(*list);
                self.visit(*list);
                self.slots.insert(*slot, path.clone());
                self.slots.insert(slot + 1, path);
                self.visit(*precedes);
            }
            Code::Context { first, entries } => {
                for (slot, (_, entry)) in (*first..).zip(entries) {
                    self.visit(*entry);
                    let path = self.path(*entry);
                    self.slots.insert(slot, path);
                }
            }
            Code::If(condition, _, otherwise) if self.guards(*condition) => {
                self.visit(*condition);
                self.visit(*otherwise);
            }
            code => {
                if let Code::Call { name, .. } = code {
                    self.calls.insert(name.clone());
                }
                code.children()
                    .into_iter()
                    .for_each(|child| self.visit(child));
            }
        }
    }

    /// Whether a condition holds only where the guard does.
    fn guards(&self, id: Id) -> bool {
        let (Some((path, value)), Some(node)) = (self.guard, self.program.node(id)) else {
            return false;
        };
        let is_path = |id: Id| self.path(id).is_some_and(|found| found == path);
        let is_value = |id: Id| {
            let code = self.program.node(id).map(|node| &node.code);
            matches!(code, Some(Code::Const(Value::Text(text))) if text.as_ref() == value)
        };
        match &node.code {
            Code::Compare(Op::Eq, a, b) => {
                (is_path(*a) && is_value(*b)) || (is_path(*b) && is_value(*a))
            }
            Code::And(items) => items.iter().any(|item| self.guards(*item)),
            _ => false,
        }
    }

    fn bind(&mut self, bind: Bind) {
        let path = self.path(bind.list);
        match &path {
            Some(path) => {
                self.soft.insert(path.clone());
                self.conditions(bind.list);
            }
            None => self.visit(bind.list),
        }
        self.slots.insert(bind.slot, path);
    }

    /// What is read along a path besides the path itself: the conditions of its filters.
    fn conditions(&mut self, id: Id) {
        let Some(node) = self.program.node(id) else {
            return;
        };
        match &node.code {
            Code::Member { base, .. } => self.conditions(*base),
            Code::Filter(bind, condition) => {
                self.conditions(bind.list);
                let path = self.path(bind.list);
                self.slots.insert(bind.slot, path);
                self.visit(*condition);
            }
            Code::At(list, index) => {
                self.conditions(*list);
                self.visit(*index);
            }
            _ => {}
        }
    }
}
