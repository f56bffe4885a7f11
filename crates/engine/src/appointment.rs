//! 発令: the seats that officials are given, each from a day until a day. An appointment is a record of the package
//! [`SERVICE`]: drafting, deciding and ending it are acts in the journal. The seat is never written down beside it; it is
//! derived from the register whenever an account becomes an actor, as substitutes' seats are, so the two cannot differ. It
//! is the sign-in name that is appointed: somebody may be before they first sign in.

use crate::{Engine, Failure};
use definition::model::RecordType;
use feel::{Op, Predicate, Value};
use jiff::ToSpan;
use jiff::civil::Date;
use kernel::port::Account;
use kernel::{Seat, Snapshot};
use std::sync::Arc;

/// The package whose records appointments are.
pub(crate) const SERVICE: &str = "appointments";
/// Its record type.
pub(crate) const APPOINTMENT: &str = "appointment";
/// The state in which it is decided.
const ORDERED: &str = "ordered";
/// 兼務: beside another seat, where a move takes the place of the one before.
const CONCURRENT: &str = "concurrent";

/// Appointments of one person that are read, those that begin last first.
const MOST: usize = 50;

/// Appointments of one office that are read to choose a colleague from.
const MOST_AT_OFFICE: usize = 200;

struct Appointment {
    seat: Seat,
    is_concurrent: bool,
    from: Date,
    until: Option<Date>,
}

impl Engine {
    /// An account with the seats that it is appointed to today, as the register says: 兼務 all of them, and of moves
    /// (異動) the last that has begun. Seats that came otherwise stay.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn appointed(&self, mut account: Account) -> Result<Account, Failure> {
        for seat in self.appointed_seats(&account.login).await? {
            if !account.seats.contains(&seat) {
                account.seats.push(seat);
            }
        }
        Ok(account)
    }

    /// Whether a sign-in name has an appointment that was not ended, one that is still to begin included: it is an official's.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn is_official(&self, login: &str) -> Result<bool, Failure> {
        let found = self.ordered(login, Date::MAX, 1).await?;
        Ok(found.is_some_and(|(_, found)| !found.is_empty()))
    }

    /// Appointments of a sign-in name that were not ended and begin by a day, with their type.
    async fn ordered(
        &self,
        login: &str,
        by: Date,
        limit: usize,
    ) -> Result<Option<(Arc<RecordType>, Vec<Snapshot>)>, Failure> {
        let wanted = Predicate::And(vec![
            Predicate::compare("state", Op::Eq, Value::text(ORDERED)),
            Predicate::compare("login", Op::Eq, Value::text(login)),
            Predicate::compare("first_day", Op::Le, Value::Date(by)),
        ]);
        self.registered((SERVICE, APPOINTMENT), wanted, limit).await
    }

    /// The seats that a sign-in name is appointed to today.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn appointed_seats(&self, login: &str) -> Result<Vec<Seat>, Failure> {
        let today = self.today();
        Ok(standing(&self.appointments(login, today).await?, today))
    }

    /// Seats of a sign-in name that end within some days without another beginning in their place: with each its last day.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn ending_seats(
        &self,
        login: &str,
        days: i64,
    ) -> Result<Vec<(Seat, Date)>, Failure> {
        let today = self.today();
        let horizon = today.saturating_add(days.days());
        let all = self.appointments(login, horizon).await?;
        let changes = all.iter().flat_map(|one| {
            let ends = one.until.and_then(|until| until.tomorrow().ok());
            [Some(one.from), ends].into_iter().flatten()
        });
        let mut changes: Vec<Date> = changes
            .filter(|day| *day > today && *day <= horizon)
            .collect();
        changes.sort();
        let mut ending = Vec::new();
        for seat in standing(&all, today) {
            let gone = changes
                .iter()
                .find(|day| !standing(&all, **day).contains(&seat));
            if let Some(last) = gone.and_then(|day| day.yesterday().ok()) {
                ending.push((seat, last));
            }
        }
        Ok(ending)
    }

    /// Sign-in names and names of those whom an office's appointments seat there today, the register's newest.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn appointed_at(
        &self,
        office: &str,
    ) -> Result<Vec<(String, String)>, Failure> {
        let today = self.today();
        let wanted = Predicate::And(vec![
            Predicate::compare("state", Op::Eq, Value::text(ORDERED)),
            Predicate::compare("office_name", Op::Eq, Value::text(office)),
            Predicate::compare("first_day", Op::Le, Value::Date(today)),
        ]);
        let Some((rt, found)) = self
            .registered((SERVICE, APPOINTMENT), wanted, MOST_AT_OFFICE)
            .await?
        else {
            return Ok(Vec::new());
        };
        let standing = found.iter().filter(|one| {
            read(&rt, one).is_some_and(|one| one.until.is_none_or(|until| until >= today))
        });
        let named = standing.filter_map(|one| {
            let text = |name: &str| one.text(&rt, name).map(str::to_owned);
            Some((text("login")?, text("name")?))
        });
        let named: std::collections::BTreeMap<_, _> = named.collect();
        Ok(named.into_iter().collect())
    }

    async fn appointments(&self, login: &str, by: Date) -> Result<Vec<Appointment>, Failure> {
        let found = self.ordered(login, by, MOST).await?;
        let (rt, found) = match found {
            Some(found) => found,
            None => return Ok(Vec::new()),
        };
        Ok(found.iter().filter_map(|one| read(&rt, one)).collect())
    }
}

/// The seats that stand on a day: of moves (異動) the last that has begun, and 兼務 all of them.
fn standing(all: &[Appointment], on: Date) -> Vec<Seat> {
    let begun = all.iter().filter(|one| one.from <= on);
    let (concurrent, mut moves): (Vec<_>, Vec<_>) = begun.partition(|one| one.is_concurrent);
    moves.sort_by_key(|one| std::cmp::Reverse(one.from));
    let seats = moves.into_iter().take(1).chain(concurrent);
    let seats = seats.filter(|one| one.until.is_none_or(|until| until >= on));
    seats.map(|one| one.seat.clone()).collect()
}

fn read(rt: &RecordType, snapshot: &Snapshot) -> Option<Appointment> {
    let value = |name: &str| snapshot.text(rt, name);
    Some(Appointment {
        seat: Seat {
            role: value("role")?.to_owned(),
            office: value("office_name").map(str::to_owned),
            authority: value("authority_code").map(str::to_owned),
            municipality: value("municipality_code").map(str::to_owned),
            substitute: None,
        },
        is_concurrent: value("kind")? == CONCURRENT,
        from: value("first_day")?.parse().ok()?,
        until: match value("last_day") {
            Some(day) => Some(day.parse().ok()?),
            None => None,
        },
    })
}
