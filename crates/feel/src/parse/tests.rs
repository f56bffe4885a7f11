//! The right side of `in`, and the tests of a decision table's cell.

use crate::{
    Op, Span, Value,
    ast::{Expr, Kind, Test},
    lex::{Token, TokenKind},
    names::Names,
};

use super::{ADD, Parsed, Parser};

/// Parses a cell: `-`, `"a","b"`, `not("a")`, `[1..5]`, `> 3`.
pub(crate) fn unary_tests(source: &str, tokens: &[Token], names: Names) -> Parsed<Expr> {
    let mut parser = Parser::new(source, tokens, names);
    let whole = Span::new(0, source.len());
    if parser.is_symbol(0, "-") && *parser.token(1) == TokenKind::End {
        return parser.node(whole, Kind::Literal(Value::Boolean(true)));
    }
    let negated = parser.word(0) == Some("not") && parser.is_symbol(1, "(");
    if negated {
        parser.at = 2;
        if let Ok(tests) = parser.tests(0)
            && parser.eat(")")
            && *parser.token(0) == TokenKind::End
        {
            let inner = parser.cell(whole, tests)?;
            return parser.node(whole, Kind::Not(Box::new(inner)));
        }
        (parser.at, parser.level) = (0, 0);
    }
    let tests = parser.tests(0)?;
    parser.end()?;
    parser.cell(whole, tests)
}

impl Parser<'_> {
    fn cell(&self, span: Span, tests: Vec<Test>) -> Parsed<Expr> {
        let input = self.node(span, Kind::Input)?;
        self.node(span, Kind::In(Box::new(input), tests))
    }

    pub(super) fn membership(&mut self, x: Expr) -> Parsed<Kind> {
        self.at += 1;
        let start = self.span().start;
        if !self.eat("(") {
            let test = self.test(ADD)?;
            return Ok(Kind::In(Box::new(x), vec![test]));
        }
        let before = std::mem::replace(&mut self.bracket_closes, false);
        let mut tests = self.tests(0)?;
        self.bracket_closes = before;
        if self.is_symbol(0, "..")
            && tests.len() == 1
            && let Some(Test::Matches(low)) = tests.pop()
        {
            let kind = self.range(low, false)?;
            let range = self.node(self.since(start), kind)?;
            return Ok(Kind::In(Box::new(x), vec![Test::Matches(range)]));
        }
        self.expect(")", "「in」の値の後に")?;
        Ok(Kind::In(Box::new(x), tests))
    }

    fn tests(&mut self, least: u8) -> Parsed<Vec<Test>> {
        let mut tests = vec![self.test(least)?];
        while self.eat(",") {
            tests.push(self.test(least)?);
        }
        Ok(tests)
    }

    fn test(&mut self, least: u8) -> Parsed<Test> {
        let op = match self.token(0) {
            TokenKind::Symbol("<") => Op::Lt,
            TokenKind::Symbol("<=") => Op::Le,
            TokenKind::Symbol(">") => Op::Gt,
            TokenKind::Symbol(">=") => Op::Ge,
            TokenKind::Symbol("=") => Op::Eq,
            TokenKind::Symbol("!=") => Op::Ne,
            _ => return Ok(Test::Matches(self.expr(least)?)),
        };
        self.at += 1;
        Ok(Test::Compare(op, self.expr(ADD)?))
    }
}
