// The main job, on a phone: a person applies, is asked to mend, mends, pays at the counter, is inspected; one trade is
// permitted, another refused; the permit stands in the register, messages on My Page, everything in the history.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { drawing } from "../lib/drawing.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

const shop = `見本の台所${Date.now() % 100000}`;
const link = (page, name) => page.getByRole("link", { name });
const button = (page, name) => page.getByRole("button", { name });

const signOut = async (page) => {
  await page.locator("header summary").click();
  await button(page, "ログアウト").click();
};

const check = async (page, name) => {
  await axe(page);
  await reflows(page);
  await picture(page, `path-${name}`);
};

/** As somebody: signs in, does something, signs out. */
const as = async (page, persona, steps) => {
  await signIn(page, persona);
  await steps();
  await signOut(page);
};

const row = (page, at) => page.getByRole("group", { name: `${at}つ目` });

async function fill(page) {
  const place = page.getByRole("group", { name: "施設の所在地" });
  await place.getByLabel("郵便番号").fill("190-0023");
  await place.getByRole("button", { name: "住所を入れる" }).click();
  await page.waitForFunction(() => document.querySelector("input[name='premises.line']").value === "柴崎町");
  assert.equal(await place.getByLabel("区市町村").inputValue(), "13202");
  await place.getByLabel("町名・番地").fill("柴崎町2-21-19");
  await page.getByLabel("施設の名称・屋号", { exact: false }).first().fill(shop);
  await row(page, 1).getByLabel("営業の種類").selectOption({ label: "飲食店営業" });
  await row(page, 1).getByLabel("新規").check();
  await button(page, "＋ 営業の種類を追加する").click();
  await row(page, 2).getByLabel("営業の種類").selectOption({ label: "食肉販売業" });
  await row(page, 2).getByLabel("新規").check();
  await page.getByText("29,800円").first().waitFor();
  await page.getByLabel("水道水").check();
}

async function apply(page) {
  await page.goto("/services");
  await page.getByLabel("さがす言葉").fill("お店");
  await button(page, "さがす").click();
  await page.locator("main .list a").first().click();
  await page.getByLabel("場所のある区市町村").selectOption({ label: "港区" });
  await button(page, "受け付けるところを調べる").click();
  await page.getByText("みなと保健所").first().waitFor();
  await check(page, "office");
  await page.locator("main .doors").getByRole("link", { name: "営業許可申請" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await check(page, "apply-empty");
  await fill(page);
  await page.getByText("多摩立川保健所").first().waitFor();
  await button(page, "下書きを保存する").click();
  await page.getByText("保存しました").waitFor();
}

async function resume(page) {
  await page.goto("/my");
  await check(page, "my-draft");
  await link(page, shop).first().click();
  await link(page, "内容を入れて申請する").click();
  assert.equal(await page.locator("input[name='premises.line']").inputValue(), "柴崎町2-21-19");
  await button(page, "確認へ進む").click();
  await page.getByRole("alert").getByText("構造及び設備を示す図面").waitFor();
  await check(page, "apply-fault");
  await page.locator("input[type='file'][name='drawings']").setInputFiles(drawing("図面.png"));
  await button(page, "確認へ進む").click();
  await page.getByText("この内容で申請しますか。").waitFor();
  await page.getByText("29,800円").first().waitFor();
  await check(page, "confirm");
  await button(page, "申請する").click();
  await page.getByText("「申請する」を受け付けました。").waitFor();
  await check(page, "submitted");
  return new URL(page.url()).pathname;
}

async function giveBack(page, record) {
  assert.equal(new URL(page.url()).pathname, "/desk");
  await check(page, "desk");
  await page.goto(record);
  await check(page, "record-desk");
  await link(page, "補正を求める").click();
  await page.getByRole("button", { name: "図面.pngに印を付ける" }).click({ position: { x: 120, y: 90 } });
  await page.getByLabel("直していただきたいこと").fill("手洗い設備の位置を書いてください");
  assert.match(await page.getByLabel("図面の左から（％）").inputValue(), /^[\d.]+$/);
  await check(page, "return");
  await button(page, "補正を求める").click();
  await page.getByText("「補正を求める」を受け付けました。").waitFor();
}

async function mend(page) {
  await page.goto("/my");
  await check(page, "my-returned");
  await page.locator("main .notice a").filter({ hasText: shop }).first().click();
  await page.getByText("手洗い設備の位置を書いてください").first().waitFor();
  await link(page, "内容を入れて申請する").click();
  await page.locator("[data-field='drawings'] .remark").waitFor();
  assert.equal(await page.locator("[data-field='drawings'] svg circle").count(), 1);
  await check(page, "mend");
  await button(page, /取り除く.*図面\.png/).click();
  await page.locator("input[type='hidden'][name='drawings']").waitFor({ state: "detached" });
  await page.locator("input[type='file'][name='drawings']").setInputFiles(drawing("図面2.png", { shade: 30 }));
  await button(page, "確認へ進む").click();
  await page.getByText("この内容で申請しますか。").waitFor();
  await button(page, "申請する").click();
  await page.getByText("「申請する」を受け付けました。").waitFor();
}

async function passAndPay(page, record) {
  await page.goto(record);
  await link(page, "内容確認済みにする").click();
  await button(page, "内容確認済みにする").click();
  await page.getByText("手数料の納付待ち").first().waitFor();
  await link(page, "手数料を受け取った").click();
  await check(page, "paid");
  await page.getByLabel("受け取った額").fill("１，０００円");
  await button(page, "手数料を受け取った").click();
  await page.getByRole("alert").getByText("受け取った額が手数料と違います").waitFor();
  await page.getByLabel("受け取った額").fill("29,800円");
  await button(page, "手数料を受け取った").click();
  await page.getByText("検査・決定待ち").first().waitFor();
}

async function inspect(page, record) {
  await page.goto(record);
  await page.locator("main section").filter({ hasText: "実地検査" }).getByRole("link").first().click();
  await link(page, "検査の結果を記録する").click();
  await check(page, "visit");
  for (const met of await page.getByLabel("適", { exact: true }).all()) await met.check();
  await page.getByRole("group", { name: "検査の結果" }).getByLabel("合格", { exact: true }).check();
  await button(page, "検査の結果を記録する").click();
  await page.getByText("検査済み").first().waitFor();
  await check(page, "visit-done");
}

async function decide(page, record) {
  await page.goto(record);
  await link(page, /飲食店営業/).first().click();
  await link(page, "許可する").click();
  await check(page, "decide");
  await button(page, "許可する").click();
  await page.getByText("「許可する」を受け付けました。").waitFor();
  await page.goto(record);
  await link(page, /食肉販売業/).first().click();
  await link(page, "不許可とする").click();
  await page.getByLabel("不許可の理由").fill("冷蔵設備が基準に足りません");
  await button(page, "不許可とする").click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("不許可の理由").inputValue(), "冷蔵設備が基準に足りません");
  await page.getByRole("checkbox").check();
  await button(page, "不許可とする").click();
  await page.getByText("「不許可とする」を受け付けました。").waitFor();
  await page.goto(record);
  await page.getByText("完了").first().waitFor();
  await check(page, "closed");
}

async function look(page, record) {
  await page.goto("/my");
  await page.getByText("許可されました（飲食店営業）").first().waitFor();
  await page.getByText("不許可となりました（食肉販売業）").first().waitFor();
  await check(page, "my-end");
  await page.goto(record);
  const history = page.locator(".timeline");
  for (const what of ["申請する", "補正を求める", "内容確認済みにする", "手数料を受け取った", "手続きを終える"]) {
    await history.getByText(what).first().waitFor();
  }
  await page.goto("/my/messages");
  await check(page, "messages");
}

test("from the owner's phone to the permit in the register", async () => {
  await visit({ screen: "phone", name: "path" }, async (page) => {
    page.setDefaultTimeout(15_000);
    let record;
    await as(page, "business", async () => {
      await apply(page);
      record = await resume(page);
    });
    await as(page, "examiner", () => giveBack(page, record));
    await as(page, "business", () => mend(page));
    await as(page, "examiner", () => passAndPay(page, record));
    await as(page, "inspector", () => inspect(page, record));
    await as(page, "approver", () => decide(page, record));
    await as(page, "business", () => look(page, record));
    await page.goto(record.replace("/r/", "/services/").split("/").slice(0, 3).join("/"));
    await link(page, /の一覧を見る/).first().click();
    await page.getByLabel("番号、名前、所在地").fill(shop);
    await button(page, "さがす").click();
    await link(page, shop).first().click();
    await page.getByText("飲食店営業").first().waitFor();
    await check(page, "permit-public");
    assert.doesNotMatch(await page.textContent("main"), /佐藤|施設の電話番号/);
  });
});
