//! Events of a group, written at its end.

use crate::codec;
use crate::failure::Failure;
use crate::postgres::session::{Batch, Session, Wants};
use kernel::Header;

/// One event, sealed and chained.
pub(super) struct Line {
    pub(super) header: Header,
    pub(super) authority: Option<String>,
    pub(super) previous: [u8; 32],
    pub(super) hash: [u8; 32],
    pub(super) key: i64,
    pub(super) sealed: Vec<u8>,
}

/// Writes them from a position on, in one statement.
pub(super) fn write<'l>(
    session: &Session,
    batch: &mut Batch<'l>,
    lines: &'l [Line],
    after: i64,
) -> Result<(), Failure> {
    let each = |of: &dyn Fn(&'l Line) -> String| lines.iter().map(of).collect::<Vec<_>>();
    let texts = |of: fn(&'l Line) -> &'l str| lines.iter().map(of).collect::<Vec<_>>();
    let ids = |of: fn(&Line) -> uuid::Uuid| lines.iter().map(of).collect::<Vec<_>>();
    let maybe = |of: fn(&Line) -> Option<uuid::Uuid>| lines.iter().map(of).collect::<Vec<_>>();
    let options = |of: fn(&'l Line) -> Option<&'l str>| lines.iter().map(of).collect::<Vec<_>>();
    let bytes = |of: fn(&'l Line) -> &'l [u8]| lines.iter().map(of).collect::<Vec<_>>();
    let positions: Vec<i64> = (after + 1..).take(lines.len()).collect();
    let seqs = lines
        .iter()
        .map(|line| codec::column(line.header.seq))
        .collect::<Result<Vec<_>, _>>()?;
    let keys: Vec<i64> = lines.iter().map(|line| line.key).collect();
    batch.push(
        session,
        "INSERT INTO event(position, record, seq, act, service, record_type, action, definition, authority, recorded_at,
           occurred_at, effective_on, actor, on_behalf_of, acted_as, seat_office, previous, hash, key, sealed)
         SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[],
           $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::uuid[], $14::uuid[], $15::text[], $16::text[],
           $17::bytea[], $18::bytea[], $19::bigint[], $20::bytea[])",
        vec![
            Box::new(positions),
            Box::new(ids(|line| line.header.record.0)),
            Box::new(seqs),
            Box::new(ids(|line| line.header.act.0)),
            Box::new(texts(|line| &line.header.service)),
            Box::new(texts(|line| &line.header.record_type)),
            Box::new(texts(|line| &line.header.action)),
            Box::new(texts(|line| &line.header.definition)),
            Box::new(options(|line| line.authority.as_deref())),
            Box::new(each(&|line| line.header.recorded_at.to_string())),
            Box::new(each(&|line| line.header.occurred_at.to_string())),
            Box::new(each(&|line| line.header.effective_on.to_string())),
            Box::new(maybe(|line| line.header.actor.map(|id| id.0))),
            Box::new(maybe(|line| line.header.on_behalf_of.map(|id| id.0))),
            Box::new(texts(|line| &line.header.acted_as)),
            Box::new(options(|line| line.header.seat_office.as_deref())),
            Box::new(bytes(|line| &line.previous)),
            Box::new(bytes(|line| &line.hash)),
            Box::new(keys),
            Box::new(bytes(|line| &line.sealed)),
        ],
        Wants::Count,
    )
}
