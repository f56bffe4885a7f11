//! What can go wrong.

/// Why a file cannot be read. The text is Japanese, for the person who chose the file.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// Nothing in it.
    #[error("ファイルに行がありません。見出しの行から入れてください。")]
    Empty,
    /// An old Excel file, a PDF, a picture.
    #[error(
        "CSV か Excel（.xlsx）のファイルを選んでください。古い Excel（.xls）は、.xlsx で保存し直してください。"
    )]
    Unknown,
    /// Broken XLSX.
    #[error(
        "Excel のファイルとして開けません。開き直して保存してから、もう一度選んでください。（{0}）"
    )]
    Excel(String),
    /// Too many rows, columns or bytes.
    #[error("{what}が多すぎます（{limit}まで）。分けてから取り込んでください。")]
    TooLarge {
        /// `行`, `列`, `大きさ`.
        what: &'static str,
        /// The limit, with its unit.
        limit: String,
    },
    /// Broken CSV.
    #[error("{row}行目を CSV として読めません。引用符（\"）を確かめてください。")]
    Csv {
        /// Row of the file, from 1.
        row: usize,
    },
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteFault {
    /// The sink refused.
    #[error("the sink refused: {0}")]
    Io(#[from] std::io::Error),
    /// CSV.
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
    /// XLSX: more rows than a sheet holds (1,048,576), or a cell that is too long (32,767 characters).
    #[error("XLSX: {0}")]
    Excel(#[from] rust_xlsxwriter::XlsxError),
}
