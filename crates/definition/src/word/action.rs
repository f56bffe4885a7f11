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
        Word::new(
            "assurance",
            Shape::Block(Place::Assured),
            "行う人がどれだけ確かに分かっていなければならないか。足りなければ断り、足し方を示す。職員には当人認証だけを求める（身元は任命した者が確かめている）。",
            "How surely whoever takes it must be known; who falls short is refused and told how to mend it. Officials, whose identity their employer vouches for, are asked for authentication alone.",
            "assurance: { identity: 2, authentication: 2 }",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const ASSURED: PlaceInfo = PlaceInfo {
    place: Place::Assured,
    id: "assurance",
    ja: "assurance（行う人の確かさ）",
    en: "How surely the actor must be known, in the levels of the Digital Agency's guideline DS-511 (which follow NIST SP 800-63): 1 low, 2 middle, 3 high. At least one of the two.",
    words: &[
        Word::new(
            "identity",
            Shape::Count,
            "身元確認保証レベル（1から3）。1は自己申告、2は本人確認書類などで確かめたもの、3は対面か公的個人認証などで確かめたもの。",
            "Identity assurance level (身元確認保証レベル), 1 to 3.",
            "identity: 2",
        ),
        Word::new(
            "authentication",
            Shape::Count,
            "当人認証保証レベル（1から3）。1は1つの要素、2は2つの要素（パスキーなど）、3は複製できない鍵を使うもの。",
            "Authentication assurance level (当人認証保証レベル), 1 to 3.",
            "authentication: 2",
        ),
    ],
    kinds: Kinds::None,
};
