//! A Pratt parser: binding powers rise from `or` to the postfix operators.

mod compound;
mod postfix;
mod primary;
mod tests;

use crate::{
    Diagnostic, Op, Span,
    ast::{Arith, Expr, Kind},
    lex::{Token, TokenKind},
    names::Names,
};

pub(crate) use tests::unary_tests;

/// Deepest nesting of an expression.
pub(crate) const MAX_DEPTH: usize = 64;

pub(crate) type Parsed<T> = Result<T, Diagnostic>;

const OR: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const ADD: u8 = 4;
const MULTIPLY: u8 = 5;
const POWER: u8 = 6;
const NEGATE: u8 = 7;

pub(crate) struct Parser<'a> {
    source: &'a str,
    tokens: &'a [Token],
    at: usize,
    names: Names,
    level: usize,
    /// Inside the upper end of a range a `[` closes it: `]1..5[`.
    bracket_closes: bool,
}

/// Parses the whole source as one expression.
pub(crate) fn expression(source: &str, tokens: &[Token], names: Names) -> Parsed<Expr> {
    let mut parser = Parser::new(source, tokens, names);
    let expr = parser.expr(0)?;
    parser.end()?;
    Ok(expr)
}

impl<'a> Parser<'a> {
    fn new(source: &'a str, tokens: &'a [Token], names: Names) -> Self {
        Self {
            source,
            tokens,
            at: 0,
            names,
            level: 0,
            bracket_closes: false,
        }
    }

    fn token(&self, ahead: usize) -> &'a TokenKind {
        self.tokens
            .get(self.at + ahead)
            .map_or(&TokenKind::End, |token| &token.kind)
    }

    fn span(&self) -> Span {
        self.tokens
            .get(self.at)
            .or(self.tokens.last())
            .map_or(Span::default(), |token| token.span)
    }

    /// The span from a start to the end of the last token taken.
    fn since(&self, start: usize) -> Span {
        let end = self
            .at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(start, |token| token.span.end);
        Span::new(start, end.max(start))
    }

    fn word(&self, ahead: usize) -> Option<&'a str> {
        match self.token(ahead) {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is_symbol(&self, ahead: usize, symbol: &str) -> bool {
        matches!(self.token(ahead), TokenKind::Symbol(found) if *found == symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(0, symbol);
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word(0) == Some(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str, after: &str) -> Parsed<()> {
        if self.eat(symbol) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("{after}「{symbol}」が要ります。")))
        }
    }

    fn expect_word(&mut self, word: &str, after: &str) -> Parsed<()> {
        if self.eat_word(word) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("{after}「{word}」が要ります。")))
        }
    }

    fn end(&self) -> Parsed<()> {
        if *self.token(0) == TokenKind::End {
            Ok(())
        } else {
            Err(self.unexpected("式はその前で終わっています。"))
        }
    }

    /// A syntax error at the present token.
    fn unexpected(&self, wanted: &str) -> Diagnostic {
        let found = match self.token(0) {
            TokenKind::End => "式が途中で終わっています。".to_owned(),
            _ => format!(
                "「{}」はここには置けません。",
                self.span().text(self.source)
            ),
        };
        let fault = Diagnostic::new(self.span(), "syntax", found);
        let hint = match self.token(0) {
            TokenKind::Symbol("=") if self.at > 0 && self.is_previous("=") => {
                "等しいことは「=」一つで書きます。"
            }
            TokenKind::Symbol("|") => "「または」は or と書きます。",
            TokenKind::Word(_) if self.at > 0 => {
                return fault.hint(format!(
                    "{wanted}語の間に演算子(and、or、= など)が抜けていないか確かめてください。"
                ));
            }
            _ => wanted,
        };
        if hint.is_empty() {
            fault
        } else {
            fault.hint(hint)
        }
    }

    fn is_previous(&self, symbol: &str) -> bool {
        matches!(self.tokens.get(self.at.wrapping_sub(1)), Some(Token { kind: TokenKind::Symbol(found), .. }) if *found == symbol)
    }

    fn node(&self, span: Span, kind: Kind) -> Parsed<Expr> {
        let depth = kind.child_depth() + 1;
        if depth > MAX_DEPTH {
            Err(too_deep(span))
        } else {
            Ok(Expr { span, depth, kind })
        }
    }

    /// One expression whose operators bind at least as tightly as `least`.
    fn expr(&mut self, least: u8) -> Parsed<Expr> {
        self.level += 1;
        if self.level > MAX_DEPTH {
            return Err(too_deep(self.span()));
        }
        let mut left = self.prefix()?;
        while let Some((power, operator)) = self.operator().filter(|(power, _)| *power >= least) {
            left = self.infix(left, power, operator)?;
        }
        self.level -= 1;
        Ok(left)
    }

    /// The same with `[` free to open a filter again: inside brackets of any kind.
    fn inner(&mut self) -> Parsed<Expr> {
        let before = std::mem::replace(&mut self.bracket_closes, false);
        let expr = self.expr(0);
        self.bracket_closes = before;
        expr
    }

    /// Extends `left` by one operator.
    fn infix(&mut self, left: Expr, power: u8, operator: Infix) -> Parsed<Expr> {
        let start = left.span.start;
        let kind = match operator {
            Infix::Logic(and) => return self.logic(left, and, power),
            Infix::Compare(op) => {
                self.at += 1;
                Kind::Compare(op, Box::new(left), Box::new(self.expr(power + 1)?))
            }
            Infix::Arith(op) => {
                self.at += 1;
                Kind::Arith(op, Box::new(left), Box::new(self.expr(power + 1)?))
            }
            Infix::Between => self.between(left)?,
            Infix::In => self.membership(left)?,
            Infix::Instance => self.instance_of(left)?,
        };
        self.node(self.since(start), kind)
    }

    fn operator(&self) -> Option<(u8, Infix)> {
        Some(match self.token(0) {
            TokenKind::Symbol(symbol) => match *symbol {
                "=" => (COMPARE, Infix::Compare(Op::Eq)),
                "!=" => (COMPARE, Infix::Compare(Op::Ne)),
                "<" => (COMPARE, Infix::Compare(Op::Lt)),
                "<=" => (COMPARE, Infix::Compare(Op::Le)),
                ">" => (COMPARE, Infix::Compare(Op::Gt)),
                ">=" => (COMPARE, Infix::Compare(Op::Ge)),
                "+" => (ADD, Infix::Arith(Arith::Add)),
                "-" => (ADD, Infix::Arith(Arith::Sub)),
                "*" => (MULTIPLY, Infix::Arith(Arith::Mul)),
                "/" => (MULTIPLY, Infix::Arith(Arith::Div)),
                "**" => (POWER, Infix::Arith(Arith::Pow)),
                _ => return None,
            },
            TokenKind::Word(word) => match word.as_str() {
                "or" => (OR, Infix::Logic(false)),
                "and" => (AND, Infix::Logic(true)),
                "between" => (COMPARE, Infix::Between),
                "in" => (COMPARE, Infix::In),
                "instance" => (COMPARE, Infix::Instance),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// `a and b and c` is one node, so that long conditions do not nest.
    fn logic(&mut self, left: Expr, and: bool, power: u8) -> Parsed<Expr> {
        let (start, word) = (left.span.start, if and { "and" } else { "or" });
        let mut items = vec![left];
        while self.eat_word(word) {
            items.push(self.expr(power + 1)?);
        }
        let kind = if and {
            Kind::And(items)
        } else {
            Kind::Or(items)
        };
        self.node(self.since(start), kind)
    }

    fn between(&mut self, x: Expr) -> Parsed<Kind> {
        self.at += 1;
        let low = self.expr(ADD)?;
        self.expect_word("and", "「between」の下限の後に")?;
        let high = self.expr(ADD)?;
        let span = low.span.to(high.span);
        let range = Kind::Range {
            low: Box::new(low),
            high: Box::new(high),
            low_closed: true,
            high_closed: true,
        };
        Ok(Kind::In(
            Box::new(x),
            vec![crate::ast::Test::Matches(self.node(span, range)?)],
        ))
    }
}

enum Infix {
    Logic(bool),
    Compare(Op),
    Arith(Arith),
    Between,
    In,
    Instance,
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(
        span,
        "limit",
        format!("式の入れ子が深すぎます({MAX_DEPTH}段まで)。"),
    )
    .hint("計算項目に分けて書いてください。")
}
