//! Away from one's desk (不在): who decides meanwhile (代決). A substitution is a record of the package [`SERVICE`]: asking
//! for it, changing and ending it are acts in the journal, with who, when and why. The seat that it gives is never
//! written down; it is derived from the register whenever an account becomes an actor, so the two cannot differ.

use crate::perform::ActRequest;
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::port::Account;
use kernel::{
    Absent, AccountId, Actor, RecordId, Refusal, RefusalKind, Seat, Snapshot, Substitution,
};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The package whose records substitutions are.
pub const SERVICE: &str = "absences";
/// Its record type.
pub const ABSENCE: &str = "absence";

/// Substitutions of one person that are read.
const MOST: usize = 50;

/// A substitute whom somebody has named.
#[derive(Clone, PartialEq, Eq)]
pub struct Absence {
    /// The record.
    pub id: RecordId,
    /// Its version.
    pub version: u64,
    /// Role of the seat.
    pub role: String,
    /// Its title.
    pub role_title: String,
    /// Office of the seat.
    pub office: Option<String>,
    /// The absent one's account.
    pub absent: AccountId,
    /// The substitute's account.
    pub substitute: AccountId,
    /// The substitute's name.
    pub name: String,
    /// First day (Asia/Tokyo).
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// What somebody who will be away asks for.
#[derive(Clone, Debug, Default)]
pub struct AbsenceRequest {
    /// Role of the own seat.
    pub role: String,
    /// Sign-in name of the substitute.
    pub substitute: String,
    /// First day; today where it is not said.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Why: a code of the register's field `reason`.
    pub reason: String,
    /// What else the office should know.
    pub note: String,
}

impl Engine {
    /// The substitutes whom the actor has named and whose time is not over, the soonest to end first.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn absences(&self, actor: &Actor) -> Result<Vec<Absence>, Failure> {
        match actor.account {
            Some(account) => self.substitutions("absent_account", account).await,
            None => Ok(Vec::new()),
        }
    }

    /// Names a substitute for one of the actor's own seats.
    ///
    /// # Errors
    /// A refusal that names every faulty field of the request; 404 for those who hold no seat.
    pub async fn name_substitute(
        &self,
        actor: &Actor,
        request: &AbsenceRequest,
    ) -> Result<Absence, Failure> {
        let (account, actor) = official(actor)?;
        let login = request.substitute.trim();
        let own = own_seat(&actor.seats, &request.role);
        let input = json!({
            "absent_account": account,
            "role": request.role,
            "role_title": self.role_title(&request.role),
            "office_name": own.and_then(|seat| seat.office.clone()),
            "authority_code": own.and_then(|seat| seat.authority.clone()).unwrap_or_default(),
            "substitute_account": login,
            "first_day": request.from.unwrap_or_else(|| self.today()),
            "last_day": request.until,
            "reason": request.reason,
            "note": request.note.trim(),
        });
        let act = self.order(&actor, None, "name", input)?;
        match self.perform(act).await {
            Ok(outcome) => {
                let named = self.absences(&actor).await?.into_iter();
                let mut named = named.filter(|one| one.id == outcome.view.id);
                named.next().ok_or_else(Failure::not_found)
            }
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Invalid => {
                Err(as_asked(refusal).into())
            }
            Err(fault) => Err(fault),
        }
    }

    /// Ends all substitutions for the actor: they are back.
    ///
    /// # Errors
    /// If the store is not available; 404 for those who hold no seat.
    pub async fn end_absences(&self, actor: &Actor) -> Result<(), Failure> {
        let (_, actor) = official(actor)?;
        for absence in self.absences(&actor).await? {
            let on = Some((absence.id, absence.version));
            let act = self.order(&actor, on, "end", json!({"ended_because": "back"}))?;
            self.perform(act).await?;
        }
        Ok(())
    }

    /// An account with all the seats that it may act with now, those held for others included: whoever acts for a
    /// person, at once or later, reads the account here.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn acting_account(&self, id: AccountId) -> Result<Option<Account>, Failure> {
        let Some(account) = self.open_account(id).await? else {
            return Ok(None);
        };
        let account = self.passed(self.mandated(account).await?).await?;
        let account = self.seated(account).await?;
        Ok(Some(crate::maintenance::alone(account)))
    }

    /// An account with the seats that it holds for others, as the register says now.
    async fn seated(&self, mut account: Account) -> Result<Account, Failure> {
        if account.seats.is_empty() {
            return Ok(account);
        }
        for absence in self.substitutions("substitute_account", account.id).await? {
            let Some(absent) = self.account(absence.absent).await? else {
                continue;
            };
            let own = absent.seats.iter().find(|seat| {
                seat.substitute.is_none()
                    && seat.role == absence.role
                    && seat.office == absence.office
            });
            if let Some(own) = own.filter(|own| beside(own, &account)) {
                account.seats.push(Seat {
                    substitute: Some(Substitution {
                        absent: Absent {
                            account: absent.id,
                            name: absent.name.clone(),
                        },
                        from: absence.from,
                        until: absence.until,
                    }),
                    ..own.clone()
                });
            }
        }
        Ok(account)
    }

    /// The records of the register in which an account stands, whose time is not over.
    async fn substitutions(
        &self,
        field: &str,
        account: AccountId,
    ) -> Result<Vec<Absence>, Failure> {
        let Some((service, rt)) = self.register() else {
            return Ok(Vec::new());
        };
        let wanted = Predicate::And(vec![
            Predicate::compare("state", Op::Eq, Value::text("named")),
            Predicate::compare(field, Op::Eq, Value::text(&account.to_string())),
            Predicate::compare("last_day", Op::Ge, Value::Date(self.today())),
        ]);
        let page = self.platform_page(&service, &rt, wanted, MOST).await?;
        Ok(page.iter().filter_map(|one| read(&rt, one)).collect())
    }

    fn register(&self) -> Option<(Arc<Service>, Arc<RecordType>)> {
        let service = self.service(SERVICE).ok()?;
        let rt = service.types.get(ABSENCE).cloned()?;
        Some((service, rt))
    }

    fn role_title(&self, role: &str) -> String {
        self.catalogue().role_title(role).unwrap_or(role).to_owned()
    }

    fn order(
        &self,
        actor: &Actor,
        on: Option<(RecordId, u64)>,
        action: &str,
        input: Json,
    ) -> Result<ActRequest, Failure> {
        if self.register().is_none() {
            return Err(Failure::not_found());
        }
        let mut object = match input {
            Json::Object(object) => object,
            _ => Map::new(),
        };
        object.retain(|_, value| !value.is_null());
        Ok(ActRequest {
            actor: actor.clone(),
            purpose: None,
            service: SERVICE.into(),
            record_type: ABSENCE.into(),
            record: on.map(|(id, _)| id),
            action: action.into(),
            input: object,
            version: on.map(|(_, version)| version),
            dry_run: false,
            idempotency: None,
            run: None,
        })
    }
}

/// The actor as an official by themselves, whatever hat they wear.
fn official(actor: &Actor) -> Result<(AccountId, Actor), Failure> {
    let seated = actor.seats.iter().any(|seat| seat.substitute.is_none());
    let account = actor
        .account
        .filter(|_| seated)
        .ok_or_else(Failure::not_found)?;
    let own = Actor {
        on_behalf_of: None,
        on_behalf_kind: None,
        on_behalf_name: None,
        mandates: None,
        ..actor.clone()
    };
    Ok((account, own))
}

fn own_seat<'a>(seats: &'a [Seat], role: &str) -> Option<&'a Seat> {
    let mut own = seats.iter().filter(|seat| seat.substitute.is_none());
    own.find(|seat| seat.role == role)
}

/// Whether an account sits where the seat is.
fn beside(own: &Seat, account: &Account) -> bool {
    account.seats.iter().any(|seat| {
        seat.substitute.is_none() && own.authority == seat.authority && own.office == seat.office
    })
}

/// A refusal of the register's act as one of the request: a fault for each of its fields, the first that was found.
fn as_asked(mut refusal: Refusal) -> Refusal {
    let mut known = std::collections::BTreeSet::new();
    for fault in &mut refusal.faults {
        fault.pointer = asked(&fault.pointer).to_owned();
    }
    refusal
        .faults
        .retain(|fault| known.insert(fault.pointer.clone()));
    refusal
}

/// A field of the register as one of the request: the seat fills several.
fn asked(pointer: &str) -> &'static str {
    match pointer {
        "/input/substitute_account" => "/substitute",
        "/input/first_day" => "/from",
        "/input/last_day" => "/until",
        "/input/reason" => "/reason",
        "/input/note" => "/note",
        _ => "/role",
    }
}

fn read(rt: &RecordType, snapshot: &Snapshot) -> Option<Absence> {
    let value = |name: &str| snapshot.text(rt, name);
    Some(Absence {
        id: snapshot.id,
        version: snapshot.version,
        role: value("role")?.to_owned(),
        role_title: value("role_title")?.to_owned(),
        office: value("office_name").map(str::to_owned),
        absent: AccountId(value("absent_account")?.parse().ok()?),
        substitute: AccountId(value("substitute_account")?.parse().ok()?),
        name: value("substitute_name")?.to_owned(),
        from: value("first_day")?.parse().ok()?,
        until: value("last_day")?.parse().ok()?,
    })
}
