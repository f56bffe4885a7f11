//! Words of what a record shows beside its fields: outlook, comparison, notes, the counter, measures.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const OUTLOOK: PlaceInfo = PlaceInfo {
    place: Place::Outlook,
    id: "outlook",
    ja: "outlook（見通し）",
    en: "The day that its owner looks forward to, computed whenever it is read and never stored.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "何の日か。",
            "What day it is.",
            "title: 早くて始められる日",
        )
        .needed(),
        Word::new(
            "value",
            Shape::Expression,
            "その日（式）。空なら出さない。",
            "The day; not shown while absent.",
            "value: 'add business days(today, 5)'",
        )
        .needed(),
        Word::new(
            "because",
            Shape::Prose,
            "なぜその日か。{{ 式 }} に値が入る。",
            "Why; {{ expression }} is filled in.",
            "because: 審査に5開庁日かかります。",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const COMPARE: PlaceInfo = PlaceInfo {
    place: Place::Compare,
    id: "compare",
    ja: "compare の1つ（突合）",
    en: "Fields compared with those of records beside this one, for the desk: same, different, or not comparable, with the reason. Width, kana, old forms of kanji, hyphens and ways of writing an address make no difference.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "見出し。",
            "Title.",
            "title: 台帳との突合",
        )
        .needed(),
        Word::new(
            "with",
            Shape::Name,
            "相手。lookups、has、結び、parent のどれか。",
            "A lookup, a slot, a link or parent.",
            "with: same_plot",
        )
        .needed(),
        Word::new(
            "fields",
            Shape::NamedTexts,
            "この記録の項目: 相手の項目。",
            "Fields of this record to fields of the other.",
            "fields: { group: group, place: place }",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const NOTES: PlaceInfo = PlaceInfo {
    place: Place::Notes,
    id: "notes",
    ja: "notes（電話・窓口のメモ）",
    en: "Notes that a desk keeps in the history of a record: who, when, how, what was said. Only a desk reads them unless they are shared.",
    words: &[
        Word::new(
            "by",
            Shape::Names,
            "書ける人（desk.役割）。",
            "Who may write them.",
            "by: [desk.examiner]",
        )
        .needed(),
        Word::new(
            "how",
            Shape::Options,
            "どのように話したか。名前: 表示。なければ電話・窓口・メール。",
            "Ways; telephone, counter and mail if none are named.",
            "how: { phone: 電話, counter: 窓口 }",
        ),
        Word::new(
            "phrases",
            Shape::Name,
            "定型文の基準表（code、title、text）。",
            "Table of phrases.",
            "phrases: phrases",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const COUNTER: PlaceInfo = PlaceInfo {
    place: Place::Counter,
    id: "counter",
    ja: "counter（窓口での代行入力）",
    en: "A desk that keys in what a person without an account brings on paper or says, and acts for them afterwards. The history names the clerk.",
    words: &[
        Word::new(
            "by",
            Shape::Names,
            "代わって入力できる人（desk.役割）。",
            "Who may.",
            "by: [desk.examiner]",
        )
        .needed(),
        Word::new(
            "help",
            Shape::Prose,
            "窓口の人への1文。",
            "One sentence for the clerk.",
            "help: 本人に内容を読み上げて確かめてください。",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const MEASURE: PlaceInfo = PlaceInfo {
    place: Place::Measure,
    id: "measure",
    ja: "measures の1つ（数）",
    en: "A number kept in the same commit as the records that it counts. Expressions read the record's own values only.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "名前。",
            "Title.",
            "title: 登録した件数",
        )
        .needed(),
        Word::new(
            "unit",
            Shape::Prose,
            "単位（なければ件）。",
            "Unit.",
            "unit: 件",
        ),
        Word::new(
            "only",
            Shape::Expression,
            "この条件の記録だけを数える。",
            "Only records for which this holds.",
            "only: 'state = \"active\"'",
        ),
        Word::new(
            "sum",
            Shape::Expression,
            "足し合わせる値（なければ件数）。",
            "What is added up; a count if none.",
            "sum: fee",
        ),
        Word::new(
            "by",
            Shape::Columns,
            "分ける軸。見出し: 式（文）。4つまで。",
            "Dimensions: heading to text, at most four.",
            "by: { 月: 'month of(decided_on)', 区市町村: municipality }",
        )
        .needed(),
        Word::new(
            "small",
            Shape::Count,
            "これより少ない数は、記録を見られない人に出さない。なければ10。0なら、少なくても出す。",
            "Fewer than so many are withheld from whoever may not read the records counted; 10 if left out, 0 tells all.",
            "small: 5",
        ),
    ],
    kinds: Kinds::None,
};
