//! Views of records that are no list: a board with a lane for each state, a calendar of a month.

use crate::{Board, Engine, Failure, RecordView};
use definition::model::{RecordType, Service, View, ViewKind};
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::Actor;
use std::sync::Arc;

/// Records of a lane, and of a month of a calendar, on one page.
const LANE: usize = 30;
const MONTH: usize = 500;

/// A board.
pub struct Lanes {
    /// The view.
    pub view: View,
    /// A board a state: name, title, rows.
    pub lanes: Vec<(String, String, Board)>,
}

/// A month of a calendar.
pub struct Month {
    /// The view.
    pub view: View,
    /// Its first day.
    pub first: Date,
    /// Rows with the day on which they stand.
    pub rows: Vec<(Date, (RecordView, Vec<String>))>,
    /// Whether the month has more than are shown.
    pub more: bool,
}

impl Engine {
    /// A board with its lanes.
    ///
    /// # Errors
    /// 404 if there is no such board for this actor.
    pub async fn lanes(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        view: &str,
    ) -> Result<Lanes, Failure> {
        let (service, rt, view) = self.of_kind(actor, service, record_type, view)?;
        let ViewKind::Board(states) = &view.kind else {
            return Err(Failure::not_found());
        };
        let mut lanes = Vec::new();
        for state in states {
            let only = equals("state", Value::text(state));
            let page = self.narrowed(actor, (&service, &rt, &view), only, LANE);
            let title = rt
                .states
                .get(state)
                .map_or_else(|| state.clone(), |one| one.title.clone());
            lanes.push((state.clone(), title, page.await?));
        }
        Ok(Lanes { view, lanes })
    }

    /// A month of a calendar.
    ///
    /// # Errors
    /// 404 if there is no such calendar for this actor.
    pub async fn month(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        view: &str,
        first: Date,
    ) -> Result<Month, Failure> {
        let (service, rt, view) = self.of_kind(actor, service, record_type, view)?;
        let ViewKind::Calendar(path) = &view.kind else {
            return Err(Failure::not_found());
        };
        let first = first.first_of_month();
        let compare = |op, day: Date| Predicate::Compare {
            field: path.split('.').map(str::to_owned).collect(),
            op,
            value: Value::Date(day),
        };
        let only = Predicate::And(vec![
            compare(Op::Ge, first),
            compare(Op::Le, first.last_of_month()),
        ]);
        let page = self
            .narrowed(actor, (&service, &rt, &view), only, MONTH)
            .await?;
        let day = |record: &RecordView| day_of(record, path);
        let more = page.next.is_some();
        let rows = page.rows.into_iter();
        Ok(Month {
            first,
            rows: rows.filter_map(|row| Some((day(&row.0)?, row))).collect(),
            more,
            view,
        })
    }

    fn of_kind(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        view: &str,
    ) -> Result<(Arc<Service>, Arc<RecordType>, View), Failure> {
        let service = self.service(service)?;
        let rt = crate::registry::record_type(&service, record_type)?;
        let view = rt
            .views
            .get(view)
            .filter(|view| crate::desk::has_view(view, actor))
            .cloned()
            .ok_or_else(Failure::not_found)?;
        Ok((service, rt, view))
    }
}

fn equals(field: &str, value: Value) -> Predicate {
    Predicate::compare(field, Op::Eq, value)
}

/// The day on which a record stands, as far as the actor sees it.
fn day_of(record: &RecordView, path: &str) -> Option<Date> {
    match path {
        "due" => record.due,
        "arrived_on" => record.arrived_on,
        name => record.fields.get(name)?.as_str()?.parse().ok(),
    }
}
