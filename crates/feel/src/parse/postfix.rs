//! What may follow an operand: `.member`, `[…]`.

use crate::{
    ast::{Expr, Kind},
    lex::TokenKind,
};

use super::{Parsed, Parser};

impl Parser<'_> {
    pub(super) fn postfix(&mut self, mut left: Expr) -> Parsed<Expr> {
        loop {
            let start = left.span.start;
            let kind = match self.token(0) {
                TokenKind::Symbol(".") => {
                    self.at += 1;
                    let Some(name) = self.longest_name() else {
                        return Err(self.unexpected("「.」の後に項目名が要ります。"));
                    };
                    Kind::Member(Box::new(left), name)
                }
                TokenKind::Symbol("[") if !self.bracket_closes => {
                    self.at += 1;
                    let inner = self.inner()?;
                    self.expect("]", "条件の終わりに")?;
                    Kind::Bracket(Box::new(left), Box::new(inner))
                }
                _ => return Ok(left),
            };
            left = self.node(self.since(start), kind)?;
        }
    }
}
