//! Words of what goes out as open data and of what comes in as a file.

use super::{Kinds, Place, PlaceInfo, Shape, Word};

pub(super) const PUBLICATION: PlaceInfo = PlaceInfo {
    place: Place::Publication,
    id: "publication",
    ja: "publications/名前.yaml（公開）",
    en: "Open data made of a register: which records, which columns, how often. A past day can be made anew.",
    words: &[
        Word::new("title", Shape::Prose, "データの名前。", "Title of the data set.", "title: 花壇の一覧").needed(),
        Word::new("summary", Shape::Prose, "何のデータかを1から3文で。", "What it is, in one to three sentences.", "summary: 花の会が手入れをする花壇の一覧です。").needed(),
        Word::new("of", Shape::Name, "公開する記録の種類。", "Record type that is published.", "of: permit").needed(),
        Word::new("where", Shape::Expression, "この条件の記録だけを載せる。", "Only records for which this holds.", "where: 'state = \"valid\"'"),
        Word::new("opt_out", Shape::Expression, "この条件の記録は、本人の申出などにより載せない（数だけを数える）。", "Records left out at the holder's wish; counted.", "opt_out: 'unlisted = true'"),
        Word::new("persons", Shape::Names, "人の氏名が入る文字の項目。当事者の名前と person_name の項目のほかにあれば挙げる。載せる文字がこれと同じ行も自動で止まる。", "Text fields that hold names of people, besides parties and fields of the type person_name: rows that would show one are held back too.", "persons: [representative]"),
        Word::new("release", Shape::Expression, "個人の氏名と同じ文字のある行は自動で止まる。この条件が真なら、職員が確かめて公開を認めたものとして載せる。", "A row with a text equal to a person's name is held back unless this holds: staff have decided.", "release: 'released = true'"),
        Word::new("keep", Shape::Expression, "止まった行のうち、職員が載せないと決めたもの。確かめを待つ行の一覧に出なくなる。", "Of the rows held back, those that staff have decided to keep back: they wait no longer.", "keep: 'released = false'"),
        Word::new("by_law", Shape::NamedProse, "だれにも見える（see の public）項目のほかに、法令などにより公開する項目と、その根拠。", "Fields published by law though `see` does not show them to the public, with the basis.", "by_law: { phone: 花の会要綱 第5条 }"),
        Word::new("columns", Shape::Headings, "見出し: 式。書いた順に並ぶ。line は1から数える行の番号。文字・数・日付になる式だけ。個人でありうる当事者の名前は if 当事者.kind = \"corporation\" then … の中だけで使える。", "Headings to expressions, in order. Names of parties only under a guard on their kind.", "columns: { 団体: group, 区画: plot }").needed(),
        Word::new("formats", Shape::SomeOf(&["csv", "json", "xlsx"]), "出すファイルの形式。", "Formats of the files.", "formats: [csv, json, xlsx]").needed(),
        Word::new("encoding", Shape::OneOf(&["utf8", "utf8_bom", "cp932"]), "CSV の文字コード（なければ utf8）。cp932 にない文字は〓にして、どの行の何かを職員に知らせる。", "Encoding of the CSV; what CP932 lacks becomes 〓 and is reported.", "encoding: utf8_bom"),
        Word::new("file", Shape::Text, "ファイルの名前（拡張子なし。なければ公開の名前）。", "File name without its ending.", "file: 015_flower_beds"),
        Word::new("by", Shape::Names, "作り直しと、止まった行の確かめをする職員。", "Who may make it anew and sees what was held back.", "by: desk.approver").needed(),
        Word::new("every", Shape::OneOf(&["day", "month"]), "作り直すのは毎日か毎月か。", "How often it is made.", "every: month").needed(),
        Word::new("on_day", Shape::Count, "毎月なら何日に（なければ1日）。", "Day of the month.", "on_day: 1"),
        Word::new("licence", Shape::Text, "利用の条件（CC-BY-4.0 など）。", "Licence.", "licence: CC-BY-4.0").needed(),
        Word::new("theme", Shape::Text, "分野。EU の data-theme の符号（HEAL、AGRI など）。", "Theme, a code of the EU's data-theme.", "theme: HEAL"),
        Word::new("contact", Shape::Prose, "問合せ先。", "Whom to ask.", "contact: 緑化係"),
        Word::new("keywords", Shape::Texts, "さがすときの語。", "Keywords.", "keywords: [花壇, 緑化]"),
    ],
    kinds: Kinds::None,
};

pub(super) const IMPORT: PlaceInfo = PlaceInfo {
    place: Place::Import,
    id: "import",
    ja: "imports/名前.yaml（取込み）",
    en: "Rows of a file (CSV or Excel) become acts on records; the same file again changes only what changed.",
    words: &[
        Word::new("title", Shape::Prose, "取込みの名前。", "Title.", "title: 紙の台帳の取込み").needed(),
        Word::new("summary", Shape::Prose, "どのファイルを取り込むか。", "Which file it takes.", "summary: 花の会の名簿（CSV か Excel）を取り込みます。"),
        Word::new("into", Shape::Name, "記録の種類。", "Record type.", "into: permit").needed(),
        Word::new("act", Shape::Name, "1行ごとに行う操作（opens: true。前に取り込んだ記録も直すなら from も）。", "The action performed for each row.", "act: enter").needed(),
        Word::new("key", Shape::Name, "同じ行かどうかを決める項目。この項目で始まる indexes が要る。", "Field by which a row is known again; an index must begin with it.", "key: source_key").needed(),
        Word::new("headings", Shape::NamedLists, "式で使う名前と、ファイルの見出し（いくつか書けば、あるものを使う）。", "Names for expressions, with the headings of the file; of several the one that is there.", "headings: { name: [団体, 団体名] }").needed(),
        Word::new("fields", Shape::NamedExpressions, "項目と値。見出しの名前（文字。空のこともある）と today、基準表、read date(文字)、read address(文字) が使える。", "Fields and values over the headings.", "fields: { group: name }").needed(),
        Word::new("party", Shape::Block(Place::ImportParty), "だれの記録になるか。", "Whose record it becomes.", "party: { name: holder, kind: '\"corporation\"' }"),
        Word::new("require", Shape::Blocks(Place::Condition), "満たさない行は、理由を付けて取り込まない。", "Rows that do not meet it are rejected with the sentence.", "require: [{ that: 'name != null', else: 団体の名前がありません。 }]"),
    ],
    kinds: Kinds::None,
};

pub(super) const IMPORT_PARTY: PlaceInfo = PlaceInfo {
    place: Place::ImportParty,
    id: "import-party",
    ja: "party（取込みの当事者）",
    en: "Whose record an imported row becomes.",
    words: &[
        Word::new(
            "name",
            Shape::Expression,
            "名前。空なら当事者なし。",
            "Name; none if absent.",
            "name: holder",
        )
        .needed(),
        Word::new(
            "kind",
            Shape::Expression,
            "person か corporation。",
            "person or corporation.",
            "kind: '\"corporation\"'",
        )
        .needed(),
        Word::new(
            "key",
            Shape::Expression,
            "同じ人かどうかを決める文字（法人番号など。なければ名前と行の鍵）。",
            "What makes it the same party (法人番号); else name and the row's key.",
            "key: corporate_number",
        ),
    ],
    kinds: Kinds::None,
};
