//! Partial evaluation: what reads no free variable becomes a constant.

use std::collections::BTreeSet;

use crate::{
    EvalError, Scope, Value,
    eval::Evaluator,
    ir::{Code, Id, Program},
};

/// Folds around the free variables. A part that fails where it is surely reached fails the fold;
/// elsewhere it stays as a part that fails when it is reached.
pub(crate) fn fold(
    program: &Program,
    scope: &dyn Scope,
    free: &BTreeSet<String>,
) -> Result<Program, EvalError> {
    let open = open_nodes(program, free);
    let mut folder = Folder {
        program,
        scope,
        open,
        made: Program::default(),
    };
    folder.node(program.root(), true)?;
    Ok(folder.made)
}

/// For each node whether it reads a free variable, and the slots it reads without binding them.
fn open_nodes(program: &Program, free: &BTreeSet<String>) -> Vec<bool> {
    let mut open: Vec<(bool, BTreeSet<u32>)> = Vec::with_capacity(program.nodes.len());
    for node in &program.nodes {
        let (mut reads, mut slots) = match &node.code {
            Code::Var { name, .. } => (free.contains(name), BTreeSet::new()),
            Code::Local(slot) => (false, BTreeSet::from([*slot])),
            _ => (false, BTreeSet::new()),
        };
        for child in node.code.children() {
            if let Some((child_reads, child_slots)) = open.get(child as usize) {
                reads |= child_reads;
                slots.extend(child_slots);
            }
        }
        for slot in node.code.binds() {
            slots.remove(&slot);
        }
        open.push((reads, slots));
    }
    open.into_iter()
        .map(|(reads, slots)| reads || !slots.is_empty())
        .collect()
}

struct Folder<'a> {
    program: &'a Program,
    scope: &'a dyn Scope,
    open: Vec<bool>,
    made: Program,
}

impl Folder<'_> {
    /// Appends the folded form of a node. `strict` says that it is surely reached.
    fn node(&mut self, id: Id, strict: bool) -> Result<Id, EvalError> {
        let Some(node) = self.program.node(id) else {
            return Err(EvalError::Custom {
                message: "式の形が壊れています。".into(),
            });
        };
        if !self.open.get(id as usize).copied().unwrap_or(true) {
            let code = match Evaluator::new(self.program, self.scope).eval(id) {
                Ok(value) => Code::Const(value),
                Err(error) if strict => return Err(error),
                Err(error) => Code::Fail(error),
            };
            return Ok(self.made.push(node.span, code));
        }
        match &node.code {
            Code::And(items) => self.logic(id, items, true, strict),
            Code::Or(items) => self.logic(id, items, false, strict),
            Code::If(condition, then, otherwise) => {
                let condition = self.node(*condition, strict)?;
                match self.constant(condition) {
                    Some(Value::Boolean(true)) => self.node(*then, strict),
                    Some(Value::Boolean(false)) => self.node(*otherwise, strict),
                    _ => {
                        let (then, otherwise) =
                            (self.node(*then, false)?, self.node(*otherwise, false)?);
                        Ok(self
                            .made
                            .push(node.span, Code::If(condition, then, otherwise)))
                    }
                }
            }
            code => {
                let mut pairs = Vec::new();
                for (at, child) in code.children().into_iter().enumerate() {
                    // Only the first child is surely reached, and reached before anything fails.
                    pairs.push((child, self.node(child, strict && at == 0)?));
                }
                let mut next = pairs.into_iter();
                let code = code.map(&mut |old| next.next().map_or(old, |(_, new)| new));
                Ok(self.made.push(node.span, code))
            }
        }
    }

    fn constant(&self, id: Id) -> Option<&Value> {
        match &self.made.node(id)?.code {
            Code::Const(value) => Some(value),
            _ => None,
        }
    }

    /// Drops the operands that decide nothing, and those after one that decides.
    fn logic(&mut self, id: Id, items: &[Id], and: bool, strict: bool) -> Result<Id, EvalError> {
        let span = self
            .program
            .node(id)
            .map(|node| node.span)
            .unwrap_or_default();
        let mut kept = Vec::new();
        for item in items {
            let item = self.node(*item, strict && kept.is_empty())?;
            match self.constant(item) {
                Some(Value::Boolean(b)) if *b == and => continue,
                Some(Value::Boolean(_)) => {
                    kept.push(item);
                    break;
                }
                _ => kept.push(item),
            }
        }
        match kept.as_slice() {
            [] => Ok(self.made.push(span, Code::Const(Value::Boolean(and)))),
            [only] if *only == self.made.root() => Ok(*only),
            // The root is the last node, so a survivor that is not is wrapped.
            _ => Ok(self
                .made
                .push(span, if and { Code::And(kept) } else { Code::Or(kept) })),
        }
    }
}
