//! Words of the other files: tables, archetypes, translations, the demo.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const TABLE: PlaceInfo = PlaceInfo {
    place: Place::Table,
    id: "table",
    ja: "tables/名前.yaml（基準表）",
    en: "A dated decision table; its rows stand in NAME.csv: from, until, inputs, outputs, source, basis, verified.",
    words: &[
        Word::new("title", Shape::Prose, "名前。", "Title.", "title: 手数料").needed(),
        Word::new("hit", Shape::OneOf(&["unique", "first", "any", "collect"]), "いくつかの行が当てはまるとき: unique はあってはならない、first は初めの行、any は結果が同じならよい、collect はすべてを一覧で。", "Hit policy of DMN.", "hit: unique").needed(),
        Word::new("inputs", Shape::ColumnTypes, "入力の列と型（text、number、date、boolean）。", "Input columns and types.", "inputs: { kind: text, area: number }").needed(),
        Word::new("outputs", Shape::ColumnTypes, "結果の列と型（text、number、yen、date、boolean、後ろの ? は空でもよい）。", "Output columns and types; ? may be empty.", "outputs: { amount: yen, note: text? }").needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const ARCHETYPE: PlaceInfo = PlaceInfo {
    place: Place::Archetype,
    id: "archetype",
    ja: "_archetypes/名前/archetype.yaml（ひな型）",
    en: "A definition with parameters; $(name) in any scalar or key is replaced. Other files of the folder are merged below the package's own.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "ひな型の名前。",
            "Title.",
            "title: 届出",
        )
        .needed(),
        Word::new(
            "help",
            Shape::Prose,
            "何に使うか。",
            "What it is for.",
            "help: 届け出るだけで終わる手続に使う。",
        ),
        Word::new(
            "parameters",
            Shape::Named(Place::Parameter),
            "入れられる値。",
            "Parameters.",
            "parameters: { word: { type: text, default: 届出 } }",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const PARAMETER: PlaceInfo = PlaceInfo {
    place: Place::Parameter,
    id: "parameter",
    ja: "parameters の1つ",
    en: "A parameter of an archetype.",
    words: &[
        Word::new(
            "type",
            Shape::OneOf(&["text", "number", "boolean"]),
            "種類。",
            "Type.",
            "type: text",
        )
        .needed(),
        Word::new(
            "default",
            Shape::Text,
            "与えられないときの値。なければ必ず与える。",
            "Value when none is given.",
            "default: 届出",
        ),
        Word::new(
            "help",
            Shape::Prose,
            "説明。",
            "Help.",
            "help: 手続の呼び名。",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const TRANSLATION: PlaceInfo = PlaceInfo {
    place: Place::Translation,
    id: "translation",
    ja: "i18n/言語.yaml の1つ（訳）",
    en: "A translated text by path (service.title, records.NAME.fields.FIELD.title).",
    words: &[
        Word::new(
            "text",
            Shape::Text,
            "訳した文。",
            "The text.",
            "text: Flower bed volunteers",
        )
        .needed(),
        Word::new(
            "of",
            Shape::Text,
            "もとの日本語の SHA-256 の初め8桁。変わると「古い訳」として使われない。",
            "First 8 hex digits of SHA-256 of the Japanese.",
            "of: 1a2b3c4d",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const DEMO: PlaceInfo = PlaceInfo {
    place: Place::Demo,
    id: "demo",
    ja: "demo.yaml（見本の動き）",
    en: "Acts that make the demo alive.",
    words: &[
        Word::new("acts", Shape::Blocks(Place::Act), "順に行う操作。", "Acts in order.", "acts: [{ at: -3, as: resident, service: this, type: application, action: save, input: {} }]").needed(),
        Word::new("let", Shape::Any, "bulk のすべての話に共通の、名前と値の作り方。話の let にある名前が勝つ。", "Generators of all stories; those of a story win.", "let: { tel: { digits: 4 } }"),
        Word::new("bulk", Shape::Blocks(Place::Bulk), "たくさんの見本の話。`serve --demo=full` だけが作る。", "Stories made by the thousand, by `serve --demo=full` only.", "bulk: [{ count: 100, from: -700, until: -1, owner: { kind: person, name: 見本 太郎 }, acts: [{ as: owner, type: application, action: save, input: {} }] }]"),
    ],
    kinds: Kinds::None,
};

pub(super) const BULK: PlaceInfo = PlaceInfo {
    place: Place::Bulk,
    id: "bulk",
    ja: "bulk の1つ（たくさんの見本の話）",
    en: "Many stories of one kind. Each draws its own values, always the same ones.",
    words: &[
        Word::new(
            "count",
            Shape::Count,
            "話の数。",
            "How many stories.",
            "count: 6000",
        ),
        Word::new(
            "fill",
            Shape::Block(Place::BulkFill),
            "話の数のかわりに：その種類の記録が全部でこの数になるまで。",
            "Instead of a count: until there are so many records of a type in all.",
            "fill: { type: permit, of: 28000 }",
        ),
        Word::new(
            "from",
            Shape::Whole,
            "最初の話が始まる日（今日から数えて）。",
            "Day on which the first begins.",
            "from: -730",
        )
        .needed(),
        Word::new(
            "until",
            Shape::Whole,
            "最後の話が始まる日。",
            "Day on which the last begins.",
            "until: -1",
        )
        .needed(),
        Word::new(
            "owner",
            Shape::Block(Place::BulkOwner),
            "話の主。",
            "Whose records they become.",
            "owner: { kind: person, name: \"{surname.title} {given.title}\" }",
        )
        .needed(),
        Word::new(
            "others",
            Shape::Named(Place::BulkOwner),
            "話に出るほかの人。名前で as や for に書く。",
            "Other parties of a story, by the name under which they act.",
            "others: { heir: { kind: person, name: 見本 次郎 } }",
        ),
        Word::new(
            "let",
            Shape::Any,
            "名前と、その値の作り方。{pick: [...]}、{weighted: {値: 重み}}、{number: [1, 9]}、{sum: [\"{n}\", -3]}、{digits: 8}、{since: -90}（話がその日から後に始まったか）、{among: {of: \"{所}\", many: 6, pick: [...]}}（同じ of なら、いつも同じ6つから選ぶ）、{row: 表}（weight の列があれば重みになる）、{place: [市区町村コード]}、{one_of: [{share: 2, ...}]}、下の日の書き方、または \"{ほかの名前}\" を入れた文字。{begin}（話の始まる日）、{today}、{number}（話の番号）は初めからある。",
            "Names and how their values are drawn. `begin` (its first day), `today` and `number` are there from the start.",
            "let: { n: { number: [1, 9] } }",
        ),
        Word::new(
            "acts",
            Shape::Blocks(Place::BulkAct),
            "順に行う操作。今日より先になる操作の前で話は止まる。",
            "Acts in order; a story stops before an act that would lie in the future.",
            "acts: [{ as: owner, type: application, action: save, input: {} }]",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const BULK_FILL: PlaceInfo = PlaceInfo {
    place: Place::BulkFill,
    id: "bulk-fill",
    ja: "bulk の fill",
    en: "Up to how many records of which type.",
    words: &[
        Word::new(
            "type",
            Shape::Name,
            "記録の種類。",
            "Record type.",
            "type: permit",
        )
        .needed(),
        Word::new(
            "of",
            Shape::Count,
            "全部の数。",
            "How many in all.",
            "of: 28000",
        )
        .needed(),
        Word::new(
            "states",
            Shape::Texts,
            "この状態の記録だけを数える。なければすべて。",
            "Only records in these states count.",
            "states: [valid]",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const BULK_OWNER: PlaceInfo = PlaceInfo {
    place: Place::BulkOwner,
    id: "bulk-owner",
    ja: "bulk の owner（話の主）",
    en: "The party of a story. Texts may hold drawn values.",
    words: &[
        Word::new(
            "kind",
            Shape::Text,
            "person か corporation。",
            "person or corporation.",
            "kind: person",
        )
        .needed(),
        Word::new("name", Shape::Text, "名前。", "Name.", "name: 見本 太郎").needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const BULK_ACT: PlaceInfo = PlaceInfo {
    place: Place::BulkAct,
    id: "bulk-act",
    ja: "bulk の acts の1つ",
    en: "One act of a story.",
    words: &[
        Word::new(
            "after",
            Shape::Counts,
            "前の操作から何日後か（何日から何日まで）。",
            "Days after the act before it, from and to.",
            "after: [1, 5]",
        ),
        Word::new(
            "on",
            Shape::Any,
            "行う日（after のかわり）。休みの日なら次の日。{day: 3}、{weekday: 3}（休みの日なら次の日）、{month: -5}（月の初めの日）、{month_end: 1}。of で数え始める日を書け、なければ前の操作の日。",
            "Its day, instead of `after`.",
            "on: { month_end: 1, of: \"{begin}\" }",
        ),
        Word::new(
            "as",
            Shape::Text,
            "行う人。owner、others の名前、system、または、その記録の保健所などの席（desk.examiner）。",
            "owner, one of others, system, or a seat at the office of the record.",
            "as: desk.examiner",
        )
        .needed(),
        Word::new(
            "name",
            Shape::Text,
            "席に着いている人の氏名。",
            "An official's name.",
            "name: \"{inspector}\"",
        ),
        Word::new(
            "for",
            Shape::Name,
            "職員が記録を始めるとき、だれの記録か。なければ owner。",
            "For whom an official opens a record.",
            "for: heir",
        ),
        Word::new(
            "when",
            Shape::Any,
            "引いた値がこのとおりの話だけで行う。",
            "Only in stories that drew these values.",
            "when: { outcome: [a, b] }",
        ),
        Word::new(
            "type",
            Shape::Name,
            "始める記録の種類。",
            "Record type to open.",
            "type: application",
        ),
        Word::new(
            "record",
            Shape::Text,
            "操作する記録（save_as の名前、名前.visits[0]）。なければ行わない。",
            "The record acted upon; the act is left out where there is none.",
            "record: \"a.visits[0]\"",
        ),
        Word::new("action", Shape::Name, "操作。", "Action.", "action: submit").needed(),
        Word::new(
            "input",
            Shape::Any,
            "書く内容。\"{名前}\" は引いた値に、{day: 3} などは操作の日から数えた日に（on と同じ）、{upload: 名前} は小さなファイルに、{record: a} はその記録になる。",
            "Input; \"{name}\" becomes the drawn value, {day: 3} the day three days after the act, {record: a} that record.",
            "input: { light: sun }",
        ),
        Word::new(
            "save_as",
            Shape::Name,
            "後で呼ぶ名前。",
            "Name for later acts.",
            "save_as: a",
        ),
        Word::new(
            "may_fail",
            Shape::Flag,
            "断られたら、話はそこで終わる（誤りとしない）。",
            "A refusal ends the story and is no fault.",
            "may_fail: true",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const ACT: PlaceInfo = PlaceInfo {
    place: Place::Act,
    id: "act",
    ja: "acts の1つ",
    en: "One act through the public API.",
    words: &[
        Word::new(
            "at",
            Shape::Whole,
            "今日から何日前か（負の数）。",
            "Days from today.",
            "at: -30",
        )
        .needed(),
        Word::new(
            "as",
            Shape::Name,
            "行う人（resident、business、examiner など）。",
            "Persona.",
            "as: resident",
        )
        .needed(),
        Word::new(
            "service",
            Shape::Name,
            "this か、サービスの slug。",
            "this, or a slug.",
            "service: this",
        ),
        Word::new(
            "type",
            Shape::Name,
            "始める記録の種類。",
            "Record type to open.",
            "type: application",
        ),
        Word::new(
            "record",
            Shape::Text,
            "操作する記録（save_as の名前、名前.visits[0]）。",
            "The record acted upon.",
            "record: a",
        ),
        Word::new("action", Shape::Name, "操作。", "Action.", "action: submit").needed(),
        Word::new(
            "input",
            Shape::Any,
            "書く内容。{upload: 名前} は小さなファイルに、{record: 名前} は前の操作の記録（名前.links.permit など）の番号に、{days: 3} は今日から3日後の日（負の数なら前）になる。明細の中でもよい。",
            "Input; {upload: NAME} becomes a small file, {record: NAME} the id of an earlier record, {days: 3} the day three days from today.",
            "input: { light: sun }",
        ),
        Word::new(
            "save_as",
            Shape::Name,
            "後で呼ぶ名前。",
            "Name for later acts.",
            "save_as: a",
        ),
    ],
    kinds: Kinds::None,
};
