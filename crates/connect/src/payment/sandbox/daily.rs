//! The sandbox's daily file: a CSV of the money taken and given back on a civil day.

use super::book::{Book, Paid, Standing};
use engine::{GatewayError, Settled};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Row {
    kind: String,
    at: Timestamp,
    payment: String,
    refund: String,
    session: String,
    reference: String,
    method: String,
    amount_yen: u64,
}

fn damaged(error: impl std::fmt::Display) -> GatewayError {
    GatewayError::Unavailable(format!("明細を読めません：{error}"))
}

/// The file of a day: UTF-8 with a heading, oldest first.
pub(super) fn write(book: &Book, day: Date) -> Result<String, GatewayError> {
    let mut rows: Vec<Row> = book.paid_on(day).map(paid).collect();
    let refunds = book
        .refunds
        .values()
        .filter(|refunded| engine::tokyo_day(refunded.at) == day);
    rows.extend(refunds.map(|refunded| Row {
        kind: "refunded".into(),
        at: refunded.at,
        payment: refunded.payment.clone(),
        refund: refunded.refund.clone(),
        session: String::new(),
        reference: refunded.reference.clone(),
        method: String::new(),
        amount_yen: refunded.amount_yen,
    }));
    rows.sort_by(|a, b| (a.at, &a.payment, &a.refund).cmp(&(b.at, &b.payment, &b.refund)));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        writer.serialize(row).map_err(damaged)?;
    }
    let bytes = writer.into_inner().map_err(damaged)?;
    String::from_utf8(bytes).map_err(damaged)
}

fn paid((standing, paid): (&Standing, &Paid)) -> Row {
    Row {
        kind: "paid".into(),
        at: paid.at,
        payment: paid.payment.clone(),
        refund: String::new(),
        session: paid.session.clone(),
        reference: standing.opened.reference.clone(),
        method: paid.method.clone(),
        amount_yen: paid.amount_yen,
    }
}

/// Reads such a file.
pub(super) fn read(text: &str) -> Result<Vec<Settled>, GatewayError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<Row>().map(|row| {
        let row = row.map_err(damaged)?;
        Ok(Settled {
            reference: row.reference,
            session: Some(row.session).filter(|session| !session.is_empty()),
            payment: row.payment,
            refund: (row.kind == "refunded").then_some(row.refund),
            amount_yen: row.amount_yen,
            method: row.method,
            at: row.at,
        })
    });
    rows.collect()
}
