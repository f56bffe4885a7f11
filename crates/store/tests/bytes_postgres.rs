//! Bytes that somebody changed in PostgreSQL behind the program's back are named by a replay.
//!
//! `TSUMUGI_CHANGES=10000` makes half as many: a replay takes longer here. What a replay vouches for is said in `bytes.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{AnyStore, World, books};
use kernel::Snapshot;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use store::Difference;
use tokio_postgres::Client;

async fn told(store: &AnyStore, known: &books::Known) -> Option<Difference> {
    let own = |snapshot: &Snapshot, _: &str| common::own_of(known, snapshot.id);
    let AnyStore::Postgres(store) = store else {
        panic!("postgres")
    };
    store.replay_with(&own, &[]).await.unwrap().difference
}

/// A value as text, with one byte changed in the form in which its type lies in the database.
fn changed(kind: &str, text: &str, random: &mut StdRng) -> Option<String> {
    let flip = |bytes: &mut [u8], random: &mut StdRng| {
        let at = random.random_range(0..bytes.len());
        bytes[at] ^= 1 << random.random_range(0..8);
    };
    Some(match kind {
        "bytea" => {
            let hex = text.strip_prefix("\\x")?;
            let at = random.random_range(0..hex.len().max(1));
            let digit = hex
                .get(at..at + 1)
                .and_then(|digit| u8::from_str_radix(digit, 16).ok())?;
            let digit = digit ^ (1 << random.random_range(0..4));
            format!("\\x{}{digit:x}{}", &hex[..at], &hex[at + 1..])
        }
        "bigint" => {
            let mut bytes = text.parse::<i64>().ok()?.to_be_bytes();
            flip(&mut bytes, random);
            i64::from_be_bytes(bytes).to_string()
        }
        "uuid" => {
            let mut bytes = *text.parse::<uuid::Uuid>().ok()?.as_bytes();
            flip(&mut bytes, random);
            uuid::Uuid::from_bytes(bytes).to_string()
        }
        "numeric" => {
            (text.parse::<i64>().ok()? + [-1, 1, 10, 256][random.random_range(0..4)]).to_string()
        }
        "text" if !text.is_empty() => {
            let mut bytes = text.to_owned().into_bytes();
            flip(&mut bytes, random);
            String::from_utf8(bytes)
                .ok()
                .filter(|text| !text.contains('\0'))?
        }
        "ARRAY" => {
            let mut items: Vec<i64> = text
                .trim_matches(['{', '}'])
                .split(',')
                .map(|n| n.parse().ok())
                .collect::<Option<_>>()?;
            let at = random.random_range(0..items.len());
            items[at] ^= 1 << random.random_range(0..63);
            format!(
                "{{{}}}",
                items
                    .iter()
                    .map(i64::to_string)
                    .collect::<Vec<_>>()
                    .join(",")
            )
        }
        _ => return None,
    })
}

/// Any value of any row.
struct Place {
    table: &'static str,
    column: String,
    kind: String,
    row: String,
    before: String,
}

impl Place {
    async fn any(client: &Client, random: &mut StdRng) -> Option<Self> {
        let table = books::TABLES[random.random_range(0..books::TABLES.len())];
        let find = "SELECT column_name::text, data_type::text FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
        let columns = client.query(find, &[&table]).await.unwrap();
        let column = &columns[random.random_range(0..columns.len())];
        let (column, kind): (String, String) = (column.get(0), column.get(1));
        // How far keys are counted ahead of those in use is neither content nor evidence.
        let but = if table == "counter" {
            "WHERE name <> '@key'"
        } else {
            ""
        };
        let rows = client
            .query(
                &format!("SELECT ctid::text, {column}::text FROM {table} {but}"),
                &[],
            )
            .await
            .unwrap();
        let row = &rows[random.random_range(0..rows.len())];
        Some(Self {
            table,
            column,
            kind,
            row: row.get(0),
            before: row.get::<_, Option<String>>(1)?,
        })
    }

    /// Writes another value there; the row's new place, or none where the table does not take it.
    async fn write(&self, client: &Client, row: &str, value: &str) -> Option<String> {
        let (table, column) = (self.table, &self.column);
        let kind = if self.kind == "ARRAY" {
            "bigint[]"
        } else {
            &self.kind
        };
        let sql = format!(
            "UPDATE {table} SET {column} = $1::text::{kind} WHERE ctid = $2::text::tid RETURNING ctid::text"
        );
        let written = client.query_one(&sql, &[&value, &row]).await;
        written.ok().map(|row| row.get(0))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_changed_byte_of_a_row_is_named() {
    let Some(world) = World::postgres() else {
        return;
    };
    let World::Postgres(database) = &world else {
        return;
    };
    let store = world.open().await;
    let known = books::filled(&store).await;
    assert_eq!(told(&store, &known).await, None);
    let (client, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    // As somebody with the rights of an administrator would: the guards of the journal do not fire.
    let guards = format!(
        "SET search_path TO {}; SET session_replication_role = replica",
        database.schema
    );
    client.batch_execute(&guards).await.unwrap();
    let mut random = StdRng::seed_from_u64(13);
    let mut made = 0;
    while made < books::changes() / 2 {
        let Some(place) = Place::any(&client, &mut random).await else {
            continue;
        };
        let Some(after) = changed(&place.kind, &place.before, &mut random) else {
            continue;
        };
        let Some(row) = place.write(&client, &place.row, &after).await else {
            continue;
        };
        let found = told(&store, &known).await;
        let what = format!(
            "{}.{}: {} became {after}",
            place.table, place.column, place.before
        );
        assert!(found.is_some(), "not named: {what}");
        place.write(&client, &row, &place.before).await.unwrap();
        made += 1;
    }
    assert_eq!(told(&store, &known).await, None, "all was put back");
}
