//! Uploads: what they are is looked at, never believed.

use crate::looking::by_way;
use crate::registry::record_type;
use crate::scan::Scanned;
use crate::view::RecordView;
use crate::{Engine, Failure};
use definition::model::{Field, FieldKind};
use kernel::looks::Way;
use kernel::port::{Attachment, MAX_USES};
use kernel::{Actor, AttachmentId, RecordId, Refusal, RefusalKind, Snapshot};
use serde::Serialize;

/// The largest upload, in bytes.
pub(crate) const MAX_UPLOAD_BYTES: usize = 20 * 1024 * 1024;

/// The most files that a form offers again.
const AT_HAND: usize = 12;

/// An upload as its uploader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// Id that stands in an input.
    pub id: AttachmentId,
    /// File name.
    pub name: String,
    /// Media type as sniffed.
    pub media_type: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256 (hex).
    pub sha256: String,
}

impl Engine {
    /// Keeps a file until a record takes it into use; unused ones are collected after a day.
    ///
    /// # Errors
    /// If it is empty, too large, or of a type that is never accepted (programs, HTML, SVG).
    pub async fn upload(
        &self,
        actor: &Actor,
        name: &str,
        content: Vec<u8>,
    ) -> Result<Upload, Failure> {
        if content.is_empty() {
            return Err(Failure::invalid(
                "/file",
                "empty",
                "ファイルが空です。中身のあるファイルを選び直してください。",
            ));
        }
        if content.len() > MAX_UPLOAD_BYTES {
            return Err(too_large());
        }
        let media_type = sniff(&content, name)?;
        let Scanned {
            content,
            media_type,
            fault,
        } = self.scanned(name, media_type, content).await?;
        let at = self.clock.now();
        let meta = Attachment {
            id: AttachmentId(self.ids.uuid(at)),
            name: clean_name(name),
            media_type,
            bytes: content.len() as u64,
            sha256: String::new(),
            owner: actor.account,
            record: None,
            also: Vec::new(),
            at,
        };
        if let Some(fault) = fault {
            self.hold(&meta, &fault).await?;
        }
        Ok(self.store.put_attachment(meta, content).await?.into())
    }

    /// A file, for whoever may see a record that uses it, or its uploader while none does.
    ///
    /// # Errors
    /// 404 otherwise.
    pub async fn attachment(
        &self,
        actor: &Actor,
        id: AttachmentId,
    ) -> Result<(Upload, Vec<u8>), Failure> {
        let file = self.readable(actor, id).await?;
        let content = self
            .store
            .attachment_content(id)
            .await?
            .ok_or_else(Failure::not_found)?;
        Ok((file, content))
    }

    /// What is known of a file that the actor may read. Every reading of its content, or of pictures of it, begins here.
    pub(crate) async fn readable(
        &self,
        actor: &Actor,
        id: AttachmentId,
    ) -> Result<Upload, Failure> {
        let meta = self
            .store
            .attachments(&[id])
            .await?
            .into_iter()
            .next()
            .ok_or_else(Failure::not_found)?;
        let own = meta.record.is_none() && meta.owner.is_some() && meta.owner == actor.account;
        if !own && !self.reads_in_a_record(actor, &meta).await? {
            return Err(Failure::not_found());
        }
        self.not_held(&meta, own).await?;
        Ok(meta.into())
    }

    /// Whether one of the records that have named a file shows it to the actor: each says so itself.
    async fn reads_in_a_record(&self, actor: &Actor, meta: &Attachment) -> Result<bool, Failure> {
        let uses: Vec<RecordId> = meta.uses().collect();
        let id = meta.id.to_string();
        for snapshot in self.store.snapshots(&uses).await? {
            // What names it no longer, or never shows itself to the actor, need not be gone through.
            if !snapshot.fields.values().any(|value| mentions(value, &id)) {
                continue;
            }
            let (service, kind) = (&snapshot.service, &snapshot.record_type);
            let view = self.record(actor, None, service, kind, snapshot.id, None);
            match by_way(Way::File, view).await {
                Ok(view) if view.fields.values().any(|value| mentions(value, &id)) => {
                    return Ok(true);
                }
                Ok(_) => {}
                Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(false)
    }

    /// Whether the actor may name again a file that a record has: the record is theirs, or their seat's, and shows it to
    /// them. What one may not read one may not name.
    pub(crate) async fn may_reuse(
        &self,
        actor: &Actor,
        snapshot: &Snapshot,
        id: AttachmentId,
    ) -> Result<bool, Failure> {
        let definition = self.governing(snapshot).await?;
        let rt = record_type(&definition, &snapshot.record_type)?;
        let actor = &*kernel::counter::stand_in(&rt, actor, snapshot);
        if !kernel::may_name(&rt, actor, snapshot) {
            return Ok(false);
        }
        let id = id.to_string();
        let seen = kernel::may_see(&definition, &rt, actor, snapshot);
        Ok(seen.is_some_and(|seen| {
            let shown = rt.fields.values().filter(|f| seen.shows(&f.name));
            let values = shown.filter_map(|field| snapshot.fields.get(&field.id));
            values.into_iter().any(|value| mentions(value, &id))
        }))
    }

    /// Files that the actor sent for records of their own, those of the record changed last first: what a form offers
    /// instead of sending it again.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn files_at_hand(&self, actor: &Actor) -> Result<Vec<Upload>, Failure> {
        if actor.account.is_none() || !actor.seats.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids: Vec<AttachmentId> = Vec::new();
        let own = |record: &&RecordView| !record.invitations.iter().any(|one| one.own);
        for record in self.my_items(actor).await?.iter().filter(own) {
            let is_file = |field: &&Field| matches!(field.kind, FieldKind::Files { .. });
            let fields = record.record_type.fields.values().filter(is_file);
            for value in fields.filter_map(|field| record.fields.get(&field.name)) {
                let named = value.as_array().into_iter().flatten();
                let named = named.filter_map(|id| id.as_str()?.parse().ok());
                ids.extend(named.filter(|id| !ids.contains(id)).collect::<Vec<_>>());
            }
            if ids.len() >= AT_HAND {
                break;
            }
        }
        ids.truncate(AT_HAND);
        let known = self.store.attachments(&ids).await?.into_iter();
        let known = known.filter(|file| file.uses().count() < MAX_USES);
        Ok(known.map(Upload::from).collect())
    }

    /// Names and types of uploads, for those that a view already shows.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn attachment_names(&self, ids: &[AttachmentId]) -> Result<Vec<Upload>, Failure> {
        Ok(self
            .store
            .attachments(ids)
            .await?
            .into_iter()
            .map(Upload::from)
            .collect())
    }
}

impl From<Attachment> for Upload {
    fn from(meta: Attachment) -> Self {
        Self {
            id: meta.id,
            name: meta.name,
            media_type: meta.media_type,
            bytes: meta.bytes,
            sha256: meta.sha256,
        }
    }
}

/// 413.
fn too_large() -> Failure {
    Failure::invalid(
        "/file",
        "too_large",
        "ファイルが大きすぎます（上限20MB）。小さくするか、分けてアップロードしてください。",
    )
}

/// The media type from the content. Plain text is recognised by being text; anything unknown is refused, so that a
/// name never decides what a file is.
pub(crate) fn sniff(content: &[u8], name: &str) -> Result<String, Failure> {
    if let Some(kind) = infer::get(content) {
        let refused = matches!(kind.matcher_type(), infer::MatcherType::App)
            || kind.mime_type() == "text/html";
        return if refused {
            Err(unsafe_type(name))
        } else {
            Ok(kind.mime_type().to_owned())
        };
    }
    let text = sheet::text(content).ok_or_else(|| unsafe_type(name))?;
    let head = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .get(..256)
        .unwrap_or(&text)
        .to_ascii_lowercase();
    // Short executables are UTF-8 too; what people type has no control characters.
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}');
    if head.starts_with('<') || text.contains(control) {
        return Err(unsafe_type(name));
    }
    let csv = std::path::Path::new(name)
        .extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("csv"));
    Ok(if csv { "text/csv" } else { "text/plain" }.to_owned())
}

fn unsafe_type(name: &str) -> Failure {
    let detail = format!(
        "「{}」は受け付けられない種類のファイルです。PDF、JPEG、PNGなどでお送りください。",
        clean_name(name)
    );
    Failure::Refused(Refusal::new(
        RefusalKind::Invalid,
        "ファイルを確かめてください",
        vec![kernel::Fault::new("/file", "media_type", detail)],
    ))
}

/// The last path part without control characters, at most 120 characters.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .take(120)
        .collect();
    if clean.trim().is_empty() {
        "ファイル".into()
    } else {
        clean
    }
}

fn mentions(value: &serde_json::Value, id: &str) -> bool {
    match value {
        serde_json::Value::String(text) => text == id,
        serde_json::Value::Array(items) => items.iter().any(|item| mentions(item, id)),
        serde_json::Value::Object(map) => map.values().any(|item| mentions(item, id)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_decides_what_a_file_is() {
        assert!(sniff(b"<svg onload=alert(1)>", "a.png").is_err());
        assert!(sniff(b"\x7fELF\x02\x01\x01", "a.pdf").is_err());
        assert!(sniff(b"MZ\x90\x00\x03", "a.pdf").is_err());
        assert_eq!(
            sniff(b"%PDF-1.7\n", "a.txt").ok().as_deref(),
            Some("application/pdf")
        );
        assert_eq!(
            sniff("甲,乙\n".as_bytes(), "a.csv").ok().as_deref(),
            Some("text/csv")
        );
        // 屋号 in CP932, as ledgers come.
        assert_eq!(
            sniff(b"\x89\xae\x8d\x86,\x8f\x8a\n", "a.csv")
                .ok()
                .as_deref(),
            Some("text/csv")
        );
        assert!(sniff(b"\x89\xae\x00\x01\x02", "a.csv").is_err());
    }

    #[test]
    fn names_lose_paths_and_controls() {
        assert_eq!(clean_name("../../etc/pass\u{0}wd"), "passwd");
        assert_eq!(clean_name("C:\\図面.png"), "図面.png");
        assert_eq!(clean_name("\u{202e}"), "ファイル");
    }
}
