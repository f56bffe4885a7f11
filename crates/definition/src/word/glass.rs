//! Words of `break_glass:` (緊急閲覧).

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const BREAK_GLASS: PlaceInfo = PlaceInfo {
    place: Place::BreakGlass,
    id: "break_glass",
    ja: "break_glass（緊急閲覧）",
    en: "Who may read a record in an emergency although they may not else: with a reason, for some hours, read only. Keepers of the office are told and look through it. A child that has these words too is read with its parent.",
    words: &[
        Word::new(
            "by",
            Shape::Names,
            "緊急閲覧のできる役割（desk.役割）。自分の席に限り、代理の席ではできない。",
            "Desk roles that may, with a seat of their own.",
            "by: [desk.night]",
        )
        .needed(),
        Word::new(
            "hours",
            Shape::Count,
            "見られる時間（1～168）。なければ24時間。",
            "For how many hours, 1 to 168; 24 if left out.",
            "hours: 8",
        ),
        Word::new(
            "reasons",
            Shape::NamedProse,
            "選んでもらう理由。このほかに、事情を言葉で書いてもらう。",
            "Reasons to choose from; words are asked for besides.",
            "reasons: { life: 生命や身体の危険 }",
        )
        .needed(),
        Word::new(
            "find",
            Shape::Names,
            "記録を言い当ててもらう並び（indexes）。求める職員は、その鍵（番号、文字、日付）のすべてを入れる。一覧や候補は出さない。",
            "Indexes by which a record is named: whoever asks gives every key (number, text or date). No list is ever offered.",
            "find: [by_number, by_person]",
        )
        .needed(),
        Word::new(
            "tell",
            Shape::Expression,
            "知らせる所。その所の「緊急閲覧の確認」の席に届く。なければ、記録の所。",
            "The office whose keepers are told; the record's own if left out.",
            "tell: '\"本庁\"'",
        ),
        Word::new(
            "fields",
            Shape::FieldSet,
            "見せる項目。なければ、sensitive でないすべて。",
            "Which fields show; all that are not sensitive if left out.",
            "fields: { only: [name, allergy] }",
        ),
    ],
    kinds: Kinds::None,
};
