//! The definitions in force, and those that open records are pinned to.

use crate::{Engine, Failure};
use definition::Catalogue;
use definition::model::{RecordType, Service};
use kernel::{Facts, Snapshot};
use std::collections::HashMap;
use std::sync::Arc;

/// Definitions by hash, beside the current catalogue.
#[derive(Default)]
pub(crate) struct Pinned(parking_lot::RwLock<HashMap<String, Arc<Service>>>);

impl Engine {
    /// The catalogue in force.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().clone()
    }

    /// Puts a catalogue in force and keeps its running packages in the store, so that records pinned to them can be
    /// opened for ever.
    ///
    /// # Errors
    /// If the store is not available; the old catalogue then stays in force.
    pub async fn publish(
        &self,
        catalogue: Catalogue,
        source: &definition::Source,
    ) -> Result<(), Failure> {
        for (slug, service) in &catalogue.services {
            if service.types.is_empty()
                || self.store.current_package(slug).await?.as_deref() == Some(&service.hash)
            {
                continue;
            }
            let files = definition::package_files(source, slug);
            self.store
                .put_package(slug, &service.hash, &files, self.clock.now())
                .await?;
        }
        *self.catalogue.write() = Arc::new(catalogue);
        Ok(())
    }

    /// The service in force; 404 if there is none or it is only a register.
    pub(crate) fn service(&self, slug: &str) -> Result<Arc<Service>, Failure> {
        self.catalogue()
            .services
            .get(slug)
            .cloned()
            .ok_or_else(Failure::not_found)
    }

    /// The definition that governs a record: the one it is pinned to while it is open, else the current one.
    pub(crate) async fn governing(&self, snapshot: &Snapshot) -> Result<Arc<Service>, Failure> {
        let current = self.service(&snapshot.service)?;
        if current.hash == snapshot.definition || !pins(&current, snapshot) {
            return Ok(current);
        }
        self.by_hash(&snapshot.definition).await
    }

    /// The definition of a hash: the current one, or one published before.
    pub(crate) async fn definition_of(
        &self,
        slug: &str,
        hash: &str,
    ) -> Result<Arc<Service>, Failure> {
        match self.service(slug) {
            Ok(current) if current.hash == hash => Ok(current),
            _ => self.by_hash(hash).await,
        }
    }

    /// Makes the definition of a hash known, for [`Engine::own`].
    ///
    /// # Errors
    /// If it is not in the store, or the store is not available.
    pub async fn know(&self, hash: &str) -> Result<(), Failure> {
        match self.at_hand(hash) {
            Some(_) => Ok(()),
            None => self.by_hash(hash).await.map(drop),
        }
    }

    /// What a snapshot is found by under the definition of a hash, as far as it follows from the two alone; none if the
    /// definition is not known. For comparing with what the store keeps.
    #[must_use]
    pub fn own(&self, snapshot: &Snapshot, hash: &str) -> Option<kernel::Own> {
        let facts = Facts {
            record: Some(snapshot.clone()),
            ..self.empty_facts(self.at_hand(hash)?)
        };
        kernel::own(&facts)
    }

    /// A definition that is in force or was opened before.
    pub(crate) fn at_hand(&self, hash: &str) -> Option<Arc<Service>> {
        let pinned = self.pinned.0.read().get(hash).map(Arc::clone);
        pinned.or_else(|| {
            let catalogue = self.catalogue();
            let mut services = catalogue.services.values();
            services.find(|service| service.hash == hash).cloned()
        })
    }

    /// A published definition by its hash.
    pub(crate) async fn by_hash(&self, hash: &str) -> Result<Arc<Service>, Failure> {
        if let Some(known) = self.pinned.0.read().get(hash) {
            return Ok(Arc::clone(known));
        }
        let Some(files) = self.store.package(hash).await? else {
            return Err(Failure::Internal(format!(
                "package {hash} is not in the store"
            )));
        };
        let service = definition::load_package(&files).map_err(|errors| {
            Failure::Internal(format!("package {hash}: {} errors", errors.len()))
        })?;
        let service = Arc::new(service);
        self.pinned
            .0
            .write()
            .insert(hash.to_owned(), Arc::clone(&service));
        Ok(service)
    }
}

fn pins(current: &Service, snapshot: &Snapshot) -> bool {
    current
        .types
        .get(&snapshot.record_type)
        .is_none_or(|rt| rt.pinned && !rt.states.get(&snapshot.state).is_some_and(|s| s.ended))
}

/// The record type of a service; 404 if there is none.
pub(crate) fn record_type(service: &Service, name: &str) -> Result<Arc<RecordType>, Failure> {
    service
        .types
        .get(name)
        .cloned()
        .ok_or_else(Failure::not_found)
}
