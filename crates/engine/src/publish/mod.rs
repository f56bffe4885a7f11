//! Open data: editions made of registers, kept, served, and made anew for any past day.
//!
//! An edition says of what it was made: the journal's position, the definition, the day. Its content is a pure function
//! of these, so only the newest is kept, and an older one is derived again and checked against its hash.

mod derive;
mod held;
mod open;
mod schedule;
mod table;

pub use held::HeldBack;
pub use open::{OpenData, OpenFile};
pub use schedule::falls_due;
pub use table::{OpenColumn, OpenTable};

use crate::hash::sha256;
use crate::{Engine, Failure};
use definition::model::{Publication, Service, Status, Who};
use derive::Cut;
use jiff::civil::Date;
use kernel::Actor;
use kernel::shelf::Edition;
use std::collections::HashMap;
use std::sync::Arc;

/// Editions listed at the desk.
const LISTED: usize = 60;

/// What is kept of open data between requests.
#[derive(Default)]
pub(crate) struct Kept {
    current: parking_lot::Mutex<HashMap<(String, String), Arc<OpenData>>>,
    past: parking_lot::Mutex<Vec<Arc<OpenData>>>,
    /// Deriving a past day costs a pass over the register: one at a time.
    deriving: tokio::sync::Mutex<()>,
}

/// A publication with its newest edition.
pub struct Published {
    /// Service.
    pub service: Arc<Service>,
    /// Publication.
    pub publication: Arc<Publication>,
    /// Newest edition; none before the first.
    pub edition: Option<Edition>,
}

impl Engine {
    /// All publications of running services with their newest editions.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn publications(&self) -> Result<Vec<Published>, Failure> {
        let mut all = Vec::new();
        for service in self.catalogue().services.values() {
            if service.status != Status::Running {
                continue;
            }
            for publication in service.publications.values() {
                let edition = self.newest(&service.slug, &publication.name).await?;
                all.push(Published {
                    service: Arc::clone(service),
                    publication: Arc::clone(publication),
                    edition,
                });
            }
        }
        Ok(all)
    }

    /// Whether the actor sees to any publication.
    #[must_use]
    pub fn publishes(&self, actor: &Actor) -> bool {
        let services = self.catalogue();
        let mut all = services
            .services
            .values()
            .flat_map(|service| service.publications.values());
        all.any(|publication| sees_to(publication, actor))
    }

    /// One publication with its editions, newest first, for those who see to it.
    ///
    /// # Errors
    /// 404 for others.
    pub async fn editions(
        &self,
        actor: &Actor,
        service: &str,
        publication: &str,
    ) -> Result<(Published, Vec<Edition>), Failure> {
        let (service, publication) = self.publication(service, publication)?;
        if !sees_to(&publication, actor) {
            return Err(Failure::not_found());
        }
        let shelf = self.store.shelf();
        let editions = shelf
            .editions(&service.slug, &publication.name, None, LISTED)
            .await?;
        let published = Published {
            service,
            publication,
            edition: editions.first().cloned(),
        };
        Ok((published, editions))
    }

    /// Makes today's edition now, in place of one that was made before.
    ///
    /// # Errors
    /// 404 unless the actor sees to the publication.
    pub async fn publish_now(
        &self,
        actor: &Actor,
        service: &str,
        publication: &str,
    ) -> Result<Edition, Failure> {
        let (service, publication) = self.publication(service, publication)?;
        if !sees_to(&publication, actor) {
            return Err(Failure::not_found());
        }
        self.make_edition(&service, &publication).await
    }

    /// Makes every edition that has fallen due; answers how many. A fault of one does not hold up the others.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn publish_due(&self) -> Result<usize, Failure> {
        let mut made = 0;
        for published in self.publications().await? {
            let last = published.edition.as_ref().map(|edition| edition.day);
            if !falls_due(published.publication.schedule, last, self.today()) {
                continue;
            }
            let (service, publication) = (&published.service, &published.publication);
            match self.make_edition(service, publication).await {
                Ok(_) => made += 1,
                Err(Failure::Store(fault)) => return Err(fault.into()),
                Err(fault) => {
                    tracing::error!(service = %service.slug, publication = %publication.name, %fault, "edition failed");
                }
            }
        }
        Ok(made)
    }

    async fn make_edition(
        &self,
        service: &Arc<Service>,
        publication: &Arc<Publication>,
    ) -> Result<Edition, Failure> {
        let _one = self.published.deriving.lock().await;
        let at = self.clock.now();
        let position = self.store.shelf().position().await?;
        let cut = Cut {
            day: self.today(),
            at,
            position: Some(position),
        };
        let made = self.derive_edition(service, publication, &cut).await?;
        let edition = Edition {
            service: service.slug.clone(),
            publication: publication.name.clone(),
            day: cut.day,
            made_at: at,
            position,
            definition: service.hash.clone(),
            rows: made.rows,
            opted_out: made.opted_out,
            held: made.held,
            faulty: made.faulty,
            sha256: sha256(&made.content),
        };
        self.store
            .shelf()
            .put_edition(edition.clone(), made.content)
            .await?;
        Ok(edition)
    }

    async fn newest(&self, service: &str, publication: &str) -> Result<Option<Edition>, Failure> {
        let shelf = self.store.shelf();
        let found = shelf.editions(service, publication, None, 1).await?;
        Ok(found.into_iter().next())
    }

    fn publication(
        &self,
        service: &str,
        publication: &str,
    ) -> Result<(Arc<Service>, Arc<Publication>), Failure> {
        let service = self.service(service)?;
        let found = service.publications.get(publication).cloned();
        Ok((service, found.ok_or_else(Failure::not_found)?))
    }

    /// The open data of a publication: the newest edition, or what a past day said.
    ///
    /// # Errors
    /// 404 before the first edition, and for days that nothing is known of; 422 for a day that is not over.
    pub async fn open_data(
        &self,
        service: &str,
        publication: &str,
        as_of: Option<Date>,
    ) -> Result<Arc<OpenData>, Failure> {
        let (service, publication) = self.publication(service, publication)?;
        let newest = self.newest(&service.slug, &publication.name).await?;
        let newest = newest.ok_or_else(Failure::not_found)?;
        match as_of {
            None => self.current(newest).await,
            Some(day) if day == newest.day => self.current(newest).await,
            Some(day) if day >= self.today() => Err(Failure::invalid(
                "/query/as_of",
                "range",
                "as_of には、昨日までの日か、公開した日を指定してください。",
            )),
            Some(day) => self.past(&service.slug, &publication.name, day).await,
        }
    }

    async fn current(&self, edition: Edition) -> Result<Arc<OpenData>, Failure> {
        let key = (edition.service.clone(), edition.publication.clone());
        if let Some(known) = self.published.current.lock().get(&key)
            && known.edition == edition
        {
            return Ok(Arc::clone(known));
        }
        let content = self
            .store
            .shelf()
            .edition_content(&edition.service, &edition.publication, edition.day)
            .await?;
        let content = content.ok_or_else(|| damaged(&edition))?;
        let data = aside(move || OpenData::new(edition, &content)).await?;
        let data = Arc::new(data);
        self.published.current.lock().insert(key, Arc::clone(&data));
        Ok(data)
    }

    async fn past(
        &self,
        service: &str,
        publication: &str,
        day: Date,
    ) -> Result<Arc<OpenData>, Failure> {
        let known = |kept: &[Arc<OpenData>]| {
            kept.iter()
                .find(|data| data.is(service, publication, day))
                .cloned()
        };
        if let Some(found) = known(&self.published.past.lock()) {
            return Ok(found);
        }
        let _one = self.published.deriving.lock().await;
        if let Some(found) = known(&self.published.past.lock()) {
            return Ok(found);
        }
        let data = Arc::new(self.derive_past(service, publication, day).await?);
        let mut kept = self.published.past.lock();
        kept.insert(0, Arc::clone(&data));
        kept.truncate(3);
        Ok(data)
    }

    async fn derive_past(
        &self,
        service: &str,
        publication: &str,
        day: Date,
    ) -> Result<OpenData, Failure> {
        let shelf = self.store.shelf();
        let before = shelf.editions(service, publication, Some(day), 1).await?;
        let there = before
            .into_iter()
            .next()
            .filter(|edition| edition.day == day);
        let cut = match &there {
            Some(edition) => Cut {
                day,
                at: edition.made_at,
                position: Some(edition.position),
            },
            None => Cut::end_of(day),
        };
        let definition = match &there {
            Some(edition) => Some(edition.definition.clone()),
            None => shelf.package_at(service, cut.at).await?,
        };
        let definition = self
            .by_hash(&definition.ok_or_else(Failure::not_found)?)
            .await?;
        let found = definition
            .publications
            .get(publication)
            .cloned()
            .ok_or_else(Failure::not_found)?;
        let made = self.derive_edition(&definition, &found, &cut).await?;
        let sha256 = sha256(&made.content);
        if let Some(edition) = &there
            && edition.sha256 != sha256
        {
            return Err(damaged(edition));
        }
        let edition = there.unwrap_or(Edition {
            service: service.to_owned(),
            publication: publication.to_owned(),
            day,
            made_at: cut.at,
            position: 0,
            definition: definition.hash.clone(),
            rows: made.rows,
            opted_out: made.opted_out,
            held: made.held,
            faulty: made.faulty,
            sha256,
        });
        aside(move || OpenData::new(edition, &made.content)).await
    }

    /// A file of an edition, made where it keeps nobody waiting.
    ///
    /// # Errors
    /// 404 for formats that it does not have.
    pub async fn open_file(
        &self,
        data: &Arc<OpenData>,
        format: &str,
    ) -> Result<Arc<OpenFile>, Failure> {
        if let Some(file) = data.made(format) {
            return Ok(file);
        }
        let (data, format) = (Arc::clone(data), format.to_owned());
        aside(move || data.file(&format)).await
    }
}

/// Does what takes long for forty thousand rows where it keeps nobody waiting.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?
}

fn damaged(edition: &Edition) -> Failure {
    Failure::Internal(format!(
        "edition {}/{} of {} is not what it was",
        edition.service, edition.publication, edition.day
    ))
}

/// Whether the actor sees to a publication.
fn sees_to(publication: &Publication, actor: &Actor) -> bool {
    publication.by.iter().any(|who| match who {
        Who::Desk(role) => actor.seats.iter().any(|seat| seat.role == *role),
        _ => false,
    })
}
