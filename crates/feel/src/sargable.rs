//! Lowering a folded filter to a predicate that an index can serve.

use crate::{
    NotSargable, Op, Predicate, Span, Value,
    builtin::Builtin,
    ir::{Bind, Check, Code, Id, Program},
};

type Lowered = Result<Predicate, NotSargable>;

/// The predicate of a program whose variables are the fields of one record.
pub(crate) fn lower(program: &Program) -> Lowered {
    let predicate = Lowering { program }.condition(program.root())?;
    Ok(simplified(predicate))
}

struct Lowering<'a> {
    program: &'a Program,
}

/// How the element of rows is compared.
enum Inner {
    Equal(Vec<String>, Vec<Value>),
    Differ(Vec<String>, Value),
}

impl<'a> Lowering<'a> {
    fn code(&self, id: Id) -> Option<&'a Code> {
        self.program.node(id).map(|node| &node.code)
    }

    fn span(&self, id: Id) -> Span {
        self.program
            .node(id)
            .map_or(Span::default(), |node| node.span)
    }

    fn refuse<T>(&self, id: Id, hint: &str) -> Result<T, NotSargable> {
        let message = "この条件では一覧を絞り込めません。".to_owned();
        Err(NotSargable {
            span: self.span(id),
            message,
            hint: hint.to_owned(),
        })
    }

    fn condition(&self, id: Id) -> Lowered {
        match self.code(id) {
            Some(Code::Const(Value::Boolean(true))) => Ok(Predicate::True),
            Some(Code::Const(Value::Boolean(false))) => Ok(Predicate::False),
            Some(Code::And(items)) => self.all(items).map(Predicate::And),
            Some(Code::Or(items)) => self.all(items).map(Predicate::Or),
            Some(Code::Not(inner)) => Ok(Predicate::Not(Box::new(self.condition(*inner)?))),
            Some(Code::If(condition, then, otherwise)) => {
                let condition = self.condition(*condition)?;
                let yes = Predicate::And(vec![condition.clone(), self.condition(*then)?]);
                let no = Predicate::And(vec![
                    Predicate::Not(Box::new(condition)),
                    self.condition(*otherwise)?,
                ]);
                Ok(Predicate::Or(vec![yes, no]))
            }
            Some(Code::Compare(op, left, right)) => self.comparison(id, *op, *left, *right),
            Some(Code::In(x, checks)) => self.membership(*x, checks),
            Some(Code::Quantified(every, binds, body)) => self.quantified(id, *every, binds, *body),
            Some(Code::Builtin {
                function: Builtin::IsDefined,
                args,
            }) => match args.first() {
                Some(arg) => Ok(Predicate::Not(Box::new(Predicate::Absent {
                    field: self.field_or_refuse(*arg)?,
                }))),
                None => self.refuse(id, HINT),
            },
            Some(Code::Builtin {
                function: Builtin::ListContains,
                args,
            }) => self.list_contains(id, args),
            Some(Code::Var { .. } | Code::Member { .. }) => {
                let field = self.field_or_refuse(id)?;
                Ok(Predicate::Compare {
                    field,
                    op: Op::Eq,
                    value: Value::Boolean(true),
                })
            }
            Some(Code::Fail(error)) => Err(NotSargable {
                span: self.span(id),
                message: error.to_string(),
                hint: String::new(),
            }),
            Some(Code::Builtin { function, .. }) => self.refuse(id, builtin_hint(*function)),
            _ => self.refuse(id, HINT),
        }
    }

    fn all(&self, items: &[Id]) -> Result<Vec<Predicate>, NotSargable> {
        items.iter().map(|item| self.condition(*item)).collect()
    }

    /// The path of a field: a variable and its members, not through a list.
    fn field(&self, id: Id) -> Option<Vec<String>> {
        match self.code(id)? {
            Code::Var { name, .. } => Some(vec![name.clone()]),
            Code::Member { base, name, .. } => {
                let mut path = self.field(*base)?;
                path.push(name.clone());
                Some(path)
            }
            _ => None,
        }
    }

    fn field_or_refuse(&self, id: Id) -> Result<Vec<String>, NotSargable> {
        match (self.field(id), self.code(id)) {
            (Some(field), _) => Ok(field),
            (None, Some(Code::Fail(error))) => {
                Err(NotSargable { span: self.span(id), message: error.to_string(), hint: String::new() })
            }
            (None, Some(Code::Property { .. })) => {
                self.refuse(id, "日付の一部ではなく、「項目 between date(\"…\") and date(\"…\")」と期間で書いてください。")
            }
            (None, Some(Code::Arith(..) | Code::Negate(_))) => {
                self.refuse(id, "計算を値の側に移し、「項目 > 値 - 1」のように項目だけを一方に置いてください。")
            }
            (None, Some(Code::Builtin { function, .. })) => self.refuse(id, builtin_hint(*function)),
            _ => self.refuse(id, HINT),
        }
    }

    fn constant(&self, id: Id) -> Option<&'a Value> {
        match self.code(id)? {
            Code::Const(value) => Some(value),
            _ => None,
        }
    }

    fn comparison(&self, id: Id, op: Op, left: Id, right: Id) -> Lowered {
        match (self.constant(left), self.constant(right)) {
            (None, Some(value)) => self.compare(left, op, value),
            (Some(value), None) => self.compare(right, op.flipped(), value),
            (Some(_), Some(_)) => self.refuse(id, HINT),
            (None, None) => {
                // A side that failed tells more than that there is no constant.
                for side in [left, right] {
                    self.field_or_refuse(side)?;
                }
                self.refuse(id, "項目どうしは比べられません。一方を決まった値にするか、計算項目を作ってください。")
            }
        }
    }

    fn compare(&self, field: Id, op: Op, value: &Value) -> Lowered {
        // A bare boolean comparison over any condition: `(x > 3) = true`.
        if let (Value::Boolean(b), Op::Eq | Op::Ne, None) = (value, op, self.field(field)) {
            let condition = self.condition(field)?;
            return Ok(if *b == (op == Op::Eq) {
                condition
            } else {
                Predicate::Not(Box::new(condition))
            });
        }
        let path = self.field_or_refuse(field)?;
        Ok(match (op, value) {
            (Op::Eq, Value::Null) => Predicate::Absent { field: path },
            (Op::Ne, Value::Null) => Predicate::Not(Box::new(Predicate::Absent { field: path })),
            (_, Value::Null) => Predicate::False,
            (_, Value::List(_) | Value::Context(_) | Value::Range(_)) => {
                return self.refuse(field, "一覧には list contains(項目, 値)、範囲には「項目 in [1..5]」と書いてください。");
            }
            _ => Predicate::Compare {
                field: path,
                op,
                value: value.clone(),
            },
        })
    }

    fn membership(&self, x: Id, checks: &[Check]) -> Lowered {
        let mut any = Vec::with_capacity(checks.len());
        for check in checks {
            any.push(match check {
                Check::Holds(id) => self.condition(*id)?,
                Check::Compare(op, id) => match self.constant(*id) {
                    Some(value) => self.compare(x, *op, value)?,
                    None => return self.refuse(*id, HINT),
                },
                Check::Matches(id) => match (self.constant(*id), self.constant(x)) {
                    (Some(value), None) => self.matches(x, value)?,
                    // `"a" in tags`: a constant among the elements of a field.
                    (None, Some(value)) => {
                        let field = self.list_field(*id)?;
                        Predicate::Contains {
                            field,
                            value: value.clone(),
                        }
                    }
                    _ => self.range(x, *id)?,
                },
            });
        }
        Ok(Predicate::Or(any))
    }

    fn matches(&self, x: Id, value: &Value) -> Lowered {
        match value {
            Value::List(items) => {
                let field = self.field_or_refuse(x)?;
                if items.iter().any(|item| {
                    matches!(item, Value::List(_) | Value::Context(_) | Value::Range(_))
                }) {
                    return self.refuse(x, HINT);
                }
                let values = items
                    .iter()
                    .filter(|item| **item != Value::Null)
                    .cloned()
                    .collect();
                let among = Predicate::In {
                    field: field.clone(),
                    values,
                };
                let null = items.contains(&Value::Null);
                Ok(if null {
                    Predicate::Or(vec![among, Predicate::Absent { field }])
                } else {
                    among
                })
            }
            Value::Range(range) => {
                let bound = |value: &Option<Value>, op: Op| {
                    value.as_ref().map(|value| self.compare(x, op, value))
                };
                let low = bound(&range.low, if range.low_closed { Op::Ge } else { Op::Gt });
                let high = bound(&range.high, if range.high_closed { Op::Le } else { Op::Lt });
                low.into_iter()
                    .chain(high)
                    .collect::<Result<Vec<_>, _>>()
                    .map(Predicate::And)
            }
            value => self.compare(x, Op::Eq, value),
        }
    }

    /// A range whose ends are constants, but that failed to fold as a whole.
    fn range(&self, x: Id, id: Id) -> Lowered {
        match self.code(id) {
            Some(Code::Fail(_)) => self.condition(id),
            _ if self.constant(x).is_none() => {
                self.field_or_refuse(x)?;
                self.refuse(id, HINT)
            }
            _ => self.refuse(id, HINT),
        }
    }

    fn list_contains(&self, id: Id, args: &[Id]) -> Lowered {
        let [list, element] = args else {
            return self.refuse(id, HINT);
        };
        match (self.constant(*list), self.constant(*element)) {
            (Some(list @ Value::List(_)), None) => self.matches(*element, list),
            (None, Some(value)) if *value != Value::Null => Ok(Predicate::Contains {
                field: self.list_field(*list)?,
                value: value.clone(),
            }),
            _ => self.refuse(
                id,
                "「list contains(項目, 値)」の値には決まった値を書いてください。",
            ),
        }
    }

    /// A field that is a list, or the member of a field's rows.
    fn list_field(&self, id: Id) -> Result<Vec<String>, NotSargable> {
        self.field_or_refuse(id)
    }

    /// `some r in rows satisfies r.x = c`, and its opposite `every r in rows satisfies r.x != c`.
    fn quantified(&self, id: Id, every: bool, binds: &[Bind], body: Id) -> Lowered {
        let [bind] = binds else {
            return self.refuse(id, SOME_HINT);
        };
        let Some(list) = self.field(bind.list) else {
            return self.refuse(bind.list, SOME_HINT);
        };
        let contains = |member: Vec<String>, value: Value| Predicate::Contains {
            field: [list.clone(), member].concat(),
            value,
        };
        match (every, self.inner(bind.slot, body)) {
            (false, Some(Inner::Equal(member, values))) => Ok(Predicate::Or(
                values
                    .into_iter()
                    .map(|value| contains(member.clone(), value))
                    .collect(),
            )),
            (true, Some(Inner::Differ(member, value))) => {
                Ok(Predicate::Not(Box::new(contains(member, value))))
            }
            _ => self.refuse(body, SOME_HINT),
        }
    }

    fn inner(&self, slot: u32, body: Id) -> Option<Inner> {
        match self.code(body)? {
            Code::Compare(op @ (Op::Eq | Op::Ne), left, right) => {
                let (member, value) = match (self.constant(*left), self.constant(*right)) {
                    (None, Some(value)) => (self.element(slot, *left)?, value),
                    (Some(value), None) => (self.element(slot, *right)?, value),
                    _ => return None,
                };
                if !is_plain(value) {
                    return None;
                }
                Some(if *op == Op::Eq {
                    Inner::Equal(member, vec![value.clone()])
                } else {
                    Inner::Differ(member, value.clone())
                })
            }
            Code::In(x, checks) => {
                let member = self.element(slot, *x)?;
                let mut values = Vec::new();
                for check in checks {
                    let Check::Matches(id) = check else {
                        return None;
                    };
                    match self.constant(*id)? {
                        Value::List(items) if items.iter().all(is_plain) => {
                            values.extend(items.iter().cloned())
                        }
                        value if is_plain(value) => values.push(value.clone()),
                        _ => return None,
                    }
                }
                Some(Inner::Equal(member, values))
            }
            _ => None,
        }
    }

    /// The path from the loop variable: empty for itself.
    fn element(&self, slot: u32, id: Id) -> Option<Vec<String>> {
        match self.code(id)? {
            Code::Local(found) if *found == slot => Some(Vec::new()),
            Code::Member { base, name, .. } => {
                let mut path = self.element(slot, *base)?;
                path.push(name.clone());
                Some(path)
            }
            _ => None,
        }
    }
}

fn is_plain(value: &Value) -> bool {
    !matches!(
        value,
        Value::Null | Value::List(_) | Value::Context(_) | Value::Range(_)
    )
}

const HINT: &str = "「項目 = 値」「項目 in (\"a\", \"b\")」「項目 between 値 and 値」「項目 = null」を and、or、not でつないで書いてください。";
const SOME_HINT: &str = "明細は「some r in 明細 satisfies r.項目 = 値」の形だけで絞り込めます。";

fn builtin_hint(function: Builtin) -> &'static str {
    match function {
        Builtin::Contains
        | Builtin::StartsWith
        | Builtin::EndsWith
        | Builtin::Matches
        | Builtin::LowerCase
        | Builtin::UpperCase
        | Builtin::Substring => "文字の一部で探すには、全文検索(q=…)を使ってください。",
        Builtin::GetOrElse => "空のときは「項目 = null or 項目 > 値」のように書いてください。",
        Builtin::Count | Builtin::Sum | Builtin::Min | Builtin::Max | Builtin::Mean => {
            "一覧の集計で絞り込むには、その値の計算項目を作ってください。"
        }
        Builtin::FiscalYear => {
            "年度は「項目 between date(\"2026-04-01\") and date(\"2027-03-31\")」と期間で書いてください。"
        }
        _ => HINT,
    }
}

/// Nested conjunctions flat, single ones bare, constants absorbed.
fn simplified(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::And(items) => gathered(items, true),
        Predicate::Or(items) => gathered(items, false),
        Predicate::Not(inner) => match simplified(*inner) {
            Predicate::True => Predicate::False,
            Predicate::False => Predicate::True,
            Predicate::Not(inner) => *inner,
            inner => Predicate::Not(Box::new(inner)),
        },
        Predicate::In { field, mut values } if values.len() < 2 => match values.pop() {
            Some(value) => Predicate::Compare {
                field,
                op: Op::Eq,
                value,
            },
            None => Predicate::False,
        },
        leaf => leaf,
    }
}

fn gathered(items: Vec<Predicate>, and: bool) -> Predicate {
    let (neutral, deciding) = if and {
        (Predicate::True, Predicate::False)
    } else {
        (Predicate::False, Predicate::True)
    };
    let mut flat = Vec::new();
    for item in items.into_iter().map(simplified) {
        match item {
            item if item == neutral => {}
            item if item == deciding => return deciding,
            Predicate::And(inner) if and => flat.extend(inner),
            Predicate::Or(inner) if !and => flat.extend(inner),
            item => flat.push(item),
        }
    }
    match flat.len() {
        0 => neutral,
        1 => flat.pop().unwrap_or(neutral),
        _ if and => Predicate::And(flat),
        _ => Predicate::Or(flat),
    }
}
