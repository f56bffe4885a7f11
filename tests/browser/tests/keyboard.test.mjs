// Without a mouse: the paths of an owner and of a desk by Tab, Enter and letters, and the figures of 決裁: a renewal
// without change takes an examiner three keystrokes and an approver one for forty (docs/decisions/0019-keyboard.md).
import assert from "node:assert/strict";
import { test } from "node:test";

import { act, applied, inspected, open, page_of, permitted, read } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { drawing } from "../lib/drawing.mjs";
import { choose, pick, press, tab, tabTo, tour, type } from "../lib/keyboard.mjs";
import { signIn } from "../lib/people.mjs";
import { check } from "../lib/walk.mjs";

const FOOD = "food-business-permit";
const LIST = `/desk/${FOOD}/trade_case/views`;
const TRADES = "restaurant meat_sales fish_sales meat_processing confectionery ice_cream dairy_products soft_drinks meat_products seafood_products ice_making edible_oils miso_soy_sauce alcoholic_drinks tofu natto noodles side_dishes frozen_food pickles".split(" ");

/** Counts what is pressed, so that the number that is claimed is the number that was needed. */
function keys(page) {
  let pressed = 0;
  return { press: (key) => { pressed += 1; return page.keyboard.press(key); }, get pressed() { return pressed; } };
}

/** Renewals without change that wait to be drafted: one application for all the trades of each shop. */
async function renewals(line) {
  const permits = await permitted("business", { name: `更新${line}`, line, trades: TRADES.map((trade) => ({ trade, kind: "new" })) });
  const input = { previous: permits.map((permit) => permit.id), equipment_unchanged: true };
  return inspected(await open("business", FOOD, "application", "submit", input));
}

test("a renewal without change: three keystrokes for the examiner, one for forty for the approver", async () => {
  const cases = (await Promise.all([renewals("錦町9-1-1"), renewals("錦町9-2-2")])).flat();
  assert.equal(cases.length, 40);
  await visit({ screen: "desk", name: "kessai-examiner" }, async (page) => {
    await signIn(page, "examiner");
    await page.goto(`${LIST}/drafting_unchanged`);
    await check(page, "kessai-list");
    for (let one = 0; one < 2; one += 1) {
      const hand = keys(page);
      const before = new URL(page.url()).pathname;
      await hand.press("n");
      await page.waitForURL(({ pathname }) => pathname.startsWith("/r/") && pathname !== before);
      if (one === 0) await check(page, "kessai-record");
      await hand.press("d");
      await page.waitForURL(/\/do\/decide_draft/);
      if (one === 0) await check(page, "kessai-draft");
      await hand.press("Enter");
      await page.getByText("「起案する（許可する）」を受け付けました。").waitFor();
      assert.equal(hand.pressed, 3);
    }
    // The rest at once: all of the list, the list's own button, Enter on the preview.
    await page.goto(`${LIST}/drafting_unchanged`);
    const hand = keys(page);
    await hand.press("a");
    await hand.press("d");
    await page.getByText("すべてに行えます。まだ行っていません。").waitFor();
    await hand.press("Enter");
    await page.waitForURL(/\/desk\/runs\//);
    assert.equal(hand.pressed, 3);
  });
  await visit({ screen: "desk", name: "kessai-approver" }, async (page) => {
    await signIn(page, "approver");
    await page.goto("/desk");
    await page.keyboard.press("b");
    const go = page.getByRole("button", { name: /^\d+件に行う$/ });
    await go.waitFor();
    await check(page, "kessai-preview");
    const many = Number.parseInt(await go.textContent(), 10);
    assert.ok(many >= 40, `${many} in the preview`);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/desk\/runs\//);
    for (let tries = 0; tries < 40 && (await page.getByText(`${many}件すべてに行いました。`).count()) === 0; tries += 1) {
      await page.waitForTimeout(250);
      await page.reload();
    }
    await page.getByText(`${many}件すべてに行いました。`).waitFor();
    await check(page, "kessai-done");
  });
  const states = await Promise.all(cases.map(async (one) => (await read("approver", one)).state));
  assert.deepEqual([...new Set(states)], ["permitted"]);
});

test("letters work whatever the input method says, and can be switched off", async () => {
  await visit({ screen: "desk", name: "letters" }, async (page) => {
    await signIn(page, "examiner");
    const send = (key, code) => page.evaluate(([key, code]) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true })), [key, code]);
    for (const [key, code] of [["Process", "KeyJ"], ["ｊ", "KeyJ"], ["j", "KeyJ"]]) {
      await page.goto("/desk");
      await send(key, code);
      assert.ok(await page.evaluate(() => Boolean(document.activeElement.closest("[data-row-link]"))), `${key} moves to the first row`);
    }
    await page.keyboard.press("Shift+Slash");
    const list = page.getByRole("dialog", { name: "キーの一覧" });
    await list.waitFor();
    await check(page, "letters");
    for (let presses = 0; presses < 5; presses += 1) {
      await tab(page);
      assert.ok(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest("dialog"))), "the page behind the list takes no focus");
    }
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "detached" });
    assert.ok(await page.evaluate(() => Boolean(document.activeElement.closest("[data-row-link]"))), "the focus goes back to where it was");
    // Alt and a letter are the browser's own, on what stands on the page.
    for (const [key, what] of [["u", "受付箱"]]) assert.equal((await page.locator(`[accesskey='${key}']`).first().textContent()).trim(), what);
    await page.keyboard.press("?");
    await list.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    const before = page.url();
    await page.keyboard.press("n");
    await page.waitForTimeout(200);
    assert.equal(page.url(), before, "letters are off");
  });
});

test("an owner applies by keyboard alone", async () => {
  await visit({ screen: "desk", name: "keyboard-owner" }, async (page) => {
    await page.goto("/");
    const first = await tab(page);
    assert.equal(first.text, "本文へ移る");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await tour(page);
    await page.goto("/sign-in");
    await tabTo(page, "the persona", (at) => at.tag === "BUTTON" && at.value === "business");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === "/my");
    await tour(page);
    await page.goto(`/services/${FOOD}`);
    await tour(page);
    await page.goto(`/services/${FOOD}`);
    await press(page, /^営業許可申請/);
    await page.waitForURL(/\/apply\//);
    await type(page, "premises.postal_code", "1900023");
    await press(page, "住所を入れる");
    await page.waitForFunction(() => document.activeElement.name === "premises.line" && document.activeElement.value === "柴崎町");
    await page.keyboard.type("9-8-7");
    await type(page, "premises_name", "キーの食堂");
    await choose(page, "trades.0.trade", "restaurant");
    await pick(page, "trades.0.kind", "new");
    await page.getByText("18,300円").first().waitFor();
    await pick(page, "water", "public");
    // The choice of a file is the system's own window: no page can walk it.
    await page.locator("input[type='file'][name='drawings']").setInputFiles(drawing("図面.png"));
    await press(page, "確認へ進む");
    await page.getByText("この内容で申請しますか。").waitFor();
    await press(page, "申請する");
    await page.getByText("「申請する」を受け付けました。").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "status", "what happened has the focus");
    await tour(page);
  });
});

test("an examiner and an inspector work by keyboard alone", async () => {
  const application = await applied("business", { name: `鍵盤の店${Date.now() % 100000}`, line: "錦町9-3-3", trades: [{ trade: "restaurant", kind: "new" }] });
  await visit({ screen: "desk", name: "keyboard-desk" }, async (page) => {
    await signIn(page, "examiner");
    await tour(page);
    await page.goto(page_of(application));
    await tour(page);
    await press(page, "補正を求める");
    await page.waitForURL(/\/do\/return/);
    await tour(page);
    await press(page, "図面.pngに印を付ける");
    await page.keyboard.press("Shift+ArrowDown");
    assert.equal(await page.locator("input[name$='.y']").inputValue(), "60");
    await page.keyboard.press("Enter");
    assert.match(await page.evaluate(() => document.activeElement.name), /\.text$/);
    await page.keyboard.type("手洗いの位置を書いてください");
    await press(page, "補正を求める");
    await page.getByText("「補正を求める」を受け付けました。").waitFor();
    await act("business", application, "submit", {});
    await page.goto(page_of(application));
    await page.keyboard.press("d");
    await page.waitForURL(/\/do\/pass/);
    await page.keyboard.press("Enter");
    await page.getByText("「内容確認済みにする」を受け付けました。").waitFor();
    // The words are there before the script that hears keys.
    await page.waitForLoadState();
    await page.keyboard.press("d");
    await page.waitForURL(/\/do\/paid/);
    await page.keyboard.press("s");
    await page.keyboard.press("Enter");
    await page.getByText("「手数料を受け取った」を受け付けました。").waitFor();
  });
  const { children } = await read("inspector", application);
  await visit({ screen: "desk", name: "keyboard-inspector" }, async (page) => {
    await signIn(page, "inspector");
    await page.goto(page_of({ ...application, type: "visit", id: children.visits[0].id }));
    await press(page, "検査の結果を記録する");
    await page.waitForURL(/\/do\/record/);
    const lines = await page.locator("[data-rows='checklist'] > [data-row]").count();
    assert.ok(lines > 0);
    for (let line = 0; line < lines; line += 1) await pick(page, `checklist.${line}.finding`, "met");
    await pick(page, "result", "pass");
    await press(page, "検査の結果を記録する");
    await page.getByText("「検査の結果を記録する」を受け付けました。").waitFor();
  });
});
