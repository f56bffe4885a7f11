//! A list as CSV that spreadsheets open: UTF-8 with a mark, one line a record.

use super::show::Show;
use axum::http::{HeaderMap, HeaderValue, header};
use definition::model::{Field, FieldKind, RecordType};
use engine::RecordView;

/// The records of one page, with every visible field that reads as text.
pub(super) fn download(
    show: &Show<'_>,
    rt: &RecordType,
    records: &[RecordView],
    desk: bool,
) -> (HeaderMap, String) {
    let fields: Vec<&Field> = rt
        .fields
        .values()
        .filter(|field| {
            !matches!(
                field.kind,
                FieldKind::Remarks | FieldKind::IndividualNumber(_)
            ) && !field.internal
                && records
                    .iter()
                    .any(|record| record.fields.contains_key(&field.name))
        })
        .collect();
    let mut heads = vec!["番号".to_owned(), "名前".to_owned()];
    if desk {
        heads.push("状態".to_owned());
    }
    heads.extend(fields.iter().map(|field| field.title.clone()));
    let mut text = format!("\u{feff}{}", line(&heads));
    for record in records {
        let mut cells = vec![
            record.number.clone().unwrap_or_default(),
            record.label.clone().unwrap_or_default(),
        ];
        if desk {
            cells.push(record.state_title.clone());
        }
        cells.extend(fields.iter().map(|field| {
            record
                .fields
                .get(&field.name)
                .map(|value| show.text(&field.kind, value))
                .unwrap_or_default()
        }));
        text.push_str(&line(&cells));
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let name = HeaderValue::try_from(format!("attachment; filename=\"{}.csv\"", rt.name));
    headers.insert(
        header::CONTENT_DISPOSITION,
        name.unwrap_or(HeaderValue::from_static("attachment")),
    );
    (headers, text)
}

fn line(cells: &[String]) -> String {
    let mut line = cells
        .iter()
        .map(|text| cell(text))
        .collect::<Vec<_>>()
        .join(",");
    line.push_str("\r\n");
    line
}

/// Quoted; what a spreadsheet would run as a formula is guarded as in every other table.
fn cell(text: &str) -> String {
    format!("\"{}\"", sheet::guarded(text).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_stay_text() {
        assert_eq!(
            line(&["=1+1".into(), "＝1+1".into(), "a\"b".into(), "普通".into()]),
            "\"'=1+1\",\"'＝1+1\",\"a\"\"b\",\"普通\"\r\n"
        );
    }
}
