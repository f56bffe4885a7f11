//! Remarks: sentences of the desk, each to the whole, to a field, or to a point of a drawing or of a page of a PDF.

use super::{Read, Reader, blank, faulty};
use crate::facts::AttachmentFact;
use crate::ids::AttachmentId;
use crate::refusal::Fault;
use definition::model::{Field, FieldKind};
use serde_json::{Map, Value as Json};

const MAX_REMARKS: usize = 100;
const MAX_REMARK_CHARS: usize = 2000;

pub(super) fn remarks(reader: &Reader<'_>, field: &Field, json: &Json, pointer: &str) -> Read {
    let single = [json.clone()];
    let items = match json {
        Json::Array(items) => items.as_slice(),
        Json::String(_) | Json::Object(_) => &single,
        _ => {
            return faulty(
                pointer,
                "format",
                format!("「{}」は文で入力してください。", field.title),
            );
        }
    };
    if items.len() > MAX_REMARKS {
        return faulty(
            pointer,
            "too_many",
            format!("「{}」は{MAX_REMARKS}件までにしてください。", field.title),
        );
    }
    let mut remarks = Vec::new();
    let mut faults = Vec::new();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| !blank(item)) {
        let one = One {
            item,
            pointer: format!("{pointer}/{at}"),
            called: format!("「{}」の{}つ目", field.title, at + 1),
        };
        match one.read(reader) {
            Ok(remark) => remarks.push(remark),
            Err(mut found) => faults.append(&mut found),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok((!remarks.is_empty()).then_some(Json::Array(remarks)))
}

/// One remark as it came.
struct One<'a> {
    item: &'a Json,
    pointer: String,
    /// How a person knows it: 「補正の内容」の2つ目.
    called: String,
}

impl One<'_> {
    fn read(&self, reader: &Reader<'_>) -> Result<Json, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut remark = Map::new();
        let mut keep = |name: &str, read: Result<Option<Json>, Fault>| match read {
            Ok(Some(value)) => {
                remark.insert(name.to_owned(), value);
            }
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        };
        keep("pointer", self.place().map(|place| Some(place.into())));
        keep("text", self.text().map(Some));
        keep("page", self.page(reader));
        keep("at", self.point());
        if faults.is_empty() {
            Ok(Json::Object(remark))
        } else {
            Err(faults)
        }
    }

    /// A member that is there.
    fn member(&self, name: &str) -> Option<&Json> {
        self.item.get(name).filter(|value| !blank(value))
    }

    fn fault(&self, member: &str, code: &str, what: &str) -> Fault {
        let pointer = format!("{}/{member}", self.pointer);
        Fault::new(pointer, code, format!("{}：{what}", self.called))
    }

    fn text(&self) -> Result<Json, Fault> {
        let said = match self.item {
            Json::String(text) => Some(text.as_str()),
            item => item.get("text").and_then(Json::as_str),
        };
        let text = said.unwrap_or_default().trim();
        match text.chars().count() {
            0 => Err(self.fault("text", "required", "文を入力してください。")),
            n if n > MAX_REMARK_CHARS => {
                let what = format!("{MAX_REMARK_CHARS}文字以内で入力してください。");
                Err(self.fault("text", "too_long", &what))
            }
            _ => Ok(text.into()),
        }
    }

    fn place(&self) -> Result<&str, Fault> {
        let place = self.member("pointer").and_then(Json::as_str);
        let place = place.unwrap_or_default();
        if place.is_empty() || place.starts_with("/fields/") {
            return Ok(place);
        }
        let what = "指す場所は「/fields/項目名」の形で書いてください。";
        Err(self.fault("pointer", "format", what))
    }

    fn point(&self) -> Result<Option<Json>, Fault> {
        let Some(at) = self.member("at") else {
            return Ok(None);
        };
        let inside = |n: &Json| n.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n));
        let point = at.as_array().filter(|xy| xy.len() == 2);
        if point.is_some_and(|xy| xy.iter().all(inside)) {
            return Ok(Some(at.clone()));
        }
        let what = "印の位置は、図面の中にしてください。左からと上からの割合で、0から1まで（画面では0％から100％まで）の2つの数です。";
        Err(self.fault("at", "format", what))
    }

    /// The page of a PDF, from 1. A remark from before pages were told has none.
    fn page(&self, reader: &Reader<'_>) -> Result<Option<Json>, Fault> {
        let Some(given) = self.member("page") else {
            return Ok(None);
        };
        let fault = |code: &str, what: &str| Err(self.fault("page", code, what));
        let Some(page) = given.as_u64().filter(|page| *page > 0) else {
            return fault("format", "ページは1からの数字で入力してください。");
        };
        let place = self.member("pointer").and_then(Json::as_str);
        let Some(file) = place.and_then(|place| file_at(reader, place)) else {
            let what = "ページは、PDFの図面や書類を指すときだけ入力できます。「どこについて」でファイルを選ぶか、ページを空にしてください。";
            return fault("not_a_file", what);
        };
        if file.media_type != "application/pdf" {
            let what = "指しているファイルはPDFではないので、ページがありません。ページを空にしてください。";
            return fault("no_pages", what);
        }
        match file.pages {
            None => fault(
                "unreadable",
                "このPDFのページは読み取れません。ページと印の位置を空にして、場所を文で書いてください。",
            ),
            Some(pages) if page > u64::from(pages) => {
                let what = format!(
                    "このPDFのページは{pages}までです。1から{pages}までの数字を入力してください。"
                );
                fault("range", &what)
            }
            Some(_) => Ok(Some(page.into())),
        }
    }
}

/// The file of the record at which a pointer such as `/fields/drawings/0` points.
fn file_at<'a>(reader: &Reader<'a>, place: &str) -> Option<&'a AttachmentFact> {
    let facts = reader.facts;
    let record = facts.record.as_ref()?;
    let rt = facts.service.types.get(&record.record_type)?;
    let id = file_of(place, |name| {
        let field = rt.fields.get(name);
        let field = field.filter(|field| matches!(field.kind, FieldKind::Files { .. }))?;
        record.fields.get(&field.id)
    })?;
    facts.attachments.get(&id)
}

/// The file that a remark's pointer names, among the values of a record.
pub fn file_of<'a>(
    place: &str,
    value: impl FnOnce(&str) -> Option<&'a Json>,
) -> Option<AttachmentId> {
    let (name, at) = place.strip_prefix("/fields/")?.split_once('/')?;
    let at: usize = at.parse().ok()?;
    let name = name.replace("~1", "/").replace("~0", "~");
    value(&name)?.get(at)?.as_str()?.parse().ok()
}
