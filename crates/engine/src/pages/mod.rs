//! Pages of PDF files as pictures, so that remarks can be pinned to them: made by a [`PageMaker`], few at once, never on
//! the threads that answer, kept for a while. Who may see a page is who may see the file.

mod kept;
mod port;

pub use port::{MAX_PAGES, MAX_WIDTH_PX, MIN_WIDTH_PX, PageFault, PageList, PageMaker, PageSize};

use crate::{Engine, Failure, Upload};
use definition::model::{FieldKind, RecordType};
use kept::Kept;
use kernel::{Actor, AttachmentId, Facts, Refusal, RefusalKind};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Media type of the files that have pages.
const PDF: &str = "application/pdf";
/// Pictures that are made at once: the rest of the processors answers.
const AT_ONCE: usize = 2;
/// Requests that may wait for their turn; more are asked to come back.
const WAITING: usize = 64;
/// Room for pictures, in bytes.
const PICTURES: usize = 64 << 20;
/// Room for lists of pages, in bytes.
const LISTS: usize = 4 << 20;
/// What a fault or the key of a value weighs, about.
const LITTLE: usize = 256;
/// The most files of which one act's remarks may name pages.
const MAX_FILES: usize = 20;

/// A list of pages, or why there is none.
pub type Paged = Result<Arc<PageList>, PageFault>;
type Pictured = Result<Arc<Vec<u8>>, PageFault>;

/// What pages need.
pub(crate) struct Pages {
    maker: Option<Arc<dyn PageMaker>>,
    /// Turns to count pages: who opens a record does not wait for pictures.
    counting: Turns,
    drawing: Turns,
    lists: Mutex<Kept<String, Paged>>,
    pictures: Mutex<Kept<(String, u32, u32), Pictured>>,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            maker: None,
            counting: Turns::default(),
            drawing: Turns::default(),
            lists: Mutex::new(Kept::new(LISTS)),
            pictures: Mutex::new(Kept::new(PICTURES)),
        }
    }
}

/// Few at once, and few that wait.
struct Turns {
    now: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            now: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

impl Turns {
    async fn take(&self) -> Result<[OwnedSemaphorePermit; 2], Failure> {
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        let place = place.map_err(|_| busy())?;
        let turn = Arc::clone(&self.now).acquire_owned().await;
        let turn = turn.map_err(|error| Failure::Internal(error.to_string()))?;
        Ok([place, turn])
    }
}

/// A page as a picture.
#[derive(Clone, Debug)]
pub struct PagePicture {
    /// Names this very picture, for caches.
    pub tag: String,
    /// PNG or JPEG; none if the asker has it already.
    pub content: Option<Arc<Vec<u8>>>,
}

impl Engine {
    /// With a maker of pictures of pages.
    #[must_use]
    pub fn with_pages(mut self, maker: Arc<dyn PageMaker>) -> Self {
        self.pages = Pages {
            maker: Some(maker),
            ..Pages::default()
        };
        self
    }

    /// The pages of a file, for whoever may see the file.
    ///
    /// # Errors
    /// 404 for everybody else; 422 with a reason if its pages cannot be shown.
    pub async fn attachment_pages(
        &self,
        actor: &Actor,
        id: AttachmentId,
    ) -> Result<Arc<PageList>, Failure> {
        let file = self.readable(actor, id).await?;
        self.listed(&file).await?.map_err(|fault| told(&fault))
    }

    /// A page of a file, from 1, as a picture; only its tag if `known` is that.
    ///
    /// # Errors
    /// 404 for who may not see the file, and for a page that it has not; 400 for a width out of bounds; 422 with a
    /// reason if it cannot be shown; 503 if too many wait.
    pub async fn attachment_page(
        &self,
        actor: &Actor,
        id: AttachmentId,
        (page, width_px): (u32, u32),
        known: impl FnOnce(&str) -> bool,
    ) -> Result<PagePicture, Failure> {
        let file = self.readable(actor, id).await?;
        if !(MIN_WIDTH_PX..=MAX_WIDTH_PX).contains(&width_px) {
            let detail = format!(
                "width は {MIN_WIDTH_PX} から {MAX_WIDTH_PX} までの整数で指定してください。"
            );
            return Err(Failure::malformed("/query/width", "range", detail));
        }
        let list = self.listed(&file).await?.map_err(|fault| told(&fault))?;
        if page == 0 || list.sizes.len() < page as usize {
            return Err(Failure::not_found());
        }
        let tag = format!("{}-{page}-{width_px}", file.sha256);
        if known(&tag) {
            return Ok(PagePicture { tag, content: None });
        }
        let made = self.pictured(&file, page, width_px).await?;
        let content = made.map_err(|fault| told(&fault))?;
        Ok(PagePicture {
            tag,
            content: Some(content),
        })
    }

    /// The pages of a file that a view shows already: none if it is no PDF.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn pages_of(&self, file: &Upload) -> Result<Option<Paged>, Failure> {
        if file.media_type != PDF {
            return Ok(None);
        }
        match self.listed(file).await {
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Busy => {
                Ok(Some(Err(PageFault::Unavailable(refusal.title))))
            }
            listed => listed.map(Some),
        }
    }

    /// Adds how many pages the files have of which remarks in an input name pages.
    pub(crate) async fn add_pages(
        &self,
        facts: &mut Facts,
        rt: &RecordType,
        input: &Map<String, Json>,
    ) -> Result<(), Failure> {
        let Some(record) = &facts.record else {
            return Ok(());
        };
        let remarks = rt
            .fields
            .values()
            .filter(|field| matches!(field.kind, FieldKind::Remarks))
            .filter_map(|field| input.get(&field.name)?.as_array());
        let named: BTreeSet<AttachmentId> = remarks
            .flatten()
            .filter(|remark| remark.get("page").is_some_and(|page| !page.is_null()))
            .filter_map(|remark| remark.get("pointer")?.as_str())
            .filter_map(|place| {
                kernel::file_of(place, |name| record.fields.get(&rt.fields.get(name)?.id))
            })
            .filter(|id| {
                facts
                    .attachments
                    .get(id)
                    .is_some_and(|fact| fact.media_type == PDF)
            })
            .take(MAX_FILES)
            .collect();
        if named.is_empty() {
            return Ok(());
        }
        let named: Vec<AttachmentId> = named.into_iter().collect();
        for file in self.attachment_names(&named).await? {
            let list = self.listed(&file).await?.ok();
            let pages = list.and_then(|list| u32::try_from(list.sizes.len()).ok());
            if let Some(fact) = facts.attachments.get_mut(&file.id) {
                fact.pages = pages;
            }
        }
        Ok(())
    }

    async fn listed(&self, file: &Upload) -> Result<Paged, Failure> {
        if file.media_type != PDF {
            return Err(Failure::invalid(
                "/id",
                "no_pages",
                "ページがあるのはPDFだけです。このファイルは、そのまま開いてください。",
            ));
        }
        let kept = || self.pages.lists.lock().get(&file.sha256);
        let list = |maker: &dyn PageMaker, pdf| maker.pages(pdf).map(Arc::new);
        let keep = |list: &Paged| {
            let pages = list.as_ref().map_or(0, |list| list.sizes.len());
            let weight = LITTLE + pages * size_of::<PageSize>();
            let mut lists = self.pages.lists.lock();
            lists.put(file.sha256.clone(), list.clone(), weight);
        };
        let turns = &self.pages.counting;
        self.made(file, turns, kept, list, keep).await
    }

    async fn pictured(&self, file: &Upload, page: u32, width_px: u32) -> Result<Pictured, Failure> {
        let key = (file.sha256.clone(), page, width_px);
        let kept = || self.pages.pictures.lock().get(&key);
        let picture =
            move |maker: &dyn PageMaker, pdf| maker.picture(pdf, page, width_px).map(Arc::new);
        let keep = |made: &Pictured| {
            let weight = LITTLE + made.as_ref().map_or(0, |made| made.len());
            let mut pictures = self.pages.pictures.lock();
            pictures.put(key.clone(), made.clone(), weight);
        };
        let turns = &self.pages.drawing;
        self.made(file, turns, kept, picture, keep).await
    }

    /// What is kept; else made when it is this one's turn, and kept. A fault of the file is kept like any other answer,
    /// a fault of this installation is for its operator.
    async fn made<T: Send + 'static>(
        &self,
        file: &Upload,
        turns: &Turns,
        kept: impl Fn() -> Option<Result<T, PageFault>>,
        make: impl FnOnce(&dyn PageMaker, Vec<u8>) -> Result<T, PageFault> + Send + 'static,
        keep: impl FnOnce(&Result<T, PageFault>),
    ) -> Result<Result<T, PageFault>, Failure> {
        if let Some(kept) = kept() {
            return Ok(kept);
        }
        let Some(maker) = self.pages.maker.clone() else {
            return Ok(Err(PageFault::Unavailable("no maker is wired in".into())));
        };
        let turn = turns.take().await?;
        // Somebody else may have made it while this one waited.
        if let Some(kept) = kept() {
            return Ok(kept);
        }
        let pdf = self.store.attachment_content(file.id).await?;
        let pdf = pdf.ok_or_else(Failure::not_found)?;
        let work = tokio::task::spawn_blocking(move || {
            let made = make(maker.as_ref(), pdf);
            // The work goes on when its asker has left: so does its turn.
            drop(turn);
            made
        });
        let made = work.await.unwrap_or(Err(PageFault::Broken));
        match &made {
            Err(PageFault::Unavailable(reason)) => {
                tracing::error!(%reason, "pages of a file cannot be shown");
            }
            made => keep(made),
        }
        Ok(made)
    }
}

fn busy() -> Failure {
    let title = "ただいま混み合っています。少し待ってから、もう一度開いてください。";
    Refusal::new(RefusalKind::Busy, title, Vec::new()).into()
}

fn told(fault: &PageFault) -> Failure {
    let detail = format!("{fault}。");
    match fault {
        PageFault::NoSuchPage => Failure::not_found(),
        PageFault::Unavailable(_) => Refusal::new(RefusalKind::Busy, detail, Vec::new()).into(),
        other => Failure::invalid("/id", other.code(), detail),
    }
}
