//! The part of the port that knows passkeys, authenticator apps and recovery codes.

use crate::house::proofs;
use crate::open::SqliteStore;
use kernel::AccountId;
use kernel::port::{StoreError, Task};
use kernel::proofs::{ProofStore, Proofs};

impl ProofStore for SqliteStore {
    fn proofs(&self, account: AccountId) -> Task<'_, Option<Proofs>> {
        Box::pin(async move { self.read(|db| proofs::of(db, self.keys.as_ref(), account)) })
    }

    fn put_proofs(&self, new: Proofs, credentials: Vec<String>) -> Task<'_, bool> {
        Box::pin(async move {
            let sealed = proofs::seal(self.keys.as_ref(), &new, credentials);
            let sealed = sealed.map_err(StoreError::from)?;
            let written = self.writer.write(move |db| proofs::put(db, &sealed));
            Ok(written.await? > 0)
        })
    }

    fn passkey_owner<'a>(&'a self, credential: &'a str) -> Task<'a, Option<AccountId>> {
        Box::pin(async move { self.read(|db| proofs::owner(db, credential)) })
    }
}
