//! The parsed form: names are not resolved yet, every node has its span.

use crate::{Op, Span, Value};

/// A name and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ident {
    pub(crate) span: Span,
    pub(crate) name: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub(crate) span: Span,
    /// Height of the tree, bounded by the parser so that no recursion overflows.
    pub(crate) depth: usize,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}

impl Arith {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Pow => "**",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arg {
    pub(crate) name: Option<Ident>,
    pub(crate) value: Expr,
}

/// `for`, `some` and `every` bind a name to each element of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Iter {
    pub(crate) name: Ident,
    pub(crate) list: Expr,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    Compare(Op, Expr),
    Matches(Expr),
}

/// The type names of `instance of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kinds {
    Any,
    Null,
    Boolean,
    Number,
    Text,
    Date,
    DateTime,
    DaysTime,
    YearsMonths,
    List,
    Context,
    Range,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Literal(Value),
    Name(String),
    Input,
    Member(Box<Expr>, Ident),
    Call(Ident, Vec<Arg>),
    Lambda(Vec<Ident>, Box<Expr>),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Arith(Arith, Box<Expr>, Box<Expr>),
    Compare(Op, Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    In(Box<Expr>, Vec<Test>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    For(Vec<Iter>, Box<Expr>),
    /// `true` for `every`.
    Quantified(bool, Vec<Iter>, Box<Expr>),
    /// `list[…]`: an index or a condition, which only the type can tell.
    Bracket(Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    Context(Vec<(Ident, Expr)>),
    Range {
        low: Box<Expr>,
        high: Box<Expr>,
        low_closed: bool,
        high_closed: bool,
    },
    InstanceOf(Box<Expr>, Kinds),
}

impl Kind {
    /// The height of the highest child.
    pub(crate) fn child_depth(&self) -> usize {
        let all = |items: &[Expr]| items.iter().map(|e| e.depth).max().unwrap_or(0);
        let iters = |iters: &[Iter]| iters.iter().map(|i| i.list.depth).max().unwrap_or(0);
        match self {
            Self::Literal(_) | Self::Name(_) | Self::Input => 0,
            Self::Member(a, _)
            | Self::Lambda(_, a)
            | Self::Negate(a)
            | Self::Not(a)
            | Self::InstanceOf(a, _) => a.depth,
            Self::Arith(_, a, b) | Self::Compare(_, a, b) | Self::Bracket(a, b) => {
                a.depth.max(b.depth)
            }
            Self::Range { low, high, .. } => low.depth.max(high.depth),
            Self::Call(_, args) => args.iter().map(|a| a.value.depth).max().unwrap_or(0),
            Self::And(items) | Self::Or(items) | Self::List(items) => all(items),
            Self::In(x, tests) => {
                let of = |t: &Test| match t {
                    Test::Compare(_, e) | Test::Matches(e) => e.depth,
                };
                tests.iter().map(of).max().unwrap_or(0).max(x.depth)
            }
            Self::If(a, b, c) => a.depth.max(b.depth).max(c.depth),
            Self::For(list, body) | Self::Quantified(_, list, body) => iters(list).max(body.depth),
            Self::Context(entries) => entries.iter().map(|(_, e)| e.depth).max().unwrap_or(0),
        }
    }
}
