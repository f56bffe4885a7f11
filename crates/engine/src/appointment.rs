//! 発令: the seats that officials are given, each from a day until a day. An appointment is a record of the package
//! [`SERVICE`]: drafting, deciding and ending it are acts in the journal. The seat is never written down beside it; it is
//! derived from the register whenever an account becomes an actor, as substitutes' seats are, so the two cannot differ. It
//! is the sign-in name that is appointed: somebody may be before they first sign in.

use crate::{Engine, Failure};
use definition::model::RecordType;
use feel::{Op, Predicate, Value};
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
        let Some((rt, begun)) = self.ordered(login, today, MOST).await? else {
            return Ok(Vec::new());
        };
        let standing = begun.iter().filter_map(|one| read(&rt, one));
        let (concurrent, mut moves): (Vec<_>, Vec<_>) =
            standing.partition(|appointment| appointment.is_concurrent);
        moves.sort_by_key(|appointment| std::cmp::Reverse(appointment.from));
        let seats = moves.into_iter().take(1).chain(concurrent);
        let seats = seats.filter(|one| one.until.is_none_or(|until| until >= today));
        Ok(seats.map(|appointment| appointment.seat).collect())
    }
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
