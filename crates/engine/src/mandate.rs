//! 委任・代理: for whom an account may act because they gave it to do. A delegation is a record of the package [`SERVICE`]:
//! offering, accepting and ending it are acts in the journal. What it allows is never written down beside it; it is
//! derived from the register whenever an account becomes an actor, as substitutes' seats are, so the two cannot differ.
//! Who stands in the register's role [`TAKER`] is found by the keys that this role holds: whoever no longer sees the
//! delegation as its taker acts by it no more.

use crate::{Engine, Failure};
use definition::model::{RecordType, Who};
use feel::{Op, Predicate, Value};
use kernel::port::{Account, Party};
use kernel::{Actor, Mandate, MandateScope, Snapshot};

/// The package whose records delegations are.
pub const SERVICE: &str = "delegations";
/// Its record type.
pub const DELEGATION: &str = "delegation";
/// Who was given something to do.
const TAKER: &str = "taker";
/// The state in which both have agreed.
const GIVEN: &str = "given";

/// Delegations to one person that are read: more than one person can keep in view.
const MOST: usize = 200;

impl Engine {
    /// An account with the hats that others gave it, as the register says now.
    pub(crate) async fn mandated(&self, mut account: Account) -> Result<Account, Failure> {
        let Some(service) = self.service(SERVICE).ok() else {
            return Ok(account);
        };
        let Some(rt) = service.types.get(DELEGATION) else {
            return Ok(account);
        };
        let own = Actor {
            account: Some(account.id),
            party: Some(account.party),
            ..Actor::public()
        };
        let scopes = kernel::scope_keys_where(
            &service,
            rt,
            &own,
            |rule| matches!(&rule.who, Who::Party(role) if role == TAKER),
        );
        if scopes.is_empty() {
            return Ok(account);
        }
        let wanted = Predicate::And(vec![
            Predicate::compare("state", Op::Eq, Value::text(GIVEN)),
            Predicate::compare("last_day", Op::Ge, Value::Date(self.today())),
        ]);
        let found = self.keyed_page(&service, rt, scopes, wanted, MOST).await?;
        for found in &found {
            if let Some((giver, mandate)) = read(rt, found) {
                give(&mut account, giver, mandate);
            }
        }
        Ok(account)
    }
}

/// Adds to what the account may do for the giver; who acts for it by right needs nothing.
fn give(account: &mut Account, giver: Party, mandate: Mandate) {
    match account.hats.iter_mut().find(|hat| hat.id == giver.id) {
        Some(hat) => {
            if let Some(mandates) = &mut hat.mandates {
                mandates.push(mandate);
            }
        }
        None => account.hats.push(Party {
            mandates: Some(vec![mandate]),
            ..giver
        }),
    }
}

/// Who gave what; nothing where the record does not say so in full.
fn read(rt: &RecordType, snapshot: &Snapshot) -> Option<(Party, Mandate)> {
    let value = |name: &str| snapshot.fields.get(&rt.fields.get(name)?.id);
    let text = |name: &str| value(name)?.as_str();
    let owner = |role: &str| rt.parties.get(role).is_some_and(|rule| rule.owner);
    let giver = snapshot.parties.iter().find(|party| owner(&party.role))?;
    let scope = match text("extent")? {
        "all" => MandateScope::AllBut(SERVICE.to_owned()),
        _ => {
            let named = value("services")?.as_array()?.iter();
            MandateScope::Only(
                named
                    .filter_map(|one| one.as_str().map(str::to_owned))
                    .collect(),
            )
        }
    };
    Some((
        Party {
            id: giver.id,
            kind: giver.kind.clone(),
            name: giver.name.clone(),
            corporate_number: None,
            mandates: None,
        },
        Mandate {
            record: snapshot.id,
            capacity: text("capacity_title").unwrap_or_default().to_owned(),
            scope,
            from: text("first_day")?.parse().ok()?,
            until: text("last_day")?.parse().ok()?,
        },
    ))
}
