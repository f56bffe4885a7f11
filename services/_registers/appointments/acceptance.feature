# language: ja
機能: 発令
  職員の席は発令の記録から決まり、4月の異動は CSV で取り込み、受け入れる所が決定する。

  背景:
    前提 今日は2026-11-24である

  シナリオ: 取り込んだ異動は、受け入れる所が決定し、その日が来ると席が替わる
    もし "administrator" が取込み "transfers" で "appointment" を取り込む:
      """
      発令番号,サインイン名,氏名,発令の種類,役割,所のコード,区市町村のコード,いつから,いつまで
      8福総人1,municipality,中村 恵,異動,approver,hc_tama_tachikawa,,2026-12-01,
      8福総人1,resident,鈴木 一郎,異動,approver,hc_minami_tama,,2026年12月1日,
      8福総人2,business,佐藤 花子,異動,approver,ない所,,2026-12-01,
      8福総人3,business,佐藤 花子,転籍,approver,hc_minami_tama,,2026-12-01,
      8福総人4,business,佐藤 花子,兼務,approver,,13202,2026-12-01,
      """
    ならば "取込み" の "phase" は "done" である
    かつ "取込み" の "done.new" は 2 である
    かつ "取込み" の "done.rejected" は 3 である
    もし "approver" が "appointment" を一覧する
    かつ "一覧" の "items[0]" を "異動" とする
    ならば 一覧は 1 件である
    もし "administrator" が "異動" に "order" をする:
      """
      {}
      """
    ならば 応答は 409 である
    もし "approver" が "異動" に "order" をする:
      """
      {}
      """
    ならば 応答は 200 である
    かつ "municipality" には "異動" が見えない
    もし 今日は2026-12-01である
    ならば "municipality" には "異動" が見える
    もし "administrator" が "異動" に "end" をする:
      """
      {"ended_because":"retired","ended_on":"2026-12-04"}
      """
    ならば 応答は 200 である
    もし 今日は2026-12-04である
    ならば "municipality" には "異動" が見える
    もし 今日は2026-12-05である
    ならば "municipality" には "異動" が見えない

  シナリオ: 次の異動で前の本務の席は替わり、兼務の席は加わる
    前提 "所長" が "南多摩保健所" の "approver" の席に着いている
    もし "administrator" が "appointment" を "draft" で開く:
      """
      {"login":"resident","name":"鈴木 一郎","kind":"move","role":"approver","body":"metropolis","office_code":"hc_tama_tachikawa","first_day":"2026-11-24"}
      """
    かつ 記録 "本務" とする
    もし "administrator" が "appointment" を "draft" で開く:
      """
      {"login":"resident","name":"鈴木 一郎","kind":"concurrent","role":"auditor","body":"metropolis","first_day":"2026-11-24","last_day":"2027-03-31"}
      """
    かつ 記録 "兼務" とする
    もし "administrator" が "appointment" を "draft" で開く:
      """
      {"login":"resident","name":"鈴木 一郎","kind":"move","role":"approver","body":"metropolis","office_code":"hc_minami_tama","first_day":"2026-12-01"}
      """
    かつ 記録 "次の本務" とする
    もし "approver" が "本務" に "order" をする:
      """
      {}
      """
    かつ "所長" が "次の本務" に "order" をする:
      """
      {}
      """
    ならば 応答は 200 である
    かつ "resident" には "本務" が見える
    かつ "resident" には "次の本務" が見えない
    もし 今日は2026-12-01である
    ならば "resident" には "本務" が見えない
    かつ "resident" には "次の本務" が見える

  シナリオ: 管理者でない人は起案できず、ほかの団体の発令もできない
    もし "approver" が "appointment" を "draft" で開く:
      """
      {"login":"approver","name":"伊藤 健一","kind":"concurrent","role":"administrator","body":"metropolis","first_day":"2026-11-24"}
      """
    ならば 応答は 409 である
    もし "administrator" が "appointment" を "draft" で開く:
      """
      {"login":"municipality","name":"中村 恵","kind":"move","role":"examiner","body":"municipality","municipality_code":"13202","first_day":"2026-11-24"}
      """
    ならば 応答は 422 である
    かつ 誤りの文に "その団体の管理者が起案します" がある
