//! Japanese Gherkin, as much of it as packages use: 機能, 背景, シナリオ, シナリオアウトライン with 例, tags, comments
//! and doc strings. <https://cucumber.io/docs/gherkin/reference/>

use std::collections::BTreeMap;

/// One feature file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Feature {
    /// What stands after 機能.
    pub(crate) title: String,
    /// Steps before every scenario.
    pub(crate) background: Vec<Step>,
    /// Scenarios; an outline stands once for each of its examples.
    pub(crate) scenarios: Vec<Scenario>,
}

/// One scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scenario {
    /// What stands after シナリオ.
    pub(crate) title: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// Tags without `@`.
    pub(crate) tags: Vec<String>,
    /// The comment right above the tags or the title.
    pub(crate) comment: String,
    /// Its steps.
    pub(crate) steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// The text without its keyword.
    pub(crate) text: String,
    /// The doc string below it.
    pub(crate) doc: Option<String>,
}

/// A line that does not fit, with what is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) what: String,
}

const STEP_WORDS: &[&str] = &[
    "前提",
    "もし",
    "ならば",
    "かつ",
    "且つ",
    "しかし",
    "但し",
    "ただし",
    "然し",
    "*",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Background,
    Scenario,
    Examples,
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    at: usize,
    part: Part,
    outline: bool,
    tags: Vec<String>,
    comment: Vec<String>,
    table: Vec<Vec<String>>,
    feature: Feature,
}

/// Reads a feature.
///
/// # Errors
/// The first line that is no Gherkin.
pub(crate) fn parse(text: &str) -> Result<Feature, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        lines: text.lines().collect(),
        at: 0,
        part: Part::Head,
        outline: false,
        tags: Vec::new(),
        comment: Vec::new(),
        table: Vec::new(),
        feature: Feature::default(),
    };
    while reader.at < reader.lines.len() {
        let line = reader.lines[reader.at].trim();
        reader.line(line)?;
        reader.at += 1;
    }
    reader.close()?;
    if reader.feature.title.is_empty() {
        return Err(reader.fault("機能: がありません"));
    }
    Ok(reader.feature)
}

impl Reader<'_> {
    fn fault(&self, what: impl Into<String>) -> Fault {
        Fault {
            line: (self.at + 1).min(self.lines.len()),
            what: what.into(),
        }
    }

    fn line(&mut self, line: &str) -> Result<(), Fault> {
        if line.is_empty() {
            self.comment.clear();
        } else if let Some(comment) = line.strip_prefix('#') {
            self.comment.push(comment.trim().to_owned());
        } else if line.starts_with('@') {
            self.tags.extend(
                line.split_whitespace()
                    .filter_map(|tag| tag.strip_prefix('@'))
                    .map(str::to_owned),
            );
        } else if let Some(title) = heading(line, &["機能"]) {
            self.feature.title = title;
            self.tags.clear();
            self.comment.clear();
        } else if heading(line, &["背景"]).is_some() {
            self.part = Part::Background;
        } else if let Some(title) = heading(
            line,
            &[
                "シナリオアウトライン",
                "シナリオテンプレート",
                "シナリオテンプレ",
                "テンプレ",
            ],
        ) {
            self.open(title, true)?;
        } else if let Some(title) = heading(line, &["シナリオ", "例題"]) {
            self.open(title, false)?;
        } else if heading(line, &["例", "サンプル"]).is_some() {
            return self.examples();
        } else if line.starts_with('|') {
            return self.row(line);
        } else if line.starts_with("\"\"\"") || line.starts_with("```") {
            return self.doc(&line[..3]);
        } else {
            return self.step(line);
        }
        Ok(())
    }

    fn open(&mut self, title: String, outline: bool) -> Result<(), Fault> {
        self.close()?;
        self.part = Part::Scenario;
        self.outline = outline;
        let tags = std::mem::take(&mut self.tags);
        let comment = std::mem::take(&mut self.comment).join(" ");
        self.feature.scenarios.push(Scenario {
            title,
            line: self.at + 1,
            tags,
            comment,
            steps: Vec::new(),
        });
        Ok(())
    }

    fn examples(&mut self) -> Result<(), Fault> {
        if !self.outline || self.part == Part::Examples {
            return Err(self.fault("例: はシナリオアウトラインの下に一つだけ書けます"));
        }
        self.part = Part::Examples;
        Ok(())
    }

    fn row(&mut self, line: &str) -> Result<(), Fault> {
        if self.part != Part::Examples {
            return Err(self.fault("表は 例: の下にだけ書けます。手順には JSON を付けてください"));
        }
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect();
        if self
            .table
            .first()
            .is_some_and(|head| head.len() != cells.len())
        {
            return Err(self.fault("表の列の数が見出しと違います"));
        }
        self.table.push(cells);
        Ok(())
    }

    fn step(&mut self, line: &str) -> Result<(), Fault> {
        let Some(text) = STEP_WORDS.iter().find_map(|word| line.strip_prefix(word)) else {
            // Free text below 機能 and シナリオ, until the first step.
            let described = match self.part {
                Part::Head => true,
                Part::Scenario => self
                    .feature
                    .scenarios
                    .last()
                    .is_some_and(|s| s.steps.is_empty()),
                Part::Background => self.feature.background.is_empty(),
                Part::Examples => false,
            };
            return if described {
                Ok(())
            } else {
                Err(self.fault(format!("手順の言葉で始まっていません: {line}")))
            };
        };
        let text = text
            .trim_start_matches(['、', ' ', '\u{3000}'])
            .trim()
            .to_owned();
        let step = Step {
            line: self.at + 1,
            text,
            doc: None,
        };
        self.comment.clear();
        match self.part {
            Part::Background => self.feature.background.push(step),
            Part::Scenario => match self.feature.scenarios.last_mut() {
                Some(scenario) => scenario.steps.push(step),
                None => return Err(self.fault("シナリオの外の手順です")),
            },
            Part::Head | Part::Examples => return Err(self.fault("シナリオの外の手順です")),
        }
        Ok(())
    }

    fn doc(&mut self, fence: &str) -> Result<(), Fault> {
        let opened = self.at;
        let indent = self.lines[opened].len() - self.lines[opened].trim_start().len();
        let mut body = Vec::new();
        loop {
            self.at += 1;
            let Some(line) = self.lines.get(self.at) else {
                self.at = opened;
                return Err(self.fault(format!("{fence} が閉じていません")));
            };
            if line.trim() == fence {
                break;
            }
            let blank = line.len() - line.trim_start().len();
            body.push(&line[blank.min(indent)..]);
        }
        let text = body.join("\n");
        let step = match self.part {
            Part::Background => self.feature.background.last_mut(),
            _ => self
                .feature
                .scenarios
                .last_mut()
                .and_then(|scenario| scenario.steps.last_mut()),
        };
        match step {
            Some(step) if step.doc.is_none() => step.doc = Some(text),
            _ => return Err(self.fault("この文字列の前に手順がありません")),
        }
        Ok(())
    }

    /// Ends a scenario; an outline becomes one scenario for each row of its examples.
    fn close(&mut self) -> Result<(), Fault> {
        if !std::mem::take(&mut self.outline) {
            return Ok(());
        }
        let table = std::mem::take(&mut self.table);
        let Some((head, rows)) = table.split_first().filter(|(_, rows)| !rows.is_empty()) else {
            return Err(self.fault("シナリオアウトラインに 例: の行がありません"));
        };
        let Some(outline) = self.feature.scenarios.pop() else {
            return Ok(());
        };
        for row in rows {
            let values: BTreeMap<&str, &str> = head
                .iter()
                .map(String::as_str)
                .zip(row.iter().map(String::as_str))
                .collect();
            self.feature.scenarios.push(filled(&outline, &values, row));
        }
        Ok(())
    }
}

fn filled(outline: &Scenario, values: &BTreeMap<&str, &str>, row: &[String]) -> Scenario {
    let fill = |text: &str| {
        values.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("<{name}>"), value)
        })
    };
    let steps = outline.steps.iter().map(|step| Step {
        line: step.line,
        text: fill(&step.text),
        doc: step.doc.as_deref().map(fill),
    });
    Scenario {
        title: format!("{}（{}）", fill(&outline.title), row.join("、")),
        steps: steps.collect(),
        ..outline.clone()
    }
}

/// What stands after one of the words and its colon, half or full width.
fn heading(line: &str, words: &[&str]) -> Option<String> {
    words.iter().find_map(|word| {
        let rest = line.strip_prefix(word)?;
        let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix('：'))?;
        Some(rest.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# language: ja
機能: 見本
  説明の文。

  背景:
    前提 今日は2026-11-24である

  # まだない。
  # 来年できる。
  @001-2 @pending
  シナリオ: 出す
    もし "a" が "b" を "c" で開く:
      """
      {
        "x": 1
      }
      """
    かつ 応答は 201 である

  シナリオアウトライン: <n> 件
    ならば 一覧は <n> 件である
    例:
      | n | m |
      | 1 | p |
      | 2 | q |
"#;

    #[test]
    fn reads_all_parts() {
        let feature = parse(TEXT).unwrap();
        assert_eq!(feature.title, "見本");
        assert_eq!(feature.background[0].text, "今日は2026-11-24である");
        let first = &feature.scenarios[0];
        assert_eq!((first.title.as_str(), first.line), ("出す", 11));
        assert_eq!(first.tags, ["001-2", "pending"]);
        assert_eq!(first.comment, "まだない。 来年できる。");
        assert_eq!(first.steps[0].doc.as_deref(), Some("{\n  \"x\": 1\n}"));
        assert_eq!(
            first.steps[1],
            Step {
                line: 18,
                text: "応答は 201 である".into(),
                doc: None
            }
        );
    }

    #[test]
    fn an_outline_stands_once_for_each_example() {
        let feature = parse(TEXT).unwrap();
        let titles: Vec<_> = feature.scenarios[1..]
            .iter()
            .map(|s| s.title.as_str())
            .collect();
        assert_eq!(titles, ["1 件（1、p）", "2 件（2、q）"]);
        assert_eq!(feature.scenarios[2].steps[0].text, "一覧は 2 件である");
    }

    #[test]
    fn says_which_line_does_not_fit() {
        let line = |text: &str| parse(text).unwrap_err().line;
        assert_eq!(line("機能: a\nシナリオ: b\n  もし x\n  どうなる"), 4);
        assert_eq!(
            line("機能: a\nシナリオ: b\n  もし x\n  \"\"\"\n  開いたまま"),
            4
        );
        assert_eq!(line("機能: a\nシナリオ: b\n  もし x\n  | 表 |"), 4);
        assert_eq!(line("機能: a\nシナリオアウトライン: b\n  もし <x>"), 3);
        assert_eq!(line("シナリオ: b"), 1);
    }
}
