//! What a rule found, and where.

use std::fmt;

/// One breach of one rule.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The rule's short name, as CONTRIBUTING.md lists it.
    pub(crate) rule: &'static str,
    /// Path from the repository's root.
    pub(crate) path: String,
    /// One-based; 0 when the whole file is meant.
    pub(crate) line: usize,
    /// What is wrong and what to do instead.
    pub(crate) message: String,
}

impl Finding {
    /// `path:line`, or the path alone.
    pub(crate) fn place(&self) -> String {
        match self.line {
            0 => self.path.clone(),
            line => format!("{}:{line}", self.path),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place(), self.rule, self.message)
    }
}
