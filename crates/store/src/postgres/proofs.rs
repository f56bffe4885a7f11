//! The part of the port that knows passkeys, authenticator apps and recovery codes, on PostgreSQL.

use super::PostgresStore;
use crate::house::proofs;
use kernel::AccountId;
use kernel::port::Task;
use kernel::proofs::{ProofStore, Proofs};
use std::sync::Arc;

impl ProofStore for PostgresStore {
    fn proofs(&self, account: AccountId) -> Task<'_, Option<Proofs>> {
        let keys = Arc::clone(&self.keys);
        self.read(move |db| proofs::of(db, &*keys, account))
    }

    fn put_proofs(&self, new: Proofs, credentials: Vec<String>) -> Task<'_, bool> {
        let keys = Arc::clone(&self.keys);
        Box::pin(async move {
            let written = self.counted(move |db| {
                let sealed = proofs::seal(&*keys, &new, credentials.clone())?;
                proofs::put(db, &sealed)
            });
            Ok(written.await? > 0)
        })
    }

    fn passkey_owner<'a>(&'a self, credential: &'a str) -> Task<'a, Option<AccountId>> {
        let credential = credential.to_owned();
        self.read(move |db| proofs::owner(db, &credential))
    }
}
