//! The builtin functions over texts at run time.

use crate::{
    EvalError, Span, Value,
    builtin::{Builtin, lists, texts},
};

use super::{MAX_TEXT, Result, functions::Args, mismatch, too_long};

/// The value, or `None` when the function is none of these.
pub(super) fn call(function: Builtin, args: &mut Args) -> Result<Option<Value>> {
    let made = match function {
        Builtin::Substring => substring(args)?,
        Builtin::SubstringBefore => {
            let (text, mark) = (args.text()?, args.text()?);
            text.split_once(&*mark)
                .map_or("", |(before, _)| before)
                .to_owned()
        }
        Builtin::SubstringAfter => {
            let (text, mark) = (args.text()?, args.text()?);
            text.split_once(&*mark)
                .map_or("", |(_, after)| after)
                .to_owned()
        }
        Builtin::UpperCase => args.text()?.to_uppercase(),
        Builtin::LowerCase => args.text()?.to_lowercase(),
        Builtin::Replace => replace(args)?,
        Builtin::StringJoin => join(args)?,
        Builtin::String => args.value().to_string(),
        Builtin::StringLength => return Ok(Some(Value::from(args.text()?.chars().count() as u64))),
        Builtin::Contains => return test(args, |text, part| text.contains(part)),
        Builtin::StartsWith => return test(args, |text, part| text.starts_with(part)),
        Builtin::EndsWith => return test(args, |text, part| text.ends_with(part)),
        Builtin::Matches => {
            let (text, pattern) = (args.text()?, args.text()?);
            let found = regex(&pattern, &args.optional_text()?, args.span)?.is_match(&text);
            return Ok(Some(Value::Boolean(found)));
        }
        Builtin::Split => {
            let (text, mark) = (args.text()?, args.text()?);
            let parts = regex(&mark, "", args.span)?
                .split(&text)
                .map(Value::text)
                .collect();
            return Ok(Some(Value::List(parts)));
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::from(made)))
}

fn test(args: &mut Args, test: impl Fn(&str, &str) -> bool) -> Result<Option<Value>> {
    let (text, part) = (args.text()?, args.text()?);
    Ok(Some(Value::Boolean(test(&text, &part))))
}

/// From a place, counted from 1 or back from -1; a place beyond the text gives an empty one.
fn substring(args: &mut Args) -> Result<String> {
    let (text, start) = (args.text()?, args.whole()?);
    let count = args.optional_whole()?;
    let chars: Vec<char> = text.chars().collect();
    if start == 0 || count.is_some_and(|count| count < 0) {
        let message =
            "substring の開始位置は1から(後ろからは-1から)、長さは0以上で書いてください。"
                .to_owned();
        return Err(EvalError::Invalid {
            message,
            span: args.span,
        });
    }
    Ok(lists::slice(&chars, start, count)
        .unwrap_or(&[])
        .iter()
        .collect())
}

fn replace(args: &mut Args) -> Result<String> {
    let (text, pattern, with) = (args.text()?, args.text()?, args.text()?);
    let regex = regex(&pattern, &args.optional_text()?, args.span)?;
    let with = texts::replacement(&with);
    let (mut out, mut last) = (String::new(), 0);
    for found in regex.captures_iter(&text) {
        let Some(whole) = found.get(0) else { continue };
        out.push_str(text.get(last..whole.start()).unwrap_or(""));
        found.expand(&with, &mut out);
        last = whole.end();
        if out.len() > MAX_TEXT {
            return Err(too_long());
        }
    }
    out.push_str(text.get(last..).unwrap_or(""));
    Ok(out)
}

fn join(args: &mut Args) -> Result<String> {
    let (items, mark) = (args.list()?, args.optional_text()?);
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        let Value::Text(text) = item else {
            return Err(mismatch("文字", item, args.span));
        };
        if at > 0 {
            out.push_str(&mark);
        }
        out.push_str(text);
        if out.len() > MAX_TEXT {
            return Err(too_long());
        }
    }
    Ok(out)
}

fn regex(pattern: &str, flags: &str, span: Span) -> Result<regex::Regex> {
    texts::pattern(pattern, flags).map_err(|message| EvalError::Invalid { message, span })
}
