//! A small fictional service that has what the endpoints need.

use definition::{Catalogue, Source};

const SERVICE: &str = r#"
title: 見本の手続き
initiatives: ["001"]
area: 共通
category: "01"
status: running
owner: 見本局
summary: みほんの申請を受け付けます。
audience: [residents]
actors: [都民]
keywords: [みほん]
legal_basis: [見本条例第1条]
life_events: []
roles:
  examiner: 審査担当
  chief: 係長
messages:
  joined: { subject: 引き受けた方がいます, body: "{{actor.name}}" }
  acted: { subject: 進みました, body: "{{actor.name}}" }
"#;

const REQUEST: &str = r#"
title: 申請
number: { pattern: "見-{fiscal_year}-{seq:05}", drawn_at: submit }
arrives_at: submit
label: name
authority: '"13000"'
office: '"見本事務所"'
parties:
  applicant: { title: 申請者, is: [person, corporation], owner: true }
  helper: { title: 頼まれた方, is: [person], invited: { joined: joined, acted: acted } }
fields:
  name: { type: text, title: 名前, required: true, max: 20 }
  amount: { type: yen, title: 金額 }
  papers: { type: files, title: 添付, max: 3 }
  my_number: { type: individual_number, title: 個人番号, ground: 番号法第9条第1項 別表（見本の項）, open: desk.examiner, purposes: { income: 所得の照会のため } }
states:
  draft: { title: 下書き, waits_for: applicant, line: 下書きです。 }
  submitted: { title: 審査中, waits_for: desk.examiner, line: 審査しています。 }
  done: { title: 完了, ended: true }
actions:
  save: { title: 下書きを保存する, by: [applicant, helper], opens: true, from: [draft], to: draft, form: any }
  submit: { title: 申請する, by: applicant, opens: true, from: [draft], to: submitted, form: [name, amount, papers, my_number] }
  hurry: { title: 急いでもらう, by: applicant, from: [submitted], form: [amount], assurance: { identity: 1, authentication: 2 } }
  finish: { title: 完了する, by: desk.examiner, from: [submitted], to: done, batch: 'get or else(amount, 0) < 100000' }
see:
  - { who: applicant, scope: own }
  - { who: helper, scope: own }
  - { who: desk.examiner, scope: office, states: { except: [draft] } }
indexes:
  by_name: { keys: [name] }
  by_waiting: { keys: [waits_for, created_at] }
search: [name]
documents:
  slip: { title: 控え, data: { name: name } }
views:
  inbox: { title: 受付箱, for: [desk.examiner], index: by_waiting, filter: 'waits_for = "desk.examiner"', columns: { 番号: number, 名前: name }, batch: [finish], selected: true }
  long: { title: 審査を待つもの, for: [desk.examiner], index: by_waiting, filter: 'waits_for = "desk.examiner"', columns: { 番号: number, 名前: name, 金額: amount } }
"#;

/// Records that whoever works on them can close to themselves.
const SECRET: &str = r#"
title: 届
label: name
authority: '"13000"'
office: '"見本事務所"'
parties:
  applicant: { title: 申請者, is: [person, corporation], owner: true }
fields:
  name: { type: text, title: 名前, required: true, max: 20 }
  hidden: { type: boolean, title: 閉じた }
states:
  open: { title: 受付済み, waits_for: desk.examiner }
  over: { title: 終わり, ended: true }
actions:
  submit: { title: 届け出る, by: applicant, opens: true, to: open, form: [name] }
  close: { title: 閉じる, by: [desk.examiner, desk.chief], from: open, change: [{ set: this, fields: { hidden: 'true' } }] }
  end: { title: 終える, by: desk.examiner, from: open, to: over }
closed: { title: 閲覧制限, when: 'get or else(hidden, false)', circle: desk.chief }
see:
  - { who: applicant, scope: own }
  - { who: [desk.examiner, desk.chief], scope: office }
"#;

/// English beside it: some of it, one piece stale (`service.owner`, of 旧見本局).
const ENGLISH: &str = r#"
service.title: { text: "Sample procedure", of: "d9509f14" }
service.owner: { text: "Old bureau", of: "ff59d4fa" }
records.request.title: { text: "Application", of: "7806ace4" }
records.request.fields.name.title: { text: "Name", of: "7ec26292" }
records.request.states.submitted.title: { text: "Under examination", of: "86f1dc15" }
records.request.actions.submit.title: { text: "Submit", of: "1de3d967" }
"#;

/// The register in which substitutions stand.
const ABSENCES: &str = include_str!("../../../../services/_registers/absences/service.yaml");
const ABSENCE: &str = include_str!("../../../../services/_registers/absences/records/absence.yaml");

/// The register in which visits of maintainers stand.
const MAINTENANCE: &str = include_str!("../../../../services/_registers/maintenance/service.yaml");
const VISIT: &str = include_str!("../../../../services/_registers/maintenance/records/visit.yaml");
const STEP: &str = include_str!("../../../../services/_registers/maintenance/records/step.yaml");

/// Source and catalogue.
pub(crate) fn load() -> (Source, Catalogue) {
    let source = Source::from_files([
        ("common/001-mihon/service.yaml", SERVICE),
        ("common/001-mihon/records/request.yaml", REQUEST),
        ("common/001-mihon/records/secret.yaml", SECRET),
        ("common/001-mihon/i18n/en.yaml", ENGLISH),
        ("common/001-mihon/documents/slip.typ", "控え"),
        ("_registers/absences/service.yaml", ABSENCES),
        ("_registers/absences/records/absence.yaml", ABSENCE),
        ("_registers/maintenance/service.yaml", MAINTENANCE),
        ("_registers/maintenance/records/visit.yaml", VISIT),
        ("_registers/maintenance/records/step.yaml", STEP),
    ]);
    let loaded = definition::load(&source, jiff::civil::date(2026, 11, 22));
    let said: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    assert!(!loaded.has_errors(), "{}", said.join("\n"));
    (source, loaded.catalogue)
}
