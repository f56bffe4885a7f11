//! `service-names`: no service's name in the program. What a service needs, its package says; when
//! no word of the language can say it, the language grows a general one.

use super::finding::Finding;
use super::tree::Tree;

/// Templates and islands are the program as much as Rust is.
const PROGRAM: &[&str] = &["rs", "html", "ts", "js"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let names = names(tree);
    let mut findings = Vec::new();
    for path in tree
        .with_extension(PROGRAM)
        .filter(|path| path.starts_with("crates/") || path.starts_with("ui/"))
    {
        let Some(text) = tree.text(path) else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            let joined = join(line);
            findings.extend(
                names
                    .iter()
                    .filter(|name| name.is_in(line, &joined))
                    .map(|name| Finding {
                        rule: "service-names",
                        path: path.to_owned(),
                        line: index + 1,
                        message: format!(
                            "names a service ({}); keep it in its package",
                            name.shown
                        ),
                    }),
            );
        }
    }
    findings
}

struct Name {
    shown: String,
    /// For titles: as written. For slugs: small letters without what joins the words.
    needle: String,
    kind: NameKind,
}

#[derive(PartialEq, Eq)]
enum NameKind {
    /// A title, looked for as written.
    Title,
    /// `a-b-c`, looked for as `a_b_c`, `aBC`, `a b c` too.
    Phrase,
    /// A slug of one word, looked for as a whole string literal: `permit` is also plain English.
    Word,
}

impl Name {
    fn is_in(&self, line: &str, joined: &str) -> bool {
        match self.kind {
            NameKind::Title => line.contains(&self.needle),
            NameKind::Phrase => joined.contains(&self.needle),
            NameKind::Word => line.contains(&format!("\"{}\"", self.needle)),
        }
    }
}

/// Titles this short (相談, 予約) are ordinary words, not names.
const SHORTEST_TITLE_CHARACTERS: usize = 5;

/// What an initiative does to its subject: `麻薬免許管理システムの再構築` names `麻薬免許管理システム`.
const TAILS: &[&str] = &[
    "の再構築",
    "の構築",
    "の改修",
    "の導入",
    "の実施",
    "のリニューアル",
    "のオンライン化",
    "のデジタル化",
    "の電子化",
    "のＤＸ",
    "のDX",
    "ＤＸ",
    "DX",
];

/// The names of every package `services/AREA/NUMBER-SLUG/`.
fn names(tree: &Tree) -> Vec<Name> {
    let mut names = Vec::new();
    for path in tree.paths() {
        let parts: Vec<&str> = path.split('/').collect();
        // Folders that begin with `_` (archetypes, registers, the reference) belong to the language.
        let ["services", area, folder, "service.yaml"] = parts[..] else {
            continue;
        };
        if area.starts_with('_') || folder.starts_with('_') {
            continue;
        }
        names.push(slug(folder));
        names.extend(tree.text(path).as_deref().and_then(title));
    }
    names
}

fn slug(folder: &str) -> Name {
    let slug = match folder.split_once('-') {
        Some((number, slug)) if number.bytes().all(|b| b.is_ascii_digit()) => slug,
        _ => folder,
    };
    let (kind, needle) = match slug.contains(['-', '_']) {
        true => (NameKind::Phrase, join(slug)),
        false => (NameKind::Word, slug.to_owned()),
    };
    Name {
        shown: slug.to_owned(),
        needle,
        kind,
    }
}

/// The top-level `title:` of a service, without its tail.
fn title(yaml: &str) -> Option<Name> {
    let value = yaml.lines().find_map(|line| line.strip_prefix("title:"))?;
    let whole = value.trim().trim_matches(['"', '\'']);
    let subject = TAILS.iter().find_map(|tail| whole.strip_suffix(tail));
    let title = subject.unwrap_or(whole).to_owned();
    let long = title.chars().count() >= SHORTEST_TITLE_CHARACTERS;
    long.then(|| Name {
        shown: title.clone(),
        needle: title,
        kind: NameKind::Title,
    })
}

/// Small letters without hyphens, underscores and spaces.
fn join(text: &str) -> String {
    let letters = text.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    const SERVICE: (&str, &str) = (
        "services/a/123-tea-house-permit/service.yaml",
        "title: 茶店営業許可\n",
    );

    #[test]
    fn a_slug_is_found_however_its_words_are_joined() {
        let text = "\"tea-house-permit\"\ntea_house_permit()\nTeaHousePermit\n// tea house permit\n\
                    茶店営業許可\npermit of a house\n";
        let files = [SERVICE, ("crates/web/src/a.rs", text)];
        let places = ["1", "2", "3", "4", "5"].map(|line| format!("crates/web/src/a.rs:{line}"));
        assert_eq!(found(check, &files), places);
    }

    #[test]
    fn packages_tests_across_crates_and_plain_words_pass() {
        let files = [
            SERVICE,
            (
                "services/_reference/service.yaml",
                "title: 見本の手続です\n",
            ),
            ("services/a/_drafts/service.yaml", "title: 下書きの手続\n"),
            ("services/b/007-lottery/service.yaml", "title: 抽選\n"),
            (
                "services/a/123-tea-house-permit/README.md",
                "tea-house-permit",
            ),
            ("tests/acceptance/src/a.rs", "\"tea-house-permit\""),
            (
                "crates/web/src/b.rs",
                "lottery 抽選 見本の手続です 下書きの手続",
            ),
        ];
        assert!(found(check, &files).is_empty());
        let literal = ("crates/web/src/b.rs", "slug == \"lottery\"");
        assert_eq!(
            found(check, &[files[3], literal]),
            ["crates/web/src/b.rs:1"]
        );
    }

    #[test]
    fn a_title_is_found_without_what_is_done_to_it_and_templates_count() {
        let files = [
            (
                "services/a/001-tea/service.yaml",
                "title: \"茶葉登録管理の再構築\"\n",
            ),
            ("crates/web/templates/a.html", "<h1>茶葉登録管理</h1>"),
        ];
        assert_eq!(found(check, &files), ["crates/web/templates/a.html:1"]);
    }
}
