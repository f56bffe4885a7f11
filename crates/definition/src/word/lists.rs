//! Words of what is seen and listed.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const SEE: PlaceInfo = PlaceInfo {
    place: Place::See,
    id: "see",
    ja: "see の1つ（見られる範囲）",
    en: "Who sees which records and which of their fields.",
    words: &[
        Word::new("who", Shape::Names, "だれが。", "Whom it is about.", "who: [desk.examiner, desk.approver]").needed(),
        Word::new("scope", Shape::OneOf(&["own", "office", "municipality", "authority", "all"]), "own は自分の、office は席の事務所の（事務所のない席からは見えない。管理者や監査には all を書く）、municipality は席の区市町村の、authority は席の処分庁の、all はすべて。", "Which records. A seat without an office sees none under `office`; give it `all`.", "scope: office").needed(),
        Word::new("of", Shape::Name, "席と比べる値を持つ項目（文字か選択肢）。なければ記録の事務所・区市町村・処分庁。移す先の事務所にも見せるときなどに使う。", "Field that names the office, municipality or authority; the record's own unless given.", "of: offered_to"),
        Word::new("states", Shape::StateSet, "この状態のものだけ。", "Only in these states.", "states: { except: [draft] }"),
        Word::new("fields", Shape::FieldSet, "見せる項目。", "Which fields.", "fields: { except: [phone] }"),
        Word::new("ground", Shape::Block(Place::Ground), "別の団体（区市町村）の職員に見せるときの利用目的と根拠の法令。見るたびに「だれが見たか」に残る。", "Why officials of another body see, and the law that allows it; noted with each reading. Needed for `scope: municipality` of desk roles.", "ground: { purpose: 花の会の案内, law: 花の会要綱 第3条 }"),
        Word::new("names", Shape::Flag, "当事者や操作した人の氏名、応対の記録、つながる記録の中身も見せるか。書かなければ、only で項目を挙げた規則と、だれにでも見せる規則では見せず、ほかでは見せる。項目を隠しても、氏名は隠れない。", "Whether names of parties and actors, notes and what related records tell show. By default not under `only` nor for everybody. Hiding a field never hides a name.", "names: false"),
    ],
    kinds: Kinds::None,
};

pub(super) const STATE_SET: PlaceInfo = PlaceInfo {
    place: Place::StateSet,
    id: "state-set",
    ja: "states（状態の範囲）",
    en: "A set of states by exception.",
    words: &[Word::new(
        "except",
        Shape::Names,
        "これらのほか。",
        "All but these.",
        "except: [draft]",
    )
    .needed()],
    kinds: Kinds::None,
};

pub(super) const FIELD_SET: PlaceInfo = PlaceInfo {
    place: Place::FieldSet,
    id: "field-set",
    ja: "fields（項目の範囲）",
    en: "A set of fields.",
    words: &[
        Word::new(
            "only",
            Shape::Names,
            "これらだけ。",
            "Only these.",
            "only: [place]",
        ),
        Word::new(
            "except",
            Shape::Names,
            "これらのほか。",
            "All but these.",
            "except: [phone]",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const INDEX: PlaceInfo = PlaceInfo {
    place: Place::Index,
    id: "index",
    ja: "indexes の1つ（並び）",
    en: "An order and filter of up to four keys; leading keys serve equality, the next a range and the sort.",
    words: &[
        Word::new("keys", Shape::Texts, "鍵。項目の道か state、number、created_at、updated_at、arrived_on、due、waits_for。4つまで。", "Field paths, state, number, created_at, updated_at, arrived_on, due, waits_for.", "keys: [waits_for, due]").needed(),
        Word::new("only", Shape::Expression, "この条件の記録だけを並べる。", "Only records for which this holds.", "only: 'state = \"active\"'"),
    ],
    kinds: Kinds::None,
};

pub(super) const UNIQUE: PlaceInfo = PlaceInfo {
    place: Place::Unique,
    id: "unique",
    ja: "unique の1つ（重複の禁止）",
    en: "No two records may have equal values.",
    words: &[
        Word::new(
            "keys",
            Shape::Expressions,
            "重なってはならない値（式）。空なら確かめない。",
            "Values; no constraint while one is absent.",
            "keys: ['plot']",
        )
        .needed(),
        Word::new(
            "only",
            Shape::Expression,
            "この条件の記録だけ。",
            "Condition under which it counts.",
            "only: 'state = \"active\"'",
        ),
        Word::new(
            "else",
            Shape::Prose,
            "重なったときに言う文。{{ 式 }} に、後から来た記録の値が入る。",
            "What to say; {{ expression }} is filled in from the record that came second.",
            "else: \"{{plot}} は登録されています。\"",
        )
        .needed(),
    ],
    kinds: Kinds::None,
};

pub(super) const VIEW: PlaceInfo = PlaceInfo {
    place: Place::View,
    id: "view",
    ja: "views の1つ（画面）",
    en: "A list of records, a board of their states, a calendar of their days; or numbers: a chart, a map of the municipalities, a report by month, several on one page.",
    words: &[
        Word::new("title", Shape::Prose, "名前。", "Title.", "title: 受付箱").needed(),
        Word::new(
            "kind",
            Shape::OneOf(&[
                "list",
                "board",
                "calendar",
                "chart",
                "map",
                "report",
                "dashboard",
            ]),
            "list は一覧（なければこれ）、board は状態ごとの列、calendar は暦、chart は棒や線の図と表、map は区市町村の地図と表、report は月報、dashboard はほかの画面を1枚に並べたもの。",
            "How it is shown; a list if nothing is said.",
            "kind: chart",
        ),
        Word::new(
            "for",
            Shape::Names,
            "だれの画面か。",
            "Who has it.",
            "for: [desk.examiner]",
        )
        .needed(),
        Word::new(
            "index",
            Shape::Name,
            "支える並び（list、board、calendar には要る）。",
            "Index that serves it (list, board, calendar).",
            "index: by_due",
        ),
        Word::new(
            "filter",
            Shape::Expression,
            "絞り込み。並びの鍵だけを使う。today と actor も使える。",
            "Filter over the index's keys; today and actor may be used.",
            "filter: 'waits_for = \"desk.examiner\"'",
        ),
        Word::new(
            "sort",
            Shape::Text,
            "並べる鍵。前に - を付けると逆順。",
            "Sort key; a leading - for descending.",
            "sort: due",
        ),
        Word::new(
            "columns",
            Shape::Columns,
            "見出し: 式。",
            "Headings to expressions.",
            "columns: { 番号: number, 状態: state_title }",
        ),
        Word::new(
            "batch",
            Shape::Names,
            "選んだ行にまとめて行える操作。その操作に batch が要る。",
            "Actions that may be taken on many rows at once; each must have `batch`.",
            "batch: [decide]",
        ),
        Word::new(
            "selected",
            Shape::Flag,
            "はじめから全部の行を選んでおくか。",
            "Whether all rows are chosen to begin with.",
            "selected: true",
        ),
        Word::new(
            "date",
            Shape::Name,
            "calendar で置く日。並びで絞り込みの次の鍵。",
            "The day by which a calendar places a record: the key after the filtered ones.",
            "date: planned_on",
        ),
        Word::new(
            "lanes",
            Shape::Names,
            "board の列になる状態。並びの初めの鍵は state。",
            "States that are the lanes of a board; the index begins with state.",
            "lanes: [submitted, returned]",
        ),
        Word::new(
            "measures",
            Shape::Names,
            "chart、map、report で見せる数。",
            "Measures shown.",
            "measures: [decided]",
        ),
        Word::new(
            "across",
            Shape::Text,
            "横に並べる軸（measures の by の見出し）。",
            "Dimension along the axis, of the map or down the report.",
            "across: 月",
        ),
        Word::new(
            "split",
            Shape::Text,
            "色で分ける軸。",
            "Dimension of the series.",
            "split: 区分",
        ),
        Word::new(
            "month",
            Shape::Text,
            "report で月を選ぶ軸。",
            "Dimension by which a report picks its month.",
            "month: 月",
        ),
        Word::new(
            "periods",
            Shape::SomeOf(&["month", "quarter", "fiscal_year", "year"]),
            "report をどの期間で作るか。month は月報、quarter は四半期報（第1四半期は4月から6月まで）、fiscal_year は年度報（4月から3月まで）、year は年報（1月から12月まで）。なければ月報だけ。",
            "Periods that a report is made for: months unless said. Quarters are those of the fiscal year, April to March.",
            "periods: [month, quarter, fiscal_year]",
        ),
        Word::new(
            "shape",
            Shape::OneOf(&["bar", "line"]),
            "chart の形。",
            "Shape of a chart.",
            "shape: bar",
        ),
        Word::new(
            "show",
            Shape::Names,
            "dashboard に並べる画面。",
            "Views on a dashboard.",
            "show: [by_month, by_place]",
        ),
        Word::new(
            "close",
            Shape::Block(Place::Close),
            "report の月などの期間を締められるようにする。締めた数はそのまま残り、あとから変わった数は訂正として理由とともに記録する。",
            "Lets periods of a report be closed: the figures are kept as they stood, later differences are recorded as corrections.",
            "close: { by: desk.auditor }",
        ),
    ],
    kinds: Kinds::None,
};

pub(super) const CLOSE: PlaceInfo = PlaceInfo {
    place: Place::Close,
    id: "close",
    ja: "close（期間の締め）",
    en: "Who closes a period of a report for good, corrects it and opens it again. One that is not over is never closed; stuck effects and money that does not agree are told first.",
    words: &[
        Word::new(
            "by",
            Shape::Names,
            "締める人、訂正を記録する人（desk.役割）。for にあり、すべての記録を見られる役割だけ。per: office なら、所の記録を見られる役割も書ける。",
            "Desk roles that close a period and record corrections; each is among `for` and sees all records, or those of the office where offices close their own.",
            "by: desk.auditor",
        )
        .needed(),
        Word::new(
            "reopen",
            Shape::Names,
            "理由を書いて締めを解ける人（desk.役割）。なければ、だれにも解けない。",
            "Desk roles that open a closed period again with a reason; nobody if left out.",
            "reopen: desk.auditor",
        ),
        Word::new(
            "per",
            Shape::OneOf(&["office"]),
            "office と書くと、所ごとに、その所の数だけを締める。数（measures）には、どれにも事務所の軸が要る。",
            "With `office` each office closes its own figures; every measure shown needs the dimension `office`.",
            "per: office",
        ),
    ],
    kinds: Kinds::None,
};
