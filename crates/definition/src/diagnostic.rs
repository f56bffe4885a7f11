//! What an author is told: file, line, column, the line itself, and what to do.

use crate::yaml::At;
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The package is not taken.
    Error,
    /// It is taken.
    Warning,
}

/// One finding. `Display` prints it in the manner of rustc.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// Path relative to the services root.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Error or warning.
    pub severity: Severity,
    /// Stable code (`unknown-word`).
    pub code: &'static str,
    /// What is wrong, in Japanese.
    pub message: String,
    /// What to do, in Japanese.
    pub hint: Option<String>,
    /// The line of the file, for `Display`.
    pub source_line: Option<String>,
    /// How many characters the caret covers.
    pub width: usize,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(f, "{severity}[{}]: {}", self.code, self.message)?;
        let margin = self.line.to_string().len();
        writeln!(
            f,
            "{:margin$}--> {}:{}:{}",
            "", self.file, self.line, self.column
        )?;
        if let Some(text) = self
            .source_line
            .as_deref()
            .filter(|text| !text.trim().is_empty())
        {
            let before: usize = text
                .chars()
                .take(self.column.saturating_sub(1))
                .map(cells)
                .sum();
            let under: usize = text
                .chars()
                .skip(self.column.saturating_sub(1))
                .take(self.width.max(1))
                .map(cells)
                .sum();
            writeln!(f, "{:margin$} |", "")?;
            writeln!(f, "{} | {}", self.line, text.replace('\t', " "))?;
            writeln!(
                f,
                "{:margin$} | {:before$}{}",
                "",
                "",
                "^".repeat(under.max(1))
            )?;
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "{:margin$} = 直し方: {hint}", "")?;
        }
        Ok(())
    }
}

/// Terminal cells of a character: full-width ones take two.
fn cells(c: char) -> usize {
    let wide = matches!(u32::from(c),
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    if wide { 2 } else { 1 }
}

/// Where findings are gathered.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) found: Vec<Diagnostic>,
    /// What the package's expressions hand over to its tables.
    pub(crate) passed: Vec<feel::Passed>,
    /// Where the package reads records of others.
    pub(crate) crossings: Vec<crate::build::sharing::Crossing>,
}

/// At most so many findings for one package: a broken file should not bury the first fault.
const MOST: usize = 200;

impl Sink {
    pub(crate) fn error(
        &mut self,
        at: &At,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.put(at, Severity::Error, code, message.into())
    }

    pub(crate) fn warning(
        &mut self,
        at: &At,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.put(at, Severity::Warning, code, message.into())
    }

    /// Adds a remedy to the last finding.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        if let Some(last) = self.found.last_mut()
            && last.hint.is_none()
        {
            last.hint = Some(hint.into());
        }
        self
    }

    /// Adds a remedy to the last finding if there is one.
    pub(crate) fn hint_if(&mut self, hint: Option<String>) -> &mut Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.found
            .iter()
            .any(|found| found.severity == Severity::Error)
    }

    fn put(
        &mut self,
        at: &At,
        severity: Severity,
        code: &'static str,
        message: String,
    ) -> &mut Self {
        let found = Diagnostic {
            file: at.file.path.clone(),
            line: at.line,
            column: at.column,
            severity,
            code,
            message,
            hint: None,
            source_line: at.file.line(at.line).map(str::to_owned),
            width: at.width,
        };
        if self.found.len() < MOST && !self.found.contains(&found) {
            self.found.push(found);
        }
        self
    }

    /// In the order of files and lines.
    pub(crate) fn sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|a, b| {
            (&a.file, a.line, a.column, a.severity).cmp(&(&b.file, b.line, b.column, b.severity))
        });
        self.found
    }
}

/// The known name nearest to a wrong one, as a hint.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let limit = (wrong.chars().count() / 3).max(2);
    let near = known
        .iter()
        .map(|name| (distance(wrong, name), *name))
        .filter(|(far, _)| *far <= limit)
        .min();
    match near {
        Some((_, name)) => Some(format!("「{name}」ではありませんか。")),
        None if known.is_empty() => None,
        None if known.len() <= 24 => Some(format!("使えるもの: {}", known.join("、"))),
        None => Some(format!(
            "使えるもの: {} など",
            known
                .iter()
                .take(20)
                .copied()
                .collect::<Vec<_>>()
                .join("、")
        )),
    }
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let (left, above) = (
                row.get(j).copied().unwrap_or(0),
                row.get(j + 1).copied().unwrap_or(0),
            );
            let next = (diagonal + usize::from(x != *y))
                .min(left + 1)
                .min(above + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = next;
            }
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::File;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("titel", "title"), 2);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("同じ", "同じ"), 0);
    }

    #[test]
    fn the_caret_stands_under_full_width_text() {
        let file = File::new("a/service.yaml", "title: 花壇の 係\n");
        let mut sink = Sink::default();
        sink.error(
            &At {
                file,
                line: 1,
                column: 12,
                width: 1,
            },
            "x",
            "だめです",
        )
        .hint("直してください。");
        insta::assert_snapshot!(sink.found[0].to_string(), @r"
        error[x]: だめです
         --> a/service.yaml:1:12
          |
        1 | title: 花壇の 係
          |               ^^
          = 直し方: 直してください。
        ");
    }
}
