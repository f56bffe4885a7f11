//! 続きを頼む: the owner of a record invites another person to go on with it, by a link and a code apart from it. Each
//! is used once, and only digests of both are kept. Whoever accepts is a party of the record until an owner revokes it,
//! so that everything else (who sees, who acts, lists, messages) is as for any party.

mod deed;

pub use deed::{
    ACCEPTED, Accept, MISSED, OFFERED, Offer, REVOKED, Taken, accept, acceptable, offer, revoke,
    still,
};

use crate::act::Actor;
use crate::ids::{AccountId, PartyId};
use crate::notice;
use crate::refusal::Refusal;
use crate::snapshot::{PartyRef, Snapshot};
use crate::world::{Doing, World};
use definition::model::{Invited, Recipient, RecordType, Who};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Wrong codes that may be given before a link is of no use.
pub const TRIES: u8 = 5;

/// The most invitations that a snapshot keeps; the journal has them all.
const MOST_KEPT: usize = 20;

/// An invitation to go on with a record. Names and digests do not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id: that of the act that made it.
    pub id: Uuid,
    /// Role into which somebody is invited.
    pub role: String,
    /// Whom the owner means, in the owner's words.
    pub to: String,
    /// Digest (hex) of the link's secret.
    pub link: String,
    /// Digest (hex) of the link's secret and the code together: the code alone cannot be guessed from it.
    pub code: String,
    /// Who invited.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// Until when it can be accepted.
    pub until: Timestamp,
    /// Wrong codes that may still be given.
    pub tries: u8,
    /// How it stands.
    pub standing: Standing,
    /// Who accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Guest>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// How an invitation stands; that its time is over follows from `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Can be accepted.
    Open,
    /// Somebody accepted and goes on with the record.
    Accepted,
    /// An owner ended it, or whoever accepted stepped back.
    Revoked,
    /// Too many wrong codes.
    Spent,
}

/// Who accepted an invitation. The name does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The party that stands in the role.
    pub party: PartyId,
    /// Name then.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

impl Invitation {
    /// Whether it can still be accepted.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.standing == Standing::Open && now < self.until
    }

    /// Whether it takes one of the places that a record has for invited people.
    #[must_use]
    pub fn takes_a_place(&self, now: Timestamp) -> bool {
        self.standing == Standing::Accepted || self.is_open(now)
    }

    /// The last day (Asia/Tokyo) on which it can be accepted.
    #[must_use]
    pub fn last_day(&self) -> Date {
        let end = self.until.checked_sub(SignedDuration::from_secs(1));
        Offset::constant(9)
            .to_datetime(end.unwrap_or(self.until))
            .date()
    }

    /// The party that stands in the role by it.
    fn party(&self) -> Option<PartyRef> {
        let guest = self.guest.as_ref();
        guest
            .filter(|_| self.standing == Standing::Accepted)
            .map(|guest| PartyRef {
                role: self.role.clone(),
                id: guest.party,
                kind: "person".into(),
                name: guest.name.clone(),
                counter: false,
            })
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guest").field(&self.party).finish()
    }
}

/// Puts an invitation as it now stands into a snapshot: whoever accepted is a party, whoever was revoked none.
pub(crate) fn apply(now: &mut Snapshot, invitation: &Invitation) {
    let known = now
        .invitations
        .iter_mut()
        .find(|one| one.id == invitation.id);
    let before = match known {
        Some(known) => std::mem::replace(known, invitation.clone()).party(),
        None => {
            now.invitations.push(invitation.clone());
            None
        }
    };
    let is = |one: &PartyRef, other: &PartyRef| one.role == other.role && one.id == other.id;
    if let Some(gone) = before {
        now.parties.retain(|party| !is(party, &gone));
    }
    if let Some(party) = invitation.party() {
        now.parties.push(party);
    }
    if now.invitations.len() > MOST_KEPT {
        let over = |one: &Invitation| !matches!(one.standing, Standing::Open | Standing::Accepted);
        let oldest = now.invitations.iter().position(over).unwrap_or(0);
        now.invitations.remove(oldest);
    }
}

/// How an owner lets others into a role; none if nobody is invited into it.
#[must_use]
pub fn invites<'a>(rt: &'a RecordType, role: &str) -> Option<&'a Invited> {
    rt.parties.get(role)?.invited.as_ref()
}

/// The roles that own records of the type.
pub(crate) fn owners(rt: &RecordType) -> impl Iterator<Item = &String> {
    let owners = rt.parties.values().filter(|rule| rule.owner);
    owners.map(|rule| &rule.role)
}

/// The role in which the actor owns a record.
#[must_use]
pub fn owner_role<'a>(
    rt: &'a RecordType,
    actor: &Actor,
    snapshot: &Snapshot,
) -> Option<&'a String> {
    let party = actor.party_in(rt)?;
    let holds = |role: &&String| {
        let mut parties = snapshot.parties.iter();
        parties.any(|one| one.role == **role && one.id == party)
    };
    owners(rt).find(holds)
}

/// The roles into which the actor may invite somebody now.
#[must_use]
pub fn may_invite<'a>(rt: &'a RecordType, actor: &Actor, snapshot: &Snapshot) -> Vec<&'a String> {
    if owner_role(rt, actor, snapshot).is_none() {
        return Vec::new();
    }
    let open = |role: &&String| {
        invites(rt, role).is_some_and(|invited| invited.from.contains(&snapshot.state))
    };
    rt.parties.keys().filter(open).collect()
}

/// The owners are told when an invited person has moved their record to another state.
pub(crate) fn tell_of_a_move(world: &mut World<'_>, doing: &Doing<'_>) -> Result<(), Refusal> {
    match doing.who {
        Who::Party(role) => match invites(doing.rt, role) {
            Some(invited) => tell_owners(world, doing, &invited.acted),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn tell_owners(world: &mut World<'_>, doing: &Doing<'_>, message: &str) -> Result<(), Refusal> {
    let mut orders = Vec::new();
    for role in owners(doing.rt) {
        let scope = world.scope(doing)?;
        let to = Recipient::Party(role.clone());
        orders.extend(notice::orders(
            world.around(),
            doing.rt,
            &scope,
            (&to, None),
            message,
        ));
    }
    world.effects.extend(orders);
    Ok(())
}
