//! What drills of copies share.
#![expect(
    clippy::disallowed_methods,
    reason = "a drill goes by the machine's clock"
)]

use super::{derived, options};
use jiff::Timestamp;
use kernel::Entry;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::backup::{Backup, Folder, Restored, Vault, restore};
use store::{OpenError, SqliteStore};

/// The places of a drill: the data, its copy, the keys' copy, and where it is restored.
pub struct Places(pub tempfile::TempDir);

impl Places {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn vault(&self, name: &str) -> Arc<dyn Vault> {
        Arc::new(Folder::new(&self.at(name)))
    }

    pub fn backup(&self) -> Backup {
        kept(self.vault("copy"), self.vault("keys"))
    }

    pub fn open(&self) -> SqliteStore {
        let mut options = options(7);
        options.backup = Some(self.backup());
        SqliteStore::open(&self.at("data"), options).unwrap()
    }

    pub fn restore(&self, to: &str, at: Option<Timestamp>) -> Result<Restored, OpenError> {
        restore(&*self.vault("copy"), &*self.vault("keys"), at, &self.at(to))
    }
}

/// A copy with rounds so short that a drill need not wait.
pub fn kept(data: Arc<dyn Vault>, keys: Arc<dyn Vault>) -> Backup {
    let mut random = StdRng::from_os_rng();
    let random = Box::new(move |bytes: &mut [u8]| random.fill_bytes(bytes));
    let mut backup = Backup::new(data, keys, Arc::new(Timestamp::now), random);
    backup.every = Duration::from_millis(20);
    backup
}

/// A digest of every row of every table, by table.
pub fn rows(dir: &Path) -> BTreeMap<String, Vec<Vec<u8>>> {
    let db = rusqlite::Connection::open(dir.join("tsumugi.sqlite")).unwrap();
    let mut find = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        .unwrap();
    let names = find.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names
        .map(|name| {
            let name = name.unwrap();
            let mut find = db.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = find.column_count();
            let mut digests = Vec::new();
            let mut all = find.query([]).unwrap();
            while let Some(row) = all.next().unwrap() {
                let mut digest = Sha256::new();
                for at in 0..columns {
                    let (kind, bytes) = match row.get_ref(at).unwrap() {
                        ValueRef::Null => (0, Vec::new()),
                        ValueRef::Integer(number) => (1, number.to_be_bytes().to_vec()),
                        ValueRef::Real(number) => (2, number.to_be_bytes().to_vec()),
                        ValueRef::Text(text) => (3, text.to_vec()),
                        ValueRef::Blob(bytes) => (4, bytes.to_vec()),
                    };
                    digest.update([kind]);
                    digest.update((bytes.len() as u64).to_be_bytes());
                    digest.update(bytes);
                }
                digests.push(digest.finalize().to_vec());
            }
            digests.sort();
            (name, digests)
        })
        .collect()
}

pub fn seen() -> kernel::Derived {
    let key = kernel::key::encode(&feel::Value::text("立川"));
    let entries = vec![Entry {
        index: "by_town".into(),
        keys: vec![key],
    }];
    derived(&["all"], "柴崎町の店", entries)
}

/// Waits until everything acknowledged so far is copied.
pub async fn copied(store: &SqliteStore) -> Timestamp {
    let now = Timestamp::now();
    for _ in 0..12_000 {
        let copying = store.copying().unwrap();
        if copying.base_at.is_some() && copying.at.is_some_and(|at| at > now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not copied: {:?}", store.copying());
}
