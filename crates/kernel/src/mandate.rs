//! Acting for others within what they gave (委任・代理): the one place that says what a mandate covers.
//!
//! A mandate narrows for whom an actor acts, never what an actor is: where none covers, no party is acted for, so that a
//! point check, the keys of a list and an act all come to the same.

use crate::act::Actor;
use crate::ids::{PartyId, RecordId};
use definition::model::RecordType;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What somebody was given to do for a party, and accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// The record that it is.
    pub record: RecordId,
    /// In which capacity, in words for histories (`行政書士`); empty where nothing was said.
    pub capacity: String,
    /// What it is about.
    pub scope: Scope,
    /// First day (Asia/Tokyo).
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// What a mandate is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every service but one: that in which mandates themselves are given, so that nobody gives on what they were given.
    AllBut(String),
    /// What is named: `service`, `service/type` or `service/type/action`.
    Only(Vec<String>),
}

impl Scope {
    /// Whether records of a type may be seen by it. Who may take an action on records sees them.
    #[must_use]
    pub fn reaches(&self, service: &str, record_type: &str) -> bool {
        match self {
            Self::AllBut(kept) => kept != service,
            Self::Only(named) => named.iter().any(|one| {
                let mut parts = one.split('/');
                parts.next() == Some(service) && parts.next().is_none_or(|kind| kind == record_type)
            }),
        }
    }

    /// Whether an action may be taken by it.
    #[must_use]
    pub fn lets(&self, service: &str, record_type: &str, action: &str) -> bool {
        match self {
            Self::AllBut(kept) => kept != service,
            Self::Only(named) => named.iter().any(|one| {
                let mut parts = one.split('/');
                parts.next() == Some(service)
                    && parts.next().is_none_or(|kind| kind == record_type)
                    && parts.next().is_none_or(|name| name == action)
            }),
        }
    }
}

impl Mandate {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

impl Actor {
    /// The party for which the actor acts towards records of a type: their own, that of a hat they wear by right, or
    /// that of a mandate which reaches so far; else none, and they are nobody's there.
    #[must_use]
    pub fn party_in(&self, rt: &RecordType) -> Option<PartyId> {
        self.acting_party()
            .filter(|_| self.reaches(&rt.service, &rt.name))
    }

    /// Whether records of a type are within what they act by: everything where that is no mandate.
    #[must_use]
    pub fn reaches(&self, service: &str, record_type: &str) -> bool {
        self.mandates.as_ref().is_none_or(|mandates| {
            let mut scopes = mandates.iter().map(|one| &one.scope);
            scopes.any(|scope| scope.reaches(service, record_type))
        })
    }

    /// The party in everything that is theirs, whatever the service: none for who acts by a mandate, which never covers
    /// all (addresses, who looked, whom they let act).
    #[must_use]
    pub fn whole_party(&self) -> Option<PartyId> {
        self.acting_party().filter(|_| self.mandates.is_none())
    }

    /// Whether the mandate, if they act by one, lets them take an action.
    #[must_use]
    pub fn is_let(&self, rt: &RecordType, action: &str) -> bool {
        self.mandates.is_none() || self.mandate_for(rt, action).is_some()
    }

    /// The mandate by which they act towards records of a type; none where they act by themselves.
    #[must_use]
    pub fn mandate_in(&self, rt: &RecordType) -> Option<&Mandate> {
        let mut mandates = self.mandates.iter().flatten();
        mandates.find(|one| one.scope.reaches(&rt.service, &rt.name))
    }

    /// The mandate by which they take an action; none where they act by themselves.
    #[must_use]
    pub fn mandate_for(&self, rt: &RecordType, action: &str) -> Option<&Mandate> {
        let mut mandates = self.mandates.iter().flatten();
        mandates.find(|one| one.scope.lets(&rt.service, &rt.name, action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_from_left_to_right() {
        let only = |one: &str| Scope::Only(vec![one.to_owned()]);
        assert!(only("a").lets("a", "b", "c"));
        assert!(!only("a").lets("ab", "b", "c"));
        assert!(only("a/b").lets("a", "b", "c"));
        assert!(!only("a/b").lets("a", "d", "c"));
        assert!(only("a/b/c").reaches("a", "b"));
        assert!(!only("a/b/c").lets("a", "b", "d"));
        assert!(!only("").lets("a", "b", "c"));
        assert!(Scope::AllBut("m".into()).lets("a", "b", "c"));
        assert!(!Scope::AllBut("m".into()).reaches("m", "b"));
    }
}
