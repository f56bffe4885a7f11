//! Words of `service.yaml`.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

/// How much of a message goes outside.
const OUTSIDE: &[&str] = &["full", "short", "none"];

pub(super) const SERVICE: PlaceInfo = PlaceInfo {
    place: Place::Service,
    id: "service",
    ja: "service.yaml（サービス）",
    en: "What the service is, who owns it, and what its records share.",
    words: &[
        Word::new("title", Shape::Prose, "サービスの名前。", "Title.", "title: 花の会の登録").needed(),
        Word::new("initiatives", Shape::Texts, "かなえる取組の番号（3桁、引用符で囲む）。空なら、ほかを支える帳簿として目録に出ない。", "Numbers of the initiatives that it fulfils; with none it is a book behind others and not in the catalogue.", "initiatives: [\"900\"]"),
        Word::new("area", Shape::Prose, "領域。", "Policy area.", "area: 生活福祉"),
        Word::new("category", Shape::OneOf(&["01", "02", "03", "04", "05", "06"]), "計画の区分（01から06）。", "Category of the plan.", "category: \"01\""),
        Word::new("status", Shape::OneOf(&["running", "preparing", "register"]), "running は運用中、preparing は準備中（事実だけを書く）、register は他が使う台帳や見本で目録に出ない。", "Running, preparing (facts only), or used by other packages.", "status: running").needed(),
        Word::new("owner", Shape::Prose, "所管の局や事務所。", "Bureau or office that owns it.", "owner: 福祉局").needed(),
        Word::new("summary", Shape::Prose, "住民に向けた1から3文の説明。", "What it offers, in one to three sentences.", "summary: 花壇の手入れをする方を登録します。").needed(),
        Word::new("audience", Shape::SomeOf(&["residents", "businesses", "providers", "hospitals", "municipalities", "staff"]), "使う人。", "Who uses it.", "audience: [residents, staff]"),
        Word::new("actors", Shape::Proses, "登場する人や組織。", "Actors in the plan's words.", "actors: [住民, 係の職員]"),
        Word::new("keywords", Shape::Texts, "探す人が打ちそうな語。", "Words that a resident would type.", "keywords: [花壇, 緑化]"),
        Word::new("capabilities", Shape::Texts, "使う能力の名前（一覧用）。", "Capabilities of the plan, for the catalogue.", "capabilities: [application, registry]"),
        Word::new("legal_basis", Shape::Proses, "根拠の法令や要綱。1行に1つ。", "Legal basis, a line each.", "legal_basis: [花の会要綱 第3条]"),
        Word::new("life_events", Shape::Proses, "ポータルで並ぶ「できごと」。", "Life events under which the portal shows it.", "life_events: [地域の活動に参加する]"),
        Word::new("retention", Shape::Prose, "記録の保存期間。", "How long records are kept.", "retention: 登録の終了後3年"),
        Word::new("plan", Shape::Block(Place::Plan), "計画書のどこに書かれているか。", "Where the plan speaks of it.", "plan: { document: 計画, page: 1, kind: system }"),
        Word::new("uses_tables", Shape::Names, "台帳（_registers）の基準表のうち使うもの。", "Shared tables of the registers that it uses.", "uses_tables: [municipalities]"),
        Word::new("extends", Shape::Blocks(Place::Extend), "もとにするひな型。後のものが前のものに重なり、この package の内容がその上に重なる。", "Archetypes that it extends.", "extends: [{ archetype: notification, with: { word: 届出 } }]"),
        Word::new("roles", Shape::NamedProse, "職員の役割。席がその役割を持つ人は desk.名前 として働く。", "Desk roles; a seat with one acts as desk.NAME.", "roles: { examiner: 審査担当 }"),
        Word::new("ledgers", Shape::Named(Place::Ledger), "残高（手数料、席、点数など）。", "Keyed balances.", "ledgers: { fees: { title: 手数料, unit: 円 } }"),
        Word::new("routes", Shape::Named(Place::Route), "決裁の道すじ。", "Routes of decision.", "routes: { kessai: { title: 決裁, steps: [{ title: 決定, by: desk.approver }] } }"),
        Word::new("guides", Shape::Named(Place::Guide), "「どれが要りますか」に答える質問。1画面に1つずつ聞き、行き先の書式を開く。", "Questions, one a screen, that lead to what a person needs.", "guides: { which: { title: どれが要りますか, questions: guide_questions, answers: guide_answers, start: first } }"),
        Word::new("doors", Shape::Named(Place::Door), "サービスのページで、始められる手続きを並べる見出し。書いた順に出る。ここにない手続きは「そのほかの手続き」に並ぶ。", "Headings under which the service page lists what can be begun, in this order.", "doors: { new: { title: はじめての方, records: [application] } }"),
        Word::new("outside", Shape::OneOf(OUTSIDE), "お知らせを外（メール、SMS、LINE、プッシュ）にどこまで書くか。messages に書かなければこれになる。full は全文、short は件名までと入口、none は外へ送らない。なければ short。", "How much of its messages goes outside My Page, unless a message says otherwise.", "outside: short"),
        Word::new("review", Shape::Block(Place::Review), "手続きが終わった後の利用者の声。書かなくても、申請が終わると聞く。", "The user review after a procedure; asked for even where nothing is written.", "review: { after: [application] }"),
        Word::new("messages", Shape::Named(Place::Message), "お知らせの文。{{ 式 }} に値が入る。", "Messages; {{ expression }} is filled in.", "messages: { arrived: { subject: \"{{number}} が届きました\", body: ご確認ください。 } }"),
    ],
    kinds: Kinds::None,
};

pub(super) const GUIDE: PlaceInfo = PlaceInfo {
    place: Place::Guide,
    id: "guide",
    ja: "guides の1つ（質問で導く）",
    en: "Questions that lead to what a person needs. Every answer leads to another question or to an outcome; what nobody can reach, circles and ways that are too long are errors.",
    words: &[
        Word::new("title", Shape::Prose, "見出し。", "Title.", "title: どの許可が要りますか").needed(),
        Word::new("help", Shape::Prose, "質問の前に見せる1文。", "One sentence.", "help: 6回までの質問でわかります。"),
        Word::new("taps", Shape::Count, "多くて何回の答えで行き先に着くか（なければ6）。", "The most answers on any way.", "taps: 6"),
        Word::new("questions", Shape::Name, "質問の基準表。入力 code、結果 title（help があれば説明）。", "Code list of the questions; an output help is shown below.", "questions: guide_questions").needed(),
        Word::new("answers", Shape::Name, "答えの基準表（hit: collect）。入力 question、結果 answer、next（次の質問）か result（わかったこと）、open（始める記録の種類）、fills（書式に入れておく値。a=1;b=2）。", "Table of the answers (collect): the input question; the outputs answer, next or result, open (a record type), fills (a=1;b=2).", "answers: guide_answers").needed(),
        Word::new("start", Shape::Name, "初めの質問。", "The first question.", "start: first").needed(),
        Word::new("covers", Shape::Names, "どの行も、どれかの行き先で選ばれていなければならない基準表。", "Code lists of which every code must be chosen by some outcome.", "covers: [plots]"),
    ],
    kinds: Kinds::None,
};

pub(super) const DOOR: PlaceInfo = PlaceInfo {
    place: Place::Door,
    id: "door",
    ja: "doors の1つ（手続きの見出し）",
    en: "A heading of the service page and the record types that are begun under it.",
    words: &[
        Word::new(
            "title",
            Shape::Prose,
            "見出し。",
            "Title.",
            "title: はじめての方",
        )
        .needed(),
        Word::new(
            "help",
            Shape::Prose,
            "見出しの下の1文。",
            "One sentence.",
            "help: 登録がまだの方は、ここからです。",
        ),
        Word::new(
            "records",
            Shape::Names,
            "その下に並べる記録の種類。当事者かだれでもが始められるもの。",
            "Record types that a person can begin, in this order.",
            "records: [application]",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const PLAN: PlaceInfo = PlaceInfo {
    place: Place::Plan,
    id: "plan",
    ja: "plan（計画書の場所）",
    en: "Where the plan speaks of the service.",
    words: &[
        Word::new(
            "document",
            Shape::Text,
            "文書の名前。",
            "Document.",
            "document: 計画（2025年3月）",
        )
        .needed(),
        Word::new("page", Shape::Count, "ページ。", "Page.", "page: 16"),
        Word::new(
            "kind",
            Shape::Text,
            "取組の種類。",
            "Kind of the initiative.",
            "kind: system",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const EXTEND: PlaceInfo = PlaceInfo {
    place: Place::Extend,
    id: "extend",
    ja: "extends の1つ（ひな型）",
    en: "One archetype and its parameters.",
    words: &[
        Word::new(
            "archetype",
            Shape::Name,
            "ひな型の名前（services/_archetypes の folder）。",
            "Archetype.",
            "archetype: notification",
        )
        .needed(),
        Word::new(
            "with",
            Shape::Any,
            "ひな型の parameters に入れる値。",
            "Values of its parameters.",
            "with: { word: 届出 }",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const LEDGER: PlaceInfo = PlaceInfo {
    place: Place::Ledger,
    id: "ledger",
    ja: "ledgers の1つ（残高）",
    en: "A ledger: keyed balances with post, hold and floor.",
    words: &[
        Word::new("title", Shape::Prose, "名前。", "Title.", "title: 手数料").needed(),
        Word::new(
            "unit",
            Shape::Prose,
            "数の後に付く単位。",
            "Unit shown after the amount.",
            "unit: 円",
        )
        .needed(),
        Word::new(
            "floor",
            Shape::Amount,
            "残高から押さえを引いた数は、これを下回れない。",
            "The balance less what is held may not fall below this.",
            "floor: 0",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const ROUTE: PlaceInfo = PlaceInfo {
    place: Place::Route,
    id: "route",
    ja: "routes の1つ（決裁の道すじ）",
    en: "A route of decision: draft, steps, decision. The drafter never approves.",
    words: &[
        Word::new("title", Shape::Prose, "名前。", "Title.", "title: 決裁").needed(),
        Word::new(
            "draft",
            Shape::Block(Place::Draft),
            "起案。",
            "Who drafts.",
            "draft: { by: desk.examiner, required: false }",
        ),
        Word::new(
            "steps",
            Shape::Blocks(Place::Step),
            "審査、合議、決定。書いた順に進み、最後の段が決定。",
            "Steps; the last is the decision.",
            "steps: [{ title: 決定, by: desk.approver }]",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const DRAFT: PlaceInfo = PlaceInfo {
    place: Place::Draft,
    id: "draft",
    ja: "draft（起案）",
    en: "Who drafts.",
    words: &[
        Word::new(
            "by",
            Shape::Names,
            "起案できる人。",
            "Who may draft.",
            "by: desk.examiner",
        )
        .needed(),
        Word::new(
            "required",
            Shape::Flag,
            "別の人の起案がなければ決定できないか。",
            "Whether a decision needs a draft by another person.",
            "required: true",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const STEP: PlaceInfo = PlaceInfo {
    place: Place::Step,
    id: "step",
    ja: "steps の1つ（決裁の段）",
    en: "One step of a route.",
    words: &[
        Word::new("title", Shape::Prose, "名前。", "Title.", "title: 決定").needed(),
        Word::new(
            "by",
            Shape::Names,
            "だれが。",
            "Who takes it.",
            "by: desk.approver",
        )
        .needed(),
        Word::new(
            "when",
            Shape::Expression,
            "この式が真のときだけ要る段。",
            "Needed only if this holds.",
            "when: 'amount > 100'",
        ),
        Word::new(
            "every",
            Shape::Flag,
            "by の全員（役割ごとに1人）が要るか。順は問わない（並行の合議）。順に回すときは段を分ける。",
            "Whether every role under by must take it, in any order; else one of them is enough.",
            "every: true",
        ),
        Word::new(
            "delegated",
            Shape::Expression,
            "専決。決められる役割の名前（by のどれか）。by は下の役から上の役へ並べ、この役と、それより上の役が決められる。起案のときに決まり、起案のない決定は一番上の役だけができる。決定の段だけに書く。",
            "The role under by, listed from junior to senior, from which on one may decide; fixed when it is drafted.",
            "delegated: 'if amount > 100 then \"director\" else \"manager\"'",
        ),
        Word::new(
            "substitute",
            Shape::Flag,
            "不在のとき、その人が頼んだ代わりの人が決めてよいか（代決）。戻ったら後閲を待つ。",
            "Whether the substitute of an absent person may take it; the absent one acknowledges afterwards.",
            "substitute: true",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const MESSAGE: PlaceInfo = PlaceInfo {
    place: Place::Message,
    id: "message",
    ja: "messages の1つ（お知らせ）",
    en: "A message; `{{ expression }}` is filled in, （未入力） where the value is absent.",
    words: &[
        Word::new(
            "subject",
            Shape::Prose,
            "件名。",
            "Subject.",
            "subject: \"{{number}} が届きました\"",
        )
        .needed(),
        Word::new(
            "body",
            Shape::Prose,
            "本文。",
            "Body.",
            "body: 内容をご確認ください。",
        )
        .needed(),
        Word::new(
            "outside",
            Shape::OneOf(OUTSIDE),
            "マイページの外（メール、SMS、LINE、プッシュ）にどこまで書くか。full は全文、short は件名（番号のほかの値が入るものは出さない）と入口、none は外へ送らない。なければ service.yaml の outside。",
            "How much of it goes outside My Page: all, its subject and the way in, or nothing.",
            "outside: none",
        ),
        Word::new(
            "urgent",
            Shape::Flag,
            "急ぎのお知らせか。受け取る人が決めた夜の時間にも送る。",
            "Whether it is sent in the reader's quiet hours too.",
            "urgent: true",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const REVIEW: PlaceInfo = PlaceInfo {
    place: Place::Review,
    id: "review",
    ja: "review（利用者の声）",
    en: "What is asked after a procedure. Answers are never joined to the case.",
    words: &[
        Word::new(
            "off",
            Shape::Flag,
            "true なら聞かない（命にかかわる相談など）。",
            "Whether nothing is asked.",
            "off: true",
        ),
        Word::new(
            "after",
            Shape::Names,
            "どの記録が終わった後に聞くか。なければ、当事者が始め、到達があり、終わる状態を持つすべて。",
            "After which record types; by default all that a party owns, that arrive and that end.",
            "after: [application]",
        ),
    ],
    kinds: Kinds::None,
};
