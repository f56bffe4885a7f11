// The fee by phone: from the application to the gateway's own page and back, refused once and then paid.
import assert from "node:assert/strict";
import { test } from "node:test";

import { act, applied, page_of, read } from "../lib/api.mjs";
import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";
import { button, check, link } from "../lib/walk.mjs";

/** Reloads until the worker has done its part: the order for the gateway goes out of the outbox. */
async function until(page, ready) {
  for (let tries = 0; tries < 40; tries += 1) {
    if ((await ready().count()) > 0) return;
    await page.waitForTimeout(250);
    await page.reload();
  }
  throw new Error(`it never came on ${page.url()}`);
}

for (const javaScript of [true, false]) {
  test(`a fee is paid online ${javaScript ? "on a phone" : "without JavaScript"}`, async () => {
    const application = await applied("business", { name: `払う店${Date.now() % 100000}`, line: "錦町7-1-1", trades: [{ trade: "restaurant", kind: "new" }] });
    await act("examiner", application, "pass");
    await visit({ screen: "phone", name: "pay", javaScript }, async (page) => {
      await signIn(page, "business");
      await page.goto(page_of(application));
      const look = javaScript ? (name) => check(page, `paying-${name}`) : async () => {};
      await look("due");
      await page.locator("main section").filter({ hasText: "手数料の納付" }).getByRole("link").first().click();
      await until(page, () => link(page, "納付する"));
      await look("record");
      await link(page, "納付する").click();
      await page.getByText("18,300円").first().waitFor();
      await look("before");
      await link(page, "納付の画面へ進む").click();
      await page.getByRole("heading", { name: "納付の画面" }).waitFor();
      await look("gateway");
      await page.getByLabel("納付できない").check();
      await button(page, "この内容で進む").click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("納付できる", { exact: true }).check();
      await button(page, "この内容で進む").click();
      await page.getByRole("heading", { level: 1, name: "納付済" }).waitFor();
      await look("paid");
      await page.goto(page_of(application));
      await page.getByText("検査・決定待ち").first().waitFor();
    });
    const { children } = await read("business", application);
    assert.deepEqual(children.payments.map((one) => one.state), ["paid"]);
  });
}
