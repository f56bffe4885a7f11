//! Reading of another service's records under a ground: the one place that says whether a consent allows it.
//!
//! A consent is a record of the register of consents. It holds for exactly what was shown when it was given: were the
//! purpose, the fields, who reads or the sentence to change, it is silent on what is asked now.

use crate::act::{Actor, Seat};
use crate::ids::{PartyId, RecordId};
use crate::see;
use crate::snapshot::Snapshot;
use definition::model::{Field, FieldKind, RecordType, Service, Use};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The state in which a consent is in force.
pub const GIVEN: &str = "given";

/// What a person is asked to consent to, as text by the register's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms(BTreeMap<&'static str, String>);

impl Terms {
    /// What is asked today; none where nothing is (law allows it, or the declaration is not there).
    #[must_use]
    pub fn of(
        (service, rt): (&Service, &RecordType),
        wanted: &Use,
        (holder, kind): (&Service, &RecordType),
    ) -> Option<Self> {
        let rule = wanted.ground.consent()?;
        let field: &Field = rt.fields.get(&rule.field)?;
        let FieldKind::Declaration { text } = &field.kind else {
            return None;
        };
        let titles = |names: &[String]| {
            let one = |name: &String| kind.fields.get(name).map(|field| field.title.as_str());
            names.iter().filter_map(one).collect::<Vec<_>>().join("、")
        };
        let roles = wanted
            .readers
            .iter()
            .filter_map(|role| service.roles.get(role))
            .map(|role| role.title.as_str());
        Some(Self(BTreeMap::from([
            ("holder", format!("{}（{}）", holder.title, kind.title)),
            ("what", titles(&wanted.fields)),
            ("reader", service.title.clone()),
            ("reader_roles", roles.collect::<Vec<_>>().join("、")),
            ("purpose", wanted.ground.purpose.clone()),
            ("statement", text.clone()),
            ("reader_service", service.slug.clone()),
            ("reader_use", format!("{}/{}", rt.name, wanted.name)),
        ])))
    }

    /// By the register's fields.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, text)| (*name, text.as_str()))
    }
}

/// A consent as the register says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Who gave it.
    pub giver: PartyId,
    /// Whether it stands: neither withdrawn nor over.
    pub stands: bool,
    /// Its last day (Asia/Tokyo).
    pub last_day: Date,
    /// The record whose handling it is for.
    pub for_record: String,
    /// What was consented to.
    pub terms: BTreeMap<String, String>,
}

impl Consent {
    /// Reads a record of the register; none where it does not say all.
    #[must_use]
    pub fn read(rt: &RecordType, snapshot: &Snapshot) -> Option<Self> {
        let text = |name: &str| snapshot.text(rt, name);
        let owner = |role: &str| rt.parties.get(role).is_some_and(|rule| rule.owner);
        let giver = snapshot.parties.iter().find(|party| owner(&party.role))?;
        let all = rt.fields.keys();
        let terms = all.filter_map(|name| Some((name.clone(), text(name)?.to_owned())));
        Some(Self {
            giver: giver.id,
            stands: snapshot.state == GIVEN,
            last_day: text("last_day")?.parse().ok()?,
            for_record: text("for_record")?.to_owned(),
            terms: terms.collect(),
        })
    }

    /// Whether it allows, on a day, what is asked about a party for the handling of a record.
    #[must_use]
    pub fn allows(&self, terms: &Terms, party: PartyId, record: RecordId, day: Date) -> bool {
        let same = |(name, text): (&str, &str)| self.terms.get(name).is_some_and(|own| own == text);
        self.stands
            && self.giver == party
            && self.for_record == record.to_string()
            && day <= self.last_day
            && terms.values().all(same)
    }
}

/// The seat from which an official may read what a record type uses, of a record that they see from it.
#[must_use]
pub fn reader<'a>(
    rt: &RecordType,
    wanted: &Use,
    actor: &'a Actor,
    snapshot: &Snapshot,
) -> Option<&'a Seat> {
    let mut seats = actor.seats.iter();
    seats.find(|seat| {
        wanted.readers.contains(&seat.role) && see::seat_sees(rt, (actor, seat), snapshot)
    })
}

/// Whether a reading is what its holder gives: every field of it, by today's definition.
#[must_use]
pub fn is_given(wanted: &Use, by: &str, kind: &RecordType) -> bool {
    let gives = kind.gives.as_ref();
    gives.is_some_and(|gives| wanted.fields.iter().all(|field| gives.lets(by, field)))
}

/// Why and on which ground officials of a role see records of a type, where they are of another body.
#[must_use]
pub fn ground_of_role(rt: &RecordType, role: &str) -> Option<String> {
    let desk = |who: &definition::model::Who| matches!(who, definition::model::Who::Desk(one) if one == role);
    let mut rules = rt.see.iter().filter(|rule| desk(&rule.who));
    rules.find_map(|rule| Some(rule.ground.as_ref()?.words()))
}
