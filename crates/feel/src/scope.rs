//! Where an evaluation finds its variables and functions.

use std::collections::BTreeMap;

use crate::{EvalError, Value};

/// What an expression may ask while it is evaluated.
pub trait Scope {
    /// The value of a declared variable; `None` when it is missing.
    fn variable(&self, name: &str) -> Option<Value>;

    /// The same by reference, where the scope holds it so. Spares the copy of a whole record
    /// when only one member is read. `None` means only "ask [`Scope::variable`]".
    fn borrow(&self, _name: &str) -> Option<&Value> {
        None
    }

    /// Calls a function of [`crate::Env::functions`] (a table, a capability) with its arguments in
    /// the order of the signature.
    ///
    /// # Errors
    /// Whatever the function refuses; [`EvalError::NoRow`] where a table has no row.
    fn call(&self, name: &str, args: &[Value]) -> Result<Value, EvalError>;

    /// Whether [`Scope::call_borrowed`] answers for a function.
    fn lends(&self, _name: &str) -> bool {
        false
    }

    /// A call by reference, where the function keeps its answers. Spares the copy of a row when only one member is
    /// read. `None` means only "ask [`Scope::call`]".
    fn call_borrowed(&self, _name: &str, _args: &[Value]) -> Option<Result<&Value, EvalError>> {
        None
    }
}

/// A scope of plain variables without functions: for tests, previews and decision cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapScope {
    /// The variables by name.
    pub variables: BTreeMap<String, Value>,
}

impl MapScope {
    /// An empty scope.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }
}

impl Scope for MapScope {
    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned()
    }

    fn borrow(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }

    fn call(&self, name: &str, _args: &[Value]) -> Result<Value, EvalError> {
        Err(EvalError::Custom {
            message: format!("関数「{name}」はここでは使えません。"),
        })
    }
}
