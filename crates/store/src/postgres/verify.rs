//! Replays the whole journal and compares what it gives with what the database shows, in one snapshot of it.

use super::open::PostgresStore;
use super::session::Session;
use super::terms;
use crate::codec;
use crate::db::{Connection, Row};
use crate::failure::Failure;
use crate::keyring::Keys;
use crate::names::Names;
use crate::read;
use crate::replay::found::{Beside, derived};
use crate::replay::numbers::Numbers;
use crate::replay::posted::{self, Wanted};
use crate::replay::{Derive, Fold, Replayed, Stop, at};
use kernel::RecordId;
use kernel::port::StoreError;
use std::sync::mpsc;
use uuid::Uuid;

/// Events read at a time.
const PIECE: i64 = 2_000;

/// A record and the definition under which it is derived anew; answered on the other channel.
type Asked = (kernel::Snapshot, String);

impl PostgresStore {
    /// As [`crate::SqliteStore::replay`], on PostgreSQL. Copies may go on working meanwhile: it sees one moment.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn replay(&self) -> Result<Replayed, StoreError> {
        self.replay_with(&|_, _| None, &[]).await
    }

    /// As [`crate::SqliteStore::replay_with`]. `own` is called on the caller's thread.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn replay_with(
        &self,
        own: Derive<'_>,
        witnessed: &[evidence::Head],
    ) -> Result<Replayed, StoreError> {
        let witnessed = witnessed.to_vec();
        // Read anew: what the program remembers of names is not what the database says.
        let (names, keys) = (Names::default(), self.keys.clone());
        let (ask, mut asked) = tokio::sync::mpsc::channel::<Asked>(1);
        let (answer, answered) = mpsc::channel();
        let walked = self.pool.once(move |session| {
            let mut walk = Walk {
                session,
                keys: &*keys,
                names: &names,
                own: &mut |asked| {
                    // A caller that went away asks for nothing any more.
                    ask.blocking_send(asked).ok()?;
                    answered.recv().ok().flatten()
                },
                replayed: Replayed::default(),
                entries: 0,
            };
            session.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            let records = walk.go();
            let mut replayed = walk.replayed;
            let concluded = replayed.conclude(&session.into(), &*keys, records, &witnessed);
            session.batch_execute("ROLLBACK")?;
            concluded.map(|()| replayed)
        });
        let mut walked = std::pin::pin!(walked);
        loop {
            tokio::select! {
                done = &mut walked => return done,
                Some((snapshot, definition)) = asked.recv() => {
                    // The walk has ended by itself if nobody takes the answer.
                    let _ = answer.send(own(&snapshot, &definition));
                }
            }
        }
    }
}

struct Walk<'w> {
    session: &'w Session,
    keys: &'w dyn Keys,
    names: &'w Names,
    own: &'w mut dyn FnMut(Asked) -> Option<kernel::Own>,
    replayed: Replayed,
    entries: u64,
}

impl Walk<'_> {
    fn go(&mut self) -> Result<(), Stop> {
        let wanted = self.journal()?;
        let records = self.count("SELECT count(*) AS n FROM record")?;
        if records != self.replayed.records {
            return Err(Stop::other(format!(
                "{records} snapshots, yet events of {} records",
                self.replayed.records
            )));
        }
        if self.count("SELECT count(*) AS n FROM list_entry")? != self.entries {
            return Err(Stop::other(
                "the entries of the indexes do not add up".into(),
            ));
        }
        let strays = [
            (
                "SELECT count(*) AS n FROM unique_value WHERE NOT EXISTS
                   (SELECT 1 FROM record WHERE record.id = unique_value.record)",
                "a unique value belongs to no record",
            ),
            (
                "SELECT count(*) AS n FROM found WHERE NOT EXISTS (SELECT 1 FROM record WHERE record.row = found.row)",
                "search terms belong to no record",
            ),
            (
                "SELECT count(*) AS n FROM posting WHERE NOT EXISTS
                   (SELECT 1 FROM event WHERE event.record = posting.record AND event.act = posting.act)",
                "a posting names no event",
            ),
            (
                "SELECT count(*) AS n FROM attachment_use AS named WHERE NOT EXISTS
                   (SELECT 1 FROM attachment WHERE attachment.id = named.attachment AND attachment.record IS NOT NULL)
                 OR NOT EXISTS (SELECT 1 FROM record WHERE record.id = named.record)",
                "a use of an upload names no upload in use or no record",
            ),
            (
                "SELECT count(*) AS n FROM attachment WHERE NOT EXISTS
                   (SELECT 1 FROM attachment_piece WHERE attachment_piece.attachment = attachment.id)",
                "an upload has no content",
            ),
            (
                "SELECT count(*) AS n FROM balance FULL JOIN
                   (SELECT ledger, key, sum(posted) AS posted, sum(held) AS held FROM posting GROUP BY ledger, key) AS total
                   ON total.ledger = balance.ledger AND total.key = balance.key
                 WHERE balance.posted IS DISTINCT FROM total.posted OR balance.held IS DISTINCT FROM total.held",
                "a balance is not the sum of its postings",
            ),
        ];
        for (sql, what) in strays {
            if self.count(sql)? > 0 {
                return Err(Stop::other(what.into()));
            }
        }
        self.replayed.balances = self.count("SELECT count(*) AS n FROM balance")?;
        self.of_acts(wanted)
    }

    fn count(&self, sql: &str) -> Result<u64, Failure> {
        let rows = self.session.rows(sql, &[])?;
        let count = rows.first().ok_or(Failure::NoRow)?;
        codec::count(count.try_get("n").map_err(Failure::damaged)?)
    }

    /// Record by record rather than in commit order, so that one snapshot at a time is in memory.
    fn journal(&mut self) -> Result<Wanted, Stop> {
        let sql = format!(
            "SELECT {} FROM event WHERE (record, seq) > ($1, $2) ORDER BY record, seq LIMIT $3",
            read::columns()
        );
        let (mut after, mut last_position) = ((Uuid::nil(), 0_i64), 0);
        let mut current: Option<Fold> = None;
        let (mut numbers, mut wanted) = (Numbers::default(), Wanted::default());
        loop {
            let rows = self.session.rows(&sql, &[&after.0, &after.1, &PIECE])?;
            let Some(last) = rows.last() else { break };
            after = (
                last.try_get("record").map_err(Failure::damaged)?,
                last.try_get("seq").map_err(Failure::damaged)?,
            );
            self.expect_keys(&rows)?;
            for row in rows.iter().map(Row::Postgres) {
                let (stored, evidence) =
                    read::stored_of(row, self.keys).map_err(|failure| at(row, failure))?;
                last_position = last_position.max(stored.position);
                numbers.see(&stored, &evidence);
                wanted.see(&stored);
                if current
                    .as_ref()
                    .is_some_and(|fold| fold.id != stored.event.header.record)
                    && let Some(fold) = current.take()
                {
                    self.done(fold)?;
                }
                self.replayed.events += 1;
                current = Some(Fold::step(current, &stored, &evidence)?);
            }
        }
        if let Some(fold) = current {
            self.done(fold)?;
        }
        // Positions run on without a gap, so that an event that was cut out is missed.
        if last_position != self.replayed.events {
            return Err(Stop::other(format!(
                "{} events, yet the last has position {last_position}",
                self.replayed.events
            )));
        }
        numbers.compare(&self.session.into())?;
        Ok(wanted)
    }

    /// Each posting is one that its act made.
    fn of_acts(&self, mut wanted: Wanted) -> Result<(), Stop> {
        let sql = format!(
            "SELECT no, act, ledger, key, record, posted::text AS posted, held::text AS held FROM ({}) AS posting
             WHERE (act, no) > ($1, $2) ORDER BY act, no LIMIT $3",
            posted::BY_ACT
        );
        let mut after = (Uuid::nil(), 0_i64);
        loop {
            let rows = self.session.rows(&sql, &[&after.0, &after.1, &PIECE])?;
            let Some(last) = rows.last() else { break };
            after = (
                last.try_get("act").map_err(Failure::damaged)?,
                last.try_get("no").map_err(Failure::damaged)?,
            );
            for row in rows.iter().map(Row::Postgres) {
                wanted.row(row, [row.get("posted")?, row.get("held")?])?;
            }
        }
        wanted.end()
    }

    fn expect_keys(&self, rows: &[tokio_postgres::Row]) -> Result<(), Failure> {
        let keys = rows
            .iter()
            .map(|row| codec::count(Row::Postgres(row).get("key")?));
        self.keys.expect(&keys.collect::<Result<Vec<_>, _>>()?)
    }

    fn done(&mut self, fold: Fold) -> Result<(), Stop> {
        let db = Connection::from(self.session);
        self.replayed.count(&fold);
        let Some(snapshot) = fold.compare(&db)? else {
            return Ok(());
        };
        let id = fold.id;
        let beside = Beside::of(&db, id)?;
        let own = (self.own)((snapshot.clone(), fold.definition.clone()));
        if let Some(own) = own {
            derived(&db, self.names, snapshot, &beside, &own)?;
        }
        self.entries(id, &beside)?;
        let rows = self
            .session
            .rows("SELECT terms FROM found WHERE row = $1", &[&beside.row])?;
        let shown: Vec<i64> = rows
            .first()
            .ok_or(Failure::NoRow)?
            .try_get("terms")
            .map_err(Failure::damaged)?;
        if shown != terms::of_document(&beside.text, beside.row, beside.kind, &beside.scopes) {
            return Err(Stop::record(
                id,
                "its search terms are not those of its text",
            ));
        }
        Ok(())
    }

    fn entries(&mut self, id: RecordId, beside: &Beside) -> Result<(), Stop> {
        let places = beside.places();
        let indexes: Vec<i64> = places.iter().map(|(index, _, _)| *index).collect();
        let scopes: Vec<i64> = places
            .iter()
            .map(|(_, scope, _)| i64::from(*scope))
            .collect();
        let key = |at: usize| -> Vec<&[u8]> {
            let keys = places.iter().map(|(_, _, keys)| keys.get(at));
            keys.map(|key| key.map_or(&[][..], Vec::as_slice)).collect()
        };
        let rows = self.session.rows(
            "SELECT count(*) AS n FROM list_entry JOIN unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[],
               $5::bytea[], $6::bytea[]) AS wanted(index_no, scope, k1, k2, k3, k4)
             ON list_entry.index_no = wanted.index_no AND list_entry.scope = wanted.scope AND list_entry.k1 = wanted.k1
               AND list_entry.k2 = wanted.k2 AND list_entry.k3 = wanted.k3 AND list_entry.k4 = wanted.k4
             WHERE list_entry.row = $7",
            &[&indexes, &scopes, &key(0), &key(1), &key(2), &key(3), &beside.row],
        )?;
        let there: i64 = rows
            .first()
            .ok_or(Failure::NoRow)?
            .try_get("n")
            .map_err(Failure::damaged)?;
        if codec::count(there)? != places.len() as u64 {
            return Err(Stop::record(id, "an entry of an index is missing"));
        }
        self.entries += places.len() as u64;
        Ok(())
    }
}
