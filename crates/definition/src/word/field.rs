//! Words of a field and of its kinds.

use super::{Kind, Kinds, Place, PlaceInfo, Shape, Word};

const fn kind(
    name: &'static str,
    ja: &'static str,
    en: &'static str,
    words: &'static [Word],
    example: &'static str,
) -> Kind {
    Kind {
        name,
        ja,
        en,
        words,
        example,
    }
}

const OPTIONS: Word = Word::new(
    "options",
    Shape::Options,
    "選べるもの。名前: 表示、表示の一覧、table(基準表)、services（だれかが始められるサービスと、その手続き）、または roles（職員の役割）。",
    "Options: names to titles, titles, table(NAME), services (what people may begin, by service and by record type), or roles (those of officials).",
    "options: { sun: 日なた, shade: 日かげ }",
)
.needed();
const PHRASES: Word = Word::new(
    "phrases",
    Shape::Name,
    "定型文の基準表。入力 code、結果 title と text。",
    "Table of phrases: input code, outputs title and text.",
    "phrases: phrases",
);
const MIN: Word = Word::new("min", Shape::Amount, "最小。", "Least value.", "min: 0");
const MAX: Word = Word::new(
    "max",
    Shape::Amount,
    "最大。",
    "Greatest value.",
    "max: 100",
);

pub(super) const FIELD: PlaceInfo = PlaceInfo {
    place: Place::Field,
    id: "field",
    ja: "fields の1つ（項目）",
    en: "A field of a record or of a row. Further words depend on `type`.",
    words: &[
        Word::new(
            "type",
            Shape::Name,
            "項目の種類。",
            "Kind of the field.",
            "type: text",
        )
        .needed(),
        Word::new(
            "title",
            Shape::Prose,
            "項目の名前。基準表から選ぶ項目では、なければ基準表の名前。",
            "Title.",
            "title: 花の名前",
        ),
        Word::new(
            "help",
            Shape::Prose,
            "名前の下に出す説明。",
            "Help under the title.",
            "help: 学名でなくてかまいません。",
        ),
        Word::new(
            "required",
            Shape::Flag,
            "必ず書いてもらうか（見えている間）。",
            "Needed while shown.",
            "required: true",
        ),
        Word::new(
            "show_if",
            Shape::Expression,
            "この式が真の間だけ出し、聞き、残す。",
            "Shown, asked for and kept only while this holds.",
            "show_if: 'light = \"shade\"'",
        ),
        Word::new(
            "value",
            Shape::Expression,
            "計算で決まる値。人は書けない。",
            "Computed; never entered.",
            "value: 'count(helpers) * 100'",
        ),
        Word::new(
            "default",
            Shape::Expression,
            "空の書式に初めから入れておく値（式）。",
            "Value offered in an empty form.",
            "default: 'today'",
        ),
        Word::new(
            "check",
            Shape::Blocks(Place::Condition),
            "さらに確かめること。",
            "Further conditions.",
            "check: [{ that: 'area > 0', else: 0より大きい数を書いてください。 }]",
        ),
        Word::new(
            "missing",
            Shape::Prose,
            "必要なのに空のときに言う文。{{ 式 }} に値が入る。",
            "What to say when it is missing; {{ expression }} is filled in.",
            "missing: 写真を1枚以上付けてください。",
        ),
        Word::new(
            "sensitive",
            Shape::Flag,
            "see が名を挙げた人だけが見られる項目か。",
            "Shown only where a see rule names it.",
            "sensitive: true",
        ),
        Word::new(
            "fixed",
            Shape::Flag,
            "初めから値が入っているとき（default や copies）、画面では文として見せ、書き換えさせない項目か。確認の表の行などに使う。",
            "Whether forms only show a value that is there already, as in the rows of a check sheet.",
            "fixed: true",
        ),
        Word::new(
            "internal",
            Shape::Flag,
            "式・並び・決裁の道すじだけが使い、人が読むことのない項目か。計算で決まるか、change か system だけの操作で入り、書式・画面・文書・ファイルには出ない。API の記録にも出ず、調べる役割に要るときだけ see の only で名を挙げる（画面には出ない）。ほかの項目の見え方は変わらない。名前（title）は要らない。",
            "Machinery that only expressions, indexes and routes read: computed, or set by a change or a system action, on no page, form, letter or file, and in an API record only where a see rule names it under `only`. Hiding it takes nothing from who sees the record whole.",
            "internal: true",
        ),
        Word::new(
            "was",
            Shape::Name,
            "前の名前。値はそのまま引きつがれる。",
            "Old name; keeps the stable id.",
            "was: flower",
        ),
    ],
    kinds: Kinds::ByValue("type", KINDS),
};

const KINDS: &[Kind] = &[
    kind(
        "text",
        "文字。",
        "Text.",
        &[
            Word::new(
                "max",
                Shape::Count,
                "最大の文字数（なければ1行は200、複数行は4000）。",
                "Most characters.",
                "max: 40",
            ),
            Word::new(
                "multiline",
                Shape::Flag,
                "複数行か。",
                "Several lines.",
                "multiline: true",
            ),
            PHRASES,
            Word::new(
                "official",
                Shape::Block(Place::Condition),
                "職員を名指す項目。書くのはサインイン名で、残るのはアカウントの番号。その職員が満たす条件と、満たさないときに言う文を書く。職員は it（account、name、seats。席は role、office、authority）。",
                "It names an official: entered is the sign-in name, kept is the number of the account. The condition that the official must meet, over `it` (account, name and own seats).",
                "official: { that: 'some s in it.seats satisfies s.office = office', else: この所の職員を選んでください。 }",
            ),
            Word::new(
                "copies",
                Shape::NamedExpressions,
                "職員を名指したときに写す値（official のある項目だけ）。名指した職員は it。",
                "Values of other fields that are set whenever an official is named; they are `it`.",
                "copies: { keeper_name: it.name }",
            ),
            Word::new(
                "handed_over_by",
                Shape::Names,
                "引継ぎをする人（desk.役割。official のある項目だけ）。終わっていない記録のうち、席を離れる・離れた職員の名がある物と、だれの名もない物が「引継ぎ」の画面に並び、まとめてほかの職員に引き継げる。",
                "Desk roles that hand over open work of officials whose seat ends, and work that names nobody: on one page, many records in one go.",
                "handed_over_by: [desk.chief]",
            ),
        ],
        "type: text\ntitle: 名前\nmax: 40",
    ),
    kind(
        "number",
        "正確な数。",
        "Exact number.",
        &[
            Word::new(
                "scale",
                Shape::Count,
                "小数点以下の桁。",
                "Decimals.",
                "scale: 1",
            ),
            MIN,
            MAX,
            Word::new(
                "unit",
                Shape::Prose,
                "単位。",
                "Unit.",
                "unit: 平方メートル",
            ),
        ],
        "type: number\ntitle: 広さ\nscale: 1\nmin: 0\nunit: 平方メートル",
    ),
    kind(
        "yen",
        "円（整数）。",
        "Whole yen.",
        &[MIN, MAX],
        "type: yen\ntitle: 手数料\nmin: 0",
    ),
    kind(
        "boolean",
        "はい・いいえ。",
        "Yes or no.",
        &[],
        "type: boolean\ntitle: 水道がある",
    ),
    kind(
        "declaration",
        "同意する文。required なら同意が要る。",
        "A statement to agree to.",
        &[Word::new(
            "text",
            Shape::Prose,
            "同意する文。",
            "The statement.",
            "text: 書いたことに間違いありません。",
        )
        .needed()],
        "type: declaration\ntitle: 確認\ntext: 書いたことに間違いありません。",
    ),
    kind(
        "date",
        "日付。",
        "Civil day.",
        &[],
        "type: date\ntitle: 始める日",
    ),
    kind(
        "partial_date",
        "年、年月、または年月日まで分かる日付。",
        "A day known to the day, month or year.",
        &[],
        "type: partial_date\ntitle: 経験の始まり",
    ),
    kind(
        "datetime",
        "日時。",
        "Instant.",
        &[],
        "type: datetime\ntitle: 見回りの日時",
    ),
    kind(
        "choice",
        "1つ選ぶ。",
        "One of the options.",
        &[OPTIONS],
        "type: choice\ntitle: 日当たり\noptions: { sun: 日なた, shade: 日かげ }",
    ),
    kind(
        "choices",
        "いくつか選ぶ。",
        "Several of the options.",
        &[OPTIONS],
        "type: choices\ntitle: 来られる曜日\noptions: [土曜, 日曜]",
    ),
    kind(
        "person_name",
        "人の名前（姓名、カナ、ローマ字）。",
        "A person's name.",
        &[],
        "type: person_name\ntitle: 氏名",
    ),
    kind(
        "kana",
        "カナ。",
        "Kana.",
        &[],
        "type: kana\ntitle: 団体名（カナ）",
    ),
    kind(
        "email",
        "メールアドレス。",
        "Mail address.",
        &[],
        "type: email\ntitle: メール",
    ),
    kind(
        "phone",
        "電話番号。",
        "Telephone number.",
        &[],
        "type: phone\ntitle: 電話",
    ),
    kind(
        "postal_code",
        "郵便番号。",
        "Postal code.",
        &[],
        "type: postal_code\ntitle: 郵便番号",
    ),
    kind(
        "address",
        "所在地。.municipality .line .postal_code .town .building を持つ。",
        "Address.",
        &[],
        "type: address\ntitle: 花壇の場所",
    ),
    kind(
        "municipality",
        "区市町村（5桁）。",
        "Municipality.",
        &[],
        "type: municipality\ntitle: 区市町村",
    ),
    kind(
        "corporate_number",
        "法人番号（13桁）。",
        "Corporate number.",
        &[],
        "type: corporate_number\ntitle: 法人番号",
    ),
    kind(
        "individual_number",
        "個人番号（マイナンバー、12桁）。番号は記録とは別の保管庫に入り、記録には登録の有無だけが残る。一覧・検索・並び・式（given のほか）・文書・ファイル・公開には出ない。決裁（route）・一括処理・取込みでは受け取れない。",
        "Individual number (My Number). The number goes into a vault apart; the record only says that it is given. No list, search, index, letter, file, publication or expression (but `given`) ever holds it.",
        &[
            Word::new(
                "ground",
                Shape::Prose,
                "番号を受け取れる根拠。番号法（第9条）と、別表の項・準法定事務・条例のどれか。",
                "The law that allows asking for it: 番号法 9条 with the item of its 別表, a 準法定事務 or an ordinance.",
                "ground: 番号法第9条第1項 別表（花の会の手当の支給に関する事務）",
            )
            .needed(),
            Word::new(
                "open",
                Shape::Names,
                "番号を見られる役割。記録が見える、自分の席の人だけ。見るたびに目的を選び、「だれが見たか」に残る。",
                "Roles that may read it, from a seat of their own that sees the record; each reading states a purpose and is noted first.",
                "open: desk.examiner",
            )
            .needed(),
            Word::new(
                "purposes",
                Shape::NamedProse,
                "見る目的。名前: 言葉。見る人が1つ選ぶ。",
                "What it may be read for; the reader chooses one.",
                "purposes: { income: 所得の照会のため }",
            )
            .needed(),
        ],
        "type: individual_number\ntitle: 個人番号\nground: 番号法第9条第1項 別表（花の会の手当の支給に関する事務）\nopen: desk.examiner\npurposes: { income: 所得の照会のため }",
    ),
    kind(
        "account",
        "口座。",
        "Bank account.",
        &[],
        "type: account\ntitle: 振込先\nsensitive: true",
    ),
    kind(
        "files",
        "ファイル。",
        "Uploaded files.",
        &[
            Word::new(
                "min",
                Shape::Count,
                "少なくとも何個。",
                "At least so many.",
                "min: 1",
            ),
            Word::new(
                "max",
                Shape::Count,
                "多くて何個（なければ10）。",
                "At most so many.",
                "max: 5",
            ),
            Word::new(
                "types",
                Shape::Texts,
                "受け付ける種類（media type）。",
                "Media types accepted.",
                "types: [image/jpeg, image/png]",
            ),
            Word::new(
                "max_bytes",
                Shape::Count,
                "1個の最大の大きさ（なければ20 MiB）。",
                "Most bytes a file.",
                "max_bytes: 5000000",
            ),
        ],
        "type: files\ntitle: 写真\nmax: 3\ntypes: [image/jpeg, image/png]",
    ),
    kind(
        "rows",
        "明細（くり返し）。",
        "A repeating group.",
        &[
            Word::new(
                "fields",
                Shape::Named(Place::Field),
                "1行の項目。",
                "Fields of a row.",
                "fields: { who: { type: text, title: 名前 } }",
            )
            .needed(),
            Word::new(
                "min",
                Shape::Count,
                "少なくとも何行。",
                "At least so many rows.",
                "min: 1",
            ),
            Word::new(
                "max",
                Shape::Count,
                "多くて何行（なければ100）。",
                "At most so many rows.",
                "max: 20",
            ),
        ],
        "type: rows\ntitle: 手伝う方\nmax: 20\nfields:\n  who: { type: text, title: 名前 }",
    ),
    kind(
        "record",
        "同じサービスの記録（自分の許可など）を選ぶ。式では選んだ記録の項目が読める。change の set・act の相手にもなる。",
        "Records of the same service, such as one's own permit. Expressions read their fields; changes may aim at them.",
        &[
            Word::new(
                "of",
                Shape::Name,
                "選ぶ記録の種類。",
                "Record type.",
                "of: permit",
            )
            .needed(),
            Word::new(
                "where",
                Shape::Expression,
                "選べる条件。選ぶ記録は it。",
                "What a record must be, over `it`.",
                "where: 'it.state = \"valid\"'",
            ),
            Word::new(
                "among",
                Shape::Name,
                "lookups の名前。その中から選ぶ。なければ、操作する人に見えるものから選ぶ。",
                "A lookup among whose records one is chosen; else among those that the actor may see.",
                "among: same_place",
            ),
            Word::new(
                "max",
                Shape::Count,
                "多くて何件（なければ1件）。2以上なら、値は一覧。",
                "At most so many; more than one makes the value a list.",
                "max: 5",
            ),
            Word::new(
                "copies",
                Shape::NamedExpressions,
                "選んだときに、まだ空の項目に写す値。同じことを2度書いてもらわないために使う。",
                "Values for fields that are empty when a record is chosen, so that nothing is typed twice.",
                "copies: { place: registration.place }",
            ),
            Word::new(
                "start",
                Shape::Prose,
                "選ばれる記録の画面に出す、この記録を始めるボタンの言葉。",
                "Words of the button on the named record that begins a record of this type.",
                "start: 変更を届け出る",
            ),
        ],
        "type: record\ntitle: 変える登録\nof: permit",
    ),
    kind(
        "remarks",
        "項目や、図（画像、PDFのページ）の点に付ける補正の言葉。",
        "Remarks pinned to fields or to points of drawings: pictures, and pages of PDF files.",
        &[PHRASES],
        "type: remarks\ntitle: 補正の内容",
    ),
];
