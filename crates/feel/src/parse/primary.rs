//! What an expression may begin with.

use crate::{
    Diagnostic, Value,
    ast::{Arg, Expr, Ident, Kind},
    lex::TokenKind,
    literal,
    names::KEYWORDS,
};

use super::{NEGATE, Parsed, Parser};

impl Parser<'_> {
    /// An operand with its signs and postfixes.
    pub(super) fn prefix(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        match self.token(0) {
            TokenKind::Symbol("-") => {
                self.at += 1;
                let operand = self.expr(NEGATE)?;
                let kind = match operand.kind {
                    Kind::Literal(Value::Number(n)) => Kind::Literal(Value::Number(-n)),
                    _ => Kind::Negate(Box::new(operand)),
                };
                self.node(self.since(start), kind)
            }
            TokenKind::Word(word) => match word.as_str() {
                _ if self.function_ahead().is_some() => self.operand(),
                "if" => self.conditional(),
                "for" => self.for_each(),
                "some" => self.quantified(false),
                "every" => self.quantified(true),
                "function" => self.lambda(),
                _ => self.operand(),
            },
            _ => self.operand(),
        }
    }

    fn operand(&mut self) -> Parsed<Expr> {
        let primary = self.primary()?;
        self.postfix(primary)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let span = self.span();
        let kind = match self.token(0) {
            TokenKind::Number(number) => self.literal(Value::Number(*number)),
            TokenKind::Text(text) => self.literal(Value::text(text)),
            TokenKind::At(text) => {
                let value = literal::at(text).ok_or_else(|| {
                    Diagnostic::new(span, "invalid-literal", format!("「{text}」は日付にも期間にも読めません。"))
                        .hint("@\"2026-04-01\"、@\"2026-04-01T09:00:00+09:00\"、@\"P3D\"、@\"P1Y\" のように書いてください。")
                })?;
                self.literal(value)
            }
            TokenKind::Symbol("?") => {
                self.at += 1;
                Kind::Input
            }
            TokenKind::Symbol("(") => return self.parenthesis(),
            TokenKind::Symbol("[" | "]") => self.list_or_range()?,
            TokenKind::Symbol("{") => self.context()?,
            TokenKind::Word(_) => return self.named(),
            _ => return Err(self.unexpected("値、名前、関数のどれかが要ります。")),
        };
        self.node(self.since(span.start), kind)
    }

    fn literal(&mut self, value: Value) -> Kind {
        self.at += 1;
        Kind::Literal(value)
    }

    /// The number of words of a function's name that stands here before a `(`.
    fn function_ahead(&self) -> Option<usize> {
        (1..=self.names.longest).rev().find(|words| {
            self.is_symbol(*words, "(")
                && self
                    .phrase(*words)
                    .is_some_and(|name| name == "not" || self.names.is_function(&name))
        })
    }

    /// The next words in a row, joined.
    fn phrase(&self, words: usize) -> Option<String> {
        (0..words)
            .map(|n| self.word(n))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.join(" "))
    }

    /// A name of as many words as are known together, else of one.
    pub(super) fn longest_name(&mut self) -> Option<Ident> {
        let start = self.span().start;
        let known = (2..=self.names.longest).rev().find(|words| {
            self.phrase(*words)
                .is_some_and(|name| self.names.is_phrase(&name))
        });
        let words = known.unwrap_or(1);
        let name = self.phrase(words)?;
        self.at += words;
        Some(Ident {
            span: self.since(start),
            name,
        })
    }

    fn named(&mut self) -> Parsed<Expr> {
        let span = self.span();
        if let Some(words) = self.function_ahead() {
            let name = self.phrase(words).unwrap_or_default();
            self.at += words;
            return self.call(Ident {
                span: self.since(span.start),
                name,
            });
        }
        let kind = match self.word(0) {
            Some("true") => self.literal(Value::Boolean(true)),
            Some("false") => self.literal(Value::Boolean(false)),
            Some("null") => self.literal(Value::Null),
            Some("not") => {
                return Err(self.unexpected("否定は not(条件) と、かっこを付けて書きます。"));
            }
            Some(word) if KEYWORDS.contains(&word) => {
                return Err(self.unexpected("値、名前、関数のどれかが要ります。"));
            }
            _ => return self.plain_name(),
        };
        self.node(self.since(span.start), kind)
    }

    fn plain_name(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        let Some(mut ident) = self.longest_name() else {
            return Err(self.unexpected("名前が要ります。"));
        };
        // Words in a row that are no known name: taken as one, so that the checker can name the nearest.
        if !ident.name.contains(' ') {
            while let Some(word) = self.word(0).filter(|word| !KEYWORDS.contains(word)) {
                ident.name = format!("{} {word}", ident.name);
                self.at += 1;
            }
            ident.span = self.since(start);
        }
        if self.is_symbol(0, "(") {
            return self.call(ident);
        }
        self.node(ident.span, Kind::Name(ident.name))
    }

    fn call(&mut self, name: Ident) -> Parsed<Expr> {
        self.expect("(", "関数名の後に")?;
        let mut args = Vec::new();
        while !self.is_symbol(0, ")") {
            args.push(self.argument()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")", "引数の後に")?;
        let span = self.since(name.span.start);
        if name.name == "not" && args.len() == 1 {
            let inner = args.remove(0).value;
            return self.node(span, Kind::Not(Box::new(inner)));
        }
        self.node(span, Kind::Call(name, args))
    }

    fn argument(&mut self) -> Parsed<Arg> {
        let words = (0..=self.names.longest)
            .take_while(|n| self.word(*n).is_some())
            .count();
        let mut name = None;
        if words > 0 && self.is_symbol(words, ":") {
            let start = self.span().start;
            let phrase = self.phrase(words).unwrap_or_default();
            self.at += words;
            name = Some(Ident {
                span: self.since(start),
                name: phrase,
            });
            self.at += 1;
        }
        Ok(Arg {
            name,
            value: self.inner()?,
        })
    }

    /// `(x)`, or a range open below: `(1..5]`.
    fn parenthesis(&mut self) -> Parsed<Expr> {
        let start = self.span().start;
        self.at += 1;
        let mut inner = self.inner()?;
        if self.is_symbol(0, "..") {
            let kind = self.range(inner, false)?;
            return self.node(self.since(start), kind);
        }
        self.expect(")", "かっこの終わりに")?;
        inner.span = self.since(start);
        Ok(inner)
    }

    fn list_or_range(&mut self) -> Parsed<Kind> {
        let closed = self.is_symbol(0, "[");
        self.at += 1;
        let mut items = Vec::new();
        while !(closed && self.is_symbol(0, "]")) {
            items.push(self.inner()?);
            if items.len() == 1 && self.is_symbol(0, "..") {
                let low = items.remove(0);
                return self.range(low, closed);
            }
            if !closed {
                return Err(self.unexpected("範囲は ]1..5[ のように書きます。"));
            }
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]", "一覧の終わりに")?;
        Ok(Kind::List(items))
    }

    /// From `..` to the closing bracket.
    pub(super) fn range(&mut self, low: Expr, low_closed: bool) -> Parsed<Kind> {
        self.at += 1;
        let before = std::mem::replace(&mut self.bracket_closes, true);
        let high = self.expr(super::ADD)?;
        self.bracket_closes = before;
        let high_closed = self.is_symbol(0, "]");
        if !high_closed && !self.is_symbol(0, ")") && !self.is_symbol(0, "[") {
            return Err(self.unexpected("範囲の終わりに「]」か「)」が要ります。"));
        }
        self.at += 1;
        Ok(Kind::Range {
            low: Box::new(low),
            high: Box::new(high),
            low_closed,
            high_closed,
        })
    }

    fn context(&mut self) -> Parsed<Kind> {
        self.at += 1;
        let mut entries: Vec<(Ident, Expr)> = Vec::new();
        while !self.is_symbol(0, "}") {
            let key = self.key()?;
            if entries.iter().any(|(known, _)| known.name == key.name) {
                return Err(Diagnostic::new(
                    key.span,
                    "syntax",
                    format!("項目「{}」が二度書かれています。", key.name),
                ));
            }
            self.expect(":", "項目名の後に")?;
            self.names.learn(&key.name);
            entries.push((key, self.inner()?));
            if !self.eat(",") {
                break;
            }
        }
        self.expect("}", "項目の終わりに")?;
        Ok(Kind::Context(entries))
    }

    fn key(&mut self) -> Parsed<Ident> {
        let start = self.span().start;
        if let TokenKind::Text(text) = self.token(0) {
            self.at += 1;
            return Ok(Ident {
                span: self.since(start),
                name: text.clone(),
            });
        }
        let mut words = Vec::new();
        while let Some(word) = self.word(0) {
            words.push(word);
            self.at += 1;
        }
        if words.is_empty() {
            return Err(self.unexpected("項目名が要ります。"));
        }
        Ok(Ident {
            span: self.since(start),
            name: words.join(" "),
        })
    }
}
