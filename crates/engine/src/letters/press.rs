//! The port to whatever prints letters.

use definition::model::Template;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;
use std::sync::Arc;

/// Makes letters of templates and data. `document` implements it; the binary wires it in.
pub trait Press: Send + Sync + 'static {
    /// The letter as PDF/A-2u, tagged. Equal letters give equal bytes.
    ///
    /// # Errors
    /// See [`PressFault`].
    fn pdf(&self, letter: &Letter) -> Result<Vec<u8>, PressFault>;

    /// The same letter as HTML: the inside of an `article`, without styles and scripts.
    ///
    /// # Errors
    /// See [`PressFault`].
    fn html(&self, letter: &Letter) -> Result<String, PressFault>;
}

/// A letter to be made.
#[derive(Clone)]
pub struct Letter {
    /// All templates of the package, by file stem; they may import one another and nothing else.
    pub templates: Arc<IndexMap<String, Template>>,
    /// Which one.
    pub template: String,
    /// What it says of itself.
    pub head: LetterHead,
    /// What it is given.
    pub data: Json,
    /// Address behind its code.
    pub verify: Option<String>,
    /// When it was made: into the file's metadata.
    pub at: Timestamp,
}

/// What a letter says of itself: `letter` in the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LetterHead {
    /// Title.
    pub title: String,
    /// Language tag.
    pub language: String,
    /// Day of issue or of printing, in the Japanese calendar.
    pub on: String,
    /// The how-manyth of its kind; none unless it was issued.
    pub copy: Option<u32>,
    /// The mark across a letter that is none yet (案); none on a real one.
    pub mark: Option<&'static str>,
}

/// Why a letter could not be made. None of them is the fault of who asks for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PressFault {
    /// No fonts are installed.
    #[error(
        "文書のためのフォントがありません。管理者が `cargo xtask assets` で取り込むと作れるようになります"
    )]
    NoFonts,
    /// Characters that no font has (外字), each with the name under `data` in which it stands.
    #[error("{}", told(.0))]
    Missing(Vec<(String, String)>),
    /// The template does not work.
    #[error("文書のひな形 {file} の{line}行{column}桁：{message}")]
    Template {
        /// Path of the template.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// What may help.
        hint: Option<String>,
    },
}

fn told(missing: &[(String, String)]) -> String {
    let one = |(c, name): &(String, String)| {
        let code: Vec<String> = c
            .chars()
            .map(|c| format!("U+{:04X}", u32::from(c)))
            .collect();
        format!("「{name}」の「{c}」（{}）", code.join(" "))
    };
    format!(
        "フォントにない文字（外字）があるため、文書を作れません：{}。文字を直すか、その文字を持つフォントを加えてください",
        missing.iter().map(one).collect::<Vec<_>>().join("、")
    )
}
