//! Words of an action.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const ACTION: PlaceInfo = PlaceInfo {
    place: Place::Action,
    id: "action",
    ja: "actions の1つ（操作）",
    en: "Who may, from which states to which, with which form, under which conditions, and what it does.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "ボタンに書く言葉。",
            "Title.",
            "title: 申請する",
        ),
        Word::new(
            "by",
            Shape::Names,
            "できる人: 当事者の役割、desk.役割、system、signed_in、public。",
            "Who may: a party's role, desk.ROLE, system, signed_in, public.",
            "by: applicant",
        )
        .needed(),
        Word::new(
            "opens",
            Shape::Flag,
            "新しい記録を始められるか。",
            "Whether it may open a record.",
            "opens: true",
        ),
        Word::new(
            "from",
            Shape::Names,
            "どの状態から。",
            "From which states.",
            "from: [draft, returned]",
        ),
        Word::new(
            "to",
            Shape::Name,
            "どの状態へ。なければ変わらない。",
            "To which state.",
            "to: submitted",
        ),
        Word::new(
            "form",
            Shape::Form,
            "書いてもらう項目。any は下書き用で、同じ人のほかの操作が聞く項目すべて（どれも任意、補正の言葉は除く）。",
            "Fields entered; any, for drafts: what the same people are asked elsewhere, none required.",
            "form: [place, light]",
        ),
        Word::new(
            "require",
            Shape::Blocks(Place::Condition),
            "満たすべき条件。",
            "Conditions.",
            "require: [{ that: 'count(helpers) > 0', else: 手伝う方を書いてください。 }]",
        ),
        Word::new(
            "when",
            Shape::Expression,
            "system の操作は、この式が真になると行われる。",
            "A system action is performed when this becomes true.",
            "when: 'every v in visits satisfies v.state = \"done\"'",
        ),
        Word::new(
            "route",
            Shape::Name,
            "通す決裁。",
            "Route that it goes through.",
            "route: kessai",
        ),
        Word::new(
            "change",
            Shape::Blocks(Place::Change),
            "同時に変えるもの。すべて行われるか、何も行われないか。",
            "What it does in the same commit.",
            "change: [{ open: visit, as: visits }]",
        ),
        Word::new(
            "effect",
            Shape::Blocks(Place::Effect),
            "終わった後に外へ頼むこと。",
            "What the outside world is asked afterwards.",
            "effect: [{ notify: { to: applicant, message: arrived } }]",
        ),
        Word::new(
            "confirm",
            Shape::Prose,
            "行う前に尋ねる文。",
            "Question asked before.",
            "confirm: この内容で申請しますか。",
        ),
        Word::new(
            "tone",
            Shape::OneOf(&["primary", "secondary", "danger"]),
            "ボタンの見え方。",
            "Look of its button.",
            "tone: primary",
        ),
        Word::new(
            "batch",
            Shape::Expression,
            "一括処理で多くの記録に行えるか。true か、まとめて行ってよい記録の条件。なければ1件ずつ。",
            "Whether one run may take it on many records: true, or the condition on each of them.",
            "batch: 'count(helpers) < 5'",
        ),
        Word::new(
            "corrects",
            Shape::Names,
            "訂正する項目。どれか1つは変わらなければならず、form に書いたほかの項目（訂正の理由など）は毎回あらためて書いてもらう。前の値は履歴に残る。",
            "Fields that it mends on a decided record; at least one must change, and the form's other fields are asked anew.",
            "corrects: [place, light]",
        ),
    ],
    kinds: Kinds::None,
};
