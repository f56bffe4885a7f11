//! Words of changes and effects.

use super::{Kind, Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const WHEN: Word = Word::new(
    "when",
    Shape::Expression,
    "この式が真のときだけ。",
    "Only if this holds.",
    "when: 'agreed'",
);
const KEY: Word = Word::new(
    "key",
    Shape::Expression,
    "どの残高か。",
    "Key of the balance (text).",
    "key: 'string(number)'",
)
.needed();
const AMOUNT: Word = Word::new(
    "amount",
    Shape::Expression,
    "数。",
    "Amount.",
    "amount: 'fee'",
)
.needed();
const WITH: Word = Word::new(
    "with",
    Shape::NamedExpressions,
    "相手の項目に入れる値。この記録の名前で書く（for_each では row も）。",
    "Values of its fields, over this record's names.",
    "with: { light: 'row.light' }",
);

pub(super) const CHANGE: PlaceInfo = PlaceInfo {
    place: Place::Change,
    id: "change",
    ja: "change の1つ（変更）",
    en: "What an act does in the same commit; at most 100 records.",
    words: &[],
    kinds: Kinds::ByWord(&[
        Kind {
            name: "open",
            ja: "記録を始める。",
            en: "Opens a record of the same service.",
            words: &[
                Word::new(
                    "open",
                    Shape::Name,
                    "始める記録の種類。",
                    "Record type.",
                    "open: visit",
                )
                .needed(),
                Word::new(
                    "as",
                    Shape::Name,
                    "has の名前なら子になる。ほかの名前ならその名前で結ばれる。",
                    "A slot of has, else a link name.",
                    "as: visits",
                ),
                Word::new(
                    "for_each",
                    Shape::Name,
                    "明細の1行ごとに1つ。行は row。",
                    "One for each row.",
                    "for_each: helpers",
                ),
                WITH,
                Word::new(
                    "state",
                    Shape::Name,
                    "始まりの状態。",
                    "The state it begins in.",
                    "state: open",
                ),
                Word::new(
                    "parties",
                    Shape::Flag,
                    "当事者を写すか（なければ true）。",
                    "Whether parties are copied.",
                    "parties: false",
                ),
                WHEN,
            ],
            example: "open: visit\nas: visits",
        },
        Kind {
            name: "set",
            ja: "項目に値を入れる。",
            en: "Sets fields of this record or of related ones.",
            words: &[
                Word::new(
                    "set",
                    Shape::Name,
                    "this、parent、has の名前、結びの名前。",
                    "this, parent, a slot or a link.",
                    "set: this",
                )
                .needed(),
                Word::new(
                    "fields",
                    Shape::NamedExpressions,
                    "項目と値。",
                    "Fields and values.",
                    "fields: { until: 'today' }",
                )
                .needed(),
                WHEN,
            ],
            example: "set: this\nfields: { until: 'today' }",
        },
        Kind {
            name: "act",
            ja: "結ばれた記録に system の操作を行う。",
            en: "Performs a system action on related records.",
            words: &[
                Word::new(
                    "act",
                    Shape::Name,
                    "parent、has の名前、結びの名前。",
                    "parent, a slot or a link.",
                    "act: parent",
                )
                .needed(),
                Word::new(
                    "do",
                    Shape::Name,
                    "相手の操作（by に system を含むもの）。",
                    "The action.",
                    "do: close",
                )
                .needed(),
                WITH,
                WHEN,
            ],
            example: "act: parent\ndo: close",
        },
        Kind {
            name: "party",
            ja: "結ばれた記録の当事者を、この記録の当事者に替える（承継など）。",
            en: "Puts a party of this record into a role of related ones, as in a succession.",
            words: &[
                Word::new(
                    "party",
                    Shape::Name,
                    "相手の記録での当事者の役割。",
                    "Role in the related record.",
                    "party: applicant",
                )
                .needed(),
                Word::new(
                    "of",
                    Shape::Name,
                    "parent、has の名前、結びの名前。",
                    "parent, a slot or a link.",
                    "of: registration",
                )
                .needed(),
                Word::new(
                    "from",
                    Shape::Name,
                    "この記録での当事者の役割。",
                    "Role in this record.",
                    "from: applicant",
                )
                .needed(),
                WHEN,
            ],
            example: "party: applicant\nof: registration\nfrom: applicant",
        },
        Kind {
            name: "post",
            ja: "残高に足す（負なら引く）。",
            en: "Posts to a ledger.",
            words: &[
                Word::new("post", Shape::Name, "残高の名前。", "Ledger.", "post: fees").needed(),
                KEY,
                AMOUNT,
            ],
            example: "post: fees\nkey: 'string(number)'\namount: 'fee'",
        },
        Kind {
            name: "hold",
            ja: "残高を押さえる。",
            en: "Holds an amount.",
            words: &[
                Word::new("hold", Shape::Name, "残高の名前。", "Ledger.", "hold: fees").needed(),
                KEY,
                AMOUNT,
            ],
            example: "hold: fees\nkey: 'string(number)'\namount: 'fee'",
        },
        Kind {
            name: "release",
            ja: "押さえを解く。",
            en: "Releases what was held.",
            words: &[
                Word::new(
                    "release",
                    Shape::Name,
                    "残高の名前。",
                    "Ledger.",
                    "release: fees",
                )
                .needed(),
                KEY,
                AMOUNT,
            ],
            example: "release: fees\nkey: 'string(number)'\namount: 'fee'",
        },
    ]),
};

pub(super) const EFFECT: PlaceInfo = PlaceInfo {
    place: Place::Effect,
    id: "effect",
    ja: "effect の1つ（効果）",
    en: "What the outside world is asked afterwards.",
    words: &[],
    kinds: Kinds::ByWord(&[
        Kind {
            name: "notify",
            ja: "知らせる。",
            en: "Sends a message.",
            words: &[Word::new(
                "notify",
                Shape::Block(Place::Notify),
                "知らせる。",
                "Sends a message.",
                "notify: { to: applicant, message: arrived }",
            )
            .needed()],
            example: "notify: { to: applicant, message: arrived }",
        },
        super::payment::CHARGE_EFFECT,
        super::payment::REFUND_EFFECT,
        super::payment::RECALL_EFFECT,
        Kind {
            name: "issue",
            ja: "文書を交付する。そのときの内容で作られ、いつまでも変わらない。交付するたびに1通になる。",
            en: "Issues a letter: fixed as it is at that moment, once for each performance.",
            words: &[
                Word::new(
                    "issue",
                    Shape::Name,
                    "documents の名前。",
                    "A name of documents.",
                    "issue: certificate",
                )
                .needed(),
                Word::new(
                    "on",
                    Shape::Name,
                    "どの記録の文書か: this（なければこれ）、parent、has の名前、結びの名前。",
                    "Whose document: this (the default), parent, a slot or a link.",
                    "on: permit",
                ),
                WHEN,
            ],
            example: "issue: certificate",
        },
    ]),
};

pub(super) const NOTIFY: PlaceInfo = PlaceInfo {
    place: Place::Notify,
    id: "notify",
    ja: "notify（知らせる）",
    en: "A message to a party or to a desk, of the record's office or of another.",
    words: &[
        Word::new(
            "to",
            Shape::Name,
            "当事者の役割、desk（事務所のみな）、desk.役割。",
            "A party's role, desk, or desk.ROLE.",
            "to: applicant",
        )
        .needed(),
        Word::new(
            "office",
            Shape::Expression,
            "知らせる事務所（to が desk か desk.役割のとき）。なければこの記録の事務所。空になれば知らせない。移す先の事務所などに知らせるときに書く。その事務所の人が読めるよう、see の of も書く。",
            "The office that is told, where `to` is a desk; the record's own unless given, and nobody while it is absent.",
            "office: offered_to",
        ),
        Word::new(
            "message",
            Shape::Name,
            "送る文。",
            "Message.",
            "message: arrived",
        )
        .needed(),
        WHEN,
    ],
    kinds: Kinds::None,
};
