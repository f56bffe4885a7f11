//! Uploads pass a scanner (無害化, virus scanners) where the operator has named one. What it refuses is refused beside its
//! field; what it cleans is kept as it gave it back. While it is away nothing that was sent is lost: it is kept, shown to
//! nobody but who sent it, asked about again and again, and stands on the operator's page.

use crate::files::{MAX_UPLOAD_BYTES, sniff};
use crate::worker::next_try_of_absent;
use crate::{Engine, Failure};
use kernel::port::Attachment;
use kernel::quarantine::Held;
use kernel::{Refusal, RefusalKind};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Uploads asked about again in one round.
const BATCH: usize = 50;

/// What a scanner says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be kept as it is.
    Harmless,
    /// This may be kept in its place.
    Cleaned(Vec<u8>),
    /// It may not be kept.
    Refused,
}

/// A scanner that did not answer, or not understandably. Names no content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScanFault(pub String);

/// What a scanner will answer.
pub type Scanning<'a> = Pin<Box<dyn Future<Output = Result<Verdict, ScanFault>> + Send + 'a>>;

/// A scanner of uploads. It keeps its own time: one that is silent is a fault after some seconds.
pub trait Scanner: Send + Sync {
    /// Looks at a file.
    fn scan<'a>(&'a self, media_type: &'a str, content: &'a [u8]) -> Scanning<'a>;
}

/// A file as it may be kept.
pub(crate) struct Scanned {
    pub(crate) content: Vec<u8>,
    pub(crate) media_type: String,
    /// Why it is not known to be harmless; none if it is.
    pub(crate) fault: Option<ScanFault>,
}

impl Engine {
    /// Puts a scanner between uploads and what keeps them; the first one stays.
    pub fn scan_with(&self, scanner: Arc<dyn Scanner>) {
        // A second one would be a fault of the wiring; nothing is less safe for it.
        let _ = self.scanner.set(scanner);
    }

    /// Whether uploads are scanned.
    #[must_use]
    pub fn scans(&self) -> bool {
        self.scanner.get().is_some()
    }

    pub(crate) async fn scanned(
        &self,
        name: &str,
        media_type: String,
        content: Vec<u8>,
    ) -> Result<Scanned, Failure> {
        let as_it_is = |content, media_type, fault| Scanned {
            content,
            media_type,
            fault,
        };
        let Some(scanner) = self.scanner.get() else {
            return Ok(as_it_is(content, media_type, None));
        };
        match scanner.scan(&media_type, &content).await {
            Ok(Verdict::Harmless) => Ok(as_it_is(content, media_type, None)),
            Ok(Verdict::Cleaned(cleaned)) if is_kept(&cleaned) => {
                let media_type = sniff(&cleaned, name)?;
                Ok(as_it_is(cleaned, media_type, None))
            }
            Ok(Verdict::Cleaned(_)) => {
                let fault = ScanFault("無害化したファイルの大きさが正しくありません".into());
                Ok(as_it_is(content, media_type, Some(fault)))
            }
            Ok(Verdict::Refused) => Err(Failure::invalid("/file", "harmful", HARMFUL)),
            Err(fault) => {
                tracing::warn!(%fault, "an upload could not be scanned; it is kept and held");
                Ok(as_it_is(content, media_type, Some(fault)))
            }
        }
    }

    /// Holds an upload that is about to be kept. First this, then the upload: a kill between them leaves nothing open.
    pub(crate) async fn hold(&self, meta: &Attachment, fault: &ScanFault) -> Result<(), Failure> {
        let held = Held {
            attachment: meta.id,
            since: meta.at,
            tries: 1,
            next_try: Some(meta.at),
            said: fault.0.clone(),
        };
        self.store.quarantine().hold(held).await?;
        self.import_wake.notify_one();
        Ok(())
    }

    /// Refuses what is held; `own` is whether the reader sent it and no record uses it yet.
    pub(crate) async fn not_held(&self, meta: &Attachment, own: bool) -> Result<(), Failure> {
        let held = self.store.quarantine().held(&[meta.id]).await?.pop();
        let title = match held {
            None => return Ok(()),
            Some(held) if held.is_refused() => REFUSED,
            Some(_) if own => return Ok(()),
            Some(_) => WAITING,
        };
        Err(Refusal::new(RefusalKind::WrongState, title, Vec::new()).into())
    }

    /// Asks about uploads that are held. At the first silence the rest waits too.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn scan_held(&self) -> Result<(), Failure> {
        let Some(scanner) = self.scanner.get() else {
            return Ok(());
        };
        let quarantine = self.store.quarantine();
        for held in quarantine.held_due(self.clock.now(), BATCH).await? {
            let id = held.attachment;
            let meta = self.store.attachments(&[id]).await?.pop();
            let content = self.store.attachment_content(id).await?;
            let (Some(meta), Some(content)) = (meta, content) else {
                quarantine.release(id).await?;
                continue;
            };
            match scanner.scan(&meta.media_type, &content).await {
                Ok(Verdict::Harmless) => quarantine.release(id).await?,
                // What a record names stays what it was when it was named: it cannot be exchanged for another content.
                Ok(Verdict::Cleaned(cleaned)) if cleaned == content => {
                    quarantine.release(id).await?
                }
                Ok(found) => {
                    let said = match found {
                        Verdict::Refused => "確認で問題が見つかりました",
                        _ => "そのままでは使えず、無害化が要ります",
                    };
                    quarantine
                        .hold(Held {
                            next_try: None,
                            said: said.into(),
                            ..held
                        })
                        .await?;
                    tracing::warn!(attachment = %id, "something was found in an upload");
                }
                Err(fault) => {
                    quarantine.hold(self.later(held, &fault)).await?;
                    break;
                }
            }
        }
        Ok(())
    }

    fn later(&self, held: Held, fault: &ScanFault) -> Held {
        let now = self.clock.now();
        Held {
            tries: held.tries.saturating_add(1),
            // The file was taken in: the scanner is asked for as long as it takes.
            next_try: Some(next_try_of_absent(now, held.tries).unwrap_or(now)),
            said: fault.0.clone(),
            ..held
        }
    }
}

fn is_kept(content: &[u8]) -> bool {
    !content.is_empty() && content.len() <= MAX_UPLOAD_BYTES
}

const HARMFUL: &str = "ファイルの安全の確認で問題が見つかったため、受け取れませんでした。元のファイルを確かめて、別のファイルを選び直してください。";
const REFUSED: &str = "このファイルは、安全の確認で問題が見つかったため、開けません。送った人に、別のファイルを送ってもらってください。";
const WAITING: &str =
    "このファイルは、安全の確認が済んでいないため、まだ開けません。確認が済むと開けます。";
