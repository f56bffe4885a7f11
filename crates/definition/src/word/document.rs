//! Words of letters.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const DOCUMENT: PlaceInfo = PlaceInfo {
    place: Place::Document,
    id: "document",
    ja: "documents の1つ（文書）",
    en: "A letter, certificate or receipt about a record, as PDF and HTML. Where an action issues it (effect), each \
         issue is kept for ever; otherwise it is made anew from the record whenever somebody asks.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "文書の名前。",
            "Title.",
            "title: 登録証",
        )
        .needed(),
        Word::new(
            "template",
            Shape::Name,
            "documents/ にあるひな形（.typ を除いた名前）。なければ文書の名前と同じもの。",
            "Template in documents/, without .typ; the document's own name if left out.",
            "template: certificate",
        ),
        Word::new(
            "for",
            Shape::Names,
            "渡せる人。なければ、文書に書く項目をすべて見られる人。書いても、項目を見られない人には渡らない。",
            "Who may have it; never somebody who may not see what it says.",
            "for: [applicant, desk.examiner]",
        ),
        Word::new(
            "from",
            Shape::Names,
            "この状態のときに渡せる。なければいつでも。交付した文書はいつでも渡せる。",
            "States in which it is there; what was issued stays.",
            "from: [registered]",
        ),
        Word::new(
            "when",
            Shape::Expression,
            "この式が真のときだけ渡せる。",
            "Only while this holds.",
            "when: 'agreed'",
        ),
        Word::new(
            "language",
            Shape::Text,
            "文書の言葉（なければ ja）。",
            "Language of the letter.",
            "language: ja",
        ),
        Word::new(
            "data",
            Shape::NamedExpressions,
            "ひな形に渡す名前と式。ひな形では data.名前。日付は和暦、金額は円、選択肢は名前になる。空なら none。",
            "Names to expressions; in the template data.NAME, in the reader's manner, none where absent.",
            "data: { group: group, until: valid_until }",
        )
        .needed(),
        Word::new(
            "verify",
            Shape::Block(Place::Verify),
            "紙の文書に付く二次元コードから、本物かどうかをだれでも確かめられるようにする。",
            "Lets anyone check the paper by the code printed on it.",
            "verify: { valid: 'state = \"valid\"', show: { 番号: number } }",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const VERIFY: PlaceInfo = PlaceInfo {
    place: Place::Verify,
    id: "verify",
    ja: "verify（文書を確かめる画面）",
    en: "What the public page behind a letter's code says. Put in it only what everybody may know.",
    words: &[
        Word::new(
            "valid",
            Shape::Expression,
            "今日、有効か。",
            "Whether it is valid today.",
            "valid: 'state = \"valid\" and valid_until >= today'",
        )
        .needed(),
        Word::new(
            "says",
            Shape::Expression,
            "有効でないときに言う文。なければ状態の名前。",
            "What to say when it is not; the state's title if left out.",
            "says: '\"期間が終わりました\"'",
        ),
        Word::new(
            "show",
            Shape::Columns,
            "見せるもの。見出し: 式。空のものは出ない。個人のことは書かない。",
            "Headings to expressions; absent ones are left out. Nothing personal.",
            "show: { 番号: number }",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};
