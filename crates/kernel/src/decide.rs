//! `decide`: may they, is it still so, what does it change.

use crate::act::{Act, Actor};
use crate::assured;
use crate::cascade;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::perform::{Given, perform};
use crate::refusal::{Refusal, RefusalKind};
use crate::route::{self, Resolved, Step};
use crate::scope::{Around, RecordScope};
use crate::see::may_see;
use crate::snapshot::Snapshot;
use crate::stale;
use crate::who::{acting_as, titles, who_name};
use crate::world::{Doing, World};
use definition::model::{Action, Batch, Form, RecordType, Who};
use std::borrow::Cow;

/// What an act changes and asks of the world, or why it is refused. Reads nothing but its arguments; equal ones give
/// equal answers.
///
/// # Errors
/// A [`Refusal`] that names every faulty field. Nothing has changed then.
pub fn decide(facts: &Facts, act: &Act) -> Result<Decision, Refusal> {
    let rt = facts
        .service
        .types
        .get(&act.record_type)
        .ok_or_else(Refusal::not_found)?;
    let ours = |s: &Snapshot| s.id == act.record && s.record_type == rt.name;
    if act.service != facts.service.slug || facts.record.as_ref().is_some_and(|s| !ours(s)) {
        return Err(Refusal::not_found());
    }
    let resolved = route::resolve(&facts.service, rt, &act.action, facts.record.as_ref())
        .ok_or_else(Refusal::not_found)?;
    let who = admit(facts, rt, &resolved, act)?;
    if let Some(snapshot) = &facts.record {
        stale::check(rt, &resolved, act, &who, snapshot)?;
    }
    let mut world = World::new(facts, act);
    let doing = Doing {
        id: act.record,
        rt,
        action: &act.action,
        who: &who,
    };
    match resolved.step {
        Step::Act => {
            let (input, said) = route::decided_input(&world, &resolved)?;
            perform(
                &mut world,
                &doing,
                resolved.main,
                Given::Input(&input),
                facts.record.is_none(),
            )?;
            route::decided(&mut world, &doing, &resolved, said);
        }
        _ => route::take(&mut world, &doing, &resolved)?,
    }
    cascade::run(&mut world)?;
    world.finish()
}

/// Whether the actor may, in which capacity, and whether the record's state allows it.
fn admit(
    facts: &Facts,
    rt: &RecordType,
    resolved: &Resolved<'_>,
    act: &Act,
) -> Result<Who, Refusal> {
    let action = resolved.action.as_ref();
    if !act.actor.is_let(rt, &action.name) {
        return Err(not_given(facts, rt, action, &act.actor));
    }
    let Some(snapshot) = &facts.record else {
        if !action.opens {
            return Err(Refusal::not_found());
        }
        let who = acting_as(rt, action, &act.actor, None)
            .ok_or_else(|| not_theirs(facts, rt, action, &act.actor))?;
        return assured(action, &act.actor, who);
    };
    if may_see(&facts.service, rt, &act.actor, snapshot).is_none() {
        return Err(Refusal::not_found());
    }
    let who = acting_as(rt, action, &act.actor, Some(snapshot))
        .ok_or_else(|| not_theirs(facts, rt, action, &act.actor))?;
    if !action.from.contains(&snapshot.state) {
        return Err(wrong_state(rt, action, snapshot));
    }
    let obstacle = route::obstacle(resolved, rt, &act.actor, Some(snapshot))
        .or_else(|| alone(facts, rt, action, act, &who, snapshot));
    match obstacle {
        Some(sentence) => Err(Refusal::new(RefusalKind::WrongState, sentence, Vec::new())),
        None => assured(action, &act.actor, who),
    }
}

/// Goes on only with somebody who is known as surely as the action demands. Asked last: who may not take it at all is
/// not sent to prove who they are for nothing.
fn assured(action: &Action, actor: &Actor, who: Who) -> Result<Who, Refusal> {
    match assured::short(action, actor, &who) {
        Some(demanded) => Err(assured::refusal(&action.title, actor, demanded)),
        None => Ok(who),
    }
}

/// Why a run may not take the action on this record, which one may take alone; none if it may.
fn alone(
    facts: &Facts,
    rt: &RecordType,
    action: &Action,
    act: &Act,
    who: &Who,
    snapshot: &Snapshot,
) -> Option<String> {
    act.run?;
    let actor = Some((&act.actor, who_name(who)));
    match &action.batch {
        Some(Batch::Always) => None,
        Some(Batch::If(when)) => {
            let scope = RecordScope::new(Around::of(facts), rt, snapshot, actor);
            (!scope.holds(when)).then(|| {
                format!(
                    "「{}」をまとめて行える条件に当たりません。この記録は開いて、1件ずつ確かめてください。",
                    action.title
                )
            })
        }
        None => Some(format!(
            "「{}」は、まとめて行えません。1件ずつ行ってください。",
            action.title
        )),
    }
}

/// Outside what they were given: said whether or not there is such a record, so it tells nothing of it.
fn not_given(facts: &Facts, rt: &RecordType, action: &Action, actor: &Actor) -> Refusal {
    if actor.reads.is_some() {
        return Refusal::new(
            RefusalKind::WrongState,
            format!(
                "このシステムに許した操作に、「{}」の「{}」（{}）は入っていません。登録した範囲（scope）を確かめてください。",
                facts.service.title, rt.title, action.title
            ),
            Vec::new(),
        );
    }
    let whose = actor.on_behalf_name.as_deref().unwrap_or("ほかの方");
    Refusal::new(
        RefusalKind::WrongState,
        format!(
            "{whose}から任されたことに、「{}」の「{}」（{}）は入っていません。任された範囲と期間を確かめるか、だれとして手続きするかを選び直してください。",
            facts.service.title, rt.title, action.title
        ),
        Vec::new(),
    )
}

fn not_theirs(facts: &Facts, rt: &RecordType, action: &Action, actor: &Actor) -> Refusal {
    let by = titles(&facts.service, rt, &action.by);
    let kinds = action.by.iter().filter_map(|who| match who {
        Who::Party(role) => rt.parties.get(role),
        _ => None,
    });
    let kinds: Vec<&str> = kinds
        .flat_map(|rule| rule.is.iter().map(|kind| kind_title(kind)))
        .collect();
    let hint = match (
        facts.record.is_none() && actor.acting_party().is_some(),
        kinds.is_empty(),
    ) {
        (true, false) => format!(
            "{}として行うことができます。どなたとして行うかを選び直してください。",
            kinds.join("か")
        ),
        _ => "サインインしている方や、どなたとして行うかを確かめてください。".into(),
    };
    Refusal::new(
        RefusalKind::WrongState,
        format!("「{}」を行えるのは{by}です。{hint}", action.title),
        Vec::new(),
    )
}

fn kind_title(kind: &str) -> &str {
    match kind {
        "person" => "個人",
        "corporation" => "法人",
        "body" => "団体",
        other => other,
    }
}

fn wrong_state(rt: &RecordType, action: &Action, snapshot: &Snapshot) -> Refusal {
    let state = rt.states.get(&snapshot.state);
    let now = state.map_or(snapshot.state.as_str(), |s| s.title.as_str());
    let mut sentence = format!("いまは「{now}」のため、「{}」はできません。", action.title);
    if let Some(line) = state.and_then(|s| s.line.as_deref()) {
        sentence.push_str(line);
    }
    Refusal::new(RefusalKind::WrongState, sentence, Vec::new())
}

/// The actions that this actor may take now, by state, capacity and route; their conditions are not evaluated.
#[must_use]
pub fn actions<'f>(facts: &'f Facts, record_type: &str, actor: &Actor) -> Vec<Cow<'f, Action>> {
    let Some(rt) = facts.service.types.get(record_type) else {
        return Vec::new();
    };
    let snapshot = facts.record.as_ref();
    if snapshot.is_some_and(|s| may_see(&facts.service, rt, actor, s).is_none()) {
        return Vec::new();
    }
    let possible = |resolved: &Resolved<'_>| {
        let action = resolved.action.as_ref();
        let fits = snapshot.map_or(action.opens, |s| action.from.contains(&s.state));
        fits && acting_as(rt, action, actor, snapshot).is_some()
            && route::obstacle(resolved, rt, actor, snapshot).is_none()
    };
    route::all(&facts.service, rt, snapshot)
        .into_iter()
        .filter(possible)
        .map(|resolved| resolved.action)
        .collect()
}

/// Whether an action takes any input.
#[must_use]
pub fn has_form(action: &Action) -> bool {
    action.form != Form::None
}
