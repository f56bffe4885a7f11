//! Words of `retention:` (保存期間).

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const RETENTION: PlaceInfo = PlaceInfo {
    place: Place::Retention,
    id: "retention",
    ja: "retention（保存期間と、満了したあと）",
    en: "How long a record is kept once it has ended, and what comes after. The rule is that of today's definition, also for records that began under an earlier one. A record that stays in force never runs out.",
    words: &[
        Word::new(
            "years",
            Shape::Count,
            "保存する年数（1から100）。permanent と、どちらか1つを書く。",
            "Years, 1 to 100; this or `permanent`.",
            "years: 5",
        ),
        Word::new(
            "permanent",
            Shape::Flag,
            "いつまでも保存するか。",
            "Kept for ever.",
            "permanent: true",
        ),
        Word::new(
            "from",
            Shape::Expression,
            "数えはじめる日。なければ、終わりの状態になった日。",
            "The day from which it counts; if left out, the day on which the record ended.",
            "from: valid_until",
        ),
        Word::new(
            "count",
            Shape::OneOf(&["fiscal_year", "year", "day"]),
            "年の数え方。fiscal_year は翌年度の4月1日から（なければこれ）、year は翌年の1月1日から、day は翌日から。",
            "From 1 April of the next fiscal year (the default), from 1 January of the next year, or from the next day.",
            "count: fiscal_year",
        ),
        Word::new(
            "then",
            Shape::OneOf(&["dispose", "archive", "review"]),
            "満了したら。dispose は廃棄（なければこれ）、archive は公文書館への移管、review は1件ずつ決める（どれもできる）。延長はいつもできる。",
            "What may be proposed when the time is over: disposal (the default), transfer to the archives, or either. Keeping longer always may.",
            "then: dispose",
        ),
        Word::new(
            "basis",
            Shape::Text,
            "保存期間を定めたもの。廃棄の記録に残る。",
            "What says so; it stands in the record of the disposal.",
            "basis: 文書管理規程",
        )
        .needed(),
        Word::new(
            "by",
            Shape::Names,
            "廃棄・延長を起案できる人（desk.役割）。",
            "Who proposes.",
            "by: desk.examiner",
        ),
        Word::new(
            "decide",
            Shape::Names,
            "決定できる人（desk.役割）。起案した本人は決定できない。",
            "Who decides; never whoever proposed.",
            "decide: desk.approver",
        ),
        Word::new(
            "unsent",
            Shape::Count,
            "届かないまま終わった記録（削除した下書きなど）を、終わってから何日で消すか（1から366）。職員は見ず、起案もしない。",
            "Days, 1 to 366, after which a record that ended and never arrived, such as a discarded draft, goes by itself. No official sees it or decides on it: it was never a document of the office.",
            "unsent: 30",
        ),
    ],
    kinds: Kinds::None,
};
