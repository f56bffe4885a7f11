//! The checked program: a flat arena in which every child stands before its parent, so that a
//! program read from JSON can neither loop nor nest too deeply.

use serde::{Deserialize, Serialize};

use crate::{
    EvalError, Op, Span, Value,
    ast::{Arith, Kinds},
    builtin::Builtin,
};

/// The place of a node in [`Program::nodes`].
pub(crate) type Id = u32;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) code: Code,
}

/// A loop variable: its slot is the number of variables bound around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bind {
    pub(crate) slot: u32,
    pub(crate) list: Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Check {
    Compare(Op, Id),
    /// Equal to it, or an element of it, or within it.
    Matches(Id),
    /// A condition over the input of a cell.
    Holds(Id),
}

impl Check {
    pub(crate) fn id(self) -> Id {
        match self {
            Self::Compare(_, id) | Self::Matches(id) | Self::Holds(id) => id,
        }
    }
}

/// Properties of dates and durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Property {
    Year,
    Month,
    Day,
    Weekday,
    Hour,
    Minute,
    Second,
    Years,
    Months,
    Days,
    Hours,
    Minutes,
    Seconds,
    Date,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    Const(Value),
    /// A part that was folded and failed; it fails again when it is reached.
    Fail(EvalError),
    /// `lenient` answers `null` for what is missing.
    Var {
        name: String,
        lenient: bool,
    },
    Local(u32),
    Member {
        base: Id,
        name: String,
        lenient: bool,
    },
    Property {
        base: Id,
        property: Property,
    },
    Call {
        name: String,
        args: Vec<Id>,
    },
    Builtin {
        function: Builtin,
        args: Vec<Id>,
    },
    Negate(Id),
    Not(Id),
    Arith(Arith, Id, Id),
    Compare(Op, Id, Id),
    And(Vec<Id>),
    Or(Vec<Id>),
    In(Id, Vec<Check>),
    If(Id, Id, Id),
    For(Vec<Bind>, Id),
    /// `true` for `every`.
    Quantified(bool, Vec<Bind>, Id),
    Filter(Bind, Id),
    At(Id, Id),
    List(Vec<Id>),
    /// Each entry is a local for those after it, from slot `first` on.
    Context {
        first: u32,
        entries: Vec<(String, Id)>,
    },
    Range {
        low: Id,
        high: Id,
        low_closed: bool,
        high_closed: bool,
    },
    InstanceOf(Id, Kinds),
    /// The second list element is the order `precedes(a, b)` over the slots `a` and `a + 1`.
    Sort {
        list: Id,
        slot: u32,
        precedes: Id,
    },
}

impl Code {
    /// The children in the order of evaluation.
    pub(crate) fn children(&self) -> Vec<Id> {
        let binds = |binds: &[Bind], body: Id| binds.iter().map(|b| b.list).chain([body]).collect();
        match self {
            Self::Const(_) | Self::Fail(_) | Self::Var { .. } | Self::Local(_) => Vec::new(),
            Self::Member { base, .. } | Self::Property { base, .. } => vec![*base],
            Self::Call { args, .. } | Self::Builtin { args, .. } => args.clone(),
            Self::Negate(a) | Self::Not(a) | Self::InstanceOf(a, _) => vec![*a],
            Self::Arith(_, a, b) | Self::Compare(_, a, b) | Self::At(a, b) => vec![*a, *b],
            Self::And(items) | Self::Or(items) | Self::List(items) => items.clone(),
            Self::In(x, checks) => [*x]
                .into_iter()
                .chain(checks.iter().map(|c| c.id()))
                .collect(),
            Self::If(a, b, c) => vec![*a, *b, *c],
            Self::For(list, body) | Self::Quantified(_, list, body) => binds(list, *body),
            Self::Filter(bind, condition) => vec![bind.list, *condition],
            Self::Context { entries, .. } => entries.iter().map(|(_, id)| *id).collect(),
            Self::Range { low, high, .. } => vec![*low, *high],
            Self::Sort { list, precedes, .. } => vec![*list, *precedes],
        }
    }

    /// The same with every child replaced.
    pub(crate) fn map(&self, new: &mut dyn FnMut(Id) -> Id) -> Self {
        let mut copy = self.clone();
        copy.each_mut(&mut |id| *id = new(*id));
        copy
    }

    fn each_mut(&mut self, f: &mut dyn FnMut(&mut Id)) {
        match self {
            Self::Const(_) | Self::Fail(_) | Self::Var { .. } | Self::Local(_) => {}
            Self::Member { base, .. } | Self::Property { base, .. } => f(base),
            Self::Call { args, .. } | Self::Builtin { args, .. } => args.iter_mut().for_each(f),
            Self::Negate(a) | Self::Not(a) | Self::InstanceOf(a, _) => f(a),
            Self::Arith(_, a, b) | Self::Compare(_, a, b) | Self::At(a, b) => {
                f(a);
                f(b);
            }
            Self::And(items) | Self::Or(items) | Self::List(items) => items.iter_mut().for_each(f),
            Self::In(x, checks) => {
                f(x);
                for check in checks {
                    match check {
                        Check::Compare(_, id) | Check::Matches(id) | Check::Holds(id) => f(id),
                    }
                }
            }
            Self::If(a, b, c) => [a, b, c].into_iter().for_each(f),
            Self::For(binds, body) | Self::Quantified(_, binds, body) => {
                binds.iter_mut().for_each(|bind| f(&mut bind.list));
                f(body);
            }
            Self::Filter(bind, condition) => {
                f(&mut bind.list);
                f(condition);
            }
            Self::Context { entries, .. } => entries.iter_mut().for_each(|(_, id)| f(id)),
            Self::Range { low, high, .. } => [low, high].into_iter().for_each(f),
            Self::Sort { list, precedes, .. } => [list, precedes].into_iter().for_each(f),
        }
    }

    /// The slots that the node binds for its children.
    pub(crate) fn binds(&self) -> Vec<u32> {
        match self {
            Self::For(binds, _) | Self::Quantified(_, binds, _) => {
                binds.iter().map(|bind| bind.slot).collect()
            }
            Self::Filter(bind, _) => vec![bind.slot],
            Self::Context { first, entries } => (0..entries.len())
                .filter_map(|n| u32::try_from(n).ok())
                .map(|n| first + n)
                .collect(),
            Self::Sort { slot, .. } => vec![*slot, slot + 1],
            _ => Vec::new(),
        }
    }
}

/// The last node is the root.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
}

/// Deepest program, a little above the parser's bound: the checker adds nodes of its own.
const MAX_DEPTH: usize = 140;
const MAX_SLOTS: u32 = 10_000;

impl Program {
    pub(crate) fn root(&self) -> Id {
        Id::try_from(self.nodes.len().saturating_sub(1)).unwrap_or(0)
    }

    pub(crate) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// Appends a node.
    pub(crate) fn push(&mut self, span: Span, code: Code) -> Id {
        self.nodes.push(Node { span, code });
        self.root()
    }

    /// Children before parents, not too deep, slots in bounds.
    fn sound(&self) -> bool {
        let mut depths = Vec::with_capacity(self.nodes.len());
        for (at, node) in self.nodes.iter().enumerate() {
            let mut depth = 0;
            for child in node.code.children() {
                match depths.get(child as usize) {
                    Some(below) if (child as usize) < at => depth = depth.max(*below),
                    _ => return false,
                }
            }
            let slots = match &node.code {
                Code::Local(slot) => vec![*slot],
                code => code.binds(),
            };
            if depth >= MAX_DEPTH || slots.iter().any(|slot| *slot > MAX_SLOTS) {
                return false;
            }
            depths.push(depth + 1);
        }
        !self.nodes.is_empty()
    }
}

impl<'de> Deserialize<'de> for Program {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            nodes: Vec<Node>,
        }
        let program = Program {
            nodes: Raw::deserialize(deserializer)?.nodes,
        };
        if program.sound() {
            Ok(program)
        } else {
            Err(serde::de::Error::custom("unsound program"))
        }
    }
}
