//! Typed FEEL, the Friendly Enough Expression Language of DMN 1.5.
//!
//! [`compile`] reads one expression, checks every name and type against an [`Env`] and
//! answers with a [`Typed`] form or with all the [`Diagnostic`]s at once. The typed form is
//! evaluated against a [`Scope`], folded around its free variables, and lowered to a
//! store-neutral [`Predicate`]. No value is ever silently null: see [`EvalError::Absent`].
//!
//! ```
//! use feel::{Env, MapScope, Type, Value, compile};
//!
//! let row = Type::context("明細", [("kind", Type::Text), ("fee", Type::Number)]);
//! let env = Env::new().variable("trades", Type::list(row));
//! let typed = compile("sum(trades[kind = \"new\"].fee)", &env, Some(&Type::Number)).unwrap();
//! let row = |kind: &str, fee: i64| Value::context([("kind", kind.into()), ("fee", fee.into())]);
//! let scope = MapScope::new().with("trades", vec![row("new", 18_300), row("renewal", 8_900)]);
//! assert_eq!(typed.evaluate(&scope), Ok(Value::from(18_300)));
//!
//! let faults = compile("sum(trade.fee)", &env, None).unwrap_err();
//! assert_eq!(faults[0].hint.as_deref(), Some("「trades」のことですか。"));
//! ```
//!
//! Bounds: a source of 10,000 characters, 64 levels of nesting, 100,000 steps (each copied list
//! element is one), texts of 1,000,000 bytes.

mod ast;
mod builtin;
mod check;
mod diagnostic;
mod error;
mod eval;
mod fold;
mod ir;
mod json;
mod lex;
mod literal;
mod names;
mod parse;
mod predicate;
mod reads;
mod sargable;
mod scope;
mod typed;
mod types;
mod value;

pub use diagnostic::{Diagnostic, Span};
pub use error::{EvalError, NotSargable};
pub use json::JsonMismatch;
pub use names::is_name;
pub use predicate::{Op, Predicate};
pub use scope::{MapScope, Scope};
pub use typed::{Passed, Typed, compile, compile_unary_tests};
pub use types::{Closed, ContextType, Env, Signature, Type};
pub use value::{RangeValue, Value};

#[cfg(test)]
mod fuzz;
