//! The version rule: an older base passes unless something that the act reads, writes or showed has changed since.

use crate::act::Act;
use crate::evolve::{ROUTE, STATE};
use crate::input::form_fields;
use crate::refusal::{Fault, Refusal, RefusalKind};
use crate::route::Resolved;
use crate::scope::state;
use crate::snapshot::Snapshot;
use definition::model::{Change, Field, FieldKind, Form, RecordType, SetField, Who};
use feel::Typed;
use std::collections::BTreeSet;

/// Refuses an act on a base that has been overtaken.
pub(crate) fn check(
    rt: &RecordType,
    resolved: &Resolved<'_>,
    act: &Act,
    who: &Who,
    snapshot: &Snapshot,
) -> Result<(), Refusal> {
    if *who == Who::System {
        return Ok(());
    }
    let Some(base) = act.expected_version else {
        let title = "見ていた版（version）を付けてください。記録を読み直すと分かります。";
        return Err(Refusal::new(RefusalKind::VersionMissing, title, Vec::new()));
    };
    if base > snapshot.version {
        let fault = Fault::new(
            "/version",
            "format",
            format!("いまの版は{}です。", snapshot.version),
        );
        return Err(Refusal::new(
            RefusalKind::Malformed,
            "版（version）の番号が正しくありません。",
            vec![fault],
        ));
    }
    let since = |id: &str| snapshot.field_versions.get(id).is_some_and(|v| *v > base);
    let concerned = concerned(rt, resolved, act, who);
    let changed: Vec<&Field> = rt
        .fields
        .values()
        .filter(|f| concerned.contains(f.name.as_str()) && since(&f.id))
        .collect();
    let moved = since(STATE);
    let other_draft = resolved.goes_on_from_a_draft(snapshot) && since(ROUTE);
    if changed.is_empty() && !moved && !other_draft {
        return Ok(());
    }
    if changed.is_empty() && !moved {
        let fault = Fault::new(
            "/route",
            "changed",
            "見ていた間に、起案が引き戻されたか、直されたか、ほかの人が段を進めました。",
        );
        let title = "決裁の内容が変わりました。開き直して確かめてください。";
        return Err(Refusal::new(RefusalKind::Stale, title, vec![fault]));
    }
    Err(refusal(rt, snapshot, &changed, moved))
}

fn refusal(rt: &RecordType, snapshot: &Snapshot, changed: &[&Field], moved: bool) -> Refusal {
    let now = state(rt, snapshot);
    let remarks = changed.iter().any(|f| matches!(f.kind, FieldKind::Remarks));
    let title = match now {
        _ if remarks => "補正の依頼が届いています".to_owned(),
        Some(now) if moved => format!(
            "いまは「{}」です。{}",
            now.title,
            now.line
                .as_deref()
                .unwrap_or("最新の内容を確かめてください。")
        ),
        _ => "ほかの方が先に書き換えました。最新の内容を確かめてください。".to_owned(),
    };
    let detail = |field: &Field| match field.kind {
        FieldKind::Remarks => format!(
            "「{}」が新しくなりました。読んでから、もう一度送ってください。",
            field.title
        ),
        _ => format!(
            "「{}」が、開いたあとに変わりました。最新の内容を確かめて、もう一度送ってください。",
            field.title
        ),
    };
    let mut faults: Vec<Fault> = changed
        .iter()
        .filter(|field| !field.internal)
        .map(|f| {
            Fault::new(
                format!("/fields/{}", crate::input::escape(&f.name)),
                "changed",
                detail(f),
            )
        })
        .collect();
    if faults.is_empty() && !moved {
        faults.push(Fault::new(
            "/version",
            "changed",
            "開いたあとに、この記録から決まる扱いが変わりました。最新の内容を確かめてください。",
        ));
    } else if faults.is_empty() {
        faults.push(Fault::new(
            "/state",
            "changed",
            "開いたあとに状態が変わりました。最新の内容を確かめてください。",
        ));
    }
    Refusal::new(RefusalKind::Stale, title, faults)
}

/// Names of the fields that the act reads, writes or showed.
fn concerned<'a>(
    rt: &'a RecordType,
    resolved: &'a Resolved<'_>,
    act: &'a Act,
    who: &Who,
) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = act.input.keys().map(String::as_str).collect();
    // A draft judges only what it writes; anything else judges and shows its whole form.
    let draft = resolved.action.form == Form::Any;
    let mut form = form_fields(rt, &resolved.action);
    form.retain(|field| !draft || act.input.contains_key(&field.name));
    for typed in expressions(resolved) {
        names.extend(heads(typed));
    }
    for field in &form {
        names.extend(field.show_if.iter().flat_map(heads));
        names.extend(field.checks.iter().flat_map(|c| heads(&c.that)));
    }
    if matches!(who, Who::Party(_)) {
        names.extend(
            rt.fields
                .values()
                .filter(|f| matches!(f.kind, FieldKind::Remarks))
                .map(|f| f.name.as_str()),
        );
    }
    // Computed values stand beside the form: those that its fields feed, directly or through others, were shown.
    let fed = fed_by(rt, form.iter().map(|f| f.name.as_str()).collect());
    names.extend(
        fed.into_iter()
            .filter(|name| rt.fields.get(*name).is_some_and(|f| f.value.is_some())),
    );
    names
}

/// Some fields, and all computed ones that they feed, directly or through others.
pub(crate) fn fed_by<'a>(rt: &'a RecordType, mut names: BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    loop {
        let reads = |f: &&Field| {
            f.value
                .iter()
                .flat_map(heads)
                .any(|head| names.contains(head))
        };
        let more = rt
            .fields
            .values()
            .filter(|f| !names.contains(f.name.as_str()))
            .filter(reads);
        let more: Vec<&str> = more.map(|f| f.name.as_str()).collect();
        if more.is_empty() {
            return names;
        }
        names.extend(more);
    }
}

fn heads(typed: &Typed) -> impl Iterator<Item = &str> {
    typed
        .reads()
        .iter()
        .filter_map(|path| path.first())
        .map(String::as_str)
}

/// The expressions by which the action decides what it does.
fn expressions<'a>(resolved: &'a Resolved<'_>) -> Vec<&'a Typed> {
    let action = resolved.action.as_ref();
    let mut all: Vec<&Typed> = action.require.iter().map(|c| &c.that).collect();
    all.extend(&action.when);
    for change in &action.change {
        match change {
            Change::Open { when, with, .. } => expressions_of(when, with, &mut all),
            Change::Set { when, fields, .. } => expressions_of(when, fields, &mut all),
            Change::Act { when, with, .. } => expressions_of(when, with, &mut all),
            Change::Party { when, .. } => all.extend(when),
            Change::Post { key, amount, .. }
            | Change::Hold { key, amount, .. }
            | Change::Release { key, amount, .. } => {
                all.extend([key, amount]);
            }
        }
    }
    all
}

fn expressions_of<'a>(when: &'a Option<Typed>, fields: &'a [SetField], all: &mut Vec<&'a Typed>) {
    all.extend(when);
    all.extend(fields.iter().map(|f| &f.value));
}
