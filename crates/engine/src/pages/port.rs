//! The port to whatever makes pictures of a PDF's pages.

use serde::{Deserialize, Serialize};

/// The most pages of one file that are shown.
pub const MAX_PAGES: usize = 200;

/// The narrowest picture, in pixels.
pub const MIN_WIDTH_PX: u32 = 320;

/// The widest picture, in pixels.
pub const MAX_WIDTH_PX: u32 = 2_000;

/// Reads PDF files that strangers sent. `document` implements it; the binary wires it in, in a process apart.
///
/// Both work on one processor for as long as the file asks: the engine calls them off the threads that answer.
pub trait PageMaker: Send + Sync + 'static {
    /// The sizes of the pages.
    ///
    /// # Errors
    /// See [`PageFault`].
    fn pages(&self, pdf: Vec<u8>) -> Result<PageList, PageFault>;

    /// A page, from 1, as PNG or JPEG about `width_px` wide (less if it would become absurdly tall). Equal files give
    /// equal bytes.
    ///
    /// # Errors
    /// See [`PageFault`].
    fn picture(&self, pdf: Vec<u8>, page: u32, width_px: u32) -> Result<Vec<u8>, PageFault>;
}

/// The pages of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageList {
    /// Those that are shown: the first [`MAX_PAGES`].
    pub sizes: Vec<PageSize>,
    /// How many there are.
    pub total: u32,
}

/// The size of a page as it is seen, in points (1/72 inch).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    /// From left to right.
    pub width_pt: f32,
    /// From top to bottom.
    pub height_pt: f32,
}

/// Why pages cannot be shown. The file itself can be fetched all the same, and every sentence says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageFault {
    /// It asks for a password.
    #[error(
        "このPDFには鍵（パスワード）がかかっているので、ここには出せません。ファイルを開いて確かめてください。送り直すときは、鍵を外して保存したものを使ってください"
    )]
    Encrypted,
    /// It is no PDF that can be read.
    #[error(
        "このPDFは壊れているか、読み取れない作りなので、ここには出せません。ファイルを開いて確かめてください。送り直すときは、もう一度PDFに保存したものを使ってください"
    )]
    Broken,
    /// It has no page.
    #[error("このPDFにはページがありません。中身のあるファイルを送り直してください")]
    Empty,
    /// There is no such page.
    #[error("このPDFに、そのページはありません")]
    NoSuchPage,
    /// It asks for more time or memory than a page may.
    #[error(
        "このPDFは作りが重すぎて、ここには出せません。ファイルを開いて確かめてください。送り直すときは、画像を小さくしたものを使ってください"
    )]
    TooHeavy,
    /// This installation cannot, now: for the operator.
    #[error("いまはPDFのページを出せません。ファイルを開いて確かめてください")]
    Unavailable(String),
}

impl PageFault {
    /// Stable code, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Broken => "broken",
            Self::Empty => "empty",
            Self::NoSuchPage => "no_such_page",
            Self::TooHeavy => "too_heavy",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The fault behind a code that another process told.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let known = [
            Self::Encrypted,
            Self::Broken,
            Self::Empty,
            Self::NoSuchPage,
            Self::TooHeavy,
        ];
        known.into_iter().find(|fault| fault.code() == code)
    }
}
