//! Performing one action on one record: input, arrival, number, state, clocks, changes, effects.

use crate::act::Actor;
use crate::change;
use crate::clock::{self, Pull};
use crate::compute::{follows_moves, refresh};
use crate::event::Patch;
use crate::input::{self, Entered, form_fields};
use crate::invite;
use crate::letter;
use crate::notice;
use crate::number;
use crate::payment;
use crate::refusal::{Fault, Refusal, RefusalKind};
use crate::snapshot::{ClockPhase, PartyRef};
use crate::who::{acting_kind, party_fits};
use crate::world::{Doing, World, unread};
use definition::model::{Action, Change, Clock, Effect, RecordType, Who};
use feel::Value;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value as Json};

/// Where the values of an action come from.
pub(crate) enum Given<'g> {
    /// A person's input, to be read and checked.
    Input(&'g Map<String, Json>),
    /// Another act's values, by field id.
    Set(&'g [(String, Json)]),
}

/// The refusal of an entry with faults.
pub(crate) fn invalid(faults: Vec<Fault>) -> Refusal {
    let only_conditions = faults.iter().all(|f| f.code == "condition");
    let title = if only_conditions {
        "この操作の条件が満たされていません"
    } else {
        "入力を確かめてください"
    };
    Refusal::new(RefusalKind::Invalid, title, faults)
}

/// Performs an action on a record that stands in the world's facts, or that it opens.
pub(crate) fn perform(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    action: &Action,
    given: Given<'_>,
    opens: bool,
) -> Result<(), Refusal> {
    world.performed.insert((doing.id, action.name.clone()));
    world.begin(doing, opens, true)?;
    if opens {
        open(world, doing, action)?;
    }
    pin(world, doing);
    arrive(world, doing, action)?;
    let faults = match given {
        Given::Input(input) => {
            let Entered { faults } = input::enter(world, doing, action, input)?;
            faults
        }
        Given::Set(values) => {
            for (id, value) in values {
                world.put(
                    doing.id,
                    Patch::Field {
                        id: id.clone(),
                        value: value.clone(),
                    },
                );
            }
            let mut faults = refresh(world, doing, &[])?;
            faults.extend(input::require(
                world,
                doing,
                action,
                &form_fields(doing.rt, action),
                &[],
            )?);
            faults
        }
    };
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    if action.note {
        take_note(world, doing);
    }
    carry_out(world, doing, action, opens)
}

/// What was entered as a note leaves the record's fields for the event.
fn take_note(world: &mut World<'_>, doing: &Doing<'_>) {
    let mut text = |field: &str| match world.take(doing.id, field) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    };
    let how = text(definition::NOTE_HOW).unwrap_or_default();
    let with = text(definition::NOTE_WITH);
    let said = text(definition::NOTE_TEXT).unwrap_or_default();
    let shared = world.take(doing.id, definition::NOTE_SHARED) == Some(Json::Bool(true));
    let kind = doing.rt.fields.get(definition::NOTE_HOW).map(|f| &f.kind);
    let how_title = match kind {
        Some(definition::model::FieldKind::Choice(options)) => {
            crate::render::option_title(&world.facts.service, options, &how, world.facts.today)
        }
        _ => how.clone(),
    };
    world.note(
        doing.id,
        crate::event::Note {
            how,
            how_title,
            with,
            text: said,
            shared,
        },
    );
}

/// What follows once the values stand.
fn carry_out(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    action: &Action,
    opens: bool,
) -> Result<(), Refusal> {
    let before = world
        .get(doing.id)
        .map(|s| (s.state.clone(), s.number.clone()))
        .ok_or_else(unread)?;
    if let Some(rule) = &doing.rt.number {
        let now = rule
            .drawn_at
            .as_ref()
            .map_or(opens, |at| *at == action.name);
        if now {
            number::draw(world, doing, rule)?;
        }
    }
    if let Some(to) = &action.to {
        enter_state(world, doing, to, opens)?;
    } else if opens {
        let first = doing.rt.states.keys().next().cloned().unwrap_or_default();
        enter_state(world, doing, &first, true)?;
    }
    change::all(world, doing, &action.change)?;
    // Computed values may read the number, the state, children: what has just moved.
    let moved = world
        .get(doing.id)
        .is_none_or(|now| (&now.state, &now.number) != (&before.0, &before.1));
    let only_opens = |change: &Change| matches!(change, Change::Open { .. });
    let follows = (moved || !action.change.is_empty()) && follows_moves(doing.rt);
    if follows || !action.change.iter().all(only_opens) {
        let faults = refresh(world, doing, &[])?;
        if !faults.is_empty() && action.form != definition::model::Form::Any {
            return Err(invalid(faults));
        }
    }
    if !action.corrects.is_empty() {
        set_clocks_anew(world, doing, action)?;
    }
    effects(world, doing, &action.effect)?;
    if world.get(doing.id).is_some_and(|now| now.state != before.0) {
        invite::tell_of_a_move(world, doing)?;
    }
    Ok(())
}

/// A correction of what the length of a running clock rests on: its days are counted anew, from the day of the
/// correction.
fn set_clocks_anew(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    action: &Action,
) -> Result<(), Refusal> {
    let corrected = action.corrects.iter().map(String::as_str).collect();
    let fed = crate::stale::fed_by(doing.rt, corrected);
    let rests = |clock: &Clock| {
        let heads = clock.days.reads().iter().filter_map(|path| path.first());
        heads.into_iter().any(|head| fed.contains(head.as_str()))
    };
    for clock in doing.rt.clocks.values().filter(|clock| rests(clock)) {
        let running = world
            .get(doing.id)
            .and_then(|s| s.clocks.get(&clock.name))
            .filter(|state| state.phase == ClockPhase::Running)
            .cloned();
        let (Some(running), Some(days)) = (running, days(world, doing, clock)?) else {
            continue;
        };
        let next = crate::snapshot::ClockState {
            pauses: running.pauses,
            ..clock::start(&world.facts.calendar, world.act.effective_on, days)
        };
        world.put(
            doing.id,
            Patch::Clock {
                name: clock.name.clone(),
                clock: next,
            },
        );
    }
    Ok(())
}

/// The first state and the owner of a record that is being opened.
fn open(world: &mut World<'_>, doing: &Doing<'_>, action: &Action) -> Result<(), Refusal> {
    let first = action.to.as_ref().or_else(|| doing.rt.states.keys().next());
    world.put(doing.id, Patch::State(first.cloned().unwrap_or_default()));
    if let Some(party) = owner(doing.rt, doing.who, &world.act.actor) {
        world.put(doing.id, Patch::Party(party));
    }
    Ok(())
}

/// The party whose record it becomes. A desk that opens one at the counter does so for the party on whose behalf it
/// acts; without one the record has no owner yet.
fn owner(rt: &RecordType, who: &Who, actor: &Actor) -> Option<PartyRef> {
    let id = match who {
        Who::Desk(_) => actor.on_behalf_of?,
        _ => actor.party_in(rt)?,
    };
    let rule = match who {
        Who::Party(role) => rt.parties.get(role)?,
        _ => rt
            .parties
            .values()
            .find(|rule| rule.owner && party_fits(rt, rule, actor))?,
    };
    let name = match actor.on_behalf_of {
        Some(_) => actor.on_behalf_name.clone().unwrap_or_default(),
        None => actor.name.clone(),
    };
    Some(PartyRef {
        role: rule.role.clone(),
        id,
        kind: acting_kind(rule, actor),
        name,
        counter: actor.counter,
    })
}

/// Records that follow the current definition say under which they were last decided.
pub(crate) fn pin(world: &mut World<'_>, doing: &Doing<'_>) {
    if !doing.rt.pinned {
        let hash = world.facts.service.hash.clone();
        world.put(doing.id, Patch::Pin(hash));
    }
}

fn arrive(world: &mut World<'_>, doing: &Doing<'_>, action: &Action) -> Result<(), Refusal> {
    let arrived = world.get(doing.id).ok_or_else(unread)?.arrived_on;
    if arrived.is_none() && doing.rt.arrives_at.as_ref() == Some(&action.name) {
        let day = world.act.effective_on;
        world.put(doing.id, Patch::Arrived(day));
    }
    Ok(())
}

/// Enters a state: the route of the state before ends, clocks start, stand still, go on or end.
pub(crate) fn enter_state(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    to: &str,
    opens: bool,
) -> Result<(), Refusal> {
    let from = world.get(doing.id).ok_or_else(unread)?.state.clone();
    if from == to && !opens {
        return Ok(());
    }
    world.put(doing.id, Patch::State(to.to_owned()));
    world.put(doing.id, Patch::Route(None));
    for clock in doing.rt.clocks.values() {
        turn(world, doing, clock, to)?;
    }
    Ok(())
}

fn turn(world: &mut World<'_>, doing: &Doing<'_>, clock: &Clock, to: &str) -> Result<(), Refusal> {
    let day = world.act.effective_on;
    let calendar = &world.facts.calendar;
    let within = |states: &[String]| states.iter().any(|s| s == to);
    let pull = match () {
        () if within(&clock.until) => Pull::End,
        () if within(&clock.paused_in) => Pull::Pause,
        () => Pull::Run,
    };
    let known = world.get(doing.id).and_then(|s| s.clocks.get(&clock.name));
    let before = known.map_or(ClockPhase::Running, |state| state.phase);
    let mut next = match known {
        Some(state) => clock::step(calendar, state, pull, day),
        None if within(&clock.from) => {
            let Some(days) = days(world, doing, clock)? else {
                return Ok(());
            };
            clock::step(calendar, &clock::start(calendar, day, days), pull, day)
        }
        None => return Ok(()),
    };
    clock::note_pause(before, &mut next, to, day);
    world.put(
        doing.id,
        Patch::Clock {
            name: clock.name.clone(),
            clock: next,
        },
    );
    Ok(())
}

fn days(world: &World<'_>, doing: &Doing<'_>, clock: &Clock) -> Result<Option<u32>, Refusal> {
    match world.scope(doing)?.value(&clock.days) {
        Ok(Some(Value::Number(n))) => Ok(n.to_u32()),
        Ok(_) => Ok(None),
        Err(error) => {
            let detail = format!("「{}」の日数を決められません。{error}", clock.title);
            Err(invalid(vec![Fault::new("/input", "computed", detail)]))
        }
    }
}

fn effects(world: &mut World<'_>, doing: &Doing<'_>, effects: &[Effect]) -> Result<(), Refusal> {
    for effect in effects {
        let scope = world.scope(doing)?;
        match effect {
            Effect::Issue { when, .. } | Effect::Notify { when, .. }
                if when.as_ref().is_some_and(|when| !scope.holds(when)) => {}
            Effect::Notify {
                to,
                office,
                message,
                ..
            } => {
                let desk = notice::desk(&scope, office.as_ref())?;
                let (around, rt) = (world.around(), doing.rt);
                let orders = notice::orders(around, rt, &scope, (to, desk), message);
                drop(scope);
                world.effects.extend(orders);
            }
            Effect::Issue { document, on, .. } => {
                drop(scope);
                letter::issue(world, doing, on, document)?;
            }
            other => {
                let orders = payment::order(&scope, other)?;
                drop(scope);
                world.effects.extend(orders);
            }
        }
    }
    Ok(())
}

/// Evaluates values for fields of a record type, over some scope, into stored form by field id.
pub(crate) fn values(
    fields: &[definition::model::SetField],
    target: &RecordType,
    scope: &dyn feel::Scope,
) -> Result<Vec<(String, Json)>, Refusal> {
    let mut values = Vec::with_capacity(fields.len());
    for set in fields {
        let Some(field) = target.fields.get(&set.field) else {
            continue;
        };
        match crate::scope::evaluate(&set.value, scope) {
            Ok(value) => values.push((
                field.id.clone(),
                value.map_or(Json::Null, |v| field.kind.from_feel(&v)),
            )),
            Err(error) => {
                let detail = format!("「{}」を決められません。{error}", field.title);
                return Err(invalid(vec![Fault::new("/input", "computed", detail)]));
            }
        }
    }
    Ok(values)
}
