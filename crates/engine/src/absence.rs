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
    Absent, AccountId, Actor, Fault, RecordId, Refusal, RefusalKind, Seat, Snapshot, Substitution,
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
        let other = self.store.account_by_login(login).await?;
        let own = own_seat(&actor.seats, &request.role);
        let input = json!({
            "absent_account": account,
            "role": request.role,
            "role_title": self.role_title(&request.role),
            "office_name": own.and_then(|seat| seat.office.clone()),
            "authority_code": own.and_then(|seat| seat.authority.clone()).unwrap_or_default(),
            "substitute_account": other.as_ref().map(|one| one.id),
            "substitute_name": other.as_ref().map(|one| &one.name),
            "first_day": request.from.unwrap_or_else(|| self.today()),
            "last_day": request.until,
            "reason": Some(&request.reason).filter(|text| !text.is_empty()),
            "note": Some(request.note.trim()).filter(|text| !text.is_empty()),
        });
        let act = self.order(&actor, None, "name", input)?;
        let mut faults = self.absence_faults(&act).await?;
        let tried = self
            .perform_checked(ActRequest {
                dry_run: !faults.is_empty(),
                ..act
            })
            .await;
        match tried {
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Invalid => {
                for fault in refusal.faults {
                    if faults.iter().all(|known| !covers(known, &fault)) {
                        faults.push(fault);
                    }
                }
            }
            Err(fault) => return Err(fault),
            Ok(outcome) if faults.is_empty() => {
                let named = self.absences(&actor).await?.into_iter();
                let mut named = named.filter(|one| one.id == outcome.view.id);
                return named.next().ok_or_else(Failure::not_found);
            }
            Ok(_) => {}
        }
        let faults = faults.into_iter().map(asked).collect();
        Err(Refusal::new(RefusalKind::Invalid, "入力を確かめてください", faults).into())
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

    /// What is wrong with an act upon the register beyond what its definition says: one can name a substitute for an
    /// own seat alone, and a colleague of the same office alone. Empty for every other act.
    pub(crate) async fn absence_faults(&self, act: &ActRequest) -> Result<Vec<Fault>, Failure> {
        let names = (act.service.as_str(), act.action.as_str()) == (SERVICE, "name");
        if !names || act.actor.account.is_none() {
            return Ok(Vec::new());
        }
        let text = |name: &str| {
            act.input
                .get(name)
                .and_then(Json::as_str)
                .unwrap_or_default()
        };
        let account = act.actor.account.map(|id| id.to_string());
        let own = own_seat(&act.actor.seats, text("role")).filter(|seat| {
            account.as_deref() == Some(text("absent_account"))
                && seat.office.as_deref().unwrap_or_default() == text("office_name")
                && seat.authority.as_deref().unwrap_or_default() == text("authority_code")
        });
        let mut faults = Vec::new();
        let Some(own) = own else {
            let detail = "あなたの席の役割を選んでください。";
            faults.push(Fault::new("/input/role", "option", detail));
            return Ok(faults);
        };
        let other = match text("substitute_account").parse().map(AccountId) {
            Ok(id) => self.store.account(id).await?,
            Err(_) => None,
        };
        let fits = |one: &Account| {
            act.actor.account != Some(one.id)
                && beside(own, one)
                && one.name == text("substitute_name")
        };
        if !other.as_ref().is_some_and(fits) {
            let detail = "同じ所の職員のサインイン名を入れてください。自分は選べません。";
            faults.push(Fault::new("/input/substitute_account", "option", detail));
        }
        Ok(faults)
    }

    /// An account with the seats that it holds for others, as the register says now.
    pub(crate) async fn seated(&self, mut account: Account) -> Result<Account, Failure> {
        if account.seats.is_empty() {
            return Ok(account);
        }
        for absence in self.substitutions("substitute_account", account.id).await? {
            let Some(absent) = self.store.account(absence.absent).await? else {
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
        let compare = |field: &str, op: Op, value: Value| Predicate::Compare {
            field: vec![field.to_owned()],
            op,
            value,
        };
        let wanted = Predicate::And(vec![
            compare("state", Op::Eq, Value::text("named")),
            compare(field, Op::Eq, Value::text(&account.to_string())),
            compare("last_day", Op::Ge, Value::Date(self.today())),
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

/// Whether a fault that is known says what another would say again: the seat fills several fields.
fn covers(known: &Fault, other: &Fault) -> bool {
    let filled_by = |pointer: &str| {
        match pointer {
            "/input/authority_code" | "/input/role_title" | "/input/office_name" => "/input/role",
            "/input/substitute_name" => "/input/substitute_account",
            other => other,
        }
        .to_owned()
    };
    filled_by(&known.pointer) == filled_by(&other.pointer)
}

/// A fault of the register's fields as one of the request's.
fn asked(fault: Fault) -> Fault {
    let pointer = match fault.pointer.as_str() {
        "/input/substitute_account" | "/input/substitute_name" => "/substitute",
        "/input/first_day" => "/from",
        "/input/last_day" => "/until",
        "/input/reason" => "/reason",
        "/input/note" => "/note",
        _ => "/role",
    };
    Fault {
        pointer: pointer.into(),
        ..fault
    }
}

fn read(rt: &RecordType, snapshot: &Snapshot) -> Option<Absence> {
    let value = |name: &str| {
        let field = rt.fields.get(name)?;
        snapshot.fields.get(&field.id)?.as_str()
    };
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
