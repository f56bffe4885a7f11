//! Words of sharing between services and bodies: `uses:`, `gives:`, `ground:` (利用及び提供の根拠).

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const USE: PlaceInfo = PlaceInfo {
    place: Place::Use,
    id: "use",
    ja: "uses の1つ（ほかのサービスの記録を読むこと）",
    en: "Records of another service that a party of this record owns. The other service must give those fields. Nothing is stored here; expressions do not read it.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "名前。",
            "Title.",
            "title: 委任の届け",
        )
        .needed(),
        Word::new(
            "from",
            Shape::Text,
            "読むサービスと記録の種類。ほかの package のもの。",
            "The service and record type that is read, of another package.",
            "from: delegations/delegation",
        )
        .needed(),
        Word::new(
            "of",
            Shape::Name,
            "だれの記録か。この記録の当事者の役割。",
            "Whose records: a role of this record's parties.",
            "of: applicant",
        )
        .needed(),
        Word::new(
            "states",
            Shape::Names,
            "この状態の記録だけ（読むサービスの状態）。なければすべて。",
            "Only in these states of the other type.",
            "states: [given]",
        ),
        Word::new(
            "fields",
            Shape::Names,
            "読む項目（読むサービスの項目）。目的に要るものだけを書く。",
            "The fields of the other type that are read; no more than the purpose needs.",
            "fields: [capacity_title]",
        )
        .needed(),
        Word::new(
            "for",
            Shape::Names,
            "読む職員の役割。",
            "Desk roles that read.",
            "for: desk.examiner",
        )
        .needed(),
        Word::new(
            "ground",
            Shape::Block(Place::Ground),
            "利用目的と根拠。",
            "What for, and what allows it.",
            "ground: { purpose: 登録の審査, law: 花の会要綱 第3条 }",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const GIVES: PlaceInfo = PlaceInfo {
    place: Place::Gives,
    id: "gives",
    ja: "gives（ほかのサービスに読ませること）",
    en: "The holder's half of a sharing: who may read what. A reading that the holder does not give is refused by the check and when it is tried.",
    words: &[
        Word::new(
            "to",
            Shape::Texts,
            "読んでよいサービス（folder の番号を除いた名前）。",
            "Slugs of the services.",
            "to: [reference]",
        )
        .needed(),
        Word::new(
            "fields",
            Shape::Names,
            "読んでよい項目。",
            "The most that may be read.",
            "fields: [capacity_title]",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const GROUND: PlaceInfo = PlaceInfo {
    place: Place::Ground,
    id: "ground",
    ja: "ground（利用目的と根拠）",
    en: "Why personal data crosses to another service or body, and what allows it: a law, or the person's consent (個人情報の保護に関する法律 69条). It is shown, and written into the note of who looked.",
    words: &[
        Word::new(
            "purpose",
            Shape::Prose,
            "利用目的。本人と、見る職員に見せる。",
            "What it is used for.",
            "purpose: 登録の審査",
        )
        .needed(),
        Word::new(
            "law",
            Shape::Prose,
            "根拠の法令と条項。consent と、どちらか1つを書く。",
            "Law and article; either this or consent.",
            "law: 花の会要綱 第3条",
        ),
        Word::new(
            "consent",
            Shape::Name,
            "同意をする項目（declaration）。その文が、同意する内容になる。必須にはできない。uses だけに書ける。",
            "The declaration by which the person consents; never required. Only under uses.",
            "consent: agreed",
        ),
        Word::new(
            "days",
            Shape::Count,
            "同意の効く日数（同意した日を含む。なければ365）。",
            "Days for which a consent holds (365 unless said).",
            "days: 180",
        ),
    ],
    kinds: Kinds::None,
};
