//! Query parameters: known ones only, each once.

use crate::Problem;
use axum::extract;
use axum::http::Uri;

/// The most records in a page.
const MAX_LIMIT: usize = 200;
const DEFAULT_LIMIT: usize = 50;

/// The parameters of one request.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the parameters; a misspelt one must not silently be none (`filtr=` would list everything).
    pub(super) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let pairs = extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
        let detail =
            "アドレスの ? より後を読み取れません。値をパーセントエンコードして送ってください。";
        let extract::Query(pairs) =
            pairs.map_err(|_| Problem::malformed("/query", "format", detail))?;
        for (index, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = if known.is_empty() {
                    "パラメーターはありません。".to_owned()
                } else {
                    format!("使えるのは {} です。", known.join("、"))
                };
                let detail = format!(
                    "「{}」というパラメーターはありません。{known}",
                    shortened(name)
                );
                return Err(Problem::malformed(
                    &pointer(name),
                    "unknown_parameter",
                    detail,
                ));
            }
            if pairs.iter().skip(index + 1).any(|(other, _)| other == name) {
                let detail = format!("「{name}」が2回以上あります。1回だけ書いてください。");
                return Err(Problem::malformed(
                    &pointer(name),
                    "repeated_parameter",
                    detail,
                ));
            }
        }
        Ok(Self(pairs))
    }

    /// A parameter that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Items in a page, 1 to 200.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.get("limit") else {
            return Ok(DEFAULT_LIMIT);
        };
        let limit = text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit));
        limit.ok_or_else(|| {
            Problem::malformed(
                "/query/limit",
                "range",
                "limit は 1 から 200 までの整数で指定してください。",
            )
        })
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Problem::malformed(
                &pointer(name),
                "format",
                format!("{name} には true か false を指定してください。"),
            )),
        }
    }

    /// A civil day.
    pub(super) fn day(&self, name: &str) -> Result<Option<jiff::civil::Date>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let day = text.parse().ok().filter(|_| text.len() == 10);
        let detail = format!("{name} には実在する日付を 2026-04-01 の形で指定してください。");
        day.map(Some)
            .ok_or_else(|| Problem::malformed(&pointer(name), "format", detail))
    }
}

fn pointer(name: &str) -> String {
    format!(
        "/query/{}",
        shortened(name).replace('~', "~0").replace('/', "~1")
    )
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Query, Problem> {
        Query::read(
            &format!("/x?{query}").parse().unwrap(),
            &["limit", "q", "as_of", "dry_run"],
        )
    }

    #[test]
    fn values_are_decoded_and_limits_hold() {
        let query = read("q=%E6%9F%B4%E5%B4%8E+a&limit=200").unwrap();
        assert_eq!(query.get("q"), Some("柴崎 a"));
        assert_eq!(query.limit().unwrap(), 200);
        for bad in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=x",
            "limit=99999999999999999999999",
        ] {
            assert_eq!(
                read(bad).unwrap().limit().unwrap_err().errors[0].pointer,
                "/query/limit"
            );
        }
    }

    #[test]
    fn unknown_and_repeated_parameters_are_refused_by_name() {
        assert_eq!(
            read("filtr=1").unwrap_err().errors[0].code,
            "unknown_parameter"
        );
        assert_eq!(
            read("q=1&q=2").unwrap_err().errors[0].code,
            "repeated_parameter"
        );
    }

    #[test]
    fn days_must_exist() {
        assert!(
            read("as_of=2026-02-28")
                .unwrap()
                .day("as_of")
                .unwrap()
                .is_some()
        );
        for bad in ["2026-02-30", "2026", "yesterday", "20260228"] {
            assert!(
                read(&format!("as_of={bad}")).unwrap().day("as_of").is_err(),
                "{bad}"
            );
        }
        assert!(read("dry_run=yes").unwrap().flag("dry_run").is_err());
    }
}
