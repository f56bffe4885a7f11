// English beside the Japanese: from the home page to a form on a phone, chosen by the switch and kept.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

const japanese = /[\u3040-\u30ff\u3400-\u9fff]/;

/** English, axe without a violation, no sideways scrolling, and no Japanese that a screen reader would misread. */
async function good(page, name) {
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await axe(page);
  await reflows(page);
  const misread = await page.evaluate((source) => {
    const pattern = new RegExp(source);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      if (pattern.test(data) && parentElement.closest("[lang]").lang !== "ja") found.push(data);
    }
    return found;
  }, japanese.source);
  assert.deepEqual(misread, [], `Japanese that does not say so on ${page.url()}`);
  await picture(page, `english-${name}`);
}

test("home, a service and its form in English on a phone", async () => {
  await visit({ screen: "phone", name: "english" }, async (page, context) => {
    await page.goto("/");
    await page.locator("header").getByRole("link", { name: "English" }).click();
    await good(page, "home");
    const [cookie] = (await context.cookies()).filter((one) => one.name === "lang");
    assert.deepEqual([cookie.value, cookie.sameSite], ["en", "Lax"]);

    await page.getByRole("link", { name: "Food business permit" }).click();
    await page.getByRole("heading", { name: "Food business permit", level: 1 }).waitFor();
    await good(page, "service");

    await signIn(page, "business");
    await page.waitForURL((url) => url.pathname === "/my");
    await good(page, "my");

    await page.goto("/services/food-business-permit");
    await page.locator("main .doors a[href='/apply/food-business-permit/application']").click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    assert.match(page.url(), /\/apply\//);
    await page.getByText("Required").first().waitFor();
    await good(page, "form");

    await page.getByLabel(/^Postal code/).first().fill("12");
    await page.getByRole("button", { name: "Fill in the address" }).first().click();
    await page.getByText("Enter the seven digits of the postal code").waitFor();
    await page.getByRole("button", { name: "Go on to check" }).click();
    await page.waitForLoadState();
    await good(page, "next");
  });
});

test("the switch leads back to Japanese, and the desk stays Japanese", async () => {
  await visit({ screen: "desk", name: "english-back" }, async (page) => {
    await page.goto("/services?lang=en");
    await page.locator("footer").getByRole("link", { name: "日本語", exact: true }).click();
    assert.equal(await page.locator("html").getAttribute("lang"), "ja");
    assert.match(page.url(), /\/services\?lang=ja$/);
    await page.goto("/?lang=en");
    await signIn(page, "examiner");
    await page.goto("/desk");
    assert.equal(await page.locator("html").getAttribute("lang"), "ja");
    assert.equal(await page.getByRole("link", { name: "English" }).count(), 0);
  });
});
