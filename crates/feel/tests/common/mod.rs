//! The environment and the world that the tests share.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses its part"
)]

use feel::{Env, EvalError, MapScope, Scope, Type, Value, compile};

pub fn env() -> Env {
    let row = Type::context(
        "営業の種類",
        [
            ("trade", Type::Text),
            ("kind", Type::Text),
            ("fee", Type::Number),
            ("extra", Type::Number.optional()),
        ],
    );
    let premises = [
        ("municipality", Type::Text),
        ("line", Type::Text),
        ("area", Type::Number),
        ("郵便 番号", Type::Text),
        ("parent", Type::Named("premises".into()).optional()),
    ];
    let place = || Type::Named("premises".into());
    Env::new()
        .named("premises", premises)
        .variable("as_of", Type::Date)
        .variable("premises", place())
        .variable("trades", Type::list(row.clone()))
        .variable("gaps", Type::list(row))
        .variable("note", Type::Text.optional())
        .variable("count_of_seats", Type::Number.optional())
        .variable("empty", Type::Text)
        .variable("施設 の 名称", Type::Text)
        .function(
            "fees",
            &[("day", Type::Date), ("trade", Type::Text)],
            Type::context("fees", [("amount", Type::Number)]),
        )
        .function(
            "same place",
            &[("a", place()), ("b", place())],
            Type::Boolean,
        )
}

pub struct World(pub MapScope);

impl World {
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.variables.insert(name.to_owned(), value);
        self
    }
}

pub fn world() -> World {
    let row = |trade: &str, kind: &str, fee: Value, extra: Value| {
        Value::context([
            ("trade", trade.into()),
            ("kind", kind.into()),
            ("fee", fee),
            ("extra", extra),
        ])
    };
    let trades = vec![
        row("restaurant", "new", 18300.into(), Value::Null),
        row("meat_sales", "renewal", 11500.into(), 7.into()),
    ];
    let gaps = vec![
        row("a", "new", 1.into(), Value::Null),
        row("b", "new", Value::Null, Value::Null),
    ];
    let premises = Value::context([
        ("municipality", "13202".into()),
        ("area", 45.into()),
        ("郵便 番号", "190-0023".into()),
    ]);
    let scope = MapScope::new()
        .with("as_of", "2026-11-22".parse::<jiff::civil::Date>().unwrap())
        .with("premises", premises)
        .with("trades", trades)
        .with("gaps", gaps)
        .with("施設 の 名称", "つむぎ食堂");
    World(scope)
}

impl Scope for World {
    fn variable(&self, name: &str) -> Option<Value> {
        self.0.variable(name)
    }

    fn borrow(&self, name: &str) -> Option<&Value> {
        self.0.borrow(name)
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, EvalError> {
        match (name, args) {
            ("fees", [_, trade]) if *trade == Value::text("restaurant") => {
                Ok(Value::context([("amount", 18300.into())]))
            }
            ("fees", [_, trade]) => Err(EvalError::NoRow {
                table: "fees".into(),
                message: trade.to_string(),
            }),
            ("same place", [a, b]) => Ok(Value::Boolean(a == b)),
            _ => self.0.call(name, args),
        }
    }
}

/// The result as text: the value, else the error, else the first diagnostic.
pub fn shown(source: &str) -> String {
    match compile(source, &env(), None) {
        Ok(typed) => typed
            .evaluate(&world())
            .map_or_else(|error| error.to_string(), |value| value.to_string()),
        Err(faults) => faults
            .first()
            .map(|fault| fault.message.clone())
            .unwrap_or_default(),
    }
}
