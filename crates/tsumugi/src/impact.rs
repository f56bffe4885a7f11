//! The facts for an impact assessment (PIA), a page for each service: what is handled, for what, by whom, how long, with
//! what against each risk. The chapters are those of a report by JIS X 9251:2021 (ISO/IEC 29134:2017, clause 7), the risks
//! those of 特定個人情報保護評価 (番号法28条; 特定個人情報保護評価指針). How likely and how grave a risk is, whether what
//! remains is taken, and who says so, only people know: it stands there as theirs to write.

use crate::privacy::{FileFacts, PERSON, personal};
use definition::Catalogue;
use definition::model::{FieldSet, RecordType, ScopeKind, SeeRule, Service, Who};
use std::fmt::Write as _;
use std::sync::Arc;

/// What is known of the installation: what `serve` was told, in the same words.
#[derive(Clone, Debug, Default)]
pub struct Installation {
    /// Whether public and staff listen apart.
    pub apart: bool,
    /// Whether the data lie in a PostgreSQL database.
    pub database: bool,
    /// Whether uploads pass a scanner.
    pub scans: bool,
    /// Whether a copy is kept up elsewhere.
    pub copied: bool,
    /// Channels by which messages leave: `メール` …
    pub channels: Vec<&'static str>,
    /// The payment gateway, where there is one.
    pub gateway: Option<String>,
}

/// A chapter: its title and what is said in it.
type Chapter = (&'static str, Vec<String>);

/// The assessment of each service of the file register: slug and page.
#[must_use]
pub fn assessments<'f>(
    catalogue: &Catalogue,
    files: &'f [FileFacts],
    here: &Installation,
) -> Vec<(&'f str, String)> {
    let pages = files.iter().filter_map(|file| {
        let service = catalogue.services.get(&file.slug)?;
        Some((file.slug.as_str(), page(file, service, here)))
    });
    pages.collect()
}

fn page(file: &FileFacts, service: &Service, here: &Installation) -> String {
    let types = personal(service);
    let mut text = format!(
        "# 影響評価（PIA）の材料：{}\n\n定義（`{}`）とこのシステムの設定から書き出したもの。章は JIS X 9251:2021（ISO/IEC 29134:2017）の報告書、\
         リスクの分け方は特定個人情報保護評価指針による。「{PERSON}」は、人が評価して書く。\n",
        service.title, file.slug
    );
    let chapters = [
        ("1　評価の範囲", scope(file)),
        ("2　取り扱う個人情報と流れ", flow(file)),
        ("3　プライバシーの要件", requirements(file, service)),
        ("4　委託と外部への送信", processors(here)),
        ("5　リスクと対策", Vec::new()),
    ];
    for (title, said) in &chapters {
        chapter(&mut text, "##", title, said);
    }
    for (title, said) in risks(file, service, &types, here) {
        chapter(&mut text, "###", title, &said);
        let _ = writeln!(text, "- 影響の大きさ・起こりやすさ・残るリスク：{PERSON}");
    }
    let rest = [
        (
            "6　対応計画",
            vec![format!(
                "{PERSON}（残るリスクごとに、だれが、いつまでに、何をするか）"
            )],
        ),
        (
            "7　結論と意思決定",
            vec![
                format!("{PERSON}（評価した人、確かめた人、決めた人と日、次に見直す時）"),
                format!(
                    "{PERSON}（住民の意見の聴取、第三者点検の要否。個人番号を扱う事務は、対象人数などのしきい値で判断する）"
                ),
            ],
        ),
        (
            "8　公表する要約",
            vec![format!("{PERSON}（1・2・3と5の対策を、読む人の言葉で）")],
        ),
    ];
    for (title, said) in &rest {
        chapter(&mut text, "##", title, said);
    }
    text
}

fn chapter(text: &mut String, level: &str, title: &str, said: &[String]) {
    let _ = write!(text, "\n{level} {title}\n\n");
    for line in said {
        let _ = writeln!(text, "- {line}");
    }
}

/// Lines of the file register, under a heading of their own.
fn of(file: &FileFacts, items: &[&str]) -> Vec<String> {
    let wanted = file.items.iter().filter(|(item, _)| items.contains(item));
    let lines =
        wanted.flat_map(|(item, said)| said.iter().map(move |line| format!("{item}：{line}")));
    lines.collect()
}

fn scope(file: &FileFacts) -> Vec<String> {
    let mut all = of(
        file,
        &[
            "事務をつかさどる組織の名称",
            "利用目的",
            "記録範囲",
            "本人の数",
        ],
    );
    all.push(format!(
        "しきい値の判断（評価が要るか、どの評価か）：{PERSON}"
    ));
    all
}

fn flow(file: &FileFacts) -> Vec<String> {
    let items = [
        "記録項目",
        "要配慮個人情報",
        "記録情報の収集方法",
        "経常的提供先",
        "保存期間",
    ];
    of(file, &items)
}

fn requirements(file: &FileFacts, service: &Service) -> Vec<String> {
    let mut all: Vec<String> = service
        .legal_basis
        .iter()
        .map(|law| format!("根拠：{law}"))
        .collect();
    if all.is_empty() {
        all.push(format!("根拠：{PERSON}（定義に書かれていない）"));
    }
    all.push("本人の関与：申請・記録・履歴・「だれが見たか」をマイページで見られる。開示請求の材料は `tsumugi privacy --about` で書き出せる。".into());
    all.extend(of(file, &["開示請求等を受理する組織の名称・所在地"]));
    all.push(format!(
        "個人番号を扱うか（扱う事務は特定個人情報保護評価の対象）：{PERSON}"
    ));
    all
}

fn processors(here: &Installation) -> Vec<String> {
    let mut all = Vec::new();
    if !here.channels.is_empty() {
        all.push(format!(
            "お知らせを送る相手先：{}（送る中身は手続きの定めで「全部・題だけ・なし」から選ばれる）",
            here.channels.join("、")
        ));
    }
    if let Some(gateway) = &here.gateway {
        all.push(format!("納付の代行：{gateway}"));
    }
    if here.database {
        all.push(format!(
            "データベース（PostgreSQL）を置く所と管理する者：{PERSON}"
        ));
    }
    if here.copied {
        all.push(format!("写しを置く所（データと鍵は別の場所）：{PERSON}"));
    }
    all.push(format!("運用・保守の委託先、再委託、契約の定め：{PERSON}"));
    all
}

/// The risks, with what stands against each in definitions and installation.
fn risks(
    file: &FileFacts,
    service: &Service,
    types: &[&Arc<RecordType>],
    here: &Installation,
) -> Vec<Chapter> {
    vec![
        ("入手：目的の外の情報、不適切な方法、誤り", obtained(file, types)),
        ("使用：権限のない者、目的の外の閲覧", used(service, types, here)),
        ("提供・移転：根拠のない提供、多すぎる提供", given(file)),
        (
            "委託：委託先での不正な取扱い",
            vec![
                "運用の画面（待ち、混み具合、送れなかったもの）は、記録の中身を出さない。".into(),
                format!("委託先の監督：{PERSON}"),
            ],
        ),
        ("保管・消去：漏えい、滅失、消し忘れ", stored(file, here)),
        (
            "監査と従業者：気づけない不正、教育の不足",
            vec![
                "だれが、いつ、どの記録を見たかを残し、ふだんと違う閲覧を監査の担当に知らせる。履歴は連鎖と署名で、後から変えると分かる。".into(),
                format!("自己点検、教育・研修、違反への処置：{PERSON}"),
            ],
        ),
    ]
}

fn obtained(file: &FileFacts, types: &[&Arc<RecordType>]) -> Vec<String> {
    let mut all = of(file, &["記録情報の収集方法"]);
    for rt in types {
        let sure = rt.actions.values().filter(|action| action.opens);
        let sure =
            sure.filter(|one| one.assurance.identity > 0 || one.assurance.authentication > 1);
        all.extend(sure.map(|one| {
            format!(
                "{}「{}」に要る確かさ：身元確認 {}、当人認証 {}",
                rt.title, one.title, one.assurance.identity, one.assurance.authentication
            )
        }));
    }
    all.push(
        "項目は定義にあるものだけを受け取り、形の合わない入力は理由を示して受け取らない。".into(),
    );
    all
}

fn used(service: &Service, types: &[&Arc<RecordType>], here: &Installation) -> Vec<String> {
    let mut all = Vec::new();
    for rt in types {
        let rules = rt.see.iter().filter_map(|rule| seen(service, rule));
        all.extend(rules.map(|words| format!("{}を見る人：{words}", rt.title)));
        if let Some(closed) = &rt.closed {
            all.push(format!(
                "{}：{}（決めた人だけが見られ、あることも隠す）",
                rt.title, closed.title
            ));
        }
        if let Some(glass) = &rt.break_glass {
            all.push(format!(
                "{}：緊急閲覧は{}時間まで、理由を残し、確認の担当に知らせる",
                rt.title, glass.hours
            ));
        }
    }
    all.push(match here.apart {
        true => "都民の側と職員の側は別の網で待ち受け、職員の画面は都民の側にない。".into(),
        false => format!("網の分け方：{PERSON}（都民と職員が同じ口に来る設定）"),
    });
    all
}

/// A rule of `see` in words; none for the person's own view.
fn seen(service: &Service, rule: &SeeRule) -> Option<String> {
    let who = match &rule.who {
        Who::Desk(role) => service
            .roles
            .get(role)
            .map_or(role.as_str(), |role| role.title.as_str())
            .to_owned(),
        Who::Public => "だれでも".to_owned(),
        Who::SignedIn => "ログインした人".to_owned(),
        Who::Party(_) | Who::System => return None,
    };
    let far = match rule.scope {
        ScopeKind::Own => "自分の記録",
        ScopeKind::Office => "自分の所の記録",
        ScopeKind::Municipality => "自分の区市町村の記録",
        ScopeKind::Authority => "自分の団体の記録",
        ScopeKind::All => "すべての記録",
    };
    let fields = match rule.fields {
        FieldSet::All => "全部の項目",
        _ => "一部の項目",
    };
    Some(format!("{who}（{far}、{fields}）"))
}

fn given(file: &FileFacts) -> Vec<String> {
    let mut all = of(file, &["経常的提供先"]);
    all.push("ほかのサービス・団体への提供は、法令か本人の同意を定義に書いたものだけ。同意はマイページで取り消せる。少ない人数の集計は伏せる。".into());
    all
}

fn stored(file: &FileFacts, here: &Installation) -> Vec<String> {
    let mut all = vec![
        "記録は1件ごとの鍵で暗号化して保存し、鍵は別に置く。廃棄は鍵を壊して読めなくし、証明を残す。".to_owned(),
    ];
    all.push(match here.scans {
        true => "送られたファイルは、安全を確かめるまでだれにも見せない。".into(),
        false => format!("送られたファイルの確認（無害化）：{PERSON}（設定がない）"),
    });
    all.push(match here.copied {
        true => "データと鍵の写しを、別の場所に取り続ける。".into(),
        false => format!("写し：{PERSON}（設定がない）"),
    });
    all.extend(of(file, &["保存期間"]));
    all.push(format!("機械室、媒体、端末の物理的な管理：{PERSON}"));
    all
}

#[cfg(test)]
mod tests {
    use super::{Installation, PERSON, assessments};
    use definition::Source;
    use jiff::civil::date;
    use std::path::Path;

    #[test]
    fn every_service_with_people_has_every_chapter_and_says_what_the_installation_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
        let loaded = definition::load(&Source::from_dir(&folder).unwrap(), date(2026, 11, 23));
        let files = crate::privacy::register(&loaded.catalogue);
        let bare = assessments(&loaded.catalogue, &files, &Installation::default());
        let here = Installation {
            apart: true,
            scans: true,
            channels: vec!["メール"],
            ..Installation::default()
        };
        let full = assessments(&loaded.catalogue, &files, &here);
        assert_eq!(bare.len(), files.len());
        for ((slug, bare), (_, full)) in bare.iter().zip(&full) {
            for title in [
                "## 1　",
                "## 5　",
                "### 入手",
                "### 保管・消去",
                "## 8　",
                PERSON,
            ] {
                assert!(bare.contains(title), "{slug} {title}");
            }
            assert!(bare.contains("同じ口に来る設定") && !full.contains("同じ口に来る設定"));
            assert!(full.contains("お知らせを送る相手先：メール") && !bare.contains("相手先"));
            assert!(full.contains("安全を確かめるまで"), "{slug}");
        }
        let told = |said: &str| full.iter().any(|(_, page)| page.contains(said));
        for said in ["を見る人：", "緊急閲覧は", "に要る確かさ：", "根拠："] {
            assert!(told(said), "{said}");
        }
    }
}
