//! `if`, `for`, `some`, `every`, `function` and `instance of`.

use crate::{
    Diagnostic,
    ast::{Expr, Ident, Iter, Kind, Kinds},
    lex::TokenKind,
    names::KEYWORDS,
};

use super::{Parsed, Parser};

impl Parser<'_> {
    pub(super) fn conditional(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        self.at += 1;
        let condition = self.expr(0)?;
        self.expect_word("then", "「if」の条件の後に")?;
        let then = self.expr(0)?;
        if self.word(0) != Some("else") {
            return Err(self.unexpected("「if … then … else …」と、「else」まで書いてください。"));
        }
        self.at += 1;
        let otherwise = self.expr(0)?;
        self.node(
            self.since(start),
            Kind::If(Box::new(condition), Box::new(then), Box::new(otherwise)),
        )
    }

    pub(super) fn for_each(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        let iters = self.iterations()?;
        self.expect_word("return", "「for」の一覧の後に")?;
        let body = self.expr(0)?;
        self.node(self.since(start), Kind::For(iters, Box::new(body)))
    }

    pub(super) fn quantified(&mut self, every: bool) -> Parsed<Expr> {
        let start = self.span().start;
        let iters = self.iterations()?;
        self.expect_word("satisfies", "一覧の後に")?;
        let body = self.expr(0)?;
        self.node(
            self.since(start),
            Kind::Quantified(every, iters, Box::new(body)),
        )
    }

    fn iterations(&mut self) -> Parsed<Vec<Iter>> {
        self.at += 1;
        let mut iters = Vec::new();
        loop {
            let name = self.local_name()?;
            self.expect_word("in", "名前の後に")?;
            let start = self.span().start;
            let mut list = self.expr(0)?;
            if self.eat("..") {
                let high = self.expr(super::ADD)?;
                let kind = Kind::Range {
                    low: Box::new(list),
                    high: Box::new(high),
                    low_closed: true,
                    high_closed: true,
                };
                list = self.node(self.since(start), kind)?;
            }
            iters.push(Iter { name, list });
            if !self.eat(",") {
                return Ok(iters);
            }
        }
    }

    fn local_name(&mut self) -> Parsed<Ident> {
        let start = self.span().start;
        let mut words = Vec::new();
        while let Some(word) = self.word(0).filter(|word| !KEYWORDS.contains(word)) {
            words.push(word);
            self.at += 1;
        }
        if words.is_empty() {
            return Err(self.unexpected("ここには新しい名前が要ります。"));
        }
        let name = words.join(" ");
        self.names.learn(&name);
        Ok(Ident {
            span: self.since(start),
            name,
        })
    }

    /// `function(a, b) a < b`, the order given to `sort`.
    pub(super) fn lambda(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        self.at += 1;
        self.expect("(", "「function」の後に")?;
        let mut params = Vec::new();
        while !self.is_symbol(0, ")") {
            params.push(self.local_name()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")", "引数名の後に")?;
        let body = self.expr(0)?;
        self.node(self.since(start), Kind::Lambda(params, Box::new(body)))
    }

    pub(super) fn instance_of(&mut self, value: Expr) -> Parsed<Kind> {
        self.at += 1;
        self.expect_word("of", "「instance」の後に")?;
        let start = self.span().start;
        let mut words = Vec::new();
        while let Some(word) = self
            .word(0)
            .filter(|word| *word != "or" && !(*word == "and" && words.is_empty()))
        {
            // `date and time`, but `x instance of date and y = 1`
            let continues = !matches!(self.word(1), Some("time" | "months"));
            if word == "and" && continues {
                break;
            }
            words.push(word);
            self.at += 1;
        }
        let name = words.join(" ");
        let kind = kind_of(&name).ok_or_else(|| {
            Diagnostic::new(self.since(start), "unknown-name", format!("型「{name}」はありません。")).hint(
                "number, string, boolean, date, date and time, days and time duration, years and months duration, list, context, range のどれかです。",
            )
        })?;
        if self.eat("<") {
            // Element types are not told apart at run time.
            while !matches!(self.token(0), TokenKind::End) && !self.eat(">") {
                self.at += 1;
            }
        }
        Ok(Kind::InstanceOf(Box::new(value), kind))
    }
}

fn kind_of(name: &str) -> Option<Kinds> {
    Some(match name {
        "Any" => Kinds::Any,
        "null" | "Null" => Kinds::Null,
        "boolean" => Kinds::Boolean,
        "number" => Kinds::Number,
        "string" => Kinds::Text,
        "date" => Kinds::Date,
        "date and time" => Kinds::DateTime,
        "days and time duration" => Kinds::DaysTime,
        "years and months duration" => Kinds::YearsMonths,
        "list" => Kinds::List,
        "context" => Kinds::Context,
        "range" => Kinds::Range,
        _ => return None,
    })
}
