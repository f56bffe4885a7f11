// The helpers themselves: each must be able to fail.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { reflows } from "../lib/reflow.mjs";

const page_of = (body) => `<!doctype html><html lang="ja"><head><title>題</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>題</h1>${body}</main></body></html>`;

const show = (name, body, steps) =>
  visit({ screen: "phone", name }, async (page) => {
    await page.setContent(page_of(body));
    await steps(page);
  });

test("a plain page passes", async () => {
  await show("plain", "<p>こんにちは</p>", async (page) => {
    await axe(page);
    await reflows(page);
  });
});

test("axe sees poor contrast and says so in Japanese", async () => {
  const pale = '<p style="color:#ccc;background:#fff">薄い文字</p>';
  await show("pale", pale, (page) =>
    assert.rejects(axe(page), (error) => /color-contrast: .*コントラスト/.test(JSON.stringify(error.actual))),
  );
});

test("axe sees a field without a label", async () => {
  await show("nameless", "<input>", (page) => assert.rejects(axe(page)));
});

test("a page that is too wide does not reflow", async () => {
  await show("wide", '<div style="width:600px">広い</div>', (page) => assert.rejects(reflows(page)));
});

test("a request to a third party fails the visit", async () => {
  const picture = '<img alt="" src="http://third.invalid/a.png">';
  await assert.rejects(
    show("third", picture, (page) => page.waitForTimeout(200)),
    (error) => /third\.invalid/.test(JSON.stringify(error.actual)),
  );
});

test("a script error fails the visit", async () => {
  await assert.rejects(
    show("error", "<script>setTimeout(() => { throw new Error('折れた') })</script>", (page) => page.waitForTimeout(200)),
    (error) => /折れた/.test(JSON.stringify(error.actual)),
  );
});
