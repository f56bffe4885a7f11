//! What remarks are pinned to: a picture, or a page of a PDF, with the marks on it and their words beside it.

use super::show::{Shown, Value};
use crate::i18n::{say, with};
use askama::Template;
use engine::{PageFault, PageList, Paged, Upload};
use std::collections::BTreeSet;

/// Width of a page's picture, in pixels: legible on a desk, sharp on a phone.
const WIDTH_PX: u32 = 1_200;
/// Width of the picture behind 大きく見る.
const LARGE_PX: u32 = engine::MAX_WIDTH_PX;

/// A file as it is known when it is shown.
pub(super) struct Filed {
    pub(super) upload: Upload,
    /// Pages of a PDF; none where pages are not shown.
    pub(super) pages: Option<Paged>,
}

/// A remark of the desk.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::pages) struct Remark {
    /// `/fields/drawings/0`; empty: about all of it.
    pub(in crate::pages) pointer: String,
    pub(in crate::pages) text: String,
    /// Page of a PDF, from 1.
    pub(in crate::pages) page: Option<u32>,
    /// Point on the picture or page, as shares of its width and height.
    pub(in crate::pages) at: Option<(f64, f64)>,
}

/// A remark where it stands on a sheet.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::pages) struct Pin {
    /// Its place among the record's remarks, from 1: what stands in its mark.
    pub(in crate::pages) number: usize,
    pub(in crate::pages) text: String,
    /// Where its mark stands, in per cent; none if it is about the whole page.
    pub(in crate::pages) at: Option<(String, String)>,
}

/// A picture, or a page of a PDF.
#[derive(Clone, Debug, PartialEq, Template)]
#[template(path = "sheet.html")]
pub(in crate::pages) struct Sheet {
    /// `/fields/drawings/0`.
    pub(in crate::pages) pointer: String,
    /// Page of a PDF, from 1; none for a picture.
    pub(in crate::pages) page: Option<u32>,
    src: String,
    /// The same, larger.
    large: Option<String>,
    /// The file's name, with the page.
    name: String,
    /// Columns and rows of the picture to come: its room is kept.
    size: Option<(u32, u32)>,
    pub(in crate::pages) pins: Vec<Pin>,
    /// Whether marks are put on it here.
    pub(in crate::pages) aim: bool,
}

impl Sheet {
    /// Puts those remarks on it that are pinned to it.
    pub(in crate::pages) fn take(&mut self, remarks: &[Remark]) {
        let mine = (1..).zip(remarks).filter(|(_, remark)| self.has(remark));
        let pins = mine.map(|(number, remark)| Pin {
            number,
            text: remark.text.clone(),
            at: remark.at.map(|(x, y)| (per_cent(x), per_cent(y))),
        });
        self.pins = pins.collect();
    }

    /// A point without a page stands on the first; a page alone is meant as a whole.
    fn has(&self, remark: &Remark) -> bool {
        remark.pointer == self.pointer
            && match self.page {
                None => remark.at.is_some(),
                Some(page) if remark.at.is_some() => remark.page.unwrap_or(1) == page,
                Some(page) => remark.page == Some(page),
            }
    }

    /// Marks, each with its place.
    fn marks(&self) -> impl Iterator<Item = (usize, &String, &String)> {
        let placed = self.pins.iter();
        placed.filter_map(|pin| pin.at.as_ref().map(|(x, y)| (pin.number, x, y)))
    }
}

/// The sheets of a file; or, for a PDF whose pages cannot be shown, why not.
pub(super) fn sheets(filed: &Filed, pointer: &str) -> (Vec<Sheet>, Option<String>) {
    let file = &filed.upload;
    match (file.media_type.as_str(), &filed.pages) {
        ("image/png" | "image/jpeg" | "image/webp" | "image/gif", _) => {
            (vec![picture(file, pointer)], None)
        }
        (_, Some(Ok(list))) => {
            let pages = list.sizes.iter().zip(1..);
            let pages = pages.map(|(size, page)| {
                let ratio = size.height_pt / size.width_pt;
                of_page(file, pointer, page, ratio)
            });
            (pages.collect(), beyond(list))
        }
        (_, Some(Err(fault))) => (Vec::new(), Some(told(fault))),
        _ => (Vec::new(), None),
    }
}

fn picture(file: &Upload, pointer: &str) -> Sheet {
    Sheet {
        pointer: pointer.to_owned(),
        page: None,
        src: format!("/files/{}", file.id),
        large: None,
        name: file.name.clone(),
        size: None,
        pins: Vec::new(),
        aim: false,
    }
}

fn of_page(file: &Upload, pointer: &str, page: u32, ratio: f32) -> Sheet {
    let src = format!("/files/{}/pages/{page}", file.id);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "room for a picture, bounded: nothing is drawn by it"
    )]
    let rows = (ratio * WIDTH_PX as f32).round().clamp(1.0, 4_000.0) as u32;
    Sheet {
        pointer: pointer.to_owned(),
        page: Some(page),
        large: Some(format!("{src}?width={LARGE_PX}")),
        src: format!("{src}?width={WIDTH_PX}"),
        name: with("{0}の{1}ページ目", &[&file.name, &page]),
        size: Some((WIDTH_PX, rows)),
        pins: Vec::new(),
        aim: false,
    }
}

fn beyond(list: &PageList) -> Option<String> {
    let shown = list.sizes.len();
    (list.total as usize > shown).then(|| {
        with(
            "{0}ページのうち、はじめの{1}ページを出しています。残りは、ファイルを開いてご覧ください。",
            &[&list.total, &shown],
        )
    })
}

fn told(fault: &PageFault) -> String {
    say(match fault {
        PageFault::Encrypted => {
            "このPDFには鍵（パスワード）がかかっているので、ここには出せません。ファイルを開いて確かめてください。送り直すときは、鍵を外して保存したものを使ってください。"
        }
        PageFault::Empty => "このPDFにはページがありません。中身のあるファイルを送り直してください。",
        PageFault::TooHeavy => {
            "このPDFは作りが重すぎて、ここには出せません。ファイルを開いて確かめてください。送り直すときは、画像を小さくしたものを使ってください。"
        }
        PageFault::Broken | PageFault::NoSuchPage => {
            "このPDFは壊れているか、読み取れない作りなので、ここには出せません。ファイルを開いて確かめてください。送り直すときは、もう一度PDFに保存したものを使ってください。"
        }
        PageFault::Unavailable(_) => "いまはPDFのページを出せません。ファイルを開いて確かめてください。",
    })
    .to_owned()
}

pub(in crate::pages) fn per_cent(share: f64) -> String {
    let tenths = (share * 1000.0).round() / 10.0;
    format!("{tenths}")
}

/// Puts remarks on the pictures and pages to which they are pinned, and the others beside their values.
pub(super) fn pin(values: &mut [Value], remarks: &[Remark]) {
    for value in values {
        let mut pinned = BTreeSet::new();
        if let Shown::Files(files) = &mut value.shown {
            for sheet in files.iter_mut().flat_map(|file| &mut file.sheets) {
                sheet.take(remarks);
                pinned.extend(sheet.pins.iter().map(|pin| pin.number));
            }
        }
        let pointer = format!("/fields/{}", value.name);
        let about = |remark: &Remark| {
            let rest = remark.pointer.strip_prefix(&pointer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        for (number, remark) in (1..).zip(remarks) {
            if about(remark) && !pinned.contains(&number) {
                value
                    .remarks
                    .push(with("{0}．{1}", &[&number, &remark.text]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::PageSize;
    use std::sync::Arc;

    fn filed(media_type: &str, pages: Option<Paged>) -> Filed {
        Filed {
            upload: Upload {
                id: kernel::AttachmentId(uuid::Uuid::from_u128(7)),
                name: "図面.pdf".into(),
                media_type: media_type.into(),
                bytes: 1,
                sha256: String::new(),
            },
            pages,
        }
    }

    fn listed(shown: usize, total: u32) -> Paged {
        let size = PageSize {
            width_pt: 595.0,
            height_pt: 842.0,
        };
        Ok(Arc::new(PageList {
            sizes: vec![size; shown],
            total,
        }))
    }

    fn remark(page: Option<u32>, at: Option<(f64, f64)>) -> Remark {
        Remark {
            pointer: "/fields/plans/0".into(),
            text: "ここ".into(),
            page,
            at,
        }
    }

    #[test]
    fn remarks_stand_on_the_page_at_which_they_point() {
        let point = Some((0.41, 0.625));
        let remarks = [
            remark(Some(2), point),
            remark(None, point),
            remark(Some(2), None),
            remark(None, None),
            remark(Some(9), point),
        ];
        let (mut pages, said) = sheets(
            &filed("application/pdf", Some(listed(2, 2))),
            "/fields/plans/0",
        );
        pages.iter_mut().for_each(|page| page.take(&remarks));
        let numbers =
            |at: usize| -> Vec<usize> { pages[at].pins.iter().map(|p| p.number).collect() };
        assert_eq!((numbers(0), numbers(1)), (vec![2], vec![1, 3]));
        assert_eq!(pages[1].pins[0].at, Some(("41".into(), "62.5".into())));
        assert_eq!(said, None);
        let html = pages[1].to_string();
        assert!(
            html.contains(
                r#"src="/files/00000000-0000-0000-0000-000000000007/pages/2?width=1200""#
            ),
            "{html}"
        );
        assert!(
            html.contains(r#"width="1200" height="1698""#) && html.contains("loading=\"lazy\""),
            "{html}"
        );
        assert_eq!(html.matches("<circle").count(), 1, "{html}");
        assert_eq!(html.matches("ここ").count(), 2, "{html}");
    }

    #[test]
    fn a_picture_has_one_sheet_and_a_locked_file_says_why_it_has_none() {
        let (pages, said) = sheets(&filed("image/png", None), "/fields/plans/0");
        assert_eq!((pages.len(), said), (1, None));
        let (pages, said) = sheets(
            &filed("application/pdf", Some(Err(PageFault::Encrypted))),
            "/fields/plans/0",
        );
        assert!(pages.is_empty() && said.unwrap().contains("鍵"));
        let (_, said) = sheets(
            &filed("application/pdf", Some(listed(200, 250))),
            "/fields/plans/0",
        );
        assert!(said.unwrap().contains("250ページ"));
        let (pages, said) = sheets(&filed("application/pdf", None), "/fields/plans/0");
        assert_eq!(
            (pages.len(), said),
            (0, None),
            "where pages are not asked for"
        );
    }
}
