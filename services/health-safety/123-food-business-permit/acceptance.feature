# language: ja
機能: 食品営業許可
  事業者が保健所に行かずに申請し、保健所が補正、検査、決定を営業の種類ごとに進める。

  背景:
    前提 今日は2026-11-24である

  @123-1
  シナリオ: 事業者は、食品営業許可の申請をオンラインで提出できる
    もし "business" が "application" を "save" で開く:
      """
      {"premises":{"postal_code":"190-0023","municipality":"13202","line":"柴崎町2-21-19"}}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    かつ "申請" の "state" は "draft" である
    かつ "申請" の "authority" は "13000" である
    かつ "申請" の "office" は "多摩立川保健所" である
    もし "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "申請" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば 応答は 200 である
    かつ "申請" の "state" は "submitted" である
    かつ "申請" の "fields.fee" は "29800" である
    かつ "申請" の "fields.trades[0].fee" は "18300" である
    かつ "申請" の "fields.trades[1].fee" は "11500" である
    かつ "business" に通知 "申請が届きました" が届いている
    かつ "examiner" に通知 "申請が届きました" が届いている

  @123-1
  シナリオ: 下書きなしで、個人もすぐに申請できる
    もし "resident" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13214","line":"本町3-7-1"},"premises_name":"喫茶 こもれび","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    かつ "申請" の "state" は "submitted" である
    かつ "申請" の "office" は "多摩立川保健所" である

  @123-1
  シナリオ: 続きを頼まれた方が引き受けて申請し、補正にも答える。申請者はいつも見られ、取りやめられる
    前提 "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"喫茶 こもれび"}
      """
    かつ 記録 "申請" とする
    しかし "resident" には "申請" が見えない
    もし "resident" が "申請" の続きを "友人" に頼む
    ならば 応答は 404 である
    もし "business" が "申請" の続きを "" に頼む
    ならば 誤り "/input/to" は "required" である
    もし "business" が "申請" の続きを "行政書士" に頼んで "招待" とする
    かつ "business" が "招待" の続きを引き受ける
    ならば 応答は 409 である
    かつ 誤りの文に "自分の手続き" がある
    もし "resident" が "招待" にまちがった番号を入れる
    ならば 応答は 422 である
    かつ 誤り "/input/code" は "wrong" である
    かつ 誤りの文に "あと4回" がある
    かつ "resident" には "申請" が見えない
    もし "resident" が "招待" の続きを引き受ける
    ならば 応答は 200 である
    かつ "business" に通知 "続きを引き受けた方がいます" が届いている
    もし "examiner" が "招待" の続きを引き受ける
    ならば 応答は 409 である
    かつ 誤りの文に "もう使われています" がある
    もし "resident" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が "申請" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば "申請" の "state" は "submitted" である
    かつ "申請" の "parties[0].role" は "applicant" である
    かつ "business" に通知 "続きを頼んだ方が申請を進めました" が届いている
    かつ "申請" の履歴に "submit" がある
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"手洗い設備の位置を書いてください"}]}
      """
    ならば "resident" に通知 "申請の直しをお願いします" が届いている
    もし "resident" が "申請" に "submit" をする:
      """
      {}
      """
    ならば "申請" の "state" は "submitted" である
    もし "resident" が "申請" に "withdraw" をする:
      """
      {}
      """
    ならば 応答は 409 である
    もし "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "resident" が "申請" を見る
    ならば "申請" の "state" は "fee_due" である
    かつ "申請" の "children.payments" は 0 件である
    もし "business" が "招待" を取りやめる
    ならば 応答は 204 である
    かつ "resident" には "申請" が見えない
    もし "business" が "申請" を見る
    ならば "申請" の "children.payments" は 1 件である
    かつ "申請" の "fields.drawings" は 1 件である

  @123-1
  シナリオ: 続きを頼むリンクはメールでも送れて、番号はメールに書かれない。期限と5回のまちがいで使えなくなる
    前提 "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    かつ 記録 "申請" とする
    もし "business" が "申請" の続きをメール "gyosei@example.jp" に頼んで "招待" とする
    ならば "gyosei@example.jp" 宛てにメール "続きを頼まれました" が届いている
    もし "resident" が "招待" にまちがった番号を入れる
    ならば 応答は 422 である
    もし "resident" が "招待" にまちがった番号を入れる
    ならば 応答は 422 である
    もし "resident" が "招待" にまちがった番号を入れる
    ならば 応答は 422 である
    もし "resident" が "招待" にまちがった番号を入れる
    ならば 応答は 422 である
    もし "resident" が "招待" にまちがった番号を入れる
    ならば 誤りの文に "使えなくなりました" がある
    もし "resident" が "招待" の続きを引き受ける
    ならば 応答は 409 である
    もし "business" が "申請" の続きを "家族" に頼んで "次の招待" とする
    かつ 8 日たつ
    かつ "resident" が "次の招待" の続きを引き受ける
    ならば 応答は 409 である
    かつ 誤りの文に "期限" がある

  @123-1
  シナリオ: 一度送った図面は、同じ方の次の申請でも使える。ほかの方は使えない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "一つ目" とする
    もし "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"錦町1-1-1"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば 応答は 201 である
    かつ 記録 "二つ目" とする
    かつ "二つ目" の "fields.drawings" は 1 件である
    もし "resident" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"錦町1-1-1"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/drawings/0" は "unknown_upload" である

  @123-2
  シナリオ: 事業者は、申請手数料を保健所を訪問せずに電子納付できる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    ならば "business" に通知 "手数料を納めてください" が届いている
    かつ "business" に通知 "納付できるようになりました" が届いている
    もし "business" が "納付" を見る
    ならば "納付" の "state" は "ready" である
    かつ "納付" の "fields.amount" は 18300 である
    かつ "納付" の "fields.gateway_url" はない
    もし "business" は "申請" を納付画面で "カード" で納める
    ならば "申請" の "state" は "site_check" である
    かつ "納付" の "state" は "paid" である
    かつ "納付" の "fields.paid_on" は "2026-11-24" である
    かつ "納付" の "children.receipts" は 1 件である
    かつ "申請" の "children.visits[0].state" は "planned" である
    かつ "business" に通知 "手数料を受け取りました" が届いている
    かつ "business" に通知 "納付を確かめました" が届いている

  @123-2
  シナリオ: 納めると、領収書に要るものがそろう
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" は "申請" を納付画面で "Pay-easy" で納める
    かつ "納付" の "children.receipts[0]" を "領収" とする
    ならば "領収" の "state" は "allocated" である
    かつ "領収" の "fields.received_amount" は 18300 である
    かつ "領収" の "fields.received_on" は "2026-11-24" である
    かつ "領収" の "fields.paid_by" は "pay_easy" である
    かつ "領収" の "number" は "食領-2026-000001" である
    かつ "領収" の "office" は "多摩立川保健所" である

  シナリオ: 知らせが2回届いても、1回だけ納めたことになる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" は "申請" を納付画面で "カード" で納め、知らせが2回届く
    ならば "納付" の "state" は "paid" である
    かつ "納付" の "children.receipts" は 1 件である

  シナリオ: 署名のない納付の知らせは、何も変えない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし にせの納付の知らせを "納付" に送る
    ならば 応答は 401 である
    もし "business" が "納付" を見る
    ならば "納付" の "state" は "ready" である
    かつ "納付" の "children.receipts" は 0 件である

  シナリオ: ほかの人は、納付の画面に進めない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "examiner" が "納付" を見る
    ならば "納付" の "links.pay" はない
    かつ "other_business" には "納付" が見えない

  シナリオ: 窓口で納めると電子納付は取りやめになり、それでも届いたお金は過誤納として返せる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" は "申請" の払込票を受け取る
    かつ "examiner" が "申請" に "paid" をする:
      """
      {"paid_by":"cash"}
      """
    ならば "申請" の "state" は "site_check" である
    かつ "納付" の "state" は "paid" である
    かつ "納付" の "links.pay" はない
    もし "business" は払込票を店で払う
    ならば "納付" の "state" は "paid" である
    かつ "納付" の "children.receipts" は 2 件である
    かつ "business" に通知 "お預かりしているお金があります" が届いている
    かつ "examiner" に通知 "過誤納があります" が届いている
    もし "納付" の "children.receipts[1]" を "過誤納" とする
    かつ "examiner" が "過誤納" を見る
    ならば "過誤納" の "state" は "unallocated" である
    もし "examiner" が "過誤納" に "allocate" をする:
      """
      {}
      """
    ならば 応答は 422 である
    もし "examiner" が "過誤納" に "refund" をする:
      """
      {}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/reason" は "required" である
    もし "examiner" が "過誤納" に "refund" をする:
      """
      {"reason":"窓口と二重に納められたため"}
      """
    ならば "過誤納" の "state" は "refunded" である
    かつ "過誤納" の "fields.refunded_on" は "2026-11-24" である
    かつ "business" に通知 "お返ししました" が届いている

  シナリオ: 取り下げた後に届いたお金は、断らずに預かって返す
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" は "申請" の払込票を受け取る
    かつ "business" が "申請" に "withdraw" をする:
      """
      {}
      """
    ならば "納付" の "state" は "cancelled" である
    もし "business" は払込票を店で払う
    ならば "納付" の "state" は "cancelled" である
    かつ "申請" の "state" は "withdrawn" である
    かつ "納付" の "children.receipts[0].state" は "unallocated" である

  シナリオ: 期限が過ぎたら、もう一度納付の手続きができる。期限の後のお金は預かる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" は "申請" の払込票を受け取る
    かつ 11 営業日たつ
    ならば "納付" の "state" は "lapsed" である
    かつ "申請" の "state" は "fee_due" である
    かつ "business" に通知 "納付の期限が過ぎました" が届いている
    もし "business" は払込票を店で払う
    ならば "納付" の "children.receipts[0].state" は "unallocated" である
    もし "business" が "納付" に "reissue" をする:
      """
      {}
      """
    ならば "納付" の "state" は "ready" である
    もし "business" は "申請" を納付画面で "コンビニ" で納める
    ならば "申請" の "state" は "site_check" である
    かつ "納付" の "children.receipts" は 2 件である

  シナリオ: 期限の後に届いたお金を、職員が納付に充てる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" は "申請" の払込票を受け取る
    かつ 11 営業日たつ
    かつ "business" は払込票を店で払う
    かつ "納付" の "children.receipts[0]" を "入金" とする
    かつ "examiner" が "入金" に "allocate" をする:
      """
      {}
      """
    ならば 応答は 200 である
    かつ "入金" の "state" は "allocated" である
    かつ "納付" の "state" は "paid" である
    かつ "申請" の "state" は "site_check" である

  シナリオ: 代行会社につながらない間も窓口で納められ、つながれば電子納付の準備ができる
    もし 納付の代行会社につながらない
    かつ "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" が "納付" を見る
    ならば "納付" の "state" は "requested" である
    かつ "納付" の "links.pay" はない
    かつ "business" に通知 "納付できるようになりました" は届いていない
    もし 納付の代行会社につながる
    ならば "納付" の "state" は "ready" である
    かつ "business" に通知 "納付できるようになりました" が届いている

  シナリオ: 翌日、代行会社の明細とこちらの収納が一致する
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "申請" の "children.payments[0]" を "納付" とする
    もし "business" は "申請" を納付画面で "カード" で納める
    かつ 1 営業日たつ
    かつ "administrator" が "treasury" の "day" を一覧する
    ならば 一覧は 1 件である
    かつ "一覧" の "items[0].state" は "balanced" である
    かつ "一覧" の "items[0].fields.settled_on" は "2026-11-24" である
    かつ "一覧" の "items[0].fields.file_total" は 18300 である
    かつ "一覧" の "items[0].fields.counted_total" は 18300 である
    かつ "一覧" の "items[0].fields.difference" は 0 である

  # この仕組みの台帳が食品衛生の台帳を兼ねる。外の食品衛生システムの台帳は、取り込んで同じように照合する。
  @123-3
  シナリオ: 保健所職員は、申請内容と台帳の情報との照合を、自動の処理の助けで行える
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13207","line":"昭和町2-1-30"},"premises_name":"おかず一番","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "前の申請" とする
    かつ "examiner" が "前の申請" に "pass" をする:
      """
      {}
      """
    かつ "examiner" が "前の申請" に "paid" をする:
      """
      {}
      """
    かつ "前の申請" の "children.visits[0]" を "前の検査" とする
    かつ "inspector" が "前の検査" に "record" をする:
      """
      {"result":"pass"}
      """
    かつ "前の申請" の "children.items[0]" を "前の飲食店" とする
    かつ "approver" が "前の飲食店" に "decide" をする:
      """
      {"conditions":null}
      """
    もし "resident" が図面 "図面.png" をアップロードして "図面2" とする
    かつ "resident" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13207","line":"昭和町二丁目一番三十号"},"premises_name":"おそうざい二番","trades":[{"trade":"side_dishes","kind":"new"}],"water":"public","drawings":["{図面2}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" を見る
    ならば 応答は 200 である
    かつ "申請" の "lookups.earlier[0].fields.trade" は "restaurant" である
    かつ "申請" の "comparisons[0].name" は "place" である
    かつ "申請" の "comparisons[0].fields[0].field" は "premises" である
    かつ "申請" の "comparisons[0].fields[0].verdict" は "same" である
    かつ "申請" の "comparisons[0].fields[0].reason" は "書き方はちがいますが、同じ番地です。" である
    かつ "申請" の "comparisons[0].fields[1].field" は "premises_name" である
    かつ "申請" の "comparisons[0].fields[1].verdict" は "differs" である
    かつ "申請" の "comparisons[0].fields[2].verdict" は "unknown" である
    かつ "申請" の "office" は "多摩立川保健所" である
    もし "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    ならば 応答は 200 である
    かつ "申請" の "state" は "fee_due" である

  # 窓口での代行入力と、電話・窓口のメモ。紙や口頭の申請も同じ流れに乗り、アカウントは要らない。
  シナリオ: 保健所職員は、アカウントのない方に代わって窓口で入力し、電話のやりとりを履歴に残せる
    前提 "examiner" が図面 "図面.png" をアップロードして "図面" とする
    もし "examiner" が窓口で "窓口 太郎" に代わって "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"錦町1-1-1"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば 応答は 201 である
    かつ 記録 "申請" とする
    かつ "申請" の "parties[0].name" は "窓口 太郎" である
    かつ "申請" の "state" は "submitted" である
    もし "examiner" が "申請" に "note" をする:
      """
      {"note_how":"phone","note_with":"窓口 太郎","note_text":"手洗いの位置を電話で聞いた。"}
      """
    ならば 応答は 200 である
    かつ 履歴に "note" がある
    かつ "resident" には "申請" が見えない

  # 届出も相談も同じ。許可は、職員が台帳から選ぶ
  シナリオ: アカウントのない方の営業届、廃業届、事前相談も、窓口で代わって入力できる
    もし "examiner" が窓口で "窓口 太郎" に代わって "notification" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"錦町1-1-1"},"premises_name":"窓口商店","kinds":["vegetables"],"haccp":"adapted","supervisor_name":"窓口 太郎"}
      """
    ならば 応答は 201 である
    かつ 記録 "営業届" とする
    かつ "営業届" の "state" は "submitted" である
    かつ "営業届" の "parties[0].name" は "窓口 太郎" である
    もし "examiner" が窓口で "窓口 太郎" に代わって "consultation" を "ask" で開く:
      """
      {"premises":{"municipality":"13202","line":"錦町1-1-1"},"foods":"パン","question":"手洗いはいくつ要りますか。"}
      """
    ならば 応答は 201 である
    前提 "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業の種類,申請区分
      窓口食堂,立川市錦町1-1-1,窓口 太郎,飲食店営業,許可
      """
    かつ "examiner" が "permit" を一覧する
    かつ "一覧" の "items[0]" を "許可" とする
    もし "examiner" が窓口で "窓口 太郎" に代わって "closure" を "submit" で開く:
      """
      {"permits":["{許可}"],"closed_on":"2026-11-24","permit_return":"counter"}
      """
    ならば 応答は 201 である
    かつ 記録 "廃業" とする
    かつ "許可" の "state" は "closed" である
    もし "examiner" が "廃業" に "confirm" をする:
      """
      {"permit_received_on":"2026-11-24"}
      """
    ならば "廃業" の "state" は "confirmed" である
    かつ "resident" には "廃業" が見えない

  @123-4
  シナリオ: 修正がある申請をオンラインで差し戻し、事業者はオンラインで修正して再提出できる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"手洗い設備の位置を書いてください","at":[0.41,0.62]}]}
      """
    ならば 応答は 200 である
    かつ "申請" の "state" は "returned" である
    かつ "申請" の "fields.remarks[0].text" は "手洗い設備の位置を書いてください" である
    かつ "business" に通知 "申請の直しをお願いします" が届いている
    もし "business" が図面 "直した図面.png" をアップロードして "直した図面" とする
    かつ "business" が "申請" に "submit" をする:
      """
      {"drawings":["{直した図面}"]}
      """
    ならば 応答は 200 である
    かつ "申請" の "state" は "submitted" である
    かつ 履歴に "return" がある

  @123-4
  シナリオ: PDFの図面のページに印を付けて差し戻すと、事業者はそのページで指摘を見られる
    前提 "business" が3ページのPDFの図面 "平面図.pdf" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    ならば "examiner" は "図面" の3ページ目を画像で見られる
    かつ "examiner" は "図面" の4ページ目を見られない
    かつ "other_business" は "図面" の1ページ目を見られない
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"手洗い設備の位置を書いてください","page":4,"at":[0.41,0.62]}]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/remarks/0/page" は "range" である
    かつ 誤りの文に "1から3まで" がある
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"手洗い設備の位置を書いてください","page":2,"at":[0.41,0.62]},{"pointer":"/fields/premises","text":"階を書いてください"}]}
      """
    ならば 応答は 200 である
    かつ "申請" の "fields.remarks[0].page" は 2 である
    かつ "business" は "図面" の2ページ目を画像で見られる
    もし "business" が "申請" の文書 "correction" を受け取る
    ならば 文書に "2ページ目の印①（左から41％、上から62％）" がある
    もし "business" が "申請" の画面を開く
    ならば 開いた画面に "2ページ目の左から41％、上から62％の印" がある
    もし "business" が図面 "直した図面.png" をアップロードして "直した図面" とする
    かつ "business" が "申請" に "submit" をする:
      """
      {"drawings":["{直した図面}"],"premises":{"municipality":"13202","line":"柴崎町2-21-19","building":"1階"}}
      """
    ならば "申請" の "state" は "submitted" である

  @123-4
  シナリオ: 鍵のかかったPDFの図面は、ページを出せないことがわかり、ファイルは受け取れる
    前提 "business" が鍵のかかったPDFの図面 "鍵のかかった図面.pdf" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"鍵を外したものを送ってください","page":1}]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/remarks/0/page" は "unreadable" である
    かつ "examiner" は "図面" のファイルを受け取れる
    もし "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"鍵を外したものを送ってください"}]}
      """
    ならば "申請" の "state" は "returned" である

  @123-5
  シナリオ: 申請から差戻し、手数料、検査、許可まで、一連の流れが一つの申請で終わる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"炭火焼き たちばな","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    ならば "申請" の "state" は "fee_due" である
    かつ "business" に通知 "手数料を納めてください" が届いている
    もし "business" は "申請" を納付画面で "カード" で納める
    ならば "申請" の "state" は "site_check" である
    もし "申請" の "children.visits[0]" を "検査" とする
    かつ "inspector" が "検査" に "plan" をする:
      """
      {"visit_date":"2026-11-27","time_slot":"am_late"}
      """
    ならば 応答は 200 である
    かつ "business" に通知 "検査の日が決まりました" が届いている
    もし 3 営業日たつ
    かつ "inspector" が "検査" に "record" をする:
      """
      {"result":"pass","checklist":[{"criterion":"c12","finding":"met"},{"criterion":"c13","finding":"met"}],"operator_present":true}
      """
    ならば 応答は 200 である
    かつ "検査" の "state" は "done" である
    もし "申請" の "children.items[0]" を "飲食店" とする
    かつ "申請" の "children.items[1]" を "食肉" とする
    かつ "approver" が "飲食店" に "decide" をする:
      """
      {"conditions":null}
      """
    ならば 応答は 200 である
    かつ "飲食店" の "state" は "permitted" である
    かつ "business" に通知 "許可されました" が届いている
    もし "approver" が "食肉" に "refuse" をする:
      """
      {"reasons":"冷蔵設備が基準に足りません","teaching":true}
      """
    ならば 応答は 200 である
    かつ "食肉" の "state" は "refused" である
    かつ "business" に通知 "不許可となりました" が届いている
    もし "business" が "申請" を見る
    ならば "申請" の "state" は "closed" である
    かつ "申請" の "children.items[0].state" は "permitted" である
    かつ "申請" の "children.items[1].state" は "refused" である
    もし "examiner" が "permit" を一覧する: "q=炭火焼き&filter=trade = "restaurant" and valid_until > date("2030-01-01")&sort=-valid_from"
    ならば 一覧は 1 件である

  シナリオ: 営業の種類ごとに、番号と期間が付く
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13215","line":"中1-2-3"},"premises_name":"くにたち亭","trades":[{"trade":"restaurant","kind":"new"},{"trade":"confectionery","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "examiner" が "申請" に "paid" をする:
      """
      {}
      """
    かつ "申請" の "children.visits[0]" を "検査" とする
    かつ "inspector" が "検査" に "record" をする:
      """
      {"result":"pass"}
      """
    かつ "申請" の "children.items[0]" を "飲食店" とする
    かつ "申請" の "children.items[1]" を "菓子" とする
    もし "approver" が "飲食店" に "decide" をする:
      """
      {"conditions":null}
      """
    かつ "approver" が "菓子" に "decide" をする:
      """
      {"conditions":"焼き菓子に限る。","term_years":6}
      """
    ならば 応答は 200 である
    かつ "飲食店" の "fields.proposed_until" は "2031-11-30" である
    かつ "菓子" の "fields.proposed_until" は "2032-11-30" である
    もし "business" が "permit" を一覧する: "q=くにたち亭&filter=trade = "restaurant"&sort=-valid_from"
    ならば 一覧は 1 件である
    かつ "一覧" の "items[0].fields.valid_until" は "2031-11-30" である
    もし "business" が "permit" を一覧する: "q=くにたち亭&filter=trade = "confectionery"&sort=-valid_from"
    ならば 一覧は 1 件である
    かつ "一覧" の "items[0].fields.valid_until" は "2032-11-30" である

  シナリオ: 使用水がその他なら水質検査成績書が要る。直し方が項目のそばに出る
    もし "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"other","drawings":["{図面}"]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/water_test" は "required" である

  シナリオ: 足りないものは、一度に全部わかる
    もし "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/trades" は "required" である
    かつ 誤り "/input/water" は "required" である
    かつ 誤り "/input/drawings" は "required" である

  シナリオ: ない営業の種類や、形の合わないメールアドレスは断られる
    もし "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"flying_restaurant","kind":"new"}],"water":"public","drawings":["{図面}"],"operator_email":"届かないあて先"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/trades/0/trade" は "option" である
    かつ 誤り "/input/operator_email" は "email" である

  シナリオ: 区の住所には、区の保健所の名前が出る
    もし "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13101","line":"神田錦町3-10"}}
      """
    かつ 記録 "申請" とする
    ならば 応答は 201 である
    かつ "申請" の "authority" は "13101" である
    かつ "申請" の "office" は "千代田保健所" である
    もし "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "申請" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/premises" は "condition" である
    かつ 誤りの文に "千代田保健所" がある
    かつ "申請" の "state" は "draft" である

  シナリオ: 島の住所は、島しょ保健所が受け付ける
    もし "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13361","line":"元町1-1-14"}}
      """
    かつ 記録 "申請" とする
    ならば "申請" の "authority" は "13000" である
    かつ "申請" の "office" は "島しょ保健所大島出張所" である

  シナリオ: 決定の前なら取り下げられ、開いた決定も検査も終わる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "examiner" が "申請" に "paid" をする:
      """
      {}
      """
    もし "business" が "申請" に "withdraw" をする:
      """
      {}
      """
    ならば 応答は 200 である
    かつ "申請" の "state" は "withdrawn" である
    かつ "申請" の "children.items[0].state" は "cancelled" である
    かつ "申請" の "children.visits[0].state" は "cancelled" である
    かつ "business" に通知 "申請が取り下げられました" が届いている

  シナリオ: 補正の依頼を見る前の版では出し直せない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/drawings/0","text":"手洗い設備の位置を書いてください"}]}
      """
    もし "business" が版 1 で "申請" に "submit" をする:
      """
      {"drawings":["{図面}"]}
      """
    ならば 応答は 409 である
    かつ 誤り "/fields/remarks" は "changed" である
    かつ "申請" の "state" は "returned" である

  シナリオ: 申請者は、受付の証明を受け取り、あとからだれでも確かめられる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    かつ 記録 "申請" とする
    ならば "business" は "申請" の受付の証明を受け取れず、応答は 409 である
    もし "business" が "申請" に "submit" をする:
      """
      {"premises_name":"立川の見本食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば "business" が "申請" の受付の証明を受け取ると、公開された鍵だけで確かめられる
    かつ "examiner" が "申請" の受付の証明を受け取ると、公開された鍵だけで確かめられる
    しかし "other_business" は "申請" の受付の証明を受け取れず、応答は 404 である

  シナリオ: ほかの事業者には、申請がないものとして見える
    前提 "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    かつ 記録 "申請" とする
    もし "other_business" が "申請" を見る
    ならば 応答は 404 である
    もし "examiner" が "申請" を見る
    ならば 応答は 404 である

  シナリオ: ほかの所の監視員は、緊急のときだけ、理由を残して24時間読める。確認の担当はすぐに終わらせられる
    前提 "夜間の監視員" が "南多摩保健所" の "inspector" の席に着いている
    かつ "確認の担当" が "多摩立川保健所" の "keeper" の席に着いている
    かつ "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"立川の見本食堂","premises_phone":"042-525-1234","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし "夜間の監視員" が "申請" を見る
    ならば 応答は 404 である
    もし "夜間の監視員" が "申請" の緊急閲覧を、"poisoning" の理由で、"短い" と書いて求める
    ならば 応答は 422 である
    かつ "夜間の監視員" には "申請" が見えない
    もし "examiner" が "申請" の緊急閲覧を、"poisoning" の理由で、"審査担当には緊急閲覧の権限がない" と書いて求める
    ならば 応答は 404 である
    もし "夜間の監視員" が "申請" の緊急閲覧を、"poisoning" の理由で、"19時に医師から届出。施設の連絡先を今夜のうちに知りたい" と書いて求める
    ならば 応答は 201 である
    かつ "確認の担当" に通知 "緊急閲覧がありました" が届いている
    もし "夜間の監視員" が "申請" を見る
    ならば "申請" の "fields.premises_phone" は "042-525-1234" である
    もし "夜間の監視員" が "申請" に "pass" をする:
      """
      {}
      """
    ならば 応答は 409 である
    かつ "business" に見える "申請" の閲覧に、目的が "緊急閲覧：食中毒（疑いを含む）の調査" のものがある
    もし "確認の担当" が "emergencies/access" を一覧する
    かつ "一覧" の "items[0]" を "緊急閲覧の記録" とする
    かつ "確認の担当" が "緊急閲覧の記録" に "refuse" をする:
      """
      {"because":"当日の届出の記録がなかった"}
      """
    ならば 応答は 200 である
    かつ "夜間の監視員" には "申請" が見えない

  シナリオ: 緊急閲覧は24時間で終わる
    前提 "夜間の監視員" が "南多摩保健所" の "inspector" の席に着いている
    かつ "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"立川の見本食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし "夜間の監視員" が "申請" の緊急閲覧を、"disaster" の理由で、"停電した地域の施設の連絡先を調べている" と書いて求める
    ならば 応答は 201 である
    かつ "夜間の監視員" には "申請" が見える
    もし 今日は2026-11-26である
    ならば "夜間の監視員" には "申請" が見えない

  シナリオ: 市町村の担当は許可だけを見られ、電話番号は見られない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"立川の見本食堂","premises_phone":"042-525-1234","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "examiner" が "申請" に "paid" をする:
      """
      {}
      """
    かつ "申請" の "children.visits[0]" を "検査" とする
    かつ "inspector" が "検査" に "record" をする:
      """
      {"result":"pass"}
      """
    かつ "申請" の "children.items[0]" を "飲食店" とする
    かつ "approver" が "飲食店" に "decide" をする:
      """
      {}
      """
    もし "municipality" が "申請" を見る
    ならば 応答は 404 である
    もし "municipality" が "permit" を一覧する: "q=見本食堂&sort=-valid_from"
    ならば 応答は 200 である
    かつ 一覧は 1 件である
    かつ "一覧" の "items[0].fields.trade" は "restaurant" である
    かつ "一覧" の "items[0].fields.premises_phone" はない

  シナリオ: 検査に合格していなければ許可できず、不合格なら次の検査が開く
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    かつ "examiner" が "申請" に "paid" をする:
      """
      {}
      """
    かつ "申請" の "children.visits[0]" を "検査" とする
    かつ "申請" の "children.items[0]" を "飲食店" とする
    もし "inspector" が "検査" に "record" をする:
      """
      {"result":"fail"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/unmet" は "required" である
    もし "inspector" が "検査" に "record" をする:
      """
      {"result":"fail","unmet":[{"what":"手洗いの水栓をレバー式にする","deadline":"2026-12-08"}]}
      """
    ならば 応答は 200 である
    もし "approver" が "飲食店" に "decide" をする:
      """
      {}
      """
    ならば 応答は 422 である
    かつ "申請" の "children.visits[1].state" は "planned" である

  シナリオ: 手数料と違う額は受け取ったことにできない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする:
      """
      {}
      """
    もし "examiner" が "申請" に "paid" をする:
      """
      {"received_amount":10000}
      """
    ならば 応答は 422 である
    かつ "申請" の "state" は "fee_due" である

  シナリオ: 手数料を免除した申請は、そのまま検査へ進む
    前提 "resident" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"renewal"}],"water":"public","drawings":["{図面}"],"fee_waiver":"assistance"}
      """
    かつ 記録 "申請" とする
    もし "examiner" が "申請" に "pass" をする:
      """
      {"waiver_granted":true}
      """
    ならば 応答は 200 である
    かつ "申請" の "state" は "site_check" である
    かつ "申請" の "fields.fee" は "0" である

  シナリオ: 標準処理期間の3日前に、審査担当に知らせる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし 12 営業日たつ
    ならば "examiner" に通知 "標準処理期間の期限のお知らせ" が届いている

  シナリオ: だれが何をしたかが履歴に残る
    もし "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"}}
      """
    かつ 記録 "申請" とする
    かつ "business" が "申請" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば 履歴に "save" がある
    かつ 履歴に "submit" がある

  シナリオ: 手数料の免除や受取りは、申請者には入れられない
    もし "business" が "application" を "save" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"waiver_granted":true,"received_on":"2026-11-24"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/waiver_granted" は "unknown_field" である
    かつ 誤り "/input/received_on" は "unknown_field" である

  シナリオ: 起案、審査、決定を別の人が行い、起案した人は決められない。差戻しには理由が要る
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"高松町3-1-1"},"premises_name":"高松町の食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする
    かつ "examiner" が "申請" に "paid" をする
    かつ "申請" の "children.visits[0]" を "検査" とする
    かつ "申請" の "children.items[0]" を "飲食店" とする
    かつ "inspector" が "検査" に "record" をする:
      """
      {"result":"pass"}
      """
    もし "examiner" が "飲食店" に "decide_draft" をする:
      """
      {"conditions":"","comment":"図面と検査の結果を確かめました。"}
      """
    ならば 応答は 200 である
    かつ "飲食店" の "waits_for" は "desk.chief" である
    かつ "飲食店" の "route.steps[1].status" は "waiting" である
    もし "approver" が "飲食店" に "decide" をする
    ならば 応答は 409 である
    もし "chief" が "飲食店" に "decide_send_back" をする
    ならば 応答は 422 である
    かつ 誤り "/input/reason" は "required" である
    もし "chief" が "飲食店" に "decide_send_back" をする:
      """
      {"reason":"換気の条件を付けてください。"}
      """
    ならば 応答は 200 である
    かつ "飲食店" の "waits_for" は "desk.examiner" である
    もし "examiner" が "飲食店" に "decide_draft" をする:
      """
      {"conditions":"換気扇を動かして営業すること。"}
      """
    かつ "chief" が "飲食店" に "decide_pass" をする
    ならば 応答は 200 である
    かつ "飲食店" の "waits_for" は "desk.approver" である
    もし "approver" が "飲食店" に "decide" をする
    ならば 応答は 200 である
    かつ "飲食店" の "state" は "permitted" である
    かつ "飲食店" の "fields.conditions" は "換気扇を動かして営業すること。" である
    かつ "飲食店" の "trail[3].deed" は "passed" である
    かつ 履歴に "decide_send_back" がある

  シナリオ: 不在のときは代決され、戻った決裁者が後閲する
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"高松町3-1-2"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする
    かつ "examiner" が "申請" に "paid" をする
    かつ "申請" の "children.visits[0]" を "検査" とする
    かつ "申請" の "children.items[0]" を "飲食店" とする
    かつ "inspector" が "検査" に "record" をする:
      """
      {"result":"pass"}
      """
    かつ "approver" が "chief" に、"approver" の席の代決を 2026-12-04 まで頼む
    もし "examiner" が "飲食店" に "decide_draft" をする
    かつ "chief" が "飲食店" に "decide_pass" をする
    かつ "chief" が "飲食店" に "decide" をする
    ならば 応答は 200 である
    かつ "飲食店" の "state" は "permitted" である
    かつ "飲食店" の "trail[2].substitute_for" は "伊藤 健一" である
    かつ "飲食店" の "trail[2].acknowledged_at" はない
    もし "approver" が "飲食店" に "decide_acknowledge" をする:
      """
      {"comment":"確かめました。"}
      """
    ならば 応答は 200 である
    かつ "飲食店" の "trail[2].acknowledgement" は "確かめました。" である

  シナリオ: 前の許可から変更のない更新は係長の専決で、まとめて決められる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"高松町3-1-3"},"premises_name":"更新の食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "前の申請" とする
    かつ "examiner" が "前の申請" に "pass" をする
    かつ "examiner" が "前の申請" に "paid" をする
    かつ "前の申請" の "children.visits[0]" を "前の検査" とする
    かつ "inspector" が "前の検査" に "record" をする:
      """
      {"result":"pass"}
      """
    かつ "前の申請" の "children.items[0]" を "前の決定" とする
    かつ "approver" が "前の決定" に "decide" をする
    かつ "business" が図面 "図面.png" をアップロードして "図面2" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"高松町3-1-3"},"premises_name":"更新の食堂","trades":[{"trade":"restaurant","kind":"renewal"}],"water":"public","drawings":["{図面2}"]}
      """
    かつ 記録 "更新" とする
    かつ "examiner" が "更新" に "pass" をする
    かつ "examiner" が "更新" に "paid" をする
    かつ "更新" の "children.visits[0]" を "更新の検査" とする
    かつ "inspector" が "更新の検査" に "record" をする:
      """
      {"result":"pass"}
      """
    かつ "更新" の "children.items[0]" を "更新の決定" とする
    もし "examiner" が "更新の決定" に "decide_draft" をする
    ならば 応答は 200 である
    かつ "更新の決定" の "waits_for" は "desk.chief" である
    もし "chief" が "trade_case" の "unchanged" の全部に "decide" をまとめて試す
    ならば 応答は 200 である
    かつ "一覧" の "items[0].outcome" は "would_pass" である
    かつ "更新の決定" の "state" は "open" である
    もし "chief" が "trade_case" の "unchanged" の全部に "decide" をまとめて行う
    ならば 応答は 201 である
    かつ "一覧" の "done" は 1 である
    かつ "更新の決定" の "state" は "permitted" である

  シナリオ: 許可の誤りは理由を付けて訂正し、前の値は履歴に残る。教示のない取消しはできない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"高松町3-1-4"},"premises_name":"あやまりの食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    かつ "examiner" が "申請" に "pass" をする
    かつ "examiner" が "申請" に "paid" をする
    かつ "申請" の "children.visits[0]" を "検査" とする
    かつ "inspector" が "検査" に "record" をする:
      """
      {"result":"pass"}
      """
    かつ "申請" の "children.items[0]" を "飲食店" とする
    かつ "approver" が "飲食店" に "decide" をする
    かつ "飲食店" の "links.permit" を "許可" とする
    もし "examiner" が "許可" に "correct_draft" をする:
      """
      {"premises_name":"あやまりの食堂","correction_reason":"屋号の誤記"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/premises_name" は "unchanged" である
    もし "examiner" が "許可" に "correct_draft" をする:
      """
      {"premises_name":"ただしい食堂","correction_reason":"屋号の誤記"}
      """
    かつ "chief" が "許可" に "correct_pass" をする
    かつ "approver" が "許可" に "correct" をする
    ならば 応答は 200 である
    かつ "許可" の "fields.premises_name" は "ただしい食堂" である
    かつ "business" に通知 "許可の内容を訂正しました" が届いている
    かつ "許可" の履歴に "correct" がある
    もし "examiner" が "許可" に "revoke_draft" をする:
      """
      {"revocation_ground":"defect","revocation_reasons":"虚偽の申請","hearing":"urgent"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/revocation_teaching" は "required" である
  シナリオ: 国の様式の一覧を取り込むと台帳に載り、もう一度取り込むと変わった行だけが直る
    もし "administrator" が取込み "mhlw" で "permit" を取り込む:
      """
      許可番号,営業施設名称、屋号又は商号,フリガナ,営業の種類,営業施設所在地,営業施設方書,法人名,法人番号,初回許可年月日,許可年月日,許可開始日,許可満了日,申請区分
      8多立食い第1号,見本食堂,ミホンショクドウ,① 飲食店営業,東京都立川市柴崎町2-21-19,みほんビル1階,見本商事株式会社,8000020130001,平成28年4月1日,令和4年4月1日,2022/4/1,2030/3/31,許可
      8多立食い第2号,見本精肉店,,③ 食肉販売業,立川市錦町1-1-1,,,,,2022-04-01,2022-04-01,2030-03-31,許可
      8多立食い第3号,閉じた店,,① 飲食店営業,立川市錦町1-1-2,,,,,2015-04-01,2015-04-01,2020-03-31,許可
      ,番号のない店,,① 飲食店営業,立川市錦町1-1-3,,,,,2022-04-01,2022-04-01,2030-03-31,許可
      """
    ならば "取込み" の "phase" は "done" である
    かつ "取込み" の "done.new" は "2" である
    かつ "取込み" の "done.rejected" は "2" である
    もし "administrator" が取込み "mhlw" で "permit" を取り込む:
      """
      許可番号,営業施設名称、屋号又は商号,営業の種類,営業施設所在地,営業施設方書,法人名,法人番号,初回許可年月日,許可年月日,許可開始日,許可満了日,申請区分,フリガナ
      8多立食い第1号,見本食堂,① 飲食店営業,東京都立川市柴崎町2-21-19,みほんビル1階,見本商事株式会社,8000020130001,平成28年4月1日,令和4年4月1日,2022/4/1,2030/3/31,許可,ミホンショクドウ
      8多立食い第2号,新しい精肉店,③ 食肉販売業,立川市錦町1-1-1,,,,,2022-04-01,2022-04-01,2030-03-31,許可,
      """
    ならば "取込み" の "done.unchanged" は "1" である
    かつ "取込み" の "done.changed" は "1" である
    もし "administrator" が公開 "standard" を作る
    ならば 公開 "standard" は 2 行である
    かつ 公開 "standard" の "許可番号" が "8多立食い第1号" の行の "法人名" は "見本商事株式会社" である
    かつ 公開 "standard" の "許可番号" が "8多立食い第1号" の行の "施設所在地_市区町村" は "立川市" である
    かつ 公開 "standard" の "許可番号" が "8多立食い第2号" の行の "施設名称" は "新しい精肉店" である

  シナリオ: 過去の日の公開のデータを、その日のとおりに出せる
    前提 "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業者住所,営業の種類,申請区分,営業所電話番号,初回許可日,営業者電話番号,法人代表者氏名
      見本食堂,立川市柴崎町2-21-19,見本商事株式会社,,飲食店営業,許可,,平成28年4月1日,,
      """
    かつ "administrator" が公開 "standard" を作る
    もし 3 日たつ
    かつ "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業の種類,申請区分
      見本菓子店,立川市錦町1-1-1,,菓子製造業,許可
      """
    かつ "administrator" が公開 "standard" を作る
    ならば 公開 "standard" は 2 行である
    かつ 2026-11-24 の公開 "standard" は 1 行である

  シナリオ: 屋号が個人の氏名と同じ施設は、職員が確かめるまで公開しない
    前提 "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業の種類,申請区分
      山田　太郎,立川市柴崎町2-21-19,山田太郎,飲食店営業,許可
      山田食堂,立川市錦町1-1-1,山田次郎,飲食店営業,許可
      """
    もし "administrator" が公開 "standard" を作る
    ならば 公開 "standard" は 1 行である
    かつ 公開 "standard" に "太郎" はない
    かつ 公開 "standard" に "次郎" はない
    # 止まった行は職員の画面に出て、載せるか載せないかを決めると消える
    もし "administrator" が画面 "/desk/open-data/food-business-permit/standard" を開く
    ならば 開いた画面に "山田　太郎" がある
    かつ 開いた画面に "屋号の公開を確かめる" がある
    もし "examiner" が "permit" を一覧する: "q=太郎"
    かつ "一覧" の "items[0]" を "許可" とする
    かつ "examiner" が "許可" に "release_name" をする:
      """
      {"name_released":false}
      """
    かつ "administrator" が画面 "/desk/open-data/food-business-permit/standard" を開く
    ならば 開いた画面に "山田　太郎" はない
    もし "examiner" が "許可" に "release_name" をする:
      """
      {"name_released":true}
      """
    かつ "administrator" が公開 "standard" を作る
    ならば 公開 "standard" は 2 行である

  シナリオ: 公開した台帳をもう一度取り込んでも、何も変わらない
    前提 "administrator" が取込み "mhlw" で "permit" を取り込む:
      """
      許可番号,営業施設名称、屋号又は商号,フリガナ,営業の種類,営業施設所在地,営業施設方書,法人名,法人番号,初回許可年月日,許可年月日,許可開始日,許可満了日,申請区分
      8多立食い第1号,見本食堂,ミホンショクドウ,① 飲食店営業,東京都立川市柴崎町2-21-19,みほんビル1階,見本商事株式会社,8000020130001,平成28年4月1日,令和4年4月1日,2022/4/1,2030/3/31,許可
      8多立食い第2号,見本精肉店,,③ 食肉販売業,立川市錦町1-1-1,,,,2022-04-01,2022-04-01,2022-04-01,2030-03-31,許可
      """
    かつ "administrator" が公開 "mhlw" を作る
    もし "administrator" が公開 "mhlw" のファイルを取込み "mhlw" で "permit" に取り込む
    ならば "取込み" の "done.rows" は "2" である
    かつ "取込み" の "done.unchanged" は "2" である

  シナリオ: 許可を別の保健所へ移すのは、移す先が受け入れたときである。移す先は理由を書いて断れる
    前提 "南多摩の審査" が "南多摩保健所" の "examiner" の席に着いている
    かつ "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業の種類,申請区分
      見本食堂,立川市柴崎町2-21-19,見本商事株式会社,飲食店営業,許可
      """
    かつ "examiner" が "permit" を一覧する
    かつ "一覧" の "items[0]" を "許可" とする
    もし "examiner" が "許可" に "offer_transfer" をする:
      """
      {"offered_to":"南多摩保健所","transfer_reason":"管轄の見直しのため"}
      """
    ならば 応答は 200 である
    かつ "許可" の "office" は "多摩立川保健所" である
    かつ "南多摩の審査" に通知 "許可を受け入れるか決めてください" が届いている
    かつ "examiner" に通知 "許可を受け入れるか決めてください" は届いていない
    # 移す先の職員は、公開の項目のほかも受け入れる前から見られる
    もし "南多摩の審査" が "許可" を見る
    ならば "許可" の "fields.transfer_reason" は "管轄の見直しのため" である
    もし "南多摩の審査" が画面 "/desk/food-business-permit/permit/views/transfers" を開く
    ならば 開いた画面に "見本食堂" がある
    もし "examiner" が "許可" に "accept_transfer" をする
    ならば 応答は 422 である
    もし "南多摩の審査" が "許可" に "refuse_transfer" をする
    ならば 応答は 422 である
    かつ 誤り "/input/transfer_refusal" は "required" である
    もし "南多摩の審査" が "許可" に "refuse_transfer" をする:
      """
      {"transfer_refusal":"所在地はまだ多摩立川の管内です"}
      """
    ならば 応答は 200 である
    もし "南多摩の審査" が "許可" を見る
    ならば "許可" の "fields.transfer_reason" はない
    かつ "examiner" に通知 "移す先が断りました" が届いている
    もし "examiner" が "許可" に "offer_transfer" をする:
      """
      {"offered_to":"南多摩保健所","transfer_reason":"移転したため"}
      """
    かつ "南多摩の審査" が "許可" に "accept_transfer" をする
    ならば 応答は 200 である
    かつ "許可" の "office" は "南多摩保健所" である
    かつ "examiner" に通知 "移す先が受け入れました" が届いている
    かつ "南多摩の審査" に通知 "移す先が受け入れました" は届いていない
    かつ "許可" の履歴に "refuse_transfer" がある
    もし "examiner" が "許可" を見る
    ならば "許可" の "fields.transfer_reason" はない

  シナリオ: 移す申出をやめると、移す先の保健所に知らされる
    前提 "南多摩の審査" が "南多摩保健所" の "examiner" の席に着いている
    かつ "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業の種類,申請区分
      見本食堂,立川市柴崎町2-21-19,見本商事株式会社,飲食店営業,許可
      """
    かつ "examiner" が "permit" を一覧する
    かつ "一覧" の "items[0]" を "許可" とする
    もし "examiner" が "許可" に "offer_transfer" をする:
      """
      {"offered_to":"南多摩保健所","transfer_reason":"管轄の見直しのため"}
      """
    かつ "examiner" が "許可" に "decline_transfer" をする
    ならば 応答は 200 である
    かつ "南多摩の審査" に通知 "許可を移す申出がなくなりました" が届いている
    かつ "examiner" に通知 "許可を移す申出がなくなりました" は届いていない

  シナリオ: 区の保健所へ移すと、処分庁も替わる
    前提 "渋谷の審査" が "渋谷区保健所" の "examiner" の席に着いている
    かつ "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業の種類,申請区分
      見本食堂,立川市柴崎町2-21-19,見本商事株式会社,飲食店営業,許可
      """
    かつ "examiner" が "permit" を一覧する
    かつ "一覧" の "items[0]" を "許可" とする
    もし "examiner" が "許可" に "offer_transfer" をする:
      """
      {"offered_to":"渋谷区保健所","transfer_reason":"自動車の保管場所が移ったため"}
      """
    かつ "渋谷の審査" が "許可" に "accept_transfer" をする
    ならば "許可" の "authority" は "13113" である
    かつ "許可" の "office" は "渋谷区保健所" である

  @123-kinds
  シナリオ: 更新は許可から始まり、同じことを2度書かない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"炭火焼き たちばな","premises_phone":"042-525-1234","foods":"焼き鳥","supervisor_name":"見本 花子","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "business" が "application" を "submit" で開く:
      """
      {"previous":["{許可}"],"equipment_unchanged":true}
      """
    かつ 記録 "更新" とする
    ならば 応答は 201 である
    かつ "更新" の "fields.premises.line" は "柴崎町2-21-19" である
    かつ "更新" の "fields.premises_name" は "炭火焼き たちばな" である
    かつ "更新" の "fields.water" は "public" である
    かつ "更新" の "fields.trades[0].trade" は "restaurant" である
    かつ "更新" の "fields.trades[0].kind" は "renewal" である
    かつ "更新" の "fields.fee" は 8900 である
    かつ "更新" の "fields.unchanged" は "前の許可から変わったところはありません。" である
    かつ "更新" の "links.previous" を "前の許可" とする
    もし 順に行う:
      """
      [{"as":"examiner","on":"更新","do":"pass"},
       {"as":"examiner","on":"更新","do":"paid","inside":{"更新の検査":"children.visits[0]","更新の飲食店":"children.items[0]"}},
       {"as":"inspector","on":"更新の検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"更新の飲食店","do":"decide","inside":{"新しい許可":"links.permit"}}]
      """
    ならば "許可" の "fields.valid_until" は "2031-11-30" である
    かつ "新しい許可" の "fields.valid_from" は "2031-12-01" である
    かつ "新しい許可" の "fields.valid_until" は "2036-11-30" である
    かつ "新しい許可" の "links.previous" を "新しい許可の前" とする
    かつ "新しい許可の前" の "state" は "valid" である

  @123-kinds
  シナリオ: 更新で変わったところは、比べて見せる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"炭火焼き たちばな","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "business" が図面 "新しい図面.png" をアップロードして "新しい図面" とする
    かつ "business" が "application" を "submit" で開く:
      """
      {"previous":["{許可}"],"premises_name":"炭火焼き たちばな 本店","drawings":["{新しい図面}"]}
      """
    かつ 記録 "更新" とする
    ならば "更新" の "fields.changed_points" は "施設の名称、設備" である

  @123-kinds
  シナリオ: ほかの人の許可は選べない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "other_business" が "closure" を "submit" で開く:
      """
      {"permits":["{許可}"],"closed_on":"2026-11-24","permit_return":"post"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/permits/0" は "record" である
    かつ "business" が "許可" を見る
    かつ 応答は 200 である
    かつ "許可" の "state" は "valid" である

  @123-kinds
  シナリオ: 変更届は、変わったことに要る書類だけを聞く
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"炭火焼き たちばな","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "business" が "change" を "submit" で開く:
      """
      {"permits":["{許可}"],"kinds":["company_name","equipment","supervisor"],"changed_on":"2026-11-20","new_name":"株式会社 見本食堂"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/registry_certificate" は "required" である
    かつ 誤り "/input/drawings" は "required" である
    かつ 誤り "/input/supervisor_proof" は "required" である
    かつ 誤り "/input/new_supervisor" は "required" である
    もし "business" が "change" を "submit" で開く:
      """
      {"permits":["{許可}"],"kinds":["company_name","premises_name"],"changed_on":"2026-11-20","new_name":"株式会社 見本食堂","new_premises_name":"たちばな 別館","corporate_number":"7000012050002"}
      """
    かつ 記録 "変更" とする
    ならば 応答は 201 である
    かつ "変更" の "state" は "submitted" である
    かつ "変更" の "office" は "多摩立川保健所" である
    かつ "変更" の "fields.days_late" はない
    もし "examiner" が "change" を一覧する
    ならば 応答は 200 である
    かつ "一覧" の "items[0].label" は "炭火焼き たちばな" である
    もし "examiner" が "変更" に "confirm" をする
    ならば 応答は 200 である
    かつ "許可" の "fields.premises_name" は "たちばな 別館" である
    かつ "許可" の "fields.last_changed_on" は "2026-11-20" である

  @123-kinds
  シナリオ: 代表者の変更は、法人番号があっても登記事項証明書が要る。10日を過ぎても届け出られる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "business" が "change" を "submit" で開く:
      """
      {"permits":["{許可}"],"kinds":["representative"],"changed_on":"2026-11-01","new_representative":"見本 次郎","corporate_number":"7000012050002"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/registry_certificate" は "required" である
    もし "business" が図面 "登記.png" をアップロードして "登記" とする
    かつ "business" が "change" を "submit" で開く:
      """
      {"permits":["{許可}"],"kinds":["representative"],"changed_on":"2026-11-01","new_representative":"見本 次郎","corporate_number":"7000012050002","registry_certificate":["{登記}"],"late_reason":"登記に時間がかかりました"}
      """
    かつ 記録 "変更" とする
    ならば 応答は 201 である
    かつ "変更" の "fields.days_late" は 13 である

  @123-kinds
  シナリオ: 廃業届で許可は終わり、許可書の返納を確かめる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]","食肉":"children.items[1]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}},
       {"as":"approver","on":"食肉","do":"decide","inside":{"食肉の許可":"links.permit"}}]
      """
    もし "business" が "closure" を "submit" で開く:
      """
      {"permits":["{許可}","{食肉の許可}"],"closed_on":"2026-11-24","permit_return":"post"}
      """
    かつ 記録 "廃業" とする
    ならば 応答は 201 である
    かつ "許可" の "state" は "closed" である
    かつ "食肉の許可" の "state" は "closed" である
    かつ "許可" の "fields.closed_on" は "2026-11-24" である
    かつ "examiner" に通知 "廃業の届出が届きました" が届いている
    もし "examiner" が "廃業" に "confirm" をする
    ならば 応答は 422 である
    かつ 誤り "/input/permit_received_on" は "condition" である
    もし "examiner" が "廃業" に "confirm" をする:
      """
      {"permit_received_on":"2026-11-24"}
      """
    ならば 応答は 200 である
    かつ "廃業" の "state" は "confirmed" である

  @123-kinds
  シナリオ: 事業譲渡の承継で、許可の持ち主が替わる。番号と期間は変わらない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "other_business" が図面 "契約.png" をアップロードして "契約" とする
    かつ "other_business" が "succession" を "submit" で開く:
      """
      {"reason":"transfer","premises":{"municipality":"13202","line":"柴崎町二丁目21番19号"},"permit_number":"都食許-2026-00001","previous_name":"見本食堂","succeeded_on":"2023-12-01"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/succeeded_on" は "check" である
    かつ 誤り "/input/transfer_contract" は "required" である
    かつ 誤り "/input/whole_business" は "required" である
    もし "other_business" が "succession" を "submit" で開く:
      """
      {"reason":"transfer","premises":{"municipality":"13202","line":"柴崎町二丁目21番19号"},"permit_number":"都食許-2026-00001","previous_name":"見本食堂","succeeded_on":"2026-11-20","transfer_contract":["{契約}"],"whole_business":true}
      """
    かつ 記録 "承継" とする
    ならば 応答は 201 である
    もし "examiner" が "承継" に "confirm" をする
    ならば 応答は 422 である
    もし "examiner" が "承継" に "confirm" をする:
      """
      {"permits":["{許可}"]}
      """
    ならば 応答は 200 である
    もし "other_business" が "許可" を見る
    ならば 応答は 200 である
    かつ "許可" の "fields.succession_reason" は "transfer" である
    かつ "許可" の "fields.valid_until" は "2031-11-30" である
    もし "business" が "permit" を一覧する: "filter=state = "valid"&q=柴崎町"
    ならば 応答は 200 である
    もし "business" が "closure" を "submit" で開く:
      """
      {"permits":["{許可}"],"closed_on":"2026-11-24","permit_return":"post"}
      """
    ならば 応答は 422 である

  @123-kinds
  シナリオ: 相続と合併の承継は、それぞれの書類を聞く
    もし "resident" が "succession" を "submit" で開く:
      """
      {"reason":"inheritance","premises":{"municipality":"13202","line":"柴崎町2-21-19"},"permit_number":"都食許-2026-00001","previous_name":"見本 太郎","succeeded_on":"2020-01-01","other_heirs":true}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/family_register" は "required" である
    かつ 誤り "/input/heirs_consent" は "required" である
    もし "resident" が "succession" を "submit" で開く:
      """
      {"reason":"merger","premises":{"municipality":"13202","line":"柴崎町2-21-19"},"permit_number":"都食許-2026-00001","previous_name":"見本商店","succeeded_on":"2026-11-01"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/registry_certificate" は "required" である

  @123-kinds
  シナリオ: 営業届は手数料も更新もなく、食品衛生責任者とHACCPは要る
    もし "business" が "notification" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"見本商店","kinds":["vegetables","packaged_meat"]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/haccp" は "required" である
    かつ 誤り "/input/supervisor_name" は "required" である
    もし "business" が "notification" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"見本商店","kinds":["vegetables","packaged_meat"],"haccp":"adapted","supervisor_name":"見本 花子"}
      """
    かつ 記録 "営業届" とする
    ならば 応答は 201 である
    かつ "営業届" の "number" は "都食届-2026-00001" である
    もし "examiner" が "営業届" に "confirm" をする
    ならば "営業届" の "state" は "confirmed" である
    もし "business" が "営業届" に "amend" をする:
      """
      {"premises_name":"見本商店 駅前店"}
      """
    ならば 応答は 200 である
    もし "examiner" が "営業届" に "confirm" をする
    かつ "business" が "営業届" に "stop" をする:
      """
      {"closed_on":"2026-11-24"}
      """
    ならば "営業届" の "state" は "closed" である

  @123-kinds
  シナリオ: 自動車は、仕込場所、保管場所、申請者の住所、主に営業する場所の順に保健所が決まる
    もし "business" が "application" を "save" で開く:
      """
      {"handling":["vehicle"],"premises":{"municipality":"13101","line":"神田錦町3-10"},"prep_place":{"municipality":"11100","line":"浦和"},"storage_place":{"municipality":"13209","line":"森野2-2-22"},"operator_address":{"municipality":"13202","line":"柴崎町1-1"}}
      """
    かつ 記録 "自動車" とする
    ならば 応答は 201 である
    かつ "自動車" の "authority" は "13209" である
    もし "business" が "自動車" に "save" をする:
      """
      {"storage_place":null}
      """
    ならば "自動車" の "office" は "多摩立川保健所" である
    もし "business" が "自動車" に "save" をする:
      """
      {"prep_place":{"municipality":"13361","line":"元町1-1"}}
      """
    ならば "自動車" の "office" は "島しょ保健所大島出張所" である
    もし "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が "自動車" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/vehicle_number" は "required" である
    もし "business" が "自動車" に "submit" をする:
      """
      {"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"],"vehicle_number":"多摩 800 さ 12-34"}
      """
    ならば 応答は 200 である
    かつ "自動車" の "state" は "submitted" である

  @123-kinds
  シナリオ: 書換え・再交付、許可証明、臨時出店届
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}},
       {"as":"business","open":"reissue","do":"submit","name":"再交付","input":{"permit":"{許可}","kind":"reissue","reason":"店の移動のときになくしました","lost":true}},
       {"as":"examiner","on":"再交付","do":"confirm","input":{"handed_on":"2026-11-24"}},
       {"as":"business","open":"certificate","do":"submit","name":"証明","input":{"permits":["{許可}"],"purpose":"融資の申込み","copies":2}},
       {"as":"examiner","on":"証明","do":"confirm"},
       {"as":"business","open":"temporary","do":"submit","name":"出店","input":{"permit":"{許可}","event":"秋のまつり","place":{"municipality":"13202","line":"緑町3173"},"starts_on":"2026-12-05","ends_on":"2026-12-06","stalls":[{"name":"焼き鳥の店","food":"焼き鳥","handling":"焼く"}]}},
       {"as":"examiner","on":"出店","do":"confirm"}]
      """
    ならば "再交付" の "state" は "confirmed" である
    かつ "許可" の "fields.reissued_on" は "2026-11-24" である
    かつ "証明" の "fields.proven_on" は "2026-11-24" である
    かつ "出店" の "fields.foods" は "飲食店営業" である
    もし "business" が "reissue" を "submit" で開く:
      """
      {"permit":"{許可}","kind":"rewrite","reason":"屋号が変わりました"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/old_permit" は "required" である

  @123-kinds
  シナリオ: 検査の候補の日時を監視員が示し、営業者が選ぶ
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]"}}]
      """
    もし "business" が "検査" に "choose" をする:
      """
      {"chosen":"1"}
      """
    ならば 応答は 422 である
    もし "inspector" が "検査" に "offer" をする:
      """
      {"offers":[{"day":"2026-12-01","slot":"am_late"},{"day":"2026-12-02","slot":"pm_early"}],"arrangement":"冷蔵庫を動かしておいてください。"}
      """
    ならば 応答は 200 である
    かつ "business" に通知 "検査の日時を選んでください" が届いている
    もし "business" が "検査" に "choose" をする:
      """
      {"chosen":"3"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/chosen" は "condition" である
    もし "business" が "検査" に "choose" をする:
      """
      {"chosen":"2"}
      """
    ならば 応答は 200 である
    かつ "検査" の "fields.visit_date" は "2026-12-02" である
    かつ "検査" の "fields.time_slot" は "pm_early" である
    かつ "inspector" に通知 "検査の日時が選ばれました" が届いている

  @123-kinds
  シナリオ: 同じ監視員の同じ日時には、一つの検査しか入らない
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が図面 "図面2.png" をアップロードして "図面2" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"resident","open":"application","do":"submit","name":"別の申請","input":{"premises":{"municipality":"13202","line":"曙町1-1-1"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面2}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]"}},
       {"as":"examiner","on":"別の申請","do":"pass"},
       {"as":"examiner","on":"別の申請","do":"paid","inside":{"別の検査":"children.visits[0]"}},
       {"as":"inspector","on":"検査","do":"offer","input":{"offers":[{"day":"2026-12-01","slot":"am_late"}]}},
       {"as":"inspector","on":"別の検査","do":"offer","input":{"offers":[{"day":"2026-12-01","slot":"am_late"},{"day":"2026-12-01","slot":"pm_late"}]}},
       {"as":"business","on":"検査","do":"choose","input":{"chosen":"1"}}]
      """
    もし "resident" が "別の検査" に "choose" をする:
      """
      {"chosen":"1"}
      """
    ならば 応答は 422 である
    かつ 誤りの文に "ほかの検査と重なりました" がある
    もし "resident" が "別の検査" に "choose" をする:
      """
      {"chosen":"2"}
      """
    ならば 応答は 200 である

  @123-kinds
  シナリオ: 再検査では合わなかった基準だけを見て、査定の点から年数の案が出る
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "inspector" が図面 "手洗い.png" をアップロードして "写真" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"},{"trade":"confectionery","kind":"new"}],"handling":["fugu"],"fugu_handler":"見本 花子","water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"fail","checklist":[{"criterion":"c01","finding":"met"},{"criterion":"c12","finding":"unmet","note":"水栓が手で回す形","photo":["{写真}"],"deadline":"2026-12-08"},{"criterion":"fugu_1","finding":"unmet"}],"unmet":[{"what":"手洗いの水栓をレバー式にする","deadline":"2026-12-08"},{"what":"鍵のかかる容器を置く","deadline":"2026-12-08"}]}}]
      """
    ならば "申請" の "children.visits[1]" を "再検査" とする
    もし "inspector" が "再検査" を見る
    ならば "再検査" の "fields.recheck" は 2 件である
    かつ "再検査" の "fields.recheck[0]" は "c12" である
    もし "inspector" が "再検査" に "record" をする:
      """
      {"result":"pass","checklist":[{"criterion":"c12","finding":"met"},{"criterion":"fugu_1","finding":"met"}],"scores":[{"item":"floor","good":true},{"item":"wall","good":true},{"item":"air","good":true},{"item":"water","good":true},{"item":"cold","good":false}],"handover_on":"2026-12-04"}
      """
    ならば 応答は 200 である
    かつ "再検査" の "fields.points" は 4 である
    かつ "再検査" の "fields.proposed_years" は 6 である
    かつ "再検査" の "fields.term_reason" は "4点（4点から6点は6年）" である
    かつ "飲食店" の "fields.term" は 6 である
    もし "approver" が "飲食店" に "decide" をする
    ならば 応答は 200 である
    かつ "飲食店" の "links.permit" を "許可" とする
    かつ "許可" の "fields.valid_until" は "2032-11-30" である

  @123-letters
  シナリオ: 許可書を PDF と画面で受け取れ、二次元コードで有効かどうかを確かめられる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"炭火焼き たちばな","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","input":{"paid_by":"cash"},"inside":{"検査":"children.visits[0]","飲食店":"children.items[0]","食肉":"children.items[1]","納付":"children.payments[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "business" が "許可" の文書 "certificate" を受け取る
    ならば 文書に "食品営業許可書" がある
    かつ 文書に "許可" の "number" がある
    かつ 文書に "許可" の "parties[0].name" がある
    かつ 文書に "許可" の "fields.trade_title" がある
    かつ 文書に "許可" の "fields.premises_name" がある
    かつ 文書に "許可" の "fields.valid_from" がある
    かつ 文書に "許可" の "fields.valid_until" がある
    かつ 文書に "東京都多摩立川保健所長" がある
    かつ 文書に "再交付" はない
    かつ "resident" は "許可" の文書 "certificate" を受け取れない
    かつ "municipality" は "許可" の文書 "certificate" を受け取れない
    もし 文書の二次元コードを開く
    ならば 開いた画面に "有効です" がある
    かつ 開いた画面に "炭火焼き たちばな" がある
    かつ 開いた画面に "飲食店営業" がある
    かつ 開いた画面に "令和13年11月30日" がある
    もし "business" が "closure" を "submit" で開く:
      """
      {"permits":["{許可}"],"closed_on":"2026-11-24","permit_return":"post"}
      """
    かつ 文書の二次元コードを開く
    ならば 開いた画面に "有効ではありません" がある
    かつ 開いた画面に "廃業の届出がありました" がある
    # 交付した許可書は、廃業の後もそのまま残る
    もし "business" が "許可" の文書 "certificate" を受け取る
    ならば 文書に "食品営業許可書" がある

  @123-letters
  シナリオ: 訂正した許可書は2通目になり、職権で取り消された許可は、二次元コードで無効とわかる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"あやまりの食堂","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","input":{"paid_by":"cash"},"inside":{"検査":"children.visits[0]","飲食店":"children.items[0]","食肉":"children.items[1]","納付":"children.payments[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし 順に行う:
      """
      [{"as":"examiner","on":"許可","do":"correct_draft","input":{"premises_name":"ただしい食堂","correction_reason":"屋号の誤記"}},
       {"as":"chief","on":"許可","do":"correct_pass"},
       {"as":"approver","on":"許可","do":"correct"}]
      """
    かつ "business" が "許可" の文書 "certificate" を受け取る
    ならば 文書に "ただしい食堂" がある
    かつ 文書に "2通目" がある
    もし 順に行う:
      """
      [{"as":"examiner","on":"許可","do":"revoke_draft","input":{"revocation_ground":"defect","revocation_reasons":"虚偽の申請","hearing":"held","hearing_on":"2026-11-20","revocation_teaching":true}},
       {"as":"chief","on":"許可","do":"revoke_pass"},
       {"as":"approver","on":"許可","do":"revoke"}]
      """
    かつ 文書の二次元コードを開く
    ならば 開いた画面に "有効ではありません" がある
    かつ 開いた画面に "取消し" がある
    もし "business" が "許可" の文書 "revocation" を受け取る
    ならば 文書に "許可に初めから取り消すべき誤りがあったことにより" がある

  @123-letters
  シナリオ: 職権で取り消すと、根拠と理由と教示のある通知が届く。聴聞の日のないものは出せない
    前提 "administrator" が取込み "ledger" で "permit" を取り込む:
      """
      屋号,営業所所在地,営業者氏名,営業の種類,申請区分
      取り消される食堂,立川市柴崎町2-21-19,見本商事株式会社,飲食店営業,許可
      """
    かつ "examiner" が "permit" を一覧する
    かつ "一覧" の "items[0]" を "許可" とする
    もし "examiner" が "許可" に "revoke_draft" をする:
      """
      {"revocation_reasons":"検査を拒み続けたため","hearing":"held","revocation_teaching":true}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/revocation_ground" は "required" である
    かつ 誤り "/input/hearing_on" は "required" である
    もし 順に行う:
      """
      [{"as":"examiner","on":"許可","do":"revoke_draft","input":{"revocation_ground":"violation","revocation_reasons":"検査を拒み続けたため","hearing":"held","hearing_on":"2026-11-20","revocation_teaching":true}},
       {"as":"chief","on":"許可","do":"revoke_pass"},
       {"as":"approver","on":"許可","do":"revoke"}]
      """
    かつ "examiner" が "許可" の文書 "revocation" を受け取る
    ならば 文書に "営業の許可を取り消すことの通知" がある
    かつ 文書に "食品衛生法第60条の規定により" がある
    かつ 文書に "許可" の "number" がある
    かつ 文書に "取り消される食堂" がある
    かつ 文書に "検査を拒み続けたため" がある
    かつ 文書に "聴聞を行った（令和8年11月20日）" がある
    かつ 文書に "3か月以内に、東京都知事に対して審査請求をすることができます" がある
    かつ 文書に "6か月以内に、東京都を被告として" がある
    かつ "resident" は "許可" の文書 "revocation" を受け取れない

  @123-letters
  シナリオ: 不許可の通知には理由と教示がある
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"冷えない精肉店","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","input":{"paid_by":"cash"},"inside":{"検査":"children.visits[0]","飲食店":"children.items[0]","食肉":"children.items[1]","納付":"children.payments[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"食肉","do":"refuse","input":{"reasons":"冷蔵設備が基準に足りません","teaching":true}}]
      """
    もし "business" が "食肉" の文書 "refusal" を受け取る
    ならば 文書に "営業の許可をしないことの通知" がある
    かつ 文書に "申請" の "number" がある
    かつ 文書に "冷蔵設備が基準に足りません" がある
    かつ 文書に "3か月以内に、東京都知事に対して審査請求をすることができます" がある
    かつ 文書に "6か月以内に、東京都を被告として" がある
    かつ "resident" は "食肉" の文書 "refusal" を受け取れない
    # まだ決まっていない営業の種類の案は、申請者には渡らない
    かつ "business" は "飲食店" の文書 "refusal" を受け取れない

  @123-letters
  シナリオ: 補正の通知には、直すところと内容がある
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"直しの食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"return","input":{"remarks":[{"pointer":"/fields/drawings/0","text":"手洗い設備の位置を書いてください"}]}}]
      """
    もし "business" が "申請" の文書 "correction" を受け取る
    ならば 文書に "申請の補正のお願い" がある
    かつ 文書に "構造及び設備を示す図面" がある
    かつ 文書に "手洗い設備の位置を書いてください" がある
    かつ 文書に "申請" の "number" がある
    かつ "resident" は "申請" の文書 "correction" を受け取れない

  @123-letters
  シナリオ: 満了の2か月前から、更新のお知らせを受け取れる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"続ける食堂","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","input":{"paid_by":"cash"},"inside":{"検査":"children.visits[0]","飲食店":"children.items[0]","食肉":"children.items[1]","納付":"children.payments[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    ならば "business" は "許可" の文書 "renewal" を受け取れない
    もし 今日は2031-10-15である
    かつ "business" が "許可" の文書 "renewal" を受け取る
    ならば 文書に "食品営業許可の更新のお知らせ" がある
    かつ 文書に "許可" の "number" がある
    かつ 文書に "許可" の "fields.valid_until" がある
    かつ 文書に "続ける食堂" がある

  @123-2 @123-letters
  シナリオ: 窓口の端末で納めても領収書を受け取れ、もう1通には再発行と書いてある
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"領収の食堂","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","input":{"paid_by":"terminal"},"inside":{"検査":"children.visits[0]","飲食店":"children.items[0]","食肉":"children.items[1]","納付":"children.payments[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}}]
      """
    かつ "business" が "納付" を見る
    かつ "納付" の "children.receipts[0]" を "領収" とする
    もし "business" が "領収" の文書 "receipt" を受け取る
    ならば 文書に "領収書" がある
    かつ 文書に "領収" の "number" がある
    かつ 文書に "納付" の "number" がある
    かつ 文書に "金 29,800円" がある
    かつ 文書に "窓口のキャッシュレス端末" がある
    かつ 文書に "令和8年11月24日" がある
    かつ 文書に "多摩立川保健所" がある
    かつ 文書に "食品営業許可申請手数料" がある
    かつ 文書に "食肉販売業（新規）" がある
    かつ 文書に "11,500円" がある
    かつ 文書に "再発行" はない
    かつ "resident" は "領収" の文書 "receipt" を受け取れない
    もし "business" が "領収" に "reissue_receipt" をする:
      """
      {"reissue_reason":"なくした"}
      """
    ならば 応答は 409 である
    もし "examiner" が "領収" に "reissue_receipt" をする:
      """
      {"reissue_reason":"なくした"}
      """
    かつ "business" が "領収" の文書 "receipt" を受け取る
    ならば 文書に "再発行（2通目）" がある
    かつ 文書に "金 29,800円" がある

  @123-2 @123-letters
  シナリオ: 電子納付の領収書も同じで、返したお金の領収書には還付済と書いてある
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass","inside":{"納付":"children.payments[0]"}}]
      """
    もし "business" は "申請" を納付画面で "カード" で納める
    かつ "納付" の "children.receipts[0]" を "領収" とする
    かつ "business" が "領収" の文書 "receipt" を受け取る
    ならば 文書に "クレジットカード" がある
    かつ 文書に "金 18,300円" がある
    かつ 文書に "還付済" はない
    もし 順に行う:
      """
      [{"as":"examiner","on":"領収","do":"take_back","input":{"reason":"減免に当たることが後でわかったため"}},
       {"as":"examiner","on":"領収","do":"refund","input":{"reason":"減免に当たることが後でわかったため"}}]
      """
    ならば "領収" の "state" は "refunded" である
    もし "business" が "領収" の文書 "receipt" を受け取る
    ならば 文書に "還付済" がある
    かつ 文書に "減免に当たることが後でわかったため" がある

  @123-letters
  シナリオ: フォントにない外字があっても許可は失われず、運用の画面でわかる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"外字の􏿽食堂","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","input":{"paid_by":"cash"},"inside":{"検査":"children.visits[0]","飲食店":"children.items[0]","食肉":"children.items[1]","納付":"children.payments[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    ならば "飲食店" の "state" は "permitted" である
    もし "business" が "許可" を見る
    ならば "許可" の "state" は "valid" である
    かつ "許可" の文書 "certificate" は作れず、応答は 409 である
    かつ 誤りの文に "U+10FFFD" がある
    もし "administrator" が画面 "/admin/stuck" を開く
    ならば 開いた画面に "U+10FFFD" がある
    かつ 開いた画面に "食品営業許可書" がある

  @123-messages
  シナリオ: お知らせはメールでも届き、夜の分は朝に届く。読む人の言葉で、内容は書かない
    前提 "business" がメールの宛先 "hanako@example.jp" を足し、届いた番号で確かめる
    かつ "resident" がメールの宛先 "taro@example.jp" を足し、届いた番号で確かめる
    かつ "resident" がお知らせを "en" の言葉で、"20:00" から "07:00" までを除いて受け取ることにする
    かつ "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が図面 "図面2.png" をアップロードして "図面2" とする
    もし 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"ひみつの食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"resident","open":"application","do":"submit","name":"申請2","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-20"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面2}"]}}]
      """
    ならば "hanako@example.jp" 宛てにメール "申請が届きました（食-2026-00001）" が届いている
    かつ "hanako@example.jp" 宛てのメールに "ひみつの食堂" はない
    かつ "business" に通知 "申請が届きました" が届いている
    かつ "taro@example.jp" 宛てにメール "We have your application (食-2026-00002)" が届いている
    かつ "taro@example.jp" 宛てにメール "申請が届きました" は届いていない
    もし 22 時になる
    かつ "examiner" が "申請2" に "pass" をする
    ならば "resident" に通知 "手数料を納めてください" が届いている
    かつ "taro@example.jp" 宛てのメールに "Please pay" はない
    もし 5 時になる
    ならば "taro@example.jp" 宛てのメールに "Please pay" はない
    もし 7 時になる
    ならば "taro@example.jp" 宛てにメール "Please pay" が届いている

  @123-messages
  シナリオ: メールのサーバーが止まっていても、お知らせはマイページにあり、動きだせば届く
    前提 "business" がメールの宛先 "hanako@example.jp" を足し、届いた番号で確かめる
    かつ "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ メールのサーバーにつながらない
    もし 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}}]
      """
    ならば "business" に通知 "申請が届きました" が届いている
    かつ "hanako@example.jp" 宛てにメール "申請が届きました" は届いていない
    もし メールのサーバーにつながる
    かつ 10 時になる
    ならば "hanako@example.jp" 宛てにメール "申請が届きました" が届いている

  @123-review
  シナリオ: 許可でも不許可でも、窓口でも、だれの声か残さずに答えられ、職員は割合を見て、変えたことを答える
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が図面 "図面2.png" をアップロードして "図面2" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"声の食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide"},
       {"as":"resident","open":"application","do":"submit","name":"申請2","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-20"},"trades":[{"trade":"meat_sales","kind":"new"}],"water":"public","drawings":["{図面2}"]}},
       {"as":"examiner","on":"申請2","do":"pass"},
       {"as":"examiner","on":"申請2","do":"paid","inside":{"検査2":"children.visits[0]","食肉":"children.items[0]"}},
       {"as":"inspector","on":"検査2","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"食肉","do":"refuse","input":{"reasons":"冷蔵設備が基準に足りません","teaching":true}}]
      """
    もし "business" が "申請" の声を答える:
      """
      {"speed":5,"simple":5,"usable":4,"comment":"写真で出せて助かりました。"}
      """
    かつ "resident" が "申請2" の声を答える:
      """
      {"speed":2,"simple":3,"usable":2,"comment":"理由がわかりにくい。"}
      """
    かつ "examiner" が窓口 "多摩立川保健所" に貼ったポスターから、来た人が "food-business-permit" の声を答える:
      """
      {"speed":4,"simple":4,"usable":4}
      """
    かつ 1 日たつ
    かつ "administrator" が画面 "/desk/reviews/food-business-permit" を開く
    ならば 開いた画面に "写真で出せて助かりました。" がある
    かつ 開いた画面に "オンライン" がある
    かつ 開いた画面に "窓口" がある
    かつ 開いた画面に "多摩立川保健所" がある
    # 9つの点のうち、4か5は6つ。窓口は3つとも
    かつ 開いた画面に "66.7%" がある
    かつ 開いた画面に "窓口100.0%1" がある
    かつ 開いた画面に "オンライン50.0%2" がある
    かつ 開いた画面に "2026年11月66.7%3" がある
    かつ 開いた画面に "多摩立川保健所66.7%3" がある
    かつ 開いた画面に "佐藤" はない
    かつ 開いた画面に "食-2026" はない
    # 10件に満たないあいだ、公開の画面に割合は出ない
    もし "resident" が画面 "/reviews/food-business-permit" を開く
    ならば 開いた画面に "66.7%" はない
    もし "examiner" が "user-review" の "improvement" を "publish" で開く:
      """
      {"service":"food-business-permit","voice":"理由がわかりにくい","change":"不許可の通知に、直し方の例を足しました","changed_on":"2026-11-25"}
      """
    ならば 応答は 201 である
    もし "resident" が画面 "/reviews/food-business-permit" を開く
    ならば 開いた画面に "不許可の通知に、直し方の例を足しました" がある

  @123-kinds
  シナリオ: 一つの場所に許可がいくつあっても、同じ営業の許可が審査の画面に出る
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ "business" が図面 "図面.png" をアップロードして "図面2" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"高松町7-7-7"},"premises_name":"七つの店","trades":[{"trade":"restaurant","kind":"new"},{"trade":"meat_sales","kind":"new"},{"trade":"fish_sales","kind":"new"},{"trade":"meat_processing","kind":"new"},{"trade":"confectionery","kind":"new"},{"trade":"ice_cream","kind":"new"},{"trade":"dairy_products","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","業0":"children.items[0]","業1":"children.items[1]","業2":"children.items[2]","業3":"children.items[3]","業4":"children.items[4]","業5":"children.items[5]","業6":"children.items[6]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"業0","do":"decide"},
       {"as":"approver","on":"業1","do":"decide"},
       {"as":"approver","on":"業2","do":"decide"},
       {"as":"approver","on":"業3","do":"decide"},
       {"as":"approver","on":"業4","do":"decide"},
       {"as":"approver","on":"業5","do":"decide"},
       {"as":"approver","on":"業6","do":"decide"},
       {"as":"business","open":"application","do":"submit","name":"次の申請","input":{"premises":{"municipality":"13202","line":"高松町7-7-7"},"premises_name":"次の食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面2}"]}},
       {"as":"examiner","on":"次の申請","do":"pass"},
       {"as":"examiner","on":"次の申請","do":"paid","inside":{"次の食堂":"children.items[0]"}}]
      """
    もし "examiner" が "次の食堂" を見る
    ならば "次の食堂" の "lookups.earlier" は 1 件である
    かつ "次の食堂" の "lookups.earlier[0].fields.trade" は "restaurant" である

  @123-close
  シナリオ: 月報の月を締めると、あとから届いた廃業届では変わらず、訂正として理由とともに残る
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"炭火焼き たちばな","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし "approver" が "permit" の月報 "monthly" の "2026-11" を締める
    ならば 応答は 422 である
    かつ 誤り "/month" は "not_over" である
    もし 今日は2026-12-02である
    かつ "examiner" が "permit" の月報 "monthly" の "2026-11" を締める
    ならば 応答は 404 である
    もし "approver" が画面 "/desk/food-business-permit/permit/views/monthly?month=2026-11" を開く
    ならば 開いた画面に "未締め" がある
    もし "approver" が "permit" の月報 "monthly" の "2026-11" を締める
    ならば 応答は 200 である
    もし "approver" が "permit" の月報 "monthly" の "2026-11" の表を "締めた表" として受け取る
    ならば 表 "締めた表" に "飲食店営業" がある
    もし "business" が "closure" を "submit" で開く:
      """
      {"permits":["{許可}"],"closed_on":"2026-11-30","permit_return":"post"}
      """
    ならば 応答は 201 である
    もし "approver" が "permit" の月報 "monthly" の "2026-11" の表を "あとの表" として受け取る
    ならば 表 "締めた表" と表 "あとの表" は同じである
    もし "approver" が画面 "/desk/food-business-permit/permit/views/monthly?month=2026-11" を開く
    ならば 開いた画面に "締め済み" がある
    かつ 開いた画面に "締めたあとに変わった数" がある
    もし "approver" が "permit" の月報 "monthly" の "2026-11" を "" という理由で訂正する
    ならば 応答は 422 である
    かつ 誤り "/reason" は "required" である
    もし "approver" が "permit" の月報 "monthly" の "2026-11" を "12月に届いた11月の廃業届" という理由で訂正する
    ならば 応答は 200 である
    もし "approver" が画面 "/desk/food-business-permit/permit/views/monthly?month=2026-11" を開く
    ならば 開いた画面に "12月に届いた11月の廃業届" がある
    かつ 開いた画面に "締めたあとに変わった数" はない
    もし "approver" が "permit" の月報 "monthly" の "2026-11" の表を "訂正のあと" として受け取る
    ならば 表 "締めた表" と表 "訂正のあと" は同じである
    もし "administrator" が画面 "/desk/food-business-permit/permit/views/monthly?month=2026-11" を開く
    ならば 開いた画面に "所ごとに締めます" がある
    かつ 開いた画面に "締め済み" がある
    もし "approver" が "permit" の月報 "monthly" の "2026-11" の締めを "様式の誤り" という理由で解く
    ならば 応答は 404 である
    もし "administrator" が "permit" の月報 "monthly" の "2026-11" の "多摩立川保健所" の締めを "様式の誤り" という理由で解く
    ならば 応答は 200 である
    もし "approver" が画面 "/desk/food-business-permit/permit/views/monthly?month=2026-11" を開く
    ならば 開いた画面に "様式の誤り" がある

  @123-retention
  シナリオ: 保存期間が満了した申請は、起案した人とは別の人が決定すると廃棄され、番号と廃棄の記録だけが残る
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"短い食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"business","on":"申請","do":"withdraw"}]
      """
    # 取下げは2026年度。翌年度の4月1日から5年
    もし 今日は2031-03-31である
    ならば "examiner" に見える "application" の保存期間の一覧に "申請" はない
    もし 今日は2032-03-31である
    ならば "examiner" に見える "application" の保存期間の一覧に "申請" があり、"満了前" である
    もし "examiner" が "application" の "申請" の "廃棄" を起案する
    ならば 応答は 422 である
    かつ 誤り "/records" は "not_over" である
    もし 今日は2032-04-01である
    ならば "examiner" に見える "application" の保存期間の一覧に "申請" があり、"満了" である
    もし "business" が "application" の "申請" の "廃棄" を起案する
    ならば 応答は 404 である
    もし "examiner" が "application" の "申請" の "移管" を起案する
    ならば 応答は 422 である
    かつ 誤り "/deed" は "option" である
    もし "examiner" が "application" の "申請" の "廃棄" を起案する
    ならば 応答は 201 である
    もし "examiner" がその起案を決定する
    ならば 応答は 409 である
    もし "examiner" がその起案を引き戻す
    ならば 応答は 200 である
    かつ "examiner" が "申請" を開くと、応答は 200 である
    もし "examiner" が "application" の "申請" の "廃棄" を起案する
    ならば 応答は 201 である
    もし "approver" がその起案を "" という理由で差し戻す
    ならば 応答は 422 である
    かつ 誤り "/because" は "required" である
    もし "approver" が画面 "/desk/retention" を開く
    ならば 開いた画面に "決定を待つ起案" がある
    もし "approver" がその起案を決定する
    ならば 応答は 200 である
    もし 1 日たつ
    ならば "approver" が見るその起案の状態は "done" である
    かつ "examiner" が "申請" を開くと、応答は 410 である
    かつ "business" が "申請" を開くと、応答は 404 である
    かつ "examiner" に見える "application" の保存期間の一覧に "申請" はない
    かつ "examiner" が受け取る廃棄簿に "申請" の番号がある
    もし "examiner" が画面 "/desk/retention/food-business-permit/application" を開く
    ならば 開いた画面に "済み" がある
    かつ 開いた画面に "短い食堂" はない

  @123-retention
  シナリオ: 削除した下書きは職員に見えず、決められた日が過ぎると自動で消え、届いた申請は残る
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"save","name":"下書き","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"やめた食堂"}},
       {"as":"business","on":"下書き","do":"discard"},
       {"as":"business","open":"application","do":"save","name":"続き","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"迷う食堂"}},
       {"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"続く食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"business","on":"申請","do":"withdraw"}]
      """
    ならば "examiner" が "下書き" を開くと、応答は 404 である
    もし 1 日たつ
    ならば "business" が "下書き" を開くと、応答は 200 である
    もし 1 日たつ
    ならば "business" が "下書き" を開くと、応答は 404 である
    かつ "examiner" が "下書き" を開くと、応答は 404 である
    かつ "administrator" が "下書き" を開くと、応答は 404 である
    かつ "business" が "続き" を開くと、応答は 200 である
    かつ "examiner" が "申請" を開くと、応答は 200 である
    もし 今日は2032-03-31である
    ならば "examiner" に見える "application" の保存期間の一覧に "申請" があり、"満了前" である
    かつ "examiner" に見える "application" の保存期間の一覧に "続き" はない

  @123-retention
  シナリオ: 延長した申請は理由とともに残り、許可の先にある廃棄した記録は、廃棄したとわかる
    前提 "business" が図面 "図面.png" をアップロードして "図面" とする
    かつ 順に行う:
      """
      [{"as":"business","open":"application","do":"submit","name":"申請","input":{"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"長い食堂","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}},
       {"as":"examiner","on":"申請","do":"pass"},
       {"as":"examiner","on":"申請","do":"paid","input":{"paid_by":"cash"},"inside":{"検査":"children.visits[0]","飲食店":"children.items[0]"}},
       {"as":"inspector","on":"検査","do":"record","input":{"result":"pass"}},
       {"as":"approver","on":"飲食店","do":"decide","inside":{"許可":"links.permit"}}]
      """
    もし 今日は2032-04-01である
    かつ "examiner" が "application" の "申請" の "延長" を "2034-03-31" まで、"" という理由で起案する
    ならば 応答は 422 である
    かつ 誤り "/because" は "required" である
    もし "examiner" が "application" の "申請" の "延長" を "2034-03-31" まで、"審査請求が続いているため" という理由で起案する
    ならば 応答は 201 である
    もし "approver" がその起案を決定する
    ならば 応答は 200 である
    もし 1 日たつ
    ならば "approver" が見るその起案の状態は "done" である
    かつ "examiner" に見える "application" の保存期間の一覧に "申請" はない
    かつ "examiner" が "申請" を開くと、応答は 200 である
    もし 今日は2034-04-01である
    かつ "examiner" が "application" の "申請" の "廃棄" を起案する
    ならば 応答は 201 である
    もし "approver" がその起案を決定する
    ならば 応答は 200 である
    もし 1 日たつ
    ならば "examiner" が "申請" を開くと、応答は 410 である
    かつ "examiner" が "飲食店" を開くと、応答は 410 である
    もし "examiner" が "許可" を見る
    ならば "許可" の "disposed[0].deed" は "dispose" である

  @123-looks
  シナリオ: 申請者は、だれが自分の申請を見たかを見られ、監査はさがせる
    前提 "resident" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"喫茶 こもれび","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし "examiner" が "申請" を見る
    ならば "resident" に見える "申請" の閲覧に、"多摩立川保健所" の "審査担当" が "record" で見たものがある
    かつ "resident" に見える "申請" の閲覧に、"監査" が見たものはない
    かつ "business" が "申請" の閲覧を見ようとすると、応答は 404 である
    かつ "examiner" が "申請" の閲覧を見ようとすると、応答は 404 である
    もし "examiner" が "application" を一覧する: "limit=50"
    ならば "resident" に見える "申請" の閲覧に、"多摩立川保健所" の "審査担当" が "list" で見たものがある
    かつ "auditor" が "examiner" の閲覧をさがすと、"申請" を "record" で見たものがある
    かつ "auditor" が "examiner" の閲覧による影響を調べると、ファイルに "鈴木 一郎" がある
    かつ "resident" に見える "申請" の閲覧に、"" の "監査" が "report" で見たものがある
    もし "auditor" が画面 "/desk/looks?reader=examiner" を開く
    ならば 開いた画面に "ログインの印" がある
    もし "resident" が画面 "/my/looks" を開く
    ならば 開いた画面に "審査担当" がある

  @123-looks
  シナリオ: 休みの日の閲覧は監査に知らされ、理由とともに確認済みになる
    前提 "resident" が図面 "図面.png" をアップロードして "図面" とする
    かつ "resident" が "application" を "submit" で開く:
      """
      {"premises":{"municipality":"13202","line":"柴崎町2-21-19"},"premises_name":"喫茶 こもれび","trades":[{"trade":"restaurant","kind":"new"}],"water":"public","drawings":["{図面}"]}
      """
    かつ 記録 "申請" とする
    もし 今日は2026-11-29である
    かつ "examiner" が "申請" を見る
    かつ "resident" に見える "申請" の閲覧に、"多摩立川保健所" の "審査担当" が "record" で見たものがある
    かつ 1 日たつ
    ならば "auditor" に見える知らせに、"高橋 真由美" の "hours" がある
    もし "auditor" がその知らせを "業務として正しい" として、"" という理由で確認済みにする
    ならば 応答は 422 である
    もし "auditor" がその知らせを "業務として正しい" として、"休日の当番でした" という理由で確認済みにする
    ならば 応答は 200 である
    もし "examiner" がその知らせを "業務として正しい" として、"休日の当番でした" という理由で確認済みにする
    ならば 応答は 404 である
    もし "auditor" が画面 "/desk/looks/alerts?state=confirmed" を開く
    ならば 開いた画面に "休日の当番でした" がある
