//! An edition as it is served: rows to be searched, and files, each made once.

use super::table::{Layout, OpenTable};
use crate::Failure;
use crate::hash::sha256;
use jiff::civil::Date;
use kernel::shelf::Edition;
use serde_json::{Map, Value as Json};
use sheet::{Cell, Encoding, Format, Writer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An edition, opened.
pub struct OpenData {
    /// What it was made of.
    pub edition: Edition,
    /// Its rows.
    pub table: OpenTable,
    layout: Layout,
    files: parking_lot::Mutex<BTreeMap<String, Arc<OpenFile>>>,
    making: parking_lot::Mutex<()>,
}

/// A file of an edition.
pub struct OpenFile {
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Media type.
    pub media_type: &'static str,
    /// File name.
    pub name: String,
    /// SHA-256 (hex) of the bytes.
    pub sha256: String,
    /// Characters that the encoding lacks, by row and column: at most a thousand.
    pub lost: Vec<sheet::Lost>,
}

impl OpenData {
    pub(super) fn new(edition: Edition, content: &[u8]) -> Result<Self, Failure> {
        let (layout, table) = OpenTable::read(content)?;
        Ok(Self {
            edition,
            table,
            layout,
            files: parking_lot::Mutex::default(),
            making: parking_lot::Mutex::default(),
        })
    }

    pub(super) fn is(&self, service: &str, publication: &str, day: Date) -> bool {
        self.edition.service == service
            && self.edition.publication == publication
            && self.edition.day == day
    }

    /// Its file in a format, if it was asked for before.
    pub(super) fn made(&self, format: &str) -> Option<Arc<OpenFile>> {
        self.files.lock().get(format).cloned()
    }

    /// Its file in a format (`csv`, `json`, `xlsx`), made when first asked for.
    ///
    /// # Errors
    /// 404 for other formats.
    pub fn file(&self, format: &str) -> Result<Arc<OpenFile>, Failure> {
        // One at a time: of two who ask at once, the second finds what the first has made.
        let _one = self.making.lock();
        if let Some(file) = self.made(format) {
            return Ok(file);
        }
        let file = Arc::new(self.make(format)?);
        self.files
            .lock()
            .insert(format.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn make(&self, format: &str) -> Result<OpenFile, Failure> {
        let (bytes, media_type, lost) = match format {
            "csv" => self.sheet(Format::Csv(self.encoding()))?,
            "xlsx" => self.sheet(Format::Xlsx)?,
            "json" => (self.json(), "application/json", Vec::new()),
            _ => return Err(Failure::not_found()),
        };
        Ok(OpenFile {
            sha256: sha256(&bytes),
            bytes: bytes.into(),
            media_type,
            name: format!("{}.{format}", self.layout.file),
            lost,
        })
    }

    fn encoding(&self) -> Encoding {
        match self.layout.encoding.as_str() {
            "cp932" => Encoding::Cp932,
            "utf8_bom" => Encoding::Utf8Bom,
            _ => Encoding::Utf8,
        }
    }

    fn sheet(&self, format: Format) -> Result<(Vec<u8>, &'static str, Vec<sheet::Lost>), Failure> {
        let broken = |error: sheet::WriteFault| Failure::Internal(format!("edition: {error}"));
        let mut writer = Writer::new(format, &self.layout.title, Vec::new()).map_err(broken)?;
        let heads = self.layout.columns.iter();
        let heads: Vec<Cell> = heads.map(|column| column.title.as_str().into()).collect();
        writer.row(&heads).map_err(broken)?;
        let mut cells = Vec::with_capacity(heads.len());
        for row in 0..self.table.rows() {
            cells.clear();
            cells.extend((0..heads.len()).map(|column| self.typed(row, column)));
            writer.row(&cells).map_err(broken)?;
        }
        let (bytes, report) = writer.finish().map_err(broken)?;
        Ok((bytes, format.media_type(), report.lost))
    }

    fn typed(&self, row: usize, column: usize) -> Cell {
        let Some(text) = self.table.cell(row, column) else {
            return Cell::Empty;
        };
        let kind = self.layout.columns.get(column).map(|c| c.kind.as_str());
        match kind {
            Some("number") => text.parse().map_or_else(|_| text.into(), Cell::Number),
            Some("date") => text.parse().map_or_else(|_| text.into(), Cell::Date),
            _ => text.into(),
        }
    }

    /// A list of objects, a row a line.
    fn json(&self) -> Vec<u8> {
        let mut out = b"[".to_vec();
        for row in 0..self.table.rows() {
            out.extend_from_slice(if row == 0 { b"\n" } else { b",\n" });
            let members: Map<String, Json> = self
                .layout
                .columns
                .iter()
                .enumerate()
                .map(|(at, column)| (column.title.clone(), self.table.json(row, at)))
                .collect();
            out.extend_from_slice(Json::Object(members).to_string().as_bytes());
        }
        out.extend_from_slice(b"\n]\n");
        out
    }
}
