//! Source text to tokens.

use rust_decimal::Decimal;

use crate::{Diagnostic, Span};

/// One token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) span: Span,
    pub(crate) kind: TokenKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    Number(Decimal),
    Text(String),
    /// `@"2026-04-01"`
    At(String),
    /// One word of a name, or a keyword.
    Word(String),
    Symbol(&'static str),
    End,
}

/// Longer symbols first.
const SYMBOLS: [&str; 24] = [
    "..", "<=", ">=", "!=", "**", "+", "-", "*", "/", "=", "<", ">", "(", ")", "[", "]", "{", "}",
    ",", ":", ".", "?", ";", "|",
];

/// Characters that a Japanese keyboard gives by mistake, and what is meant.
const FULL_WIDTH: [(char, &str); 26] = [
    ('＝', "="),
    ('＜', "<"),
    ('＞', ">"),
    ('＋', "+"),
    ('－', "-"),
    ('＊', "*"),
    ('／', "/"),
    ('（', "("),
    ('）', ")"),
    ('［', "["),
    ('］', "]"),
    ('｛', "{"),
    ('｝', "}"),
    ('，', ","),
    ('、', ","),
    ('．', "."),
    ('：', ":"),
    ('？', "?"),
    ('“', "\""),
    ('”', "\""),
    ('＂', "\""),
    ('「', "\""),
    ('」', "\""),
    ('≦', "<="),
    ('≧', ">="),
    ('≠', "!="),
];

/// All tokens, closed by `End`, or every character that fits none.
pub(crate) fn lex(source: &str) -> Result<Vec<Token>, Vec<Diagnostic>> {
    let mut lexer = Lexer {
        source,
        at: 0,
        tokens: Vec::new(),
        faults: Vec::new(),
    };
    while lexer.skip_blank() {
        lexer.token();
    }
    let end = Span::new(source.len(), source.len());
    lexer.tokens.push(Token {
        span: end,
        kind: TokenKind::End,
    });
    if lexer.faults.is_empty() {
        Ok(lexer.tokens)
    } else {
        Err(lexer.faults)
    }
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    faults: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        self.tokens.push(Token {
            span: Span::new(start, self.at),
            kind,
        });
    }

    fn fault(&mut self, start: usize, code: &'static str, message: String, hint: &str) {
        let fault = Diagnostic::new(Span::new(start, self.at), code, message);
        self.faults.push(if hint.is_empty() {
            fault
        } else {
            fault.hint(hint)
        });
    }

    /// Skips blanks and comments; false at the end.
    fn skip_blank(&mut self) -> bool {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                let start = self.at;
                match self.rest().find("*/") {
                    Some(length) => self.at += length + 2,
                    None => {
                        self.at = self.source.len();
                        self.fault(
                            start,
                            "syntax",
                            "注釈が閉じていません。".into(),
                            "「*/」で閉じてください。",
                        );
                    }
                }
            } else {
                return !self.rest().is_empty();
            }
        }
    }

    fn token(&mut self) {
        let start = self.at;
        let Some(first) = self.peek() else { return };
        if first.is_ascii_digit()
            || (first == '.' && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            self.number(start);
        } else if first == '"' {
            if let Some(text) = self.text(start) {
                self.push(start, TokenKind::Text(text));
            }
        } else if self.rest().starts_with("@\"") {
            self.at += 1;
            if let Some(text) = self.text(start) {
                self.push(start, TokenKind::At(text));
            }
        } else if is_word(first) {
            let word = self.take_while(is_word).to_owned();
            self.push(start, TokenKind::Word(word));
        } else if let Some(symbol) = SYMBOLS
            .iter()
            .find(|symbol| self.rest().starts_with(**symbol))
        {
            self.at += symbol.len();
            self.push(start, TokenKind::Symbol(symbol));
        } else {
            self.stray(start);
        }
    }

    fn stray(&mut self, start: usize) {
        let Some(found) = self.bump() else { return };
        let hint = match FULL_WIDTH.iter().find(|(wide, _)| *wide == found) {
            Some((_, narrow)) => format!("半角の「{narrow}」で書いてください。"),
            None if found == '\'' => "文字は「\"」で囲んでください。".to_owned(),
            None => String::new(),
        };
        self.fault(
            start,
            "syntax",
            format!("「{found}」はここでは使えません。"),
            &hint,
        );
    }

    fn number(&mut self, start: usize) {
        self.take_while(|c| c.is_ascii_digit());
        let mut after = self.rest().chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let digits = &self.source[start..self.at];
        match Decimal::from_str_exact(digits) {
            Ok(number) => self.push(start, TokenKind::Number(number)),
            Err(_) => self.fault(
                start,
                "invalid-literal",
                format!("数値「{digits}」は桁が多すぎます。"),
                "数値は28桁までで書いてください。",
            ),
        }
    }

    fn text(&mut self, start: usize) -> Option<String> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('"') => return Some(text),
                Some('\\') => self.escape(&mut text),
                Some(other) => text.push(other),
                None => {
                    self.fault(
                        start,
                        "syntax",
                        "文字が閉じていません。".into(),
                        "終わりに「\"」を付けてください。",
                    );
                    return None;
                }
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        let start = self.at - 1;
        let escaped = match self.bump() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some(same @ ('"' | '\\' | '\'')) => Some(same),
            Some('u') => self.code_point(4),
            Some('U') => self.code_point(6),
            _ => None,
        };
        match escaped {
            Some(c) => text.push(c),
            None => {
                let hint = "「\\」そのものは「\\\\」と書いてください。";
                self.fault(
                    start,
                    "syntax",
                    "「\\」の後の書き方が違います。".into(),
                    hint,
                );
            }
        }
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let code = self.rest().get(..digits)?;
        let value = u32::from_str_radix(code, 16).ok()?;
        self.at += digits;
        char::from_u32(value)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
