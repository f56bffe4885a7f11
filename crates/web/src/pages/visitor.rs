//! What most handlers need: the app, who is there, and where they are.

use super::error::PageError;
use super::layout::Chrome;
use super::places::Places;
use super::sheet::Filed;
use super::show::instant;
use crate::auth::maintenance::Visiting;
use crate::{App, Signed, i18n};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use definition::model::{RecordType, Service, Status};
use engine::{RecordView, Visit, hears_of_visits};
use kernel::port::Account;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One visit.
pub(super) struct Visitor {
    pub(super) app: Arc<App>,
    pub(super) signed: Signed,
    /// Path and query.
    pub(super) path: String,
    /// The visit in which a maintainer comes; none for all others.
    pub(super) visit: Option<Arc<Visit>>,
    /// Whom the page tells of as being in, if it tells at all: an administrator's does.
    pub(super) inside: Vec<Visit>,
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let path = parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        let signed = Signed::from_request_parts(parts, app).await?;
        let official = |account: &Account| !account.seats.is_empty();
        if i18n::japanese_only(&path, signed.account.as_ref().is_some_and(official)) {
            i18n::in_japanese();
        }
        let hears = signed.account.as_ref().is_some_and(hears_of_visits);
        // A page is not withheld because who is in cannot be read: while the store is away, operators need theirs.
        let inside = match hears {
            true => app.engine.visits_now().await.unwrap_or_default(),
            false => Vec::new(),
        };
        let visiting = parts.extensions.get::<Visiting>();
        Ok(Self {
            app: Arc::clone(app),
            signed,
            path,
            visit: visiting.map(|visiting| Arc::clone(&visiting.0)),
            inside,
        })
    }
}

fn inside(visit: &Visit) -> String {
    format!(
        "{}（{}、{}まで）",
        visit.asker(),
        visit.ticket(),
        instant(visit.until())
    )
}

impl Visitor {
    pub(super) fn chrome(&self, title: impl Into<String>) -> Chrome {
        let mut chrome = Chrome::new(&self.app, &self.signed, &self.path, title);
        chrome.in_visit = self.visit.as_ref().map(|visit| instant(visit.until()));
        chrome.inside = self.inside.iter().map(inside).collect();
        chrome
    }

    /// Whether they see to the machine now: an administrator, or a maintainer in a visit.
    pub(super) fn operates(&self) -> Result<(), PageError> {
        self.account()?;
        let visit = self.visit.as_deref();
        Ok(self.app.engine.operates(&self.signed.actor, visit)?)
    }

    /// The account, or the way to the sign-in page and back.
    pub(super) fn account(&self) -> Result<&Account, PageError> {
        Ok(self.signed.require_page(&self.path)?)
    }

    /// An official's account.
    pub(super) fn official(&self) -> Result<&Account, PageError> {
        let account = self.account()?;
        if account.seats.is_empty() {
            Err(PageError::not_found())
        } else {
            Ok(account)
        }
    }

    /// A record in the language of the page.
    pub(super) fn translated(&self, record: RecordView) -> RecordView {
        i18n::view(&self.app.localised, i18n::current(), record)
    }

    /// A service of the catalogue, in the language of the page; registers are none.
    pub(super) fn service(&self, slug: &str) -> Result<Arc<Service>, PageError> {
        let found = self
            .app
            .engine
            .catalogue()
            .services
            .get(slug)
            .filter(|service| service.status != Status::Register)
            .map(|service| self.app.localised.of(service, i18n::current()));
        found.ok_or_else(PageError::not_found)
    }

    pub(super) fn kind(&self, service: &Service, kind: &str) -> Result<Arc<RecordType>, PageError> {
        service
            .types
            .get(kind)
            .cloned()
            .ok_or_else(PageError::not_found)
    }

    pub(super) fn places(&self) -> Places {
        Places::of(&self.app.engine.catalogue())
    }

    /// The files that values mention, with the pages of those that are PDF.
    pub(super) async fn paged_files(
        &self,
        rt: &RecordType,
        fields: &BTreeMap<String, Json>,
    ) -> Result<BTreeMap<String, Filed>, PageError> {
        let mut files = self.files(rt, fields).await?;
        for filed in files.values_mut() {
            filed.pages = self.app.engine.pages_of(&filed.upload).await?;
        }
        Ok(files)
    }

    /// The files that values mention.
    pub(super) async fn files(
        &self,
        rt: &RecordType,
        fields: &BTreeMap<String, Json>,
    ) -> Result<BTreeMap<String, Filed>, PageError> {
        let of_files = rt
            .fields
            .values()
            .filter(|field| matches!(field.kind, definition::model::FieldKind::Files { .. }));
        let values = of_files
            .filter_map(|field| fields.get(&field.name))
            .flat_map(super::show::items);
        let ids: Vec<_> = values.filter_map(|id| id.as_str()?.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.app.engine.attachment_names(&ids).await?;
        Ok(found
            .into_iter()
            .map(|upload| {
                let pages = None;
                (upload.id.to_string(), Filed { upload, pages })
            })
            .collect())
    }
}
