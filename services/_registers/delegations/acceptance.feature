# language: ja
機能: 委任・代理
  本人や会社が、範囲と期間を決めてほかの人に手続きを任せ、どちらからでもいつでも終えられる。

  背景:
    前提 今日は2026-11-24である

  シナリオ: 代表者が担当者に1つのサービスを任せ、途中で終えると下書きは残り、続きはできない
    もし "business" が "株式会社ひまわり食堂" のために手続きする
    かつ "business" が "delegation" を "offer" で開く:
      """
      {"capacity":"staff","extent":"named","services":["food-business-permit"],"first_day":"2026-11-24","last_day":"2027-03-31","ground":"consent"}
      """
    かつ 記録 "委任" とする
    ならば 応答は 201 である
    もし "business" が "委任" の続きを "担当の鈴木" に頼んで "招待" とする
    かつ "resident" が "招待" の続きを引き受ける
    ならば "resident" は "株式会社ひまわり食堂" のために手続きできない
    もし "resident" が "委任" に "accept" をする:
      """
      {"agreement":true}
      """
    ならば 応答は 200 である
    かつ "委任" の "state" は "given" である
    もし "resident" が "株式会社ひまわり食堂" のために手続きする
    かつ "resident" が "food-business-permit" の "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"ひまわり食堂"}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    かつ "business" には "申請" が見える
    かつ "resident" が見る "申請" の履歴に "担当者 鈴木 一郎（株式会社ひまわり食堂のために）" の名がある
    もし "business" が "委任" に "end" をする:
      """
      {}
      """
    ならば 応答は 200 である
    もし "resident" が "申請" に "save" をする:
      """
      {"premises_name":"ひまわり食堂 本店"}
      """
    ならば 応答は 422 である
    かつ 誤りの文に "取りやめになっています" がある
    もし "resident" が自分の手続きに戻る
    ならば "resident" には "申請" が見えない
    かつ "business" には "申請" が見える
    かつ "resident" は "株式会社ひまわり食堂" のために手続きできない

  シナリオ: 行政書士は、任された手続きだけができ、ほかは見えず、さらに任せることもできない
    もし "business" が "food-business-permit" の "consultation" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    かつ 記録 "相談" とする
    もし "business" が "delegation" を "offer" で開く:
      """
      {"capacity":"scrivener","extent":"named","services":["food-business-permit/application"],"first_day":"2026-11-24","last_day":"2027-03-31","ground":"consent"}
      """
    かつ 記録 "委任" とする
    かつ "business" が "委任" の続きを "行政書士" に頼んで "招待" とする
    かつ "other_business" が "招待" の続きを引き受ける
    かつ "other_business" が "委任" に "accept" をする:
      """
      {"agreement":true}
      """
    かつ "other_business" が "佐藤 花子" のために手続きする
    かつ "other_business" が "food-business-permit" の "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"代理の店"}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    かつ "other_business" が見る "申請" の履歴に "行政書士 田中 次郎（佐藤 花子のために）" の名がある
    かつ "other_business" には "相談" が見えない
    もし "other_business" が "food-business-permit" の "consultation" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    ならば 応答は 409 である
    かつ 誤りの文に "任されたことに" がある
    もし "other_business" が "delegation" を "offer" で開く:
      """
      {"capacity":"staff","extent":"all","first_day":"2026-11-24","last_day":"2026-12-01","ground":"consent"}
      """
    ならば 応答は 409 である
    かつ 誤りの文に "任されたことに" がある

  シナリオ: 期間が満了した翌日からは、代わりに手続きできない
    もし "business" が "delegation" を "offer" で開く:
      """
      {"capacity":"agent","extent":"all","first_day":"2026-11-24","last_day":"2026-11-25","ground":"consent"}
      """
    かつ 記録 "委任" とする
    かつ "business" が "委任" の続きを "家族" に頼んで "招待" とする
    かつ "resident" が "招待" の続きを引き受ける
    かつ "resident" が "委任" に "accept" をする:
      """
      {"agreement":true}
      """
    かつ "resident" が "佐藤 花子" のために手続きする
    もし 1 日たつ
    かつ "resident" が "food-business-permit" の "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    ならば 応答は 201 である
    もし 1 日たつ
    かつ "resident" が "food-business-permit" の "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    ならば 応答は 422 である
    もし "resident" が自分の手続きに戻る
    ならば "resident" は "佐藤 花子" のために手続きできない
    もし 3 営業日たつ
    かつ "business" が "委任" を見る
    ならば "委任" の "state" は "ended" である

  シナリオ: 窓口で確かめた親権者は、子のために手続きでき、任された方からも終えられる
    もし "examiner" が図面 "戸籍.png" をアップロードして "戸籍" とする
    かつ "examiner" が窓口で "鈴木 さくら" に代わって "delegation" を "register" で開く:
      """
      {"birthday":"2020-04-02","extent":"all","evidence":["{戸籍}"]}
      """
    かつ 記録 "法定代理" とする
    ならば 応答は 201 である
    かつ "法定代理" の "fields.last_day" は "2038-04-01" である
    もし "examiner" が "法定代理" の続きを "父" に頼んで "招待" とする
    かつ "resident" が "招待" の続きを引き受ける
    かつ "resident" が "法定代理" に "accept" をする:
      """
      {"agreement":true}
      """
    ならば 応答は 200 である
    もし "resident" が "鈴木 さくら" のために手続きする
    かつ "resident" が "food-business-permit" の "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    かつ "resident" が見る "申請" の履歴に "法定代理人 鈴木 一郎（鈴木 さくらのために）" の名がある
    もし "resident" が自分の手続きに戻る
    かつ "resident" が "法定代理" に "resign" をする:
      """
      {}
      """
    ならば "resident" は "鈴木 さくら" のために手続きできない

  シナリオ: 18歳になった方の法定代理は登録できない
    もし "examiner" が図面 "戸籍.png" をアップロードして "戸籍" とする
    かつ "examiner" が窓口で "鈴木 大人" に代わって "delegation" を "register" で開く:
      """
      {"birthday":"2008-11-24","extent":"all","evidence":["{戸籍}"]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/birthday" は "condition" である

  シナリオ: パスワードだけで入った人は、もう1つの確認を済ませるまで委任を届けられない
    もし "business" がパスワードだけでログインしている
    かつ "business" が "delegation" を "offer" で開く:
      """
      {"capacity":"agent","extent":"all","first_day":"2026-11-24","last_day":"2027-03-31","ground":"consent"}
      """
    ならば 応答は 403 である
    かつ 誤りの文に "当人認証保証レベル2が必要です（いまは1）" がある
    もし "business" がもう1つの確認を済ませる
    かつ "business" が "delegation" を "offer" で開く:
      """
      {"capacity":"agent","extent":"all","first_day":"2026-11-24","last_day":"2027-03-31","ground":"consent"}
      """
    ならば 応答は 201 である

  シナリオ: 担当は、代わりに申請した方の委任を、根拠にもとづいて確かめ、任せた方はそれを知る
    もし "business" が "株式会社ひまわり食堂" のために手続きする
    かつ "business" が "delegation" を "offer" で開く:
      """
      {"capacity":"scrivener","extent":"named","services":["food-business-permit"],"first_day":"2026-11-24","last_day":"2027-03-31","ground":"consent"}
      """
    かつ 記録 "委任" とする
    かつ "business" が "委任" の続きを "行政書士の田中" に頼んで "招待" とする
    かつ "resident" が "招待" の続きを引き受ける
    かつ "resident" が "委任" に "accept" をする:
      """
      {"agreement":true}
      """
    ならば 応答は 200 である
    もし "resident" が "株式会社ひまわり食堂" のために手続きする
    かつ "resident" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が "food-business-permit" の "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"ひまわり食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    かつ "examiner" が "申請" の "delegations" を根拠にもとづいて読むと、"capacity_title" が "行政書士" のものがある
    かつ "business" に見える "委任" の閲覧に、目的が "代理で申請した方の権限を確かめるため（根拠：個人情報の保護に関する法律 第69条第1項（委任の届けの利用目的の範囲内））" のものがある

  シナリオ: 代理人が申請すると、補正のお願いは代理人あてになり、本人が出し直すと本人あてに戻る
    もし "business" が "株式会社ひまわり食堂" のために手続きする
    かつ "business" が "delegation" を "offer" で開く:
      """
      {"capacity":"scrivener","extent":"named","services":["food-business-permit"],"first_day":"2026-11-24","last_day":"2027-03-31","ground":"consent"}
      """
    かつ 記録 "委任" とする
    かつ "business" が "委任" の続きを "行政書士の鈴木" に頼んで "招待" とする
    かつ "resident" が "招待" の続きを引き受ける
    かつ "resident" が "委任" に "accept" をする:
      """
      {"agreement":true}
      """
    もし "resident" が "株式会社ひまわり食堂" のために手続きする
    かつ "resident" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が "food-business-permit" の "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"ひまわり食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"手洗い設備の位置を書いてください"}]}
      """
    かつ "business" が "申請" の文書 "correction" を受け取る
    ならば 文書に "代理人 行政書士 鈴木 一郎" がある
    かつ 文書に "株式会社ひまわり食堂" がある
    もし "business" が "申請" に "submit" をする:
      """
      {"premises_name":"ひまわり食堂 本店"}
      """
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"もう一度、位置を書いてください"}]}
      """
    かつ "business" が "申請" の文書 "correction" を受け取る
    ならば 文書に "代理人" はない
    かつ 文書に "株式会社ひまわり食堂" がある
