// On the spot: the inspector's tablet loses its network in a cellar, and nothing typed is lost. At the counter: a paper is
// keyed in, printed for confirmation, and paid in cash.
import assert from "node:assert/strict";
import { test } from "node:test";

import { act, applied, page_of, read } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { drawing } from "../lib/drawing.mjs";
import { signIn } from "../lib/people.mjs";
import { button, check, confirm, finish, link } from "../lib/walk.mjs";

test("a visit's sheet outlives the network, a reload and the afternoon", async () => {
  const application = await applied("business", { name: `地下の店${Date.now() % 100000}`, line: "錦町8-1-1", trades: [{ trade: "restaurant", kind: "new" }] });
  await act("examiner", application, "pass");
  await act("examiner", application, "paid");
  const { children } = await read("inspector", application);
  const sheet = { ...application, type: "visit", id: children.visits[0].id };
  await visit({ screen: "tablet", name: "site" }, async (page, context) => {
    await signIn(page, "inspector");
    await page.goto(page_of(sheet));
    await check(page, "site-visit");
    await link(page, "検査の結果を記録する").click();
    await check(page, "site-sheet");
    await context.setOffline(true);
    const first = page.getByLabel("否", { exact: true }).first();
    await first.check();
    const rest = await page.getByLabel("適", { exact: true }).all();
    for (const met of rest.slice(1)) await met.check();
    await page.getByRole("group", { name: "検査の結果" }).getByLabel("不合格", { exact: true }).check();
    await page.locator("textarea[name='comment']").fill("地下は電波がない。手洗いの給湯を確かめた。");
    await button(page, "検査の結果を記録する").click();
    await page.getByText("つながっていません。").waitFor();
    await check(page, "site-offline");
    await context.setOffline(false);
    await page.reload();
    await page.getByText("送っていない入力の控えがあります").waitFor();
    await button(page, "控えを戻す").click();
    await page.getByText("控えを戻しました。").waitFor();
    assert.equal(await page.locator("textarea[name='comment']").inputValue(), "地下は電波がない。手洗いの給湯を確かめた。");
    assert.ok(await page.getByLabel("否", { exact: true }).first().isChecked());
    await page.locator("[name='unmet.0.what']").fill("手洗いに湯が出ません");
    await page.locator("input[name='unmet.0.deadline']").fill("2099-01-31");
    await check(page, "site-restored");
    await finish(page, "検査の結果を記録する");
    await check(page, "site-done");
  });
  const done = await read("inspector", sheet);
  assert.equal(done.fields.comment, "地下は電波がない。手洗いの給湯を確かめた。");
  assert.equal(done.fields.result, "fail");
});

test("a paper application is keyed in at the counter, printed, signed and paid in cash", async () => {
  await visit({ screen: "desk", name: "counter-paper" }, async (page) => {
    await signIn(page, "examiner");
    await page.getByText("窓口で受け付ける").click();
    await page.getByRole("link", { name: "営業許可申請", exact: true }).click();
    await page.getByLabel(/氏名・名称/).fill("紙野 太郎");
    await check(page, "counter-begin");
    await button(page, "入力をはじめる").click();
    await page.locator("select[name='premises.municipality']").selectOption("13202");
    await page.locator("input[name='premises.line']").fill("錦町8-2-2");
    await page.locator("input[name='premises_name']").fill("紙の食堂");
    await page.locator("select[name='trades.0.trade']").selectOption("restaurant");
    await page.locator("input[name='trades.0.kind'][value='new']").check();
    await page.getByLabel("水道水").check();
    await page.locator("input[type='file'][name='drawings']").setInputFiles(drawing("紙の図面.png"));
    await check(page, "counter-form");
    await confirm(page);
    await finish(page, "申請する");
    const record = new URL(page.url()).pathname;
    await link(page, /確認の紙/).click();
    await check(page, "counter-slip");
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.getByText("上の内容に間違いありません。").isVisible(), "a line to sign");
    for (const hidden of ["header nav", "footer", "nav.crumbs", "main form"]) assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
    await page.locator("dd", { hasText: "紙の食堂" }).first().waitFor();
    await check(page, "counter-print");
    await page.emulateMedia({ media: "screen" });
    await page.goto(record);
    await link(page, "内容確認済みにする").click();
    await finish(page, "内容確認済みにする");
    await link(page, "手数料を受け取った").click();
    await page.getByLabel("現金").check();
    await finish(page, "手数料を受け取った");
    await page.getByText("検査・決定待ち").first().waitFor();
    await check(page, "counter-paid");
    const history = page.locator(".timeline");
    await history.getByText("窓口で申請者に代わって").first().waitFor();
    await history.getByText("高橋 真由美").first().waitFor();
  });
});
