// After the permit: it is renewed on a phone, taken over by another, and closed; the desk keeps its register. What came
// before is made over HTTP.
import assert from "node:assert/strict";
import { test } from "node:test";

import { act, applied, inspected, page_of, permitted, read } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { drawing } from "../lib/drawing.mjs";
import { signIn } from "../lib/people.mjs";
import { as, button, check, confirm, finish, link } from "../lib/walk.mjs";

const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo" }).format(new Date());
const shop = (title, line) => ({ name: `${title}${Date.now() % 100000}`, line, trades: [{ trade: "restaurant", kind: "new" }] });

test("a permit is renewed on a phone: what was known is not asked again", async () => {
  const kept = shop("更新の店", "錦町6-1-1");
  const [permit] = await permitted("business", kept);
  let record;
  await visit({ screen: "phone", name: "renew" }, async (page) => {
    await signIn(page, "business");
    await page.goto(page_of(permit));
    await check(page, "later-permit-owner");
    await link(page, "更新を申請する").click();
    assert.equal(await page.getByLabel("施設の名称・屋号", { exact: false }).first().inputValue(), kept.name);
    assert.equal(await page.locator("select[name='trades.0.trade']").inputValue(), "restaurant");
    assert.ok(await page.locator("input[name='trades.0.kind'][value='renewal']").isChecked());
    await page.getByLabel(/前の許可から設備は変わっていない/).check();
    await page.locator("[data-field='drawings']").waitFor({ state: "detached" });
    await page.getByText("前の許可から変わったところはありません。").waitFor();
    await check(page, "later-renewal");
    await confirm(page);
    await check(page, "later-renewal-confirm");
    await finish(page, "申請する");
    record = new URL(page.url()).pathname.split("/");
  });
  const [one] = await inspected({ service: record[2], type: record[3], id: record[4] });
  await act("examiner", one, "decide_draft", {});
  const decided = await act("chief", one, "decide", {});
  const renewed = await read("business", { ...permit, id: decided.links.permit.split("/").at(-1) });
  const before = await read("business", permit);
  assert.equal(renewed.fields.previous_number, before.number);
  assert.ok(renewed.fields.valid_from > before.fields.valid_until, "the new period follows the old one");
});

test("a business is taken over: the heir asks on a phone, the desk writes it into the register", async () => {
  const given = shop("譲る店", "錦町6-2-2");
  const [permit] = await permitted("business", given);
  const { number } = await read("business", permit);
  await visit({ screen: "phone", name: "succeed" }, async (page) => {
    let record;
    await as(page, "other_business", async () => {
      await page.goto("/services/food-business-permit");
      await page.locator("main .doors").getByRole("link", { name: "承継届" }).click();
      await page.getByLabel("事業譲渡", { exact: false }).first().waitFor();
      await check(page, "later-succession-empty");
      await page.getByLabel("事業譲渡", { exact: false }).first().check();
      await page.locator("input[type='file'][name='transfer_contract']").waitFor();
      await page.locator("select[name='premises.municipality']").selectOption("13202");
      await page.locator("input[name='premises.line']").fill(given.line);
      await page.locator("input[name='premises_name']").fill(given.name);
      await page.locator("input[name='permit_number']").fill(number);
      await page.locator("input[name='previous_name']").fill("佐藤 花子");
      await page.locator("input[name='succeeded_on']").fill(today);
      await page.locator("input[type='file'][name='transfer_contract']").setInputFiles(drawing("譲渡契約書.png"));
      await page.locator("input[name='whole_business']").check();
      await confirm(page);
      await check(page, "later-succession-confirm");
      await finish(page, "届け出る");
      record = new URL(page.url()).pathname;
    });
    await page.setViewportSize({ width: 1366, height: 768 });
    await as(page, "examiner", async () => {
      await page.goto(record);
      await link(page, "承継を台帳に書く").click();
      // Where there are many permits, all but what is chosen lie folded.
      const fold = page.getByText(/^記録から選ぶ/);
      if (await fold.count()) await fold.click();
      await page.getByLabel(new RegExp(given.name)).check();
      await check(page, "later-succession-desk");
      await finish(page, "承継を台帳に書く");
      await page.goto(page_of(permit));
      await page.getByText("田中 次郎").first().waitFor();
      await check(page, "later-succeeded");
    });
  });
  assert.equal((await read("other_business", permit)).number, number, "the heir holds it under the same number");
  await assert.rejects(read("business", permit).then((seen) => seen.fields.supervisor_name ?? assert.fail()), "who gave it no longer sees it as an owner");
});

test("a business closes: the permit ends at once, and the desk waits for the paper", async () => {
  const [permit] = await permitted("business", shop("閉じる店", "錦町6-3-3"));
  await visit({ screen: "phone", name: "close" }, async (page) => {
    let record;
    await as(page, "business", async () => {
      await page.goto(page_of(permit));
      await link(page, "廃業を届け出る").click();
      await page.locator("input[name='closed_on']").fill(today);
      await page.getByLabel("営業をやめた", { exact: true }).check();
      await page.getByLabel("保健所の窓口で返す").check();
      await check(page, "later-closure");
      await confirm(page);
      await page.getByText("元に戻せません").waitFor();
      await check(page, "later-closure-confirm");
      await finish(page, "届け出る");
      record = new URL(page.url()).pathname;
      await page.goto(page_of(permit));
      await page.getByText("廃業の届出がありました").first().waitFor();
      await check(page, "later-closed");
    });
    await as(page, "examiner", async () => {
      await page.goto(record);
      await link(page, "許可書が返ったことを確かめた").click();
      await button(page, "許可書が返ったことを確かめた").click();
      await page.getByRole("alert").getByText("許可書を受け取った日を入れてください").first().waitFor();
      await page.locator("input[name='permit_received_on']").fill(today);
      await finish(page, "許可書が返ったことを確かめた");
    });
  });
});
