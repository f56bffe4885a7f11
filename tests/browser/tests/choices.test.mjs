// Many records to choose from lie folded, with a search: by keyboard, on a phone, and without JavaScript.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { permitted } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { press, tab, tabTo } from "../lib/keyboard.mjs";
import { signIn } from "../lib/people.mjs";
import { check, confirm, finish, link } from "../lib/walk.mjs";

const kinds = {
  restaurant: "飲食店営業",
  meat_sales: "食肉販売業",
  fish_sales: "魚介類販売業",
  confectionery: "菓子製造業",
  ice_cream: "アイスクリーム類製造業",
  soft_drinks: "清涼飲料水製造業",
  meat_products: "食肉製品製造業",
  seafood_products: "水産製品製造業",
  ice_making: "氷雪製造業",
  edible_oils: "食用油脂製造業",
  miso_soy_sauce: "みそ又はしょうゆ製造業",
  tofu: "豆腐製造業",
  natto: "納豆製造業",
  noodles: "麺類製造業",
};
const name = `百味の館${Date.now() % 100000}`;
const form = "/apply/food-business-permit/certificate";
const folded = (page) => page.locator("[data-field='permits'] details");
const choice = (page, kind) => page.getByRole("checkbox", { name: new RegExp(`${name}.*${kinds[kind]}|${kinds[kind]}.*${name}`) });

before(async () => {
  const trades = Object.keys(kinds).map((trade) => ({ trade, kind: "new" }));
  await permitted("other_business", { name, line: "錦町8-1-1", trades });
});

test("one of many permits is found by keyboard: opened, searched, chosen, kept, and seen above the rest", async () => {
  await visit({ screen: "desk", name: "choices-keys" }, async (page) => {
    await signIn(page, "other_business");
    await page.goto(form);
    assert.equal(await choice(page, "tofu").isVisible(), false);
    await press(page, /^記録から選ぶ（\d+件）$/);
    await tabTo(page, "the search", (at) => at.type === "search" && at.text === "この中を探す");
    await page.keyboard.type(`${name} 豆腐`);
    assert.equal(await folded(page).getByRole("checkbox").filter({ visible: true }).count(), 1);
    await check(page, "choices-found");
    const at = await tab(page);
    assert.match(at.text, /豆腐製造業/, "the next stop is what was found");
    await page.keyboard.press("Space");
    await page.getByText("受け付けるところ").waitFor();
    assert.ok(await choice(page, "tofu").isChecked());
    const focus = await page.evaluate(() => document.activeElement?.closest("[data-field]")?.dataset.field);
    assert.equal(focus, "permits", "the focus is not lost when the form is drawn anew");
    await press(page, "下書きを保存する");
    await page.getByText("保存しました").waitFor();
    // What is chosen stands above the fold from now on, where it can be seen and taken back.
    assert.ok(await choice(page, "tofu").isVisible());
    assert.ok(await choice(page, "tofu").isChecked());
    assert.equal(await choice(page, "natto").isVisible(), false);
    await check(page, "choices-chosen");
  });
});

test("the search says when nothing fits, and what was chosen is not lost by it", async () => {
  await visit({ screen: "phone", name: "choices-phone" }, async (page) => {
    await signIn(page, "other_business");
    await page.goto(form);
    await folded(page).locator("summary").click();
    const search = page.getByRole("searchbox", { name: "この中を探す" });
    await search.fill("うなぎ");
    await page.getByText("その言葉を含むものはありません。").waitFor();
    await check(page, "choices-none");
    await search.fill(`納豆 ${name}`);
    await choice(page, "natto").check();
    await search.fill("");
    await choice(page, "noodles").check();
    for (const kind of ["natto", "noodles"]) assert.ok(await choice(page, kind).isChecked(), kind);
    await check(page, "choices-two");
    await page.getByLabel("使う目的と提出先", { exact: false }).first().fill("取引先の審査");
    await confirm(page);
    for (const kind of ["natto", "noodles"]) await page.getByText(kinds[kind], { exact: false }).first().waitFor();
    assert.equal(await page.getByText(kinds.tofu, { exact: false }).count(), 0, "only what was chosen is sent");
    await finish(page, "申請する");
  });
});

test("without JavaScript the fold opens and every record can be chosen", async () => {
  await visit({ screen: "phone", name: "choices-plain", javaScript: false }, async (page) => {
    await signIn(page, "other_business");
    await page.goto(form);
    await folded(page).locator("summary").click();
    await choice(page, "restaurant").check();
    await choice(page, "meat_sales").check();
    await page.getByRole("button", { name: "確認へ進む" }).click();
    // The purpose is missing: what was chosen stands above the fold, beside the fault.
    await page.getByRole("alert").getByRole("link", { name: /使う目的/ }).waitFor();
    for (const kind of ["restaurant", "meat_sales"]) {
      assert.ok(await choice(page, kind).isChecked(), kind);
      assert.ok(await choice(page, kind).isVisible(), kind);
    }
    await page.getByLabel("使う目的と提出先", { exact: false }).first().fill("融資の申込み");
    await page.getByRole("button", { name: "確認へ進む" }).click();
    await page.getByText("まだ送っていません。内容を確かめてください。").waitFor();
    for (const kind of ["restaurant", "meat_sales"]) await page.getByText(kinds[kind], { exact: false }).first().waitFor();
  });
});
