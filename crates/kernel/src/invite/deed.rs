//! Inviting, accepting, a wrong code, revoking: each is an event of the record, decided like any act.

use super::{Guest, Invitation, Standing, TRIES, invites, owner_role, tell_owners};
use crate::act::Act;
use crate::decision::Decision;
use crate::event::Patch;
use crate::facts::Facts;
use crate::perform::pin;
use crate::refusal::{Fault, Refusal, RefusalKind};
use crate::see::may_see;
use crate::snapshot::Snapshot;
use crate::who::party_fits;
use crate::world::{Doing, World};
use definition::model::{RecordType, Who};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use uuid::Uuid;

/// Somebody was invited: name of the act in the journal. No action of a definition can have a name with a hyphen.
pub const OFFERED: &str = "invitation-offered";
/// The invitation was accepted.
pub const ACCEPTED: &str = "invitation-accepted";
/// A wrong code was given.
pub const MISSED: &str = "invitation-missed";
/// The invitation was revoked, or whoever had accepted stepped back.
pub const REVOKED: &str = "invitation-revoked";

/// Most characters of the words by which an owner knows whom they invited.
const MOST_CHARS: usize = 60;

/// What an owner offers. The digests are made by the caller, who forgets the secrets.
#[derive(Clone)]
pub struct Offer {
    /// Role; none where the type has but one.
    pub role: Option<String>,
    /// Whom the owner means.
    pub to: String,
    /// Digest of the link's secret.
    pub link: String,
    /// Digest of link and code.
    pub code: String,
}

/// What somebody holds up who accepts.
#[derive(Clone)]
pub struct Accept {
    /// Digest of the link's secret.
    pub link: String,
    /// Digest of link and code as given.
    pub code: String,
}

/// What came of a code.
pub enum Taken {
    /// Right: the actor is a party now.
    Accepted(Decision),
    /// Wrong: this is kept, and what is to be said.
    Missed(Decision, Refusal),
}

/// Invites somebody into a role of the record.
///
/// # Errors
/// 404 for who does not see the record; else what stands in the way, each fault by its field.
pub fn offer(facts: &Facts, act: &Act, offer: &Offer) -> Result<Decision, Refusal> {
    let (rt, snapshot) = subject(facts, act)?;
    if may_see(&facts.service, rt, &act.actor, snapshot).is_none() {
        return Err(Refusal::not_found());
    }
    let owner = owner_role(rt, &act.actor, snapshot).ok_or_else(|| not_the_owner(rt))?;
    let role = role_of(rt, offer.role.as_deref())?;
    let invited = invites(rt, &role).ok_or_else(Refusal::not_found)?;
    still(rt, &role, snapshot)?;
    let to = offer.to.trim();
    let fault = match to.chars().count() {
        0 => Some((
            "required",
            "だれに頼むかを書いてください。お名前でも「行政書士」などでもかまいません。".to_owned(),
        )),
        n if n > MOST_CHARS => Some((
            "too_long",
            format!("だれに頼むかは{MOST_CHARS}文字以内で書いてください。"),
        )),
        _ => None,
    };
    if let Some((code, detail)) = fault {
        return Err(invalid("/input/to", code, detail));
    }
    let taken = snapshot
        .invitations
        .iter()
        .filter(|one| one.takes_a_place(act.recorded_at));
    if taken.count() >= usize::from(invited.most) {
        let detail = format!(
            "同時に頼めるのは{}人までです。いまの人を取りやめてから、もう一度頼んでください。",
            invited.most
        );
        return Err(invalid("/input/to", "too_many", detail));
    }
    let invitation = Invitation {
        id: act.id.0,
        role,
        to: to.to_owned(),
        link: offer.link.clone(),
        code: offer.code.clone(),
        by: act.actor.account,
        at: act.recorded_at,
        until: end_of(act.effective_on, i64::from(invited.days)),
        tries: TRIES,
        standing: Standing::Open,
        guest: None,
        ended_at: None,
    };
    let who = Who::Party(owner.clone());
    written(facts, act, rt, (OFFERED, &who), invitation, None)
}

/// Accepts an invitation, or counts a wrong code.
///
/// # Errors
/// 404 where there is no such invitation; else why it cannot be accepted. Then nothing is counted.
pub fn accept(facts: &Facts, act: &Act, given: &Accept) -> Result<Taken, Refusal> {
    let (rt, snapshot) = subject(facts, act)?;
    let mut found = snapshot.invitations.iter();
    let invitation = found
        .find(|one| one.link == given.link)
        .ok_or_else(Refusal::not_found)?;
    let rule = rt
        .parties
        .get(&invitation.role)
        .ok_or_else(Refusal::not_found)?;
    let invited = rule.invited.as_ref().ok_or_else(Refusal::not_found)?;
    acceptable(invitation, act.recorded_at)?;
    still(rt, &invitation.role, snapshot)?;
    let Some(party) = act.actor.acting_party() else {
        return Err(wrong_state("引き受けるには、ログインしてください。"));
    };
    let known = |party| {
        snapshot
            .parties
            .iter()
            .any(|one| one.id == party && invites(rt, &one.role).is_none())
    };
    let own = act.actor.account.is_some() && act.actor.account == invitation.by;
    if own || known(party) || act.actor.party.is_some_and(known) {
        return Err(wrong_state(
            "自分の手続きの続きは、自分では引き受けられません。頼みたい人に、リンクと番号を渡してください。",
        ));
    }
    if snapshot.parties.iter().any(|one| one.id == party) {
        return Err(wrong_state(
            "この手続きは、もう引き受けています。マイページから開いてください。",
        ));
    }
    if act.actor.on_behalf_of.is_some() || !party_fits(rt, rule, &act.actor) {
        return Err(wrong_state(
            "続きは、個人として引き受けてください。ほかの方の代理をやめてから、もう一度お試しください。",
        ));
    }
    if invitation.code != given.code {
        return missed(facts, act, rt, invitation);
    }
    let accepted = Invitation {
        standing: Standing::Accepted,
        guest: Some(Guest {
            party,
            name: act.actor.name.clone(),
            at: act.recorded_at,
        }),
        ..invitation.clone()
    };
    let who = Who::Party(invitation.role.clone());
    let decision = written(
        facts,
        act,
        rt,
        (ACCEPTED, &who),
        accepted,
        Some(&invited.joined),
    )?;
    Ok(Taken::Accepted(decision))
}

/// Ends an invitation: an owner at any time, or whoever accepted it for themselves.
///
/// # Errors
/// 404 where there is none that is the actor's to end.
pub fn revoke(facts: &Facts, act: &Act, id: Uuid) -> Result<Decision, Refusal> {
    let (rt, snapshot) = subject(facts, act)?;
    if may_see(&facts.service, rt, &act.actor, snapshot).is_none() {
        return Err(Refusal::not_found());
    }
    let mut all = snapshot.invitations.iter();
    let invitation = all
        .find(|one| one.id == id)
        .ok_or_else(Refusal::not_found)?;
    let guest = invitation.guest.as_ref().map(|guest| guest.party);
    let owner = owner_role(rt, &act.actor, snapshot);
    let role = match owner {
        Some(owner) => owner,
        None if guest.is_some() && guest == act.actor.party_in(rt) => &invitation.role,
        None => return Err(Refusal::not_found()),
    };
    if matches!(invitation.standing, Standing::Revoked | Standing::Spent) {
        return Err(wrong_state("この招待は、もう取りやめになっています。"));
    }
    let revoked = Invitation {
        standing: Standing::Revoked,
        ended_at: Some(act.recorded_at),
        ..invitation.clone()
    };
    let who = Who::Party(role.clone());
    written(facts, act, rt, (REVOKED, &who), revoked, None)
}

/// Why a link cannot be accepted, whatever the code; to be said before it is asked for.
///
/// # Errors
/// The reason.
pub fn acceptable(invitation: &Invitation, now: Timestamp) -> Result<(), Refusal> {
    let last = invitation.last_day();
    let sentence = match invitation.standing {
        Standing::Open if now < invitation.until => return Ok(()),
        Standing::Open => format!(
            "この招待の期限（{}月{}日まで）が過ぎました。頼んだ方に、もう一度招待してもらってください。",
            last.month(),
            last.day()
        ),
        Standing::Accepted => "この招待は、もう使われています。心当たりがないときは、頼んだ方に知らせてください。".into(),
        Standing::Revoked => "この招待は、頼んだ方が取りやめました。".into(),
        Standing::Spent => "番号のまちがいが続いたため、この招待は使えなくなりました。頼んだ方に、もう一度招待してもらってください。".into(),
    };
    Err(wrong_state(sentence))
}

/// Whether the record is still where one may be invited to go on with it.
///
/// # Errors
/// What it is instead.
pub fn still(rt: &RecordType, role: &str, snapshot: &Snapshot) -> Result<(), Refusal> {
    if invites(rt, role).is_some_and(|invited| invited.from.contains(&snapshot.state)) {
        return Ok(());
    }
    let state = rt.states.get(&snapshot.state);
    let now = state.map_or(snapshot.state.as_str(), |state| state.title.as_str());
    Err(wrong_state(format!(
        "いまは「{now}」のため、続きを頼んだり引き受けたりできません。"
    )))
}

/// The end of the day (Asia/Tokyo) so many days on.
fn end_of(day: Date, days: i64) -> Timestamp {
    let next = day.saturating_add(Span::new().days(days.saturating_add(1)));
    let midnight = next.at(0, 0, 0, 0);
    Offset::constant(9)
        .to_timestamp(midnight)
        .unwrap_or(Timestamp::MAX)
}

fn missed(
    facts: &Facts,
    act: &Act,
    rt: &RecordType,
    invitation: &Invitation,
) -> Result<Taken, Refusal> {
    let left = invitation.tries.saturating_sub(1);
    let after = Invitation {
        tries: left,
        standing: if left == 0 {
            Standing::Spent
        } else {
            Standing::Open
        },
        ..invitation.clone()
    };
    let decision = written(facts, act, rt, (MISSED, &Who::SignedIn), after, None)?;
    let detail = match left {
        0 => "番号がちがいます。まちがいが続いたため、この招待は使えなくなりました。頼んだ方に、もう一度招待してもらってください。".to_owned(),
        left => format!("番号がちがいます。頼んだ方から受け取った番号を確かめてください（あと{left}回）。"),
    };
    Ok(Taken::Missed(
        decision,
        invalid("/input/code", "wrong", detail),
    ))
}

/// The event of an invitation as it stands from now on.
fn written(
    facts: &Facts,
    act: &Act,
    rt: &RecordType,
    (action, who): (&str, &Who),
    invitation: Invitation,
    message: Option<&str>,
) -> Result<Decision, Refusal> {
    let mut world = World::new(facts, act);
    let doing = Doing {
        id: act.record,
        rt,
        action,
        who,
    };
    world.begin(&doing, false, true)?;
    pin(&mut world, &doing);
    world.put(doing.id, Patch::Invitation(invitation));
    if let Some(message) = message {
        tell_owners(&mut world, &doing, message)?;
    }
    world.finish()
}

fn subject<'f>(facts: &'f Facts, act: &Act) -> Result<(&'f RecordType, &'f Snapshot), Refusal> {
    let record = facts
        .record
        .as_ref()
        .filter(|record| record.id == act.record);
    let snapshot = record.ok_or_else(Refusal::not_found)?;
    let rt = facts.service.types.get(&snapshot.record_type);
    Ok((rt.ok_or_else(Refusal::not_found)?, snapshot))
}

/// The role that is meant; a type that invites into one alone need not have it named.
fn role_of(rt: &RecordType, named: Option<&str>) -> Result<String, Refusal> {
    let mut open = rt.parties.values().filter(|rule| rule.invited.is_some());
    match named {
        Some(role) => match invites(rt, role) {
            Some(_) => Ok(role.to_owned()),
            None => Err(invalid(
                "/input/role",
                "option",
                "頼む役割を一覧から選んでください。".into(),
            )),
        },
        None => match (open.next(), open.next()) {
            (Some(rule), None) => Ok(rule.role.clone()),
            (None, _) => Err(Refusal::not_found()),
            _ => Err(invalid(
                "/input/role",
                "required",
                "頼む役割を選んでください。".into(),
            )),
        },
    }
}

fn not_the_owner(rt: &RecordType) -> Refusal {
    let titles: Vec<&str> = rt
        .parties
        .values()
        .filter(|rule| rule.owner)
        .map(|rule| rule.title.as_str())
        .collect();
    wrong_state(format!("続きを頼めるのは{}です。", titles.join("、")))
}

fn wrong_state(sentence: impl Into<String>) -> Refusal {
    Refusal::new(RefusalKind::WrongState, sentence, Vec::new())
}

fn invalid(pointer: &str, code: &str, detail: String) -> Refusal {
    let fault = Fault::new(pointer, code, detail);
    Refusal::new(RefusalKind::Invalid, "入力を確かめてください", vec![fault])
}
