//! Words of electronic payment: what is asked of a gateway, and what its answers do.

use super::change::WHEN;
use super::{Kind, Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const CHARGE_EFFECT: Kind = Kind {
    name: "charge",
    ja: "電子納付を頼む。",
    en: "Asks the gateway to take a payment for this record.",
    words: &[Word::new(
        "charge",
        Shape::Block(Place::Charge),
        "電子納付を頼む。答えは gateway の操作で受ける。",
        "Asks the gateway to take a payment for this record; the type's gateway receives the answers.",
        "charge: { amount: 'amount', title: '\"手数料\"', until: pay_until }",
    )
    .needed()],
    example: "charge: { amount: 'amount', title: '\"手数料\"', until: pay_until }",
};

pub(super) const REFUND_EFFECT: Kind = Kind {
    name: "refund",
    ja: "納められたお金を返すよう頼む。",
    en: "Asks the gateway to give money back.",
    words: &[Word::new(
        "refund",
        Shape::Block(Place::Refund),
        "納められたお金を返すよう頼む。",
        "Asks the gateway to give money back; the type's gateway receives the answer.",
        "refund: { amount: 'amount', payment: gateway_payment, reason: reason }",
    )
    .needed()],
    example: "refund: { amount: 'amount', payment: gateway_payment, reason: reason }",
};

pub(super) const RECALL_EFFECT: Kind = Kind {
    name: "recall",
    ja: "まだ納められていない電子納付を取りやめる。二重に納められないようにする。",
    en: "Withdraws what is still open at the gateway, so that nobody pays twice.",
    words: &[Word::new(
        "recall",
        Shape::Block(Place::Recall),
        "まだ納められていない電子納付を取りやめる。",
        "Withdraws what is still open at the gateway.",
        "recall: { when: 'amount > 0' }",
    )
    .needed()],
    example: "recall: { when: 'amount > 0' }",
};

pub(super) const CHARGE: PlaceInfo = PlaceInfo {
    place: Place::Charge,
    id: "charge",
    ja: "charge（電子納付を頼む）",
    en: "A charge: what the payer is asked for, and until when.",
    words: &[
        Word::new(
            "amount",
            Shape::Expression,
            "額（円、整数）。",
            "Amount in whole yen.",
            "amount: 'amount'",
        )
        .needed(),
        Word::new(
            "title",
            Shape::Expression,
            "納付の画面に出す名目。",
            "What it is for, shown to the payer.",
            "title: '\"手数料\"'",
        )
        .needed(),
        Word::new(
            "until",
            Shape::Expression,
            "納付の期限の日。その日の終わりまで納められる。",
            "Last day on which it can be paid.",
            "until: pay_until",
        )
        .needed(),
        WHEN,
    ],
    kinds: Kinds::None,
};

pub(super) const REFUND: PlaceInfo = PlaceInfo {
    place: Place::Refund,
    id: "refund",
    ja: "refund（返すよう頼む）",
    en: "A refund of a payment that the gateway took.",
    words: &[
        Word::new(
            "amount",
            Shape::Expression,
            "額（円、整数）。",
            "Amount in whole yen.",
            "amount: 'amount'",
        )
        .needed(),
        Word::new(
            "payment",
            Shape::Expression,
            "代行会社の納付番号（gateway_payment で受けたもの）。",
            "The gateway's number of the payment.",
            "payment: gateway_payment",
        )
        .needed(),
        Word::new(
            "reason",
            Shape::Expression,
            "返す理由。",
            "Why.",
            "reason: reason",
        )
        .needed(),
        WHEN,
    ],
    kinds: Kinds::None,
};

pub(super) const RECALL: PlaceInfo = PlaceInfo {
    place: Place::Recall,
    id: "recall",
    ja: "recall（電子納付を取りやめる）",
    en: "Withdraws what is still open at the gateway for this record.",
    words: &[WHEN],
    kinds: Kinds::None,
};

const fn answer(
    name: &'static str,
    ja: &'static str,
    en: &'static str,
    example: &'static str,
) -> Word {
    Word::new(name, Shape::Name, ja, en, example)
}

pub(super) const GATEWAY: PlaceInfo = PlaceInfo {
    place: Place::Gateway,
    id: "gateway",
    ja: "gateway（電子納付の答え）",
    en: "The system actions that a gateway's answers perform. Their form may take: gateway_session, gateway_url, gateway_payment, gateway_refund, received_amount, received_on, paid_by (card, konbini, pay_easy), refunded_on, refused_reason, gateway_note, ended_session; for `day` also settled_on, gateway_name, file_count, file_total, counted_total, refunded_total, difference, offices (rows: service, office, file_amount, counted_amount, difference, unequal), differences (rows: number, service, office, file_amount, counted_amount, place, remedy).",
    words: &[
        Word::new(
            "pay_in",
            Shape::Names,
            "本人が納付の画面へ進める状態。",
            "States in which the owner may go and pay.",
            "pay_in: [ready]",
        ),
        Word::new(
            "terms",
            Shape::Prose,
            "納める前に見せる約束。",
            "What is shown before paying.",
            "terms: 納めた手数料は、原則としてお返しできません。",
        ),
        answer(
            "ready",
            "納付の画面ができた。",
            "The payer's page is there.",
            "ready: ready",
        ),
        answer(
            "paid",
            "お金が届いた。お金はいつでも届くので、どの状態からも行えるようにする。",
            "Money has arrived; possible from every state, since money comes when it will.",
            "paid: received",
        ),
        answer(
            "expired",
            "納められないまま期限が過ぎた。",
            "It ran out unpaid.",
            "expired: lapse",
        ),
        answer(
            "refunded",
            "返金が済んだ。",
            "Money was given back.",
            "refunded: refunded",
        ),
        answer(
            "refused",
            "返金ができなかった。",
            "It could not be given back.",
            "refused: refund_failed",
        ),
        answer(
            "stray",
            "宛先のわからないお金を預かる（記録を始める操作）。",
            "Opens a record for money that belongs to none.",
            "stray: keep",
        ),
        answer(
            "day",
            "1日分の突合の結果を残す（記録を始め、やり直しでは同じ記録に行う操作）。",
            "Keeps the comparison of one day; opens the record, and acts on it again.",
            "day: compare",
        ),
        answer(
            "counted",
            "届いたお金を日ごとに数える並び。初めの鍵は received_on。",
            "Index by which money is counted for each day; its first key is received_on.",
            "counted: by_received",
        ),
    ],
    kinds: Kinds::None,
};
