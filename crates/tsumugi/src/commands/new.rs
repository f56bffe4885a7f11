//! `tsumugi new SLUG --title …`: the folder of a new service, which passes `tsumugi check` as it stands.

use super::{default_services, print};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `new`.
#[derive(clap::Args)]
pub struct Options {
    /// サービスの名前（英小文字、数字、ハイフン）。アドレスに使われ、後から変えられません
    slug: String,
    /// サービスの題名
    #[arg(long)]
    title: String,
    /// もとにするひな型
    #[arg(long, value_name = "NAME")]
    archetype: Option<String>,
    /// 領域のフォルダー（welfare、children、common など）
    #[arg(long, value_name = "AREA", default_value = "common")]
    area: String,
    /// 計画の取組番号（3桁）。フォルダー名の頭に付く
    #[arg(long, value_name = "NNN")]
    number: Option<String>,
    /// サービスの定義のフォルダー
    #[arg(long, value_name = "DIR", default_value_os_t = default_services())]
    services: PathBuf,
}

/// Makes the folder; never writes over one that is there.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    name("サービスの名前", &options.slug)?;
    name("領域", &options.area)?;
    if let Some(number) = options
        .number
        .as_deref()
        .filter(|number| number.len() != 3 || !number.bytes().all(|byte| byte.is_ascii_digit()))
    {
        bail!("取組番号「{number}」は3桁の数字で書いてください。例：123");
    }
    let archetypes = options.services.join("_archetypes");
    if let Some(archetype) = options
        .archetype
        .as_deref()
        .filter(|archetype| !archetypes.join(archetype).is_dir())
    {
        bail!(
            "ひな型「{archetype}」は {} にありません。",
            archetypes.display()
        );
    }
    if let Some(found) = taken(&options.services, &options.slug) {
        bail!(
            "「{}」という名前のサービスは {} にもうあります。別の名前にしてください。",
            options.slug,
            found.display()
        );
    }
    let stem = options.number.as_ref().map_or_else(
        || options.slug.clone(),
        |number| format!("{number}-{}", options.slug),
    );
    let folder = options.services.join(&options.area).join(stem);
    let files = definition::scaffold(&options.slug, &options.title, options.archetype.as_deref());
    for (path, text) in &files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent)
            .with_context(|| format!("{} を作れません", parent.display()))?;
        std::fs::write(&path, text).with_context(|| format!("{} を書けません", path.display()))?;
    }
    let made: String = files
        .keys()
        .map(|path| format!("  {}\n", folder.join(path).display()))
        .collect();
    print(&format!(
        "作りました：\n{made}次に `tsumugi check {}` で確かめてください。\n",
        options.services.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn name(what: &str, text: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let sound = text.bytes().all(plain)
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.len() <= 60;
    match sound {
        true => Ok(()),
        false => bail!(
            "{what}「{text}」は英小文字で始め、英小文字・数字・ハイフンだけで60文字以内にしてください。例：tea-house-permit"
        ),
    }
}

/// The folder of a service that has the name already, in any area.
fn taken(services: &Path, slug: &str) -> Option<PathBuf> {
    let folders = |path: &Path| {
        std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .collect::<Vec<_>>()
    };
    let mut all = folders(services)
        .into_iter()
        .flat_map(|area| folders(&area));
    all.find(|folder| {
        folder
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| definition::slug_of(name) == slug)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(folder: &Path, slug: &str) -> Options {
        Options {
            slug: slug.into(),
            title: "新しい見本".into(),
            archetype: None,
            area: "common".into(),
            number: Some("151".into()),
            services: folder.into(),
        }
    }

    #[test]
    fn a_new_service_passes_the_check_and_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        run(&options(folder.path(), "new-thing")).unwrap();
        let packages =
            crate::load_packages(folder.path(), jiff::civil::date(2026, 11, 22)).unwrap();
        let said: Vec<String> = packages
            .diagnostics
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(packages.counts().0, 0, "{}", said.join("\n"));
        assert!(packages.catalogue.services.contains_key("new-thing"));
        let again = run(&options(folder.path(), "new-thing")).unwrap_err();
        assert!(again.to_string().contains("もうあります"), "{again}");
    }

    #[test]
    fn bad_names_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for bad in ["", "A", "../x", "a_b", "a-", "茶", "1a"] {
            assert!(run(&options(folder.path(), bad)).is_err(), "{bad}");
        }
        let mut number = options(folder.path(), "fine");
        number.number = Some("12".into());
        assert!(run(&number).is_err());
    }
}
