//! A made-up package for the engine's own tests: baskets with items that are taken. Taking one changes the item, its
//! basket and a new ticket, and posts to a ledger that may not fall below zero: three records and a ledger in one act.

use definition::{Catalogue, Source};
use std::sync::LazyLock;

pub const SLUG: &str = "loom";

const SERVICE: &str = r#"
title: かごの見本
initiatives: []
area: 共通
category: "01"
status: running
owner: 見本局
summary: 試験のための、架空のサービスです。
audience: [residents]
roles: { clerk: 窓口の係, chief: 窓口の長 }
ledgers:
  stock: { title: 在庫, unit: 個, floor: 0 }
messages:
  taken: { subject: 一つ取りました, body: 残りを確かめてください。 }
  soon: { subject: 期限が近づいています, body: ご確認ください。 }
"#;

const BASKET: &str = r#"
title: かご
label: name
authority: '"13000"'
office: '"見本係"'
parties:
  owner: { title: 持ち主, is: [person], owner: true }
fields:
  name: { type: text, title: 名前, required: true, max: 60 }
  note: { type: text, title: 覚え, max: 60 }
  colour: { type: text, title: 色, max: 60 }
  approved: { type: boolean, title: 確かめた }
  wishes:
    type: rows
    title: 品
    required: true
    min: 1
    max: 90
    fields:
      what: { type: text, title: 品名, required: true, max: 60 }
  taken: { type: number, title: 取った数, scale: 0 }
has:
  items: { type: item, title: 品 }
states:
  open: { title: 受付中, waits_for: desk.clerk, line: 係が見ています。 }
  closed: { title: おわり, ended: true, line: おわりました。 }
  late: { title: 期限切れ, ended: true, line: 期限が過ぎました。 }
clocks:
  limit:
    title: 期限
    from: [open]
    paused_in: []
    until: [closed, late]
    days: '5'
    remind: { to: desk.clerk, message: soon, days_before: [2] }
    on_due: run_out
actions:
  start:
    title: はじめる
    by: owner
    opens: true
    from: open
    to: open
    form: [name, note, colour, wishes]
    change:
      - { open: item, as: items, for_each: wishes, with: { what: row.what } }
  write: { title: 覚えを書く, by: owner, from: open, form: [note] }
  paint: { title: 色をぬる, by: owner, from: open, form: [colour] }
  approve:
    title: 確かめる
    by: desk.clerk
    from: open
    form: [approved]
    require: [ { that: 'get or else(colour, "") != "黒"', else: 黒は確かめられません。, field: approved } ]
  bump:
    title: 数える
    by: system
    from: open
    change:
      - { set: this, fields: { taken: 'get or else(taken, 0) + 1' } }
  close: { title: おわる, by: owner, from: open, to: closed }
  run_out: { title: 期限が過ぎた, by: system, from: open, to: late }
see:
  - { who: owner, scope: own }
  - { who: [desk.clerk, desk.chief], scope: office }
"#;

const ITEM: &str = r#"
title: 品
label: what
authority: '"13000"'
office: '"見本係"'
parties:
  owner: { title: 持ち主, is: [person], owner: true }
fields:
  what: { type: text, title: 品名, required: true, max: 60 }
states:
  waiting: { title: まだ, waits_for: owner, line: まだ取っていません。 }
  taken: { title: 取った, ended: true, line: 取りました。 }
actions:
  take:
    title: 取る
    by: owner
    from: waiting
    to: taken
    change:
      - { open: ticket, as: ticket, with: { what: what } }
      - { act: parent, do: bump }
      - { post: stock, key: '"all"', amount: '0 - 1' }
    effect:
      - { notify: { to: owner, message: taken } }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
"#;

const TICKET: &str = r#"
title: 引換券
number: { pattern: "券-{fiscal_year}-{seq:04}" }
label: what
authority: '"13000"'
office: '"見本係"'
parties:
  owner: { title: 持ち主, is: [person], owner: true }
fields:
  what: { type: text, title: 品名, required: true, max: 60 }
states:
  valid: { title: 有効, line: 有効です。 }
  used: { title: 使った, ended: true, line: 使いました。 }
actions:
  use: { title: 使う, by: owner, from: valid, to: used }
see:
  - { who: owner, scope: own }
"#;

const DELIVERY: &str = r#"
title: 入荷
label: string(amount)
authority: '"13000"'
office: '"見本係"'
fields:
  amount: { type: number, title: 数, required: true, scale: 0, min: 1, max: 1000 }
states:
  booked: { title: 入れた, ended: true, line: 入れました。 }
actions:
  book:
    title: 入れる
    by: desk.clerk
    opens: true
    from: booked
    to: booked
    form: [amount]
    change:
      - { post: stock, key: '"all"', amount: amount }
see:
  - { who: [desk.clerk, desk.chief], scope: office }
"#;

/// The package as files, with the registers of the repository beside it.
pub fn source() -> Source {
    let files = [
        ("service.yaml", SERVICE),
        ("records/basket.yaml", BASKET),
        ("records/item.yaml", ITEM),
        ("records/ticket.yaml", TICKET),
        ("records/delivery.yaml", DELIVERY),
    ];
    super::beside_registers(files.map(|(path, text)| (format!("{SLUG}/{path}"), text)))
}

pub fn loom() -> Catalogue {
    static LOADED: LazyLock<Catalogue> = LazyLock::new(|| super::sound(&source()));
    LOADED.clone()
}
