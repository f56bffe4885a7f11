//! Away from one's desk (不在): who decides meanwhile (代決). The substitute holds the seat for the time named, with the
//! power to decide for the absent one alone, and the absent one acknowledges afterwards (後閲).

use crate::{Engine, Failure};
use jiff::civil::Date;
use kernel::{Absent, AccountId, Actor, Fault, Refusal, RefusalKind, Seat, Substitution};
use serde::{Deserialize, Serialize};

/// The longest time for which a substitute may be named at once, in days.
const MAX_DAYS: i32 = 93;

/// A substitute whom somebody has named.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Role of the seat.
    pub role: String,
    /// Office of the seat.
    pub office: Option<String>,
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
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Engine {
    /// The substitutes whom the actor has named and whose time is not over, in the order of naming.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn absences(&self, actor: &Actor) -> Result<Vec<Absence>, Failure> {
        let Some(account) = actor.account else {
            return Ok(Vec::new());
        };
        let kept = self.store.setting(&key(account)).await?;
        let all: Vec<Absence> = kept
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let today = self.today();
        Ok(all.into_iter().filter(|one| one.until >= today).collect())
    }

    /// Names a substitute for one of the actor's own seats.
    ///
    /// # Errors
    /// A refusal that names every faulty field; 404 for those who hold no seat.
    pub async fn name_substitute(
        &self,
        actor: &Actor,
        request: &AbsenceRequest,
    ) -> Result<Absence, Failure> {
        let account = actor
            .account
            .filter(|_| actor.seats.iter().any(|seat| seat.substitute.is_none()))
            .ok_or_else(Failure::not_found)?;
        let mut faults = Vec::new();
        let own = actor
            .seats
            .iter()
            .find(|seat| seat.role == request.role && seat.substitute.is_none());
        if own.is_none() {
            let detail = "あなたの席の役割を選んでください。";
            faults.push(Fault::new("/role", "option", detail));
        }
        let days = self.days(request, &mut faults);
        let found = self
            .store
            .account_by_login(request.substitute.trim())
            .await?;
        let fitting = found.filter(|one| {
            let beside = |seat: &Seat| {
                seat.substitute.is_none()
                    && own.is_some_and(|own| {
                        own.authority == seat.authority && own.office == seat.office
                    })
            };
            one.id != account && one.seats.iter().any(beside)
        });
        if fitting.is_none() && own.is_some() {
            let detail = "同じ所の職員のサインイン名を入れてください。自分は選べません。";
            faults.push(Fault::new("/substitute", "option", detail));
        }
        let (Some(own), Some((from, until)), Some(mut other)) = (own, days, fitting) else {
            let title = "入力を確かめてください";
            return Err(Refusal::new(RefusalKind::Invalid, title, faults).into());
        };
        let absent = Absent {
            account,
            name: actor.name.clone(),
        };
        let absence = Absence {
            role: own.role.clone(),
            office: own.office.clone(),
            substitute: other.id,
            name: other.name.clone(),
            from,
            until,
        };
        other.seats.push(Seat {
            substitute: Some(Substitution {
                absent,
                from,
                until,
            }),
            ..own.clone()
        });
        self.put_account(other).await?;
        let mut all = self.absences(actor).await?;
        all.push(absence.clone());
        self.keep_absences(account, &all).await?;
        Ok(absence)
    }

    /// Ends all substitutions for the actor: they are back.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn end_absences(&self, actor: &Actor) -> Result<(), Failure> {
        let Some(account) = actor.account else {
            return Err(Failure::not_found());
        };
        for absence in self.absences(actor).await? {
            if let Some(mut other) = self.store.account(absence.substitute).await? {
                let for_me = |seat: &Seat| {
                    let held = seat.substitute.as_ref();
                    held.is_some_and(|held| held.absent.account == account)
                };
                other.seats.retain(|seat| !for_me(seat));
                self.put_account(other).await?;
            }
        }
        self.keep_absences(account, &[]).await
    }

    async fn keep_absences(&self, account: AccountId, all: &[Absence]) -> Result<(), Failure> {
        let text = serde_json::to_string(all).map_err(|e| Failure::Internal(e.to_string()))?;
        Ok(self.store.put_setting(&key(account), &text).await?)
    }

    fn days(&self, request: &AbsenceRequest, faults: &mut Vec<Fault>) -> Option<(Date, Date)> {
        let today = self.today();
        let from = request.from.unwrap_or(today);
        let Some(until) = request.until else {
            faults.push(Fault::new(
                "/until",
                "required",
                "いつまで不在かを入れてください。",
            ));
            return None;
        };
        if until < from || until < today {
            let detail = "不在の終わりの日は、始まりの日と今日より前にはできません。";
            faults.push(Fault::new("/until", "range", detail));
            return None;
        }
        if (until - from).get_days() > MAX_DAYS {
            let detail = format!("一度に頼めるのは{MAX_DAYS}日までです。");
            faults.push(Fault::new("/until", "range", detail));
            return None;
        }
        Some((from, until))
    }
}

fn key(account: AccountId) -> String {
    format!("absence:{account}")
}
