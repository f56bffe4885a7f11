// What crosses between services: an official reads under a ground, and a person finds and withdraws their consent.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { applied, open, page_of } from "../lib/api.mjs";
import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

async function check(page, name) {
  await axe(page);
  await reflows(page);
  await picture(page, `sharing-${name}`);
}

test("an official reads another service's records under a ground", async () => {
  const name = `委任を見る食堂${Date.now()}`;
  const record = await applied("business", { name, line: "柴崎町2-21-19", trades: [{ trade: "restaurant", kind: "new" }] });
  for (const screen of ["desk", "phone"]) {
    await visit({ screen, name: `sharing-examiner-${screen}` }, async (page) => {
      await signIn(page, "examiner");
      await page.goto(page_of(record));
      await check(page, `record-${screen}`);
      await page.getByRole("link", { name: "申請者が届けた委任を見る" }).click();
      await page.getByText("根拠：個人情報の保護に関する法律", { exact: false }).first().waitFor();
      await check(page, `read-${screen}`);
    });
  }
});

test("a person finds a consent on My Page and withdraws it", async () => {
  const day = new Date(Date.now() + 20 * 86400000).toISOString().slice(0, 10);
  const consent = await open("resident", "consents", "consent", "give", {
    holder: "見本の手当（支給）", what: "手当の種類", reader: "見本の減免", reader_roles: "審査担当", purpose: "減免の審査",
    statement: "手当の種類を減免の担当が見ることに同意します。", last_day: day,
    reader_service: "sample", reader_use: "application/benefits", for_record: randomUUID(),
  });
  for (const screen of ["desk", "phone"]) {
    await visit({ screen, name: `sharing-resident-${screen}` }, async (page) => {
      await signIn(page, "resident");
      await page.goto("/my");
      await page.getByRole("heading", { name: "わたしの同意" }).waitFor();
      await page.goto(page_of(consent));
      await check(page, `consent-${screen}`);
    });
  }
  await visit({ screen: "phone", name: "sharing-withdraw" }, async (page) => {
    await signIn(page, "resident");
    await page.goto(page_of(consent));
    await page.getByRole("link", { name: "同意を取り消す" }).click();
    await check(page, "withdraw");
    await page.getByRole("button", { name: "同意を取り消す" }).click();
    const confirm = page.getByRole("button", { name: "同意を取り消す" });
    if (await confirm.count()) await confirm.first().click();
    await page.getByText("取り消した", { exact: false }).first().waitFor();
    assert.match(await page.locator("main").innerText(), /取り消す前に見たことは、取り消されません/);
  });
});
