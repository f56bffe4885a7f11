// 緊急閲覧: an inspector of another office asks, is told when nothing fits, reads, and is told that it is noted.
import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, page_of } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { button, check, link } from "../lib/walk.mjs";

const WORDS = "19時に医師から届出があり、施設の連絡先を今夜のうちに知りたい";

async function ask(page, number) {
  await page.getByLabel("番号").fill(number);
  await page.getByLabel("理由").selectOption({ label: "食中毒（疑いを含む）の調査" });
  await page.getByLabel("事情").fill(WORDS);
  await button(page, "緊急閲覧を求める").click();
}

["phone", "tablet", "desk"].forEach((screen) => {
  test(`an inspector of another office reads in an emergency, and the auditor finds it (${screen})`, async () => {
    const island = { name: `島の食堂${Date.now()}`, premises: { municipality: "13361", line: "元町1-1-14" }, trades: [{ trade: "restaurant", kind: "new" }] };
    const record = await applied("business", island);
    await visit({ screen, name: `emergency-${screen}` }, async (page) => {
      await signIn(page, "inspector");
      const answer = await page.goto(page_of(record));
      assert.equal(answer.status(), 404, "another office's application is not there");
      await page.goto("/desk");
      await link(page, "緊急閲覧").click();
      await check(page, `emergency-form-${screen}`);
      await ask(page, "ない番号");
      await page.getByRole("heading", { name: "当たる記録はありませんでした" }).waitFor();
      await check(page, `emergency-missed-${screen}`);
      await ask(page, record.number);
      await page.getByText("緊急閲覧で読んでいます").waitFor();
      await page.getByText(island.name).first().waitFor();
      await check(page, `emergency-record-${screen}`);
    });
    await visit({ screen, name: `emergency-auditor-${screen}` }, async (page) => {
      await signIn(page, "auditor");
      await page.goto("/desk/emergency");
      await check(page, `emergency-auditor-${screen}`);
      await link(page, "緊急閲覧の記録をさがす").click();
      await page.getByText("渡辺 直樹").first().waitFor();
      await check(page, `emergency-register-${screen}`);
    });
  });
});
