//! Words of `closed:` (閲覧制限).

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const CLOSED: PlaceInfo = PlaceInfo {
    place: Place::Closed,
    id: "closed",
    ja: "closed（閲覧制限）",
    en: "When a record is closed beyond role, and who is in the circle that still sees it. The circle only narrows: whoever is in it also needs a see rule. Closing and opening are actions that make the condition true or false. Substitutes are never in it.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "画面に出す言葉。なければ「閲覧制限」。",
            "What the circle reads on the record.",
            "title: 閲覧制限（支援措置）",
        ),
        Word::new(
            "when",
            Shape::Expression,
            "閉じている条件。項目や状態で書き、それを変える操作が、閉じる操作と解く操作になる。どの操作のあとでも確かめる。",
            "It is closed while this holds; asked after each act on it.",
            "when: 'guarded = true'",
        )
        .needed(),
        Word::new(
            "circle",
            Shape::Names,
            "記録の所に自分の席がある、見られる役割（desk.役割）。",
            "Desk roles whose own seats at the record's office are in the circle.",
            "circle: [desk.chief]",
        ),
        Word::new(
            "named",
            Shape::Names,
            "見られる職員を指す項目（official のある項目）。その職員も、see の規則で見られる人に限る。",
            "Fields that name officials who are in the circle; they need a see rule too.",
            "named: [keeper]",
        ),
        Word::new(
            "ground",
            Shape::Expression,
            "閉じている理由。見られる職員の画面に出す。",
            "Why it is closed; the circle reads it.",
            "ground: guard_ground",
        ),
        Word::new(
            "until",
            Shape::Expression,
            "見直しの日。過ぎても、解くまでは閉じたまま。",
            "The day by which it is to be examined anew. It stays closed until somebody opens it.",
            "until: guard_until",
        ),
        Word::new(
            "hides_from",
            Shape::Names,
            "当事者のうち、この人たちにも見せない役割。なければ、当事者には見える。",
            "Roles of parties to whom it is closed as well; parties else keep seeing their own.",
            "hides_from: [aide]",
        ),
        Word::new(
            "counted",
            Shape::Flag,
            "閉じている間も、集計（measures）に数えるか。なければ数えない。",
            "Whether measures go on counting it; otherwise it is not counted while closed.",
            "counted: true",
        ),
    ],
    kinds: Kinds::None,
};
