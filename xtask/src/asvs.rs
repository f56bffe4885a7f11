//! `cargo xtask asvs`: docs/security/asvs.md from docs/security/asvs.txt.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// What it is made of.
pub(crate) const SOURCE: &str = "docs/security/asvs.txt";
/// What is made.
pub(crate) const PAGE: &str = "docs/security/asvs.md";
/// Requirements of ASVS 5.0.0 by level.
const LEVELS: [(&str, usize); 2] = [("1", 70), ("2", 183)];
/// Chapters, as the standard calls them.
const CHAPTERS: [&str; 17] = [
    "Encoding and Sanitization",
    "Validation and Business Logic",
    "Web Frontend Security",
    "API and Web Service",
    "File Handling",
    "Authentication",
    "Session Management",
    "Authorization",
    "Self-contained Tokens",
    "OAuth and OIDC",
    "Cryptography",
    "Secure Communication",
    "Configuration",
    "Data Protection",
    "Secure Coding and Architecture",
    "Security Logging and Error Handling",
    "WebRTC",
];

/// One requirement.
pub(crate) struct Line<'t> {
    /// Line of the source, from 1.
    pub(crate) number: usize,
    id: &'t str,
    level: &'t str,
    state: &'t str,
    gist: &'t str,
    how: &'t str,
    /// Files, or `FILE:NAME`.
    pub(crate) evidence: Vec<&'t str>,
}

/// Writes the page.
pub(crate) fn run(root: &Path) -> Result<()> {
    let text = std::fs::read_to_string(root.join(SOURCE))?;
    std::fs::write(root.join(PAGE), page(&text)?)?;
    println!("asvs: {PAGE} is written");
    Ok(())
}

/// The page that a source gives.
///
/// # Errors
/// A line without its parts, a number that is there twice, a level that is not whole.
pub(crate) fn page(text: &str) -> Result<String> {
    let lines = read(text)?;
    let mut ids = BTreeSet::new();
    for line in &lines {
        if !ids.insert(line.id) {
            bail!("{SOURCE}:{}: {} is there twice", line.number, line.id);
        }
    }
    for (level, many) in LEVELS {
        let found = lines.iter().filter(|line| line.level == level).count();
        if found != many {
            bail!("{SOURCE}: level {level} has {many} requirements, yet {found} are here");
        }
    }
    let mut page = String::from(HEAD);
    counts(&mut page, &lines)?;
    let open: Vec<&str> = lines
        .iter()
        .filter(|line| line.state == "open")
        .map(|line| line.id)
        .collect();
    writeln!(page, "\nOpen: {}.", open.join(", "))?;
    for (title, chapter) in CHAPTERS.iter().zip(1..) {
        writeln!(
            page,
            "\n## V{chapter} {title}\n\n| number | level | what | state | how, or why not | evidence |\n| --- | --- | --- | --- | --- | --- |"
        )?;
        let prefix = format!("V{chapter}.");
        for line in lines.iter().filter(|line| line.id.starts_with(&prefix)) {
            let evidence: Vec<String> = line.evidence.iter().map(|one| link(one)).collect();
            let state = said(line.state);
            writeln!(
                page,
                "| {} | {} | {} | {state} | {} | {} |",
                line.id,
                line.level,
                line.gist,
                line.how,
                evidence.join("<br>")
            )?;
        }
    }
    Ok(page)
}

const HEAD: &str = "# OWASP ASVS 5.0.0, levels 1 and 2

Made of `asvs.txt` by `cargo xtask asvs`; edit that. The numbers are those of the
[OWASP Application Security Verification Standard 5.0.0](https://owasp.org/www-project-application-security-verification-standard/)
(© The OWASP Foundation, CC BY-SA 4.0); what each asks for is told in our own words, so read the standard beside it. Level 3 is
not claimed. Met means: as the program is shipped and run by `docs/operate/`. It was judged by us, not by anybody else.

| level | met | not applicable | open | all |
| --- | --- | --- | --- | --- |
";

fn counts(page: &mut String, lines: &[Line<'_>]) -> Result<()> {
    for (level, many) in LEVELS {
        let of = |state: &str| {
            let found = lines
                .iter()
                .filter(|line| line.level == level && line.state == state);
            found.count()
        };
        writeln!(
            page,
            "| {level} | {} | {} | {} | {many} |",
            of("met"),
            of("none"),
            of("open")
        )?;
    }
    Ok(())
}

/// The requirements, in order.
pub(crate) fn read(text: &str) -> Result<Vec<Line<'_>>> {
    let lines = text.lines().zip(1..);
    let lines = lines.filter(|(line, _)| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|(line, number)| one(line, number).with_context(|| format!("{SOURCE}:{number}")))
        .collect()
}

fn one(text: &str, number: usize) -> Result<Line<'_>> {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let [id, level, state, gist, how, evidence] = parts[..] else {
        bail!("six parts are needed, {} are there", parts.len());
    };
    let evidence: Vec<&str> = evidence.split_whitespace().collect();
    if !matches!(state, "met" | "none" | "open") {
        bail!("the state is met, none or open, not {state}");
    }
    if gist.is_empty() || how.is_empty() || (state == "met" && evidence.is_empty()) {
        bail!("what it asks, how it is met or why not, and of what is met the evidence");
    }
    Ok(Line {
        number,
        id,
        level,
        state,
        gist,
        how,
        evidence,
    })
}

fn said(state: &str) -> &str {
    match state {
        "none" => "not applicable",
        "open" => "**open**",
        met => met,
    }
}

fn link(evidence: &str) -> String {
    let (path, name) = parts(evidence);
    let shown = name.map_or_else(|| path.to_owned(), |name| name.replace('_', " "));
    format!("[{shown}](../../{path})")
}

/// The file, and the name that stands in it.
pub(crate) fn parts(evidence: &str) -> (&str, Option<&str>) {
    let (path, name) = evidence.split_once(':').unzip();
    (path.unwrap_or(evidence), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_its_parts_and_a_level_that_is_not_whole_are_told() {
        let told = |text: &str| format!("{:#}", page(text).unwrap_err());
        assert!(told("V1.1.1 | 2 | met | what").contains("asvs.txt:1"));
        assert!(told("V1.1.1 | 2 | met | what | how |").contains("evidence"));
        assert!(told("V1.1.1 | 2 | yes | what | how | a.rs").contains("yes"));
        assert!(told("V1.1.1 | 2 | none | what | why |").contains("level 1 has 70"));
        assert!(told("V1 | 2 | none | a | b |\nV1 | 2 | none | a | b |").contains("twice"));
    }
}
