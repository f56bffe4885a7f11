# language: ja
機能: 花壇ボランティアの登録（見本）
  まだどのサービスも使っていない語の受入れ。個人番号は保管庫だけに入り、定めた役割が目的を選んで開く。

  背景:
    前提 今日は2026-11-24である
    かつ "係員" が "緑化係" の "examiner" の席に着いている
    かつ "係長" が "緑化係" の "approver" の席に着いている
    かつ "よその係員" が "公園係" の "examiner" の席に着いている

  シナリオ: 個人番号は確かめて受け取り、記録・一覧・検索・ファイル・変更の知らせのどこにも出ない
    もし "resident" が "application" を "save" で開く:
      """
      {"group":"番号の会","my_number":"123456789012"}
      """
    ならば 応答は 422 である
    かつ 誤り "/input/my_number" は "individual_number_check" である
    かつ 誤りの文に "検査用数字が合いません" がある
    もし "resident" が "application" を "save" で開く:
      """
      {"group":"番号の会","my_number":"12345678901"}
      """
    ならば 誤り "/input/my_number" は "individual_number_length" である
    もし "resident" が "application" を "submit" で開く:
      """
      {"group":"番号の会","representative":{"full":"鈴木 一郎"},"phone":"042-528-2111","place":{"municipality":"13202","line":"柴崎町2-21-19"},"plot":"north","area":3,"has_tap":true,"helpers":[{"who":"鈴木 一郎","hours":8}],"my_number":"１２３４ ５６７８-9018","agreement":true}
      """
    ならば 応答は 201 である
    かつ 記録 "申請" とする
    かつ "申請" の "fields.my_number.given" は true である
    かつ "resident" が見る "申請" のどこにも、個人番号 "123456789018" はない
    かつ "係員" が見る "申請" のどこにも、個人番号 "123456789018" はない

  シナリオ: 定めた役割の人だけが目的を選んで開き、本人に知らされる。替えると前の番号は消え、廃棄すると開けない
    もし "resident" が "application" を "submit" で開く:
      """
      {"group":"番号の会","representative":{"full":"鈴木 一郎"},"phone":"042-528-2111","place":{"municipality":"13202","line":"柴崎町2-21-19"},"plot":"north","area":3,"has_tap":true,"helpers":[{"who":"鈴木 一郎","hours":8}],"my_number":"123456789018","agreement":true}
      """
    かつ 記録 "申請" とする
    # 決裁の人、よその係、本人、ほかの人には、あるかどうかも答えない
    もし "係長" が "申請" の個人番号 "my_number" を "income" の目的で開く
    ならば 応答は 404 である
    もし "よその係員" が "申請" の個人番号 "my_number" を "income" の目的で開く
    ならば 応答は 404 である
    もし "resident" が "申請" の個人番号 "my_number" を "income" の目的で開く
    ならば 応答は 404 である
    # 見てよい人でも、パスワードだけでは確かさが足りない
    もし "係員" がパスワードだけでログインしている
    かつ "係員" が "申請" の個人番号 "my_number" を "income" の目的で開く
    ならば 応答は 403 である
    かつ 誤り "/actor/assurance/authentication" は "assurance" である
    もし "係員" が "緑化係" の "examiner" の席に着いている
    かつ "係員" が "申請" の個人番号 "my_number" を "fun" の目的で開く
    ならば 応答は 422 である
    かつ 誤り "/purpose" は "purpose" である
    かつ 誤りの文に "何のために見るか" がある
    もし "係員" が "申請" の個人番号 "my_number" を "income" の目的で開く
    ならば 応答は 200 である
    かつ 開いた個人番号は "123456789018" である
    かつ "resident" に見える "申請" の閲覧に、目的が "所得の情報の照会のため／番号法第9条第1項 別表（架空の項）花壇の補助の支給に関する事務" のものがある
    もし "係員" が "申請" に "return" をする:
      """
      {"remarks":[{"pointer":"/fields/my_number","text":"番号をもう一度確かめてください。"}]}
      """
    かつ "resident" が "申請" に "submit" をする:
      """
      {"my_number":"023456789013"}
      """
    ならば 応答は 200 である
    もし "係員" が "申請" の個人番号 "my_number" を "identity" の目的で開く
    ならば 開いた個人番号は "023456789013" である
    もし "resident" が "申請" に "withdraw" をする
    かつ 今日は2030-04-01である
    もし "係員" が "application" の "申請" の "廃棄" を起案する
    ならば 応答は 201 である
    もし "係長" がその起案を決定する
    ならば 応答は 200 である
    もし 1 日たつ
    ならば "係員" が "申請" を開くと、応答は 410 である
    もし "係員" が "申請" の個人番号 "my_number" を "identity" の目的で開く
    ならば 応答は 404 である
