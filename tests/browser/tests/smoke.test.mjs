// Whether the product is there at all: alive, ready, and a front page that anybody can use.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { at } from "../lib/product.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";
import { viewports } from "../lib/viewports.mjs";
import { bytesOnTheWire } from "../lib/weight.mjs";

for (const path of ["/healthz", "/readyz"]) {
  test(`${path} answers`, async () => {
    const answer = await fetch(at(path));
    assert.equal(answer.status, 200);
  });
}

test("what is not there is a 404 in the problem format", async () => {
  const answer = await fetch(at("/api/v1/services/no-such-service"));
  assert.equal(answer.status, 404);
  assert.match(answer.headers.get("content-type"), /^application\/problem\+json/);
  assert.equal((await answer.json()).status, 404);
});

for (const screen of Object.keys(viewports)) {
  test(`the front page on a ${screen}: Japanese, marked as a demo, no violation`, async () => {
    await visit({ screen, name: "front" }, async (page) => {
      const answer = await page.goto("/");
      assert.equal(answer.status(), 200);
      assert.match(await page.getAttribute("html", "lang"), /^ja/);
      assert.equal(await page.locator("h1").count(), 1);
      assert.match(await page.textContent("body"), /見本/);
      await axe(page);
      await reflows(page);
      await picture(page, `front-${screen}`);
    });
  });
}

test("the front page works without JavaScript", async () => {
  await visit({ screen: "phone", name: "front-plain", javaScript: false }, async (page) => {
    await page.goto("/");
    assert.ok((await page.locator("main a[href]").count()) > 0, "nothing to follow");
  });
});

test("the front page weighs under 100 KB on the wire", async () => {
  await visit({ screen: "phone", name: "front-weight" }, async (_page, context) => {
    const bytes = await bytesOnTheWire(context, "/");
    assert.ok(bytes > 0 && bytes < 100_000, `${bytes} bytes`);
  });
});
