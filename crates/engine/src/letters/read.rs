//! What letters a record has, and getting one.

use super::press::{Letter, LetterHead, Press, PressFault};
use super::token;
use crate::looking::Read;
use crate::registry::record_type;
use crate::{Engine, Failure};
use definition::model::{Document, RecordType, Service};
use jiff::civil::Date;
use kernel::letter::{Verified, data, is_there, may_have, verified};
use kernel::looks::Way;
use kernel::port::Attachment;
use kernel::{
    Actor, Around, AttachmentId, Facts, Issued, Patch, RecordId, RecordScope, Refusal, RefusalKind,
    Snapshot,
};
use serde_json::Value as Json;
use std::sync::Arc;

/// The mark on a letter that an action issues but has not issued yet.
const DRAFT: &str = "案";

/// A letter that the actor may have now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentView {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Language tag.
    pub language: String,
    /// Those that were issued, oldest first.
    pub issued: Vec<IssuedView>,
    /// Whether what one gets is a draft: an action is to issue it and has not yet.
    pub draft: bool,
}

/// One issue of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedView {
    /// The how-manyth, from 1.
    pub copy: u32,
    /// Day.
    pub on: Date,
}

/// A letter as it is handed over. `Debug` is left out: it is personal data.
#[derive(Clone)]
pub struct PrintedLetter {
    /// Title.
    pub title: String,
    /// Name of the file, without its ending.
    pub name: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// PDF, or the inside of an HTML page.
    pub content: Vec<u8>,
}

/// As what a letter is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// A PDF file.
    Pdf,
    /// The inside of an HTML page.
    Html,
}

/// Which letter of a record is wanted.
struct Wanted<'a> {
    rt: &'a RecordType,
    document: &'a Document,
    issued: Option<Issued>,
}

impl Engine {
    /// The letters that an actor may have of the record that the facts are about.
    pub(crate) fn documents(
        &self,
        facts: &Facts,
        rt: &RecordType,
        snapshot: &Snapshot,
        actor: &Actor,
    ) -> Vec<DocumentView> {
        let scope = RecordScope::new(Around::of(facts), rt, snapshot, None);
        rt.documents
            .values()
            .filter(|document| may_have(&facts.service, rt, actor, snapshot, document))
            .filter_map(|document| {
                let issued: Vec<IssuedView> = copies(snapshot, document)
                    .map(|issued| IssuedView {
                        copy: issued.copy,
                        on: issued.on,
                    })
                    .collect();
                let draft = document.issued && issued.is_empty();
                let there = !issued.is_empty()
                    || (is_there(&scope, document) && (!draft || sees_drafts(actor)));
                there.then(|| DocumentView {
                    name: document.name.clone(),
                    title: document.title.clone(),
                    language: document.language.clone(),
                    issued,
                    draft,
                })
            })
            .collect()
    }

    /// A letter: the issued one (the latest, or the `copy` asked for), else one made now.
    ///
    /// # Errors
    /// 404 if there is none for this actor; 409 where a character is in no font; 503 without fonts.
    pub async fn document(
        &self,
        actor: &Actor,
        purpose: Option<&str>,
        of: (&str, &str, RecordId),
        (name, copy): (&str, Option<u32>),
        face: Face,
    ) -> Result<PrintedLetter, Failure> {
        let facts = self.facts_to_read(actor, purpose, of).await?;
        let snapshot = facts.record.as_ref().ok_or_else(Failure::not_found)?;
        let rt = record_type(&facts.service, &snapshot.record_type)?;
        let wanted = self.wanted(&facts, &rt, snapshot, actor, name, copy)?;
        let content = match (face, &wanted.issued) {
            (Face::Pdf, Some(issued)) => self.keep_letter(snapshot, issued).await?,
            (Face::Pdf, None) => self.print(self.fresh(&facts, snapshot, &wanted)?).await?,
            (Face::Html, issued) => {
                let letter = match issued {
                    Some(issued) => self.issued_letter(snapshot, issued).await?,
                    None => self.fresh(&facts, snapshot, &wanted)?,
                };
                let html = self.pressed(letter, |press, letter| press.html(letter));
                html.await?.into_bytes()
            }
        };
        Ok(handed(snapshot, &wanted, content))
    }

    /// What anyone may know of the letter behind a code.
    ///
    /// # Errors
    /// 404 if no letter has this code.
    pub async fn verify_letter(&self, token: &str) -> Result<Verified, Failure> {
        let id = token::record(token).ok_or_else(Failure::not_found)?;
        let found = self.store.snapshots(&[id]).await?.into_iter().next();
        let snapshot = found.ok_or_else(Failure::not_found)?;
        let service = self.governing(&snapshot).await?;
        let rt = record_type(&service, &snapshot.record_type)?;
        let document = rt
            .documents
            .values()
            .find(|document| {
                let mut secrets = self.letters.secrets.iter();
                secrets.any(|secret| token::fits(secret, token, id, &document.name))
            })
            .ok_or_else(Failure::not_found)?;
        let facts = self.facts(service, &rt, snapshot.clone()).await?;
        verified(Around::of(&facts), &rt, &snapshot, document).ok_or_else(Failure::not_found)
    }

    /// Makes and keeps the PDF of an issued letter; what is kept already stays as it is.
    pub(crate) async fn issue(
        &self,
        service: &str,
        kind: &str,
        record: RecordId,
        letter: AttachmentId,
    ) -> Result<(), Failure> {
        // Where nothing can print, it is made when somebody who can asks for it: its words are in the journal.
        if self.letters.press.is_none() {
            return Ok(());
        }
        let (_, _, snapshot) = self.find(service, kind, record).await?;
        let issued = snapshot.issued.iter().find(|issued| issued.id == letter);
        let issued = issued.ok_or_else(|| {
            Failure::Internal(format!("letter {letter} of record {record} is not there"))
        })?;
        self.keep_letter(&snapshot, issued).await.map(drop)
    }

    async fn facts_to_read(
        &self,
        actor: &Actor,
        purpose: Option<&str>,
        (service, kind, id): (&str, &str, RecordId),
    ) -> Result<Facts, Failure> {
        let (definition, rt, snapshot) = self.find(service, kind, id).await?;
        kernel::may_see(&definition, &rt, actor, &snapshot).ok_or_else(Failure::not_found)?;
        let read = Read::one(&rt, actor, &snapshot);
        self.noted(actor, Way::Print, purpose, read).await?;
        self.facts(definition, &rt, snapshot).await
    }

    fn wanted<'a>(
        &self,
        facts: &Facts,
        rt: &'a RecordType,
        snapshot: &Snapshot,
        actor: &Actor,
        name: &str,
        copy: Option<u32>,
    ) -> Result<Wanted<'a>, Failure> {
        let listed = self.documents(facts, rt, snapshot, actor);
        let document = rt
            .documents
            .get(name)
            .filter(|_| listed.iter().any(|document| document.name == name))
            .ok_or_else(Failure::not_found)?;
        let issued = match copy {
            Some(copy) => {
                let found = copies(snapshot, document).find(|issued| issued.copy == copy);
                Some(found.cloned().ok_or_else(Failure::not_found)?)
            }
            None => copies(snapshot, document).last().cloned(),
        };
        Ok(Wanted {
            rt,
            document,
            issued,
        })
    }

    /// A letter made of the record as it is now.
    fn fresh(
        &self,
        facts: &Facts,
        snapshot: &Snapshot,
        wanted: &Wanted<'_>,
    ) -> Result<Letter, Failure> {
        let around = Around::of(facts).telling(snapshot);
        let scope = RecordScope::new(around, wanted.rt, snapshot, None);
        let data = data(&scope, wanted.document).map_err(|error| {
            let detail = format!("「{}」を作れません。{error}", wanted.document.title);
            Refusal::new(RefusalKind::WrongState, detail, Vec::new())
        })?;
        let head = LetterHead {
            title: wanted.document.title.clone(),
            language: wanted.document.language.clone(),
            on: japanese::wareki::format(facts.today),
            copy: None,
            mark: wanted.document.issued.then_some(DRAFT),
        };
        Ok(self.letter(
            &facts.service,
            snapshot,
            wanted.document,
            head,
            data,
            facts.now,
        ))
    }

    fn letter(
        &self,
        service: &Service,
        snapshot: &Snapshot,
        document: &Document,
        head: LetterHead,
        data: Json,
        at: jiff::Timestamp,
    ) -> Letter {
        let letters = &self.letters;
        let verify = document
            .verify
            .as_ref()
            .filter(|_| head.mark.is_none())
            .and_then(|_| {
                let token = token::token(letters.secrets.first()?, snapshot.id, &document.name);
                Some(format!("{}/verify/{token}", letters.public_url))
            });
        Letter {
            templates: Arc::clone(&service.templates),
            template: document.template.clone(),
            head,
            data,
            verify,
            at,
        }
    }

    /// An issued letter with the words and the template that it had.
    async fn issued_letter(&self, snapshot: &Snapshot, issued: &Issued) -> Result<Letter, Failure> {
        let gone = |what: &str| Failure::Internal(format!("letter {}: no {what}", issued.id));
        let event = self
            .store
            .history(snapshot.id, issued.seq.saturating_sub(1), 1)
            .await?
            .into_iter()
            .next()
            .ok_or_else(|| gone("event"))?
            .event;
        let words = event
            .body
            .patches
            .into_iter()
            .find_map(|patch| match patch {
                Patch::Issued { letter, data } if letter.id == issued.id => Some(data),
                _ => None,
            });
        let service = self
            .definition_of(&snapshot.service, &issued.definition)
            .await?;
        let rt = record_type(&service, &snapshot.record_type)?;
        let document = rt.documents.get(&issued.document);
        let document = document.ok_or_else(|| gone("document"))?;
        let head = LetterHead {
            title: issued.title.clone(),
            language: document.language.clone(),
            on: japanese::wareki::format(issued.on),
            copy: Some(issued.copy),
            mark: None,
        };
        let words = words.ok_or_else(|| gone("words"))?;
        let at = event.header.recorded_at;
        Ok(self.letter(&service, snapshot, document, head, words, at))
    }

    /// The kept PDF of an issued letter, made and kept now if it is not yet.
    async fn keep_letter(&self, snapshot: &Snapshot, issued: &Issued) -> Result<Vec<u8>, Failure> {
        if let Some(kept) = self.store.attachment_content(issued.id).await? {
            return Ok(kept);
        }
        let _alone = self.letters.keeping.lock().await;
        if let Some(kept) = self.store.attachment_content(issued.id).await? {
            return Ok(kept);
        }
        let letter = self.issued_letter(snapshot, issued).await?;
        let (name, at) = (letter.head.title.clone(), letter.at);
        let pdf = self.print(letter).await?;
        let meta = Attachment {
            id: issued.id,
            name: format!("{}.pdf", file_name(&name, snapshot)),
            media_type: "application/pdf".to_owned(),
            bytes: pdf.len() as u64,
            sha256: String::new(),
            owner: None,
            record: Some(snapshot.id),
            also: Vec::new(),
            at,
        };
        self.store.put_attachment(meta, pdf.clone()).await?;
        Ok(pdf)
    }

    async fn print(&self, letter: Letter) -> Result<Vec<u8>, Failure> {
        self.pressed(letter, |press, letter| press.pdf(letter))
            .await
    }

    /// Printing takes milliseconds of a processor: not on the threads that answer.
    async fn pressed<T: Send + 'static>(
        &self,
        letter: Letter,
        make: impl FnOnce(&dyn Press, &Letter) -> Result<T, PressFault> + Send + 'static,
    ) -> Result<T, Failure> {
        let Some(press) = self.letters.press.clone() else {
            return Err(failure(&PressFault::NoFonts));
        };
        tokio::task::spawn_blocking(move || make(press.as_ref(), &letter))
            .await
            .map_err(|error| Failure::Internal(error.to_string()))?
            .map_err(|fault| failure(&fault))
    }
}

/// Issues of a document, oldest first.
fn copies<'a>(snapshot: &'a Snapshot, document: &'a Document) -> impl Iterator<Item = &'a Issued> {
    snapshot
        .issued
        .iter()
        .filter(|issued| issued.document == document.name)
}

/// Drafts are for those who are to issue them.
fn sees_drafts(actor: &Actor) -> bool {
    actor.system || !actor.seats.is_empty()
}

fn handed(snapshot: &Snapshot, wanted: &Wanted<'_>, content: Vec<u8>) -> PrintedLetter {
    let issued = wanted.issued.as_ref();
    let title = issued.map_or(&wanted.document.title, |issued| &issued.title);
    PrintedLetter {
        title: title.clone(),
        name: file_name(title, snapshot),
        draft: wanted.document.issued && issued.is_none(),
        content,
    }
}

fn file_name(title: &str, snapshot: &Snapshot) -> String {
    match &snapshot.number {
        Some(number) => format!("{title}_{number}"),
        None => title.to_owned(),
    }
}

fn failure(fault: &PressFault) -> Failure {
    let kind = match fault {
        PressFault::NoFonts => RefusalKind::Busy,
        PressFault::Missing(_) | PressFault::Template { .. } => RefusalKind::WrongState,
    };
    Refusal::new(kind, format!("{fault}。"), Vec::new()).into()
}
