//! Words of `looked:` (だれが見たか).

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const LOOKED: PlaceInfo = PlaceInfo {
    place: Place::Looked,
    id: "looked",
    ja: "looked（「だれが見たか」に見せること）",
    en: "What the people of a record are told of who looked at it. Every reading is written down whatever stands here; without it, offices and roles show, and nothing is withheld. The rule is that of today's definition.",
    words: &[
        Word::new(
            "names",
            Shape::Flag,
            "見た職員の氏名も見せるか。なければ、所属と役割だけを見せる。",
            "Whether the names of officials show; otherwise office and role.",
            "names: true",
        ),
        Word::new(
            "withheld",
            Shape::Blocks(Place::Withheld),
            "法令により本人に見せない閲覧。監査には見える。本人の画面には、見せない閲覧があり得ることと、その根拠を出す。",
            "Readings that law keeps from the person. Auditors see them; the person is told that there may be such, and on what ground.",
            "withheld: [{ by: desk.inspector, states: [site_check], basis: 花壇の登録の要綱（架空） }]",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const WITHHELD: PlaceInfo = PlaceInfo {
    place: Place::Withheld,
    id: "withheld",
    ja: "withheld の1つ（本人に見せない閲覧）",
    en: "Readings kept from the person, and the law that says so.",
    words: &[
        Word::new(
            "by",
            Shape::Names,
            "どの役割の閲覧か（desk.役割）。なければ、すべての職員。",
            "Whose readings; those of all officials if left out.",
            "by: desk.inspector",
        ),
        Word::new(
            "states",
            Shape::StateSet,
            "記録がこの状態のあいだだけ。ほかの状態になれば見せる。",
            "Only while the record is in these states; afterwards they show.",
            "states: [site_check]",
        ),
        Word::new(
            "basis",
            Shape::Text,
            "根拠の法令。本人の画面に出る。",
            "The legal basis; the person reads it.",
            "basis: 個人情報の保護に関する法律第78条第1項第7号",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};
