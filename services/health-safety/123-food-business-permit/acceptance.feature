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
      {"revocation_reasons":"虚偽の申請"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/revocation_teaching" は "required" である
