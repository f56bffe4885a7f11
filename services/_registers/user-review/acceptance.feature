# language: ja
機能: 利用者の声
  手続きを終えた方がだれの声か残さずに答え、割合が公開され、職員が変えたことを答える。

  背景:
    前提 今日は2026-11-24である

  シナリオ: 申請が終わると1度だけ答えられ、翌日に集計に入る
    もし "business" が "food-business-permit" の "application" を "save" で開く:
      """
      {"premises":{"postal_code":"190-0023","municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"声の店"}
      """
    かつ 記録 "申請" とする
    ならば "business" は "申請" の声をまだ答えられない
    もし "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "申請" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ "business" が "申請" に "withdraw" をする:
      """
      {}
      """
    かつ "business" が "申請" の声を答える:
      """
      {"speed":5,"simple":4,"usable":2,"comment":"地図から選べて助かりました。"}
      """
    ならば 応答は 201 である
    もし "business" が "申請" の声を答える:
      """
      {"speed":1,"simple":1,"usable":1}
      """
    ならば 応答は 409 である
    もし 1 日たつ
    かつ "administrator" が "answer" を一覧する
    ならば 一覧は 1 件である
    もし "business" が "answer" を一覧する
    ならば 一覧は 0 件である

  シナリオ: 答えが足りないときは、どの問いかが分かる
    もし "business" が "food-business-permit" の "application" を "save" で開く:
      """
      {"premises":{"postal_code":"190-0023","municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"声の店"}
      """
    かつ 記録 "申請" とする
    かつ "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "申請" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ "business" が "申請" に "withdraw" をする:
      """
      {}
      """
    かつ "business" が "申請" の声を答える:
      """
      {"speed":5,"simple":6}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/simple" は "required" である
    かつ 誤り "/input/usable" は "required" である

  シナリオ: 職員は、声を受けて変えたことを公開できる
    もし "examiner" が "improvement" を "publish" で開く:
      """
      {"service":"food-business-permit","voice":"図面の書き方が分からない","change":"書き方の例を足しました","changed_on":"2026-11-20"}
      """
    かつ 記録 "変更" とする
    ならば 応答は 201 である
    かつ "resident" には "変更" が見える
