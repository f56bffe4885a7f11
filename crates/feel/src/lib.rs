//! Typed FEEL, the Friendly Enough Expression Language of DMN 1.5.
//!
//! [`compile`] reads one expression, checks every name and type against an [`Env`] and
//! answers with a [`Typed`] form or with all the [`Diagnostic`]s at once. The typed form is
//! evaluated against a [`Scope`], folded around its free variables, and lowered to a
//! store-neutral [`Predicate`]. No value is ever silently null: see [`EvalError::Absent`].

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
pub use predicate::{Op, Predicate};
pub use scope::{MapScope, Scope};
pub use typed::{Typed, compile, compile_unary_tests};
pub use types::{ContextType, Env, Signature, Type};
pub use value::{RangeValue, Value};
