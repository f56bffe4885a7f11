//! Words of `records/NAME.yaml` but for fields, actions and lists.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const RECORD: PlaceInfo = PlaceInfo {
    place: Place::Record,
    id: "record",
    ja: "records/名前.yaml（記録の種類）",
    en: "A record type: typed fields, states, parties, an authority, children, actions.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "記録の名前。",
            "Title.",
            "title: 登録の申請",
        )
        .needed(),
        Word::new(
            "help",
            Shape::Prose,
            "書く人への1文。",
            "One sentence for those who fill it in.",
            "help: 5分ほどで書けます。",
        ),
        Word::new(
            "include",
            Shape::Names,
            "parts/名前.yaml に書いた、いくつかの記録に共通の部分（項目など）。この記録に書いたものが上に重なり、先に並ぶ。",
            "Parts (`parts/NAME.yaml`) that several record types share; what the record says itself lies upon them and comes first.",
            "include: [contact]",
        ),
        Word::new(
            "register",
            Shape::Flag,
            "他の記録が事実として使う台帳か。",
            "Whether its records are facts for others.",
            "register: true",
        ),
        Word::new(
            "number",
            Shape::Block(Place::Number),
            "公の番号。",
            "Official number.",
            "number: { pattern: \"花-{seq:04}\", drawn_at: submit }",
        ),
        Word::new(
            "arrives_at",
            Shape::Name,
            "到達となる操作。その日が arrived_on になる。",
            "The action whose first performance is the arrival.",
            "arrives_at: submit",
        ),
        Word::new(
            "label",
            Shape::Expression,
            "一覧でこの記録を呼ぶ1行。",
            "One line that names a record in lists.",
            "label: place.line",
        ),
        Word::new(
            "authority",
            Shape::Expression,
            "処分庁の5桁の番号。",
            "Five-digit code of the authority.",
            "authority: '\"13000\"'",
        ),
        Word::new(
            "office",
            Shape::Expression,
            "扱う事務所の名前。",
            "Name of the office.",
            "office: '\"緑化係\"'",
        ),
        Word::new(
            "municipality",
            Shape::Expression,
            "区市町村の5桁の番号。",
            "Five-digit municipality code.",
            "municipality: place.municipality",
        ),
        Word::new(
            "pinned",
            Shape::Flag,
            "始めたときの定義を最後まで使うか（ふつうは true、台帳は false）。",
            "Whether open records keep the definition they began with.",
            "pinned: false",
        ),
        Word::new(
            "parties",
            Shape::Named(Place::Party),
            "当事者。",
            "Parties by role.",
            "parties: { applicant: { title: 申請者, is: [person], owner: true } }",
        ),
        Word::new(
            "fields",
            Shape::Named(Place::Field),
            "項目。書いた順に並ぶ。",
            "Fields, in the order of the form.",
            "fields: { name: { type: text, title: 名前 } }",
        ),
        Word::new(
            "lookups",
            Shape::Named(Place::Lookup),
            "条件で見つけて横に見せる記録。保存しない。",
            "Records found by a condition and shown beside.",
            "lookups: { same: { title: 同じ場所, of: plot, index: by_place, keys: [place.municipality] } }",
        ),
        Word::new(
            "outlook",
            Shape::Block(Place::Outlook),
            "本人が待つ日の見通し。読むたびに計算する。",
            "The day its owner looks forward to.",
            "outlook: { title: 早くて始められる日, value: due, because: 審査が済むまでの日です。 }",
        ),
        Word::new(
            "compare",
            Shape::Named(Place::Compare),
            "横に見せる記録との、項目ごとの突合。",
            "Comparison with records beside it, field by field.",
            "compare: { earlier: { title: 前の登録, with: same, fields: { group: group } } }",
        ),
        Word::new(
            "notes",
            Shape::Block(Place::Notes),
            "電話・窓口のメモを履歴に残せるようにする。",
            "Notes of calls and visits, kept in the history.",
            "notes: { by: desk.examiner }",
        ),
        Word::new(
            "counter",
            Shape::Block(Place::Counter),
            "アカウントのない人に代わって、窓口で入力できるようにする。",
            "Entry at the counter for people without an account.",
            "counter: { by: desk.examiner }",
        ),
        Word::new(
            "retention",
            Shape::Block(Place::Retention),
            "終わった記録の保存期間と、満了したあとのこと。書かなければ満了しない。子の記録に書かなければ、親とともに保存し、廃棄する。",
            "How long a record is kept after it has ended, and what comes after. Without it a record is never disposed of; a child without one goes with its parent.",
            "retention: { years: 5, basis: 文書管理規程, by: desk.examiner, decide: desk.approver }",
        ),
        Word::new(
            "looked",
            Shape::Block(Place::Looked),
            "「だれが見たか」で、本人に見せること。",
            "What its people are told of who looked at it.",
            "looked: { names: true }",
        ),
        Word::new(
            "uses",
            Shape::Named(Place::Use),
            "ほかのサービスの記録から読むこと。法令の根拠か本人の同意が要る。担当が押したときにだけ読み、だれが見たかに根拠とともに残る。",
            "What officials read of another service about a party, under a law or a consent; read only when asked for, and noted with its ground.",
            "uses: { earlier: { title: 前の登録, from: delegations/delegation, of: applicant, fields: [capacity_title], for: desk.examiner, ground: { purpose: 登録の審査, law: 花の会要綱 第3条 } } }",
        ),
        Word::new(
            "gives",
            Shape::Block(Place::Gives),
            "ほかのサービスに読ませてよい項目。書かなければ、どのサービスにも読ませない。",
            "What other services may read of it. Without it, nothing.",
            "gives: { to: [reference], fields: [capacity_title] }",
        ),
        Word::new(
            "closed",
            Shape::Block(Place::Closed),
            "閲覧制限。役割で見られる人のうち、決まった人だけに見せ、ほかの人には記録がないものとして扱う。子の記録は親に従う。",
            "Records closed beyond role: for everybody but the circle they do not exist. Children follow their parent.",
            "closed: { when: 'guarded = true', circle: desk.chief }",
        ),
        Word::new(
            "break_glass",
            Shape::Block(Place::BreakGlass),
            "緊急閲覧。見られない職員に、理由と時間を限って、読むことだけを許す。使うと、確認の担当に届く。",
            "Lets officials who may not see a record read it in an emergency: with a reason, for some hours; keepers are told.",
            "break_glass: { by: desk.night, hours: 8, reasons: { life: 生命や身体の危険 }, find: by_number }",
        ),
        Word::new(
            "measures",
            Shape::Named(Place::Measure),
            "件数や金額の集計。記録と同時に増減する。",
            "Counts and sums, kept as records change.",
            "measures: { open: { title: 登録の数, by: { 状態: state } } }",
        ),
        Word::new(
            "has",
            Shape::Named(Place::Child),
            "子の記録。",
            "Children by slot.",
            "has: { visits: { type: visit, title: 見回り } }",
        ),
        Word::new(
            "states",
            Shape::Named(Place::State),
            "状態。最初のものが始まり。",
            "States; the first is the beginning.",
            "states: { draft: { title: 下書き, waits_for: applicant } }",
        )
        .needed(),
        Word::new(
            "clocks",
            Shape::Named(Place::Clock),
            "期間（営業日）。",
            "Deadlines in business days.",
            "clocks: { standard: { title: 標準処理期間, from: [submitted], until: [closed], days: '10' } }",
        ),
        Word::new(
            "actions",
            Shape::Named(Place::Action),
            "操作。",
            "Actions.",
            "actions: { submit: { title: 申請する, by: applicant, opens: true, to: submitted } }",
        )
        .needed(),
        Word::new(
            "gateway",
            Shape::Block(Place::Gateway),
            "電子納付。納付の代行会社（gateway）の答えで行う操作。",
            "Electronic payment: what the gateway's answers do.",
            "gateway: { pay_in: [ready], ready: ready, paid: received, expired: lapse }",
        ),
        Word::new(
            "see",
            Shape::Blocks(Place::See),
            "だれが、どこまで見られるか。書かれていない人には見えない。",
            "Who sees which records and fields.",
            "see: [{ who: applicant, scope: own }]",
        )
        .needed(),
        Word::new(
            "indexes",
            Shape::Named(Place::Index),
            "一覧と絞り込みを支える並び。",
            "Orders that serve lists and filters.",
            "indexes: { by_due: { keys: [waits_for, due] } }",
        ),
        Word::new(
            "search",
            Shape::Texts,
            "全文検索に入れる項目の道。番号と label はいつも入る。",
            "Paths of fields whose text is searched.",
            "search: [name, place.line]",
        ),
        Word::new(
            "unique",
            Shape::Named(Place::Unique),
            "重なってはならない値。",
            "Uniqueness.",
            "unique: { plot: { keys: [plot], else: この区画は登録されています。 } }",
        ),
        Word::new(
            "documents",
            Shape::Named(Place::Document),
            "文書（許可証、通知、控え）。",
            "Letters.",
            "documents: { certificate: { title: 登録証, data: { group: group } } }",
        ),
        Word::new(
            "views",
            Shape::Named(Place::View),
            "画面（一覧）。",
            "Views.",
            "views: { inbox: { title: 受付箱, for: desk.examiner, index: by_due, columns: { 番号: number } } }",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const NUMBER: PlaceInfo = PlaceInfo {
    place: Place::Number,
    id: "number",
    ja: "number（番号）",
    en: "How an official number is drawn, by authority and fiscal year.",
    words: &[
        Word::new(
            "pattern",
            Shape::Text,
            "{fiscal_year}、{authority}、{seq}、{seq:05} を含む形。",
            "Literal text with {fiscal_year}, {authority}, {seq} or {seq:0N}.",
            "pattern: \"花-{fiscal_year}-{seq:05}\"",
        )
        .needed(),
        Word::new(
            "drawn_at",
            Shape::Name,
            "番号を付ける操作。なければ始めたとき。",
            "Action at which it is drawn.",
            "drawn_at: submit",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const PARTY: PlaceInfo = PlaceInfo {
    place: Place::Party,
    id: "party",
    ja: "parties の1つ（当事者）",
    en: "A role that a party has in a record.",
    words: &[
        Word::new("title", Shape::Prose, "呼び名。", "Title.", "title: 申請者").needed(),
        Word::new(
            "is",
            Shape::SomeOf(&["person", "corporation", "body"]),
            "なれるもの。",
            "Who can be it.",
            "is: [person, corporation]",
        ),
        Word::new(
            "owner",
            Shape::Flag,
            "自分の記録として見て操作できるか。",
            "Whether the party owns the record.",
            "owner: true",
        ),
        Word::new(
            "invited",
            Shape::Block(Place::Invited),
            "持ち主が、続きを頼む人をこの役割に招けるか。招かれた人は、持ち主が取りやめるまでこの役割にいる。見られる範囲は see に、できることは actions の by に書く。記録を始めること（opens）はできず、子の記録や、この記録を選ぶほかの記録にはかかわらない。式には出てこない。",
            "Whether an owner may invite others into this role, to go on with the record. They stand in it until an owner revokes it; see and actions say what they may. They open no records and name none by it; copies of the parties leave them out, and expressions do not know them.",
            "invited: { from: [draft], joined: joined, acted: acted }",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const INVITED: PlaceInfo = PlaceInfo {
    place: Place::Invited,
    id: "invited",
    ja: "invited（続きを頼む）",
    en: "How an owner invites another person to go on with a record: by a link and a code apart from it, each used once. Owners see who is invited and revoke it at any time.",
    words: &[
        Word::new(
            "from",
            Shape::Names,
            "招き、引き受けられる状態。なければ初めの状態。",
            "States in which one may invite and accept; the first state if left out.",
            "from: [draft]",
        ),
        Word::new(
            "days",
            Shape::Count,
            "リンクを使える日数（1から30。なければ7）。",
            "Days for which the link can be accepted, 1 to 30.",
            "days: 7",
        ),
        Word::new(
            "most",
            Shape::Count,
            "1つの記録で同時に招ける人数（1から5。なければ3）。",
            "The most who are invited at a time, 1 to 5.",
            "most: 3",
        ),
        Word::new(
            "joined",
            Shape::Name,
            "引き受けられたときに、持ち主に送る文。actor が引き受けた人。",
            "Message to the owners when somebody has accepted: the actor.",
            "joined: joined",
        )
        .needed(),
        Word::new(
            "acted",
            Shape::Name,
            "招かれた人が記録を別の状態へ進めたときに、持ち主に送る文。actor が招かれた人。",
            "Message to the owners when an invited person, the actor, has moved the record to another state.",
            "acted: acted",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const CONDITION: PlaceInfo = PlaceInfo {
    place: Place::Condition,
    id: "condition",
    ja: "check・require の1つ（条件）",
    en: "A condition and what to say when it does not hold. `{{ expression }}` in the sentence is typed over the same names as the condition; （未入力） where the value is absent.",
    words: &[
        Word::new(
            "that",
            Shape::Expression,
            "成り立つべき条件。",
            "A condition.",
            "that: 'count(helpers) > 0'",
        )
        .needed(),
        Word::new(
            "else",
            Shape::Prose,
            "成り立たないときに言う文。何をすればよいかまで書く。{{ 式 }} に値が入る。",
            "What is wrong and what to do; {{ expression }} is filled in.",
            "else: 手伝う方を1人以上書いてください。",
        )
        .needed(),
        Word::new(
            "field",
            Shape::Name,
            "文を出す項目。",
            "The field at which it is shown.",
            "field: helpers",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const LOOKUP: PlaceInfo = PlaceInfo {
    place: Place::Lookup,
    id: "lookup",
    ja: "lookups の1つ（横に見せる記録）",
    en: "Records found by a condition, newest first, shown and never stored.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "見出し。",
            "Title.",
            "title: 同じ場所の登録",
        )
        .needed(),
        Word::new(
            "of",
            Shape::Name,
            "探す記録の種類。",
            "Record type of the same service.",
            "of: plot",
        )
        .needed(),
        Word::new(
            "index",
            Shape::Name,
            "探すのに使う並び（相手の indexes）。",
            "Index of that type that serves it.",
            "index: by_place",
        )
        .needed(),
        Word::new(
            "keys",
            Shape::Expressions,
            "並びの初めの鍵に入れる値。",
            "Values for the leading keys.",
            "keys: ['place.municipality']",
        )
        .needed(),
        Word::new(
            "where",
            Shape::Expression,
            "残りの条件。見つけた記録は it。",
            "The rest of the condition, over `it`.",
            "where: 'it.state = \"active\"'",
        ),
        Word::new(
            "limit",
            Shape::Count,
            "多くてもこの件数（なければ20）。",
            "At most so many.",
            "limit: 10",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const CHILD: PlaceInfo = PlaceInfo {
    place: Place::Child,
    id: "child",
    ja: "has の1つ（子の記録）",
    en: "A slot of children.",
    words: &[
        Word::new(
            "type",
            Shape::Name,
            "記録の種類。",
            "Record type.",
            "type: visit",
        )
        .needed(),
        Word::new("title", Shape::Prose, "見出し。", "Title.", "title: 見回り").needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const STATE: PlaceInfo = PlaceInfo {
    place: Place::State,
    id: "state",
    ja: "states の1つ（状態）",
    en: "A state.",
    words: &[
        Word::new("title", Shape::Prose, "名前。", "Title.", "title: 審査中").needed(),
        Word::new(
            "waits_for",
            Shape::Name,
            "だれを待っているか。",
            "Who is waited for.",
            "waits_for: desk.examiner",
        ),
        Word::new(
            "line",
            Shape::Prose,
            "本人に見せる「いまどうなっているか」の1文。",
            "One sentence to the owner.",
            "line: 係が確かめています。",
        ),
        Word::new(
            "ended",
            Shape::Flag,
            "終わった状態か。",
            "Whether the record has ended.",
            "ended: true",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const CLOCK: PlaceInfo = PlaceInfo {
    place: Place::Clock,
    id: "clock",
    ja: "clocks の1つ（期間）",
    en: "A deadline in business days, the first day excluded.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "名前。",
            "Title.",
            "title: 標準処理期間",
        )
        .needed(),
        Word::new(
            "from",
            Shape::Names,
            "この状態に初めて入ると始まる。",
            "Starts on entering one of these states.",
            "from: [submitted]",
        )
        .needed(),
        Word::new(
            "paused_in",
            Shape::Names,
            "この状態の間は止まる。",
            "Stands still in these states.",
            "paused_in: [returned]",
        ),
        Word::new(
            "until",
            Shape::Names,
            "この状態に入ると終わる。",
            "Ends on entering one of these.",
            "until: [closed]",
        )
        .needed(),
        Word::new(
            "days",
            Shape::Expression,
            "営業日の数。",
            "Business days allowed.",
            "days: 'limits(as_of, \"standard\").days'",
        )
        .needed(),
        Word::new(
            "remind",
            Shape::Block(Place::Remind),
            "前もって、また当日に知らせる。",
            "Who is reminded.",
            "remind: { to: desk.examiner, message: due_soon, days_before: [3] }",
        ),
        Word::new(
            "on_due",
            Shape::Name,
            "期限の日に行う system の操作。",
            "A system action performed when it falls due.",
            "on_due: expire",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const REMIND: PlaceInfo = PlaceInfo {
    place: Place::Remind,
    id: "remind",
    ja: "remind（期限の知らせ）",
    en: "Who is reminded of a clock, also on the due day.",
    words: &[
        Word::new(
            "to",
            Shape::Name,
            "知らせる相手。",
            "To whom.",
            "to: desk.examiner",
        )
        .needed(),
        Word::new(
            "message",
            Shape::Name,
            "送る文。",
            "Message.",
            "message: due_soon",
        )
        .needed(),
        Word::new(
            "days_before",
            Shape::Counts,
            "何営業日前に。",
            "Business days before.",
            "days_before: [3, 1]",
        ),
    ],
    kinds: Kinds::None,
};
