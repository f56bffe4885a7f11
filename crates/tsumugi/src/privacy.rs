//! The facts for 個人情報ファイル簿 (個人情報の保護に関する法律 75条1項, 74条1項), from the definitions. What no definition knows
//! is left to a person, and says so.

use definition::Catalogue;
use definition::model::{
    Basis, Field, FieldKind, RecordType, Retention, RetentionCount, Service, Status, Who,
};
use sheet::{Cell, Encoding, Format, WriteFault, Writer};
use std::fmt::Write as _;
use std::sync::Arc;

/// What stands where a person must judge.
pub(crate) const PERSON: &str = "【人が記入・判断】";

/// One file of the register: the personal records of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Slug of the service.
    pub slug: String,
    /// Items of the register with what the definitions say of each, in the order of the law.
    pub items: Vec<(&'static str, Vec<String>)>,
}

/// The files of all running services that hold records about people, in the order of the catalogue.
#[must_use]
pub fn register(catalogue: &Catalogue) -> Vec<FileFacts> {
    let running = catalogue
        .services
        .values()
        .filter(|service| service.status == Status::Running);
    running
        .filter_map(|service| file(catalogue, service))
        .collect()
}

/// One service as a file; none where none of its records is about people.
fn file(catalogue: &Catalogue, service: &Service) -> Option<FileFacts> {
    let types = personal(service);
    if types.is_empty() {
        return None;
    }
    let each = |make: fn(&RecordType) -> Vec<String>| -> Vec<String> {
        let mut all = Vec::new();
        for rt in &types {
            let of_type = make(rt).into_iter();
            all.extend(of_type.map(|text| format!("{}：{text}", rt.title)));
        }
        all
    };
    let mut purpose = vec![one_line(&service.summary)];
    purpose.extend(service.legal_basis.iter().map(|law| format!("根拠：{law}")));
    Some(FileFacts {
        slug: service.slug.clone(),
        items: vec![
            ("個人情報ファイルの名称", vec![service.title.clone()]),
            (
                "行政機関等の名称",
                vec![format!("{PERSON}（東京都知事など、保有する機関の長）")],
            ),
            (
                "事務をつかさどる組織の名称",
                vec![service.owner.clone(), format!("{PERSON}（部・課の名）")],
            ),
            ("利用目的", purpose),
            ("記録項目", each(fields)),
            ("記録範囲", each(people)),
            ("記録情報の収集方法", collected(&types, service)),
            ("要配慮個人情報", sensitive(&types)),
            ("経常的提供先", given(catalogue, service, &types)),
            (
                "開示請求等を受理する組織の名称・所在地",
                vec![format!("{PERSON}（{} の窓口と所在地）", service.owner)],
            ),
            (
                "訂正・利用停止についての他の法令の手続",
                vec![format!("{PERSON}（あるときだけ）")],
            ),
            (
                "個人情報ファイルの種別",
                vec![format!(
                    "電算処理ファイル（法第60条第2項第1号）。{PERSON}（紙のファイルが別にあるか）"
                )],
            ),
            ("保存期間", kept(&types)),
            (
                "本人の数",
                vec![format!(
                    "{PERSON}（1,000人未満なら、法律上は載せなくてよい。条例を確かめる）"
                )],
            ),
            (
                "行政機関等匿名加工情報の提案の募集",
                vec![format!("{PERSON}")],
            ),
        ],
    })
}

/// The types of a service whose records are about people.
pub(crate) fn personal(service: &Service) -> Vec<&Arc<RecordType>> {
    let types = service.types.values();
    types.filter(|rt| kernel::see::is_personal(rt)).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Titles of what is kept: rows with their parts, without what only machines read.
fn fields(rt: &RecordType) -> Vec<String> {
    let kept = rt.fields.values().filter(|field| !field.internal);
    kept.map(|field| match &field.kind {
        FieldKind::Rows { fields, .. } => {
            let inner: Vec<&str> = fields.values().map(|one| one.title.as_str()).collect();
            format!("{}（{}）", field.title, inner.join("、"))
        }
        _ => field.title.clone(),
    })
    .collect()
}

/// Who stands in the records.
fn people(rt: &RecordType) -> Vec<String> {
    let parties = rt.parties.values();
    let mut all: Vec<String> = parties.map(|party| party.title.clone()).collect();
    if let Some((parent, _)) = rt.child_of.first() {
        all.push(format!("もとの記録（{parent}）の人"));
    }
    let named = |field: &&Field| matches!(field.kind, FieldKind::PersonName);
    let named = rt.fields.values().filter(named);
    all.extend(named.map(|field| field.title.clone()));
    if all.is_empty() {
        all.push(format!("{PERSON}（当事者のない記録。だれが載るか）"));
    }
    all
}

/// From whom, and by what way, it comes.
fn collected(types: &[&Arc<RecordType>], service: &Service) -> Vec<String> {
    let mut all = Vec::new();
    for rt in types {
        let mut ways = Vec::new();
        let opening: Vec<&Who> = rt
            .actions
            .values()
            .filter(|action| action.opens)
            .flat_map(|action| &action.by)
            .collect();
        let by = |wanted: fn(&Who) -> bool| opening.iter().any(|who| wanted(who));
        if by(|who| matches!(who, Who::Party(_) | Who::SignedIn)) {
            ways.push("本人・代理人の届出（オンライン）".to_owned());
        }
        if by(|who| matches!(who, Who::Public)) {
            ways.push("だれからでも（ログインなし）".to_owned());
        }
        if rt.counter.is_some() {
            ways.push("窓口での代行入力".to_owned());
        }
        if by(|who| matches!(who, Who::Desk(_))) {
            ways.push("職員の記録".to_owned());
        }
        let imports = service.imports.values();
        let imports = imports.filter(|import| import.into == rt.name);
        ways.extend(imports.map(|import| format!("ファイルの取込み（{}）", import.title)));
        let uses = rt.uses.values();
        ways.extend(uses.map(|one| {
            let ground = one.ground.words();
            format!(
                "{} からの閲覧：{}（{ground}）。写しは残さない",
                one.service, one.title
            )
        }));
        if ways.is_empty() {
            ways.push("ほかの記録から、しくみが作る".to_owned());
        }
        all.push(format!("{}：{}", rt.title, ways.join("、")));
    }
    all
}

/// What the definitions mark as sensitive; whether it is 要配慮個人情報 is for a person.
fn sensitive(types: &[&Arc<RecordType>]) -> Vec<String> {
    let mut all = Vec::new();
    for rt in types {
        let marked = rt.fields.values().filter(|field| field.sensitive);
        all.extend(marked.map(|field| format!("{}：{}（sensitive）", rt.title, field.title)));
        if let Some(closed) = &rt.closed {
            all.push(format!(
                "{}：{}（閲覧制限の語がある）",
                rt.title, closed.title
            ));
        }
    }
    all.push(format!(
        "{PERSON}（病歴、障害、犯罪の被害など、法第2条第3項に当たる項目があるか。自由記載も見る）"
    ));
    all
}

/// To whom it goes again and again: municipalities, other services, the public.
fn given(catalogue: &Catalogue, service: &Service, types: &[&Arc<RecordType>]) -> Vec<String> {
    let mut all = Vec::new();
    for rt in types {
        let grounded = rt
            .see
            .iter()
            .filter_map(|rule| Some((&rule.who, rule.ground.as_ref()?)));
        for (who, ground) in grounded {
            let role = match who {
                Who::Desk(role) => service.roles.get(role).map_or(role, |role| &role.title),
                _ => continue,
            };
            all.push(format!("{}：{role}（{}）", rt.title, ground.words()));
        }
        for to in rt.gives.iter().flat_map(|gives| &gives.to) {
            let Some(reader) = catalogue.services.get(to) else {
                continue;
            };
            all.extend(readings(reader, rt));
        }
    }
    let open = service.publications.values();
    all.extend(open.map(|one| format!("公開（オープンデータ）：{}", one.title)));
    all.push(format!(
        "{PERSON}（システムの登録、紙・メールでの提供など、定義にないもの）"
    ));
    all
}

/// What a service reads of a type.
fn readings(reader: &Service, rt: &RecordType) -> Vec<String> {
    let uses = reader.types.values().flat_map(|other| other.uses.values());
    let of_type = uses.filter(|one| one.service == rt.service && one.record_type == rt.name);
    let words = of_type.map(|one| {
        let basis = match &one.ground.basis {
            Basis::Law(law) => law.clone(),
            Basis::Consent(_) => "本人の同意".to_owned(),
        };
        let purpose = &one.ground.purpose;
        format!("{}：{}（{purpose}／{basis}）", rt.title, reader.title)
    });
    words.collect()
}

fn kept(types: &[&Arc<RecordType>]) -> Vec<String> {
    let words = |rule: &Retention| {
        let from = match rule.count {
            RetentionCount::FiscalYear => "終わった日の翌年度から",
            RetentionCount::Year => "終わった日の翌年から",
            RetentionCount::Day => "終わった日の翌日から",
        };
        match rule.years {
            Some(years) => format!("{from}{years}年（{}）", rule.basis),
            None => format!("常用・永年（{}）", rule.basis),
        }
    };
    types
        .iter()
        .map(|rt| {
            let said = rt.retention.as_ref().map(words);
            let parent = || match rt.child_of.is_empty() {
                true => format!("{PERSON}（定義に保存期間がない）"),
                false => "もとの記録とともに".to_owned(),
            };
            format!("{}：{}", rt.title, said.unwrap_or_else(parent))
        })
        .collect()
}

/// A file as a page in Markdown.
#[must_use]
pub fn page(facts: &FileFacts) -> String {
    let title = facts.items.first().and_then(|(_, said)| said.first());
    let mut text = format!(
        "# 個人情報ファイル簿の材料：{}\n\n定義（`{}`）から書き出したもの。「{PERSON}」は、定義からは決まらない。\n",
        title.map_or(facts.slug.as_str(), String::as_str),
        facts.slug
    );
    for (item, said) in &facts.items {
        let _ = write!(text, "\n## {item}\n\n");
        for line in said {
            let _ = writeln!(text, "- {line}");
        }
        if said.is_empty() {
            text.push_str("- なし\n");
        }
    }
    text
}

/// All files as a table: a line each, a column for each item; safe to open in a spreadsheet.
///
/// # Errors
/// If the table cannot be written.
pub fn table(files: &[FileFacts]) -> Result<Vec<u8>, WriteFault> {
    let mut writer = Writer::new(
        Format::Csv(Encoding::Utf8Bom),
        "個人情報ファイル簿",
        Vec::new(),
    )?;
    let Some(first) = files.first() else {
        return Ok(writer.finish()?.0);
    };
    let heads = first.items.iter().map(|(item, _)| Cell::from(*item));
    writer.row(&heads.collect::<Vec<_>>())?;
    for file in files {
        let cells = file.items.iter();
        let cells = cells.map(|(_, said)| Cell::from(said.join("\n")));
        writer.row(&cells.collect::<Vec<_>>())?;
    }
    Ok(writer.finish()?.0)
}

#[cfg(test)]
mod tests {
    use super::{PERSON, page, register, table};
    use definition::Source;
    use jiff::civil::date;
    use std::path::Path;

    #[test]
    fn every_running_service_with_people_says_what_the_law_asks_and_what_a_person_must() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
        let loaded = definition::load(&Source::from_dir(&folder).unwrap(), date(2026, 11, 23));
        let files = register(&loaded.catalogue);
        let pages: Vec<String> = files.iter().map(page).collect();
        for said in [
            "## 利用目的",
            "：市町村担当（管内の営業施設の把握",
            "delegations からの閲覧：申請者が届けた委任",
            "公開（オープンデータ）",
            PERSON,
        ] {
            assert!(pages.iter().any(|page| page.contains(said)), "{said}");
        }
        let delegations = files.iter().find(|one| one.slug == "delegations");
        let given = page(delegations.unwrap());
        assert!(
            given.contains("（代理で申請した方の権限を確かめるため"),
            "{given}"
        );
        for file in &files {
            for (item, said) in &file.items {
                assert!(!said.is_empty(), "{} {item}", file.slug);
            }
        }
        let text = String::from_utf8(table(&files).unwrap()).unwrap();
        assert!(text.contains("個人情報ファイルの名称"));
    }
}
