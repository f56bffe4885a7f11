//! The checked form of an expression.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    Closed, Diagnostic, Env, EvalError, NotSargable, Predicate, Scope, Span, Type, Value,
    ast::Expr,
    check::{Checker, relations},
    eval::Evaluator,
    fold,
    ir::{Code, Program},
    lex::{self, Token},
    names::Names,
    parse, reads, sargable,
};

/// A checked expression. As JSON it is a flat program that a browser or the journal can take
/// without the source's grammar.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Typed {
    source: Arc<str>,
    ty: Type,
    reads: BTreeSet<Vec<String>>,
    calls: BTreeSet<String>,
    program: Arc<Program>,
    /// Known after compiling only.
    #[serde(skip)]
    passed: Vec<Passed>,
}

/// What a call of a function of the environment hands over in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The function.
    pub function: String,
    /// Place of the parameter, from 0.
    pub param: usize,
    /// The closed list that the value is one of; none where it may be anything.
    pub closed: Option<Arc<Closed>>,
}

/// Longest source, in characters.
const MAX_SOURCE: usize = 10_000;
/// Deepest type of a result: readers of JSON stop at 128 levels, of which a context takes three.
const MAX_TYPE: usize = 30;

/// Reads and checks one expression.
///
/// # Errors
/// Every fault that was found, with its place and a remedy.
pub fn compile(source: &str, env: &Env, expected: Option<&Type>) -> Result<Typed, Vec<Diagnostic>> {
    let tokens = tokens(source)?;
    let expr = parse::expression(source, &tokens, Names::of(env)).map_err(|fault| vec![fault])?;
    checked(Checker::new(source, env, None), &expr, expected)
}

/// Reads and checks the tests of a DMN cell: `-`, `"a","b"`, `not("a")`, `[1..5]`, `> 3`, or a condition
/// over the input `?`. The result is a boolean expression over the variable `?`. An absent input
/// passes `-`, `null` and what `not` lets through, and no comparison.
///
/// # Errors
/// Every fault that was found, with its place and a remedy.
pub fn compile_unary_tests(
    source: &str,
    env: &Env,
    input: &Type,
) -> Result<Typed, Vec<Diagnostic>> {
    let tokens = tokens(source)?;
    let expr = parse::unary_tests(source, &tokens, Names::of(env)).map_err(|fault| vec![fault])?;
    checked(
        Checker::new(source, env, Some(input)),
        &expr,
        Some(&Type::Boolean),
    )
}

fn tokens(source: &str) -> Result<Vec<Token>, Vec<Diagnostic>> {
    if source.chars().count() > MAX_SOURCE {
        let fault = Diagnostic::new(
            Span::new(0, source.len()),
            "limit",
            format!("式が長すぎます({MAX_SOURCE}字まで)。"),
        );
        return Err(vec![fault.hint("計算項目か基準表に分けてください。")]);
    }
    lex::lex(source)
}

fn checked(
    mut checker: Checker<'_>,
    expr: &Expr,
    expected: Option<&Type>,
) -> Result<Typed, Vec<Diagnostic>> {
    let root = checker.check(expr);
    if let Some(expected) = expected {
        checker.expect(&root, expected);
    }
    if relations::nesting(&root.ty) > MAX_TYPE {
        let fault = Diagnostic::new(
            root.span,
            "limit",
            format!("一覧や項目の組の入れ子が深すぎます({MAX_TYPE}段まで)。"),
        );
        checker
            .faults
            .push(fault.hint("計算項目に分けて書いてください。"));
    }
    if !checker.faults.is_empty() {
        let mut faults = checker.faults;
        faults.sort_by_key(|fault| fault.span);
        faults.dedup();
        return Err(faults);
    }
    let typed = Typed::of(checker.source.into(), root.ty, checker.program);
    Ok(Typed {
        passed: checker.passed,
        ..typed
    })
}

impl Typed {
    fn of(source: Arc<str>, ty: Type, program: Program) -> Self {
        let (reads, calls) = reads::of(&program);
        Self {
            source,
            ty,
            reads,
            calls,
            program: Arc::new(program),
            passed: Vec::new(),
        }
    }

    /// The text that was compiled; folding leaves it as it was.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The type of the result.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The paths of variables that it may read, e.g. `["premises", "municipality"]`; places in
    /// lists are left out: `trades.fee` and `trades[1].fee` are `["trades", "fee"]`.
    pub fn reads(&self) -> &BTreeSet<Vec<String>> {
        &self.reads
    }

    /// Those of [`Typed::reads`] that it may read where it is not known that the text at `path` is `value`: what stands
    /// in `if path = "value" then …` is left out.
    pub fn reads_outside(&self, path: &[&str], value: &str) -> BTreeSet<Vec<String>> {
        reads::outside(&self.program, path, value)
    }

    /// The functions of [`Env::functions`] that it may call; builtin ones are left out.
    pub fn calls(&self) -> &BTreeSet<String> {
        &self.calls
    }

    /// What its calls of the environment's functions hand over; empty after folding or reading it from JSON.
    pub fn passed(&self) -> &[Passed] {
        &self.passed
    }

    /// The constant that it is, after folding or as written.
    pub fn constant(&self) -> Option<&Value> {
        match &self.program.node(self.program.root())?.code {
            Code::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The value in the given scope.
    ///
    /// # Errors
    /// See [`EvalError`].
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvalError> {
        Evaluator::new(&self.program, scope).eval(self.program.root())
    }

    /// The same expression in which everything that reads no `free` variable is a constant.
    ///
    /// # Errors
    /// What evaluating such a part gives, where the whole would surely give it too. Elsewhere (in
    /// a branch, after `and`) the part stays and fails when it is reached.
    pub fn fold(&self, scope: &dyn Scope, free: &BTreeSet<String>) -> Result<Typed, EvalError> {
        let program = fold::fold(&self.program, scope, free)?;
        Ok(Self::of(self.source.clone(), self.ty.clone(), program))
    }

    /// The filter in a form that an index can serve. Fold it first: every variable left is a
    /// field of the record.
    ///
    /// # Errors
    /// The part that has no such form, and how to write it.
    pub fn predicate(&self) -> Result<Predicate, NotSargable> {
        sargable::lower(&self.program)
    }
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Typed({:?}: {:?})", self.source, self.ty)
    }
}
