// Whoever comes in a crowd is told when to come back, keeps what was typed, and gets through afterwards.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { visit } from "../lib/browser.mjs";
import { at } from "../lib/product.mjs";
import { button, check } from "../lib/walk.mjs";

/** What the sign-in page of the demo says about its people. */
async function demo(page) {
  await page.goto("/sign-in");
  const csrf = await page.locator("input[name='csrf']").first().inputValue();
  const password = await page.locator("#password-help code").textContent();
  const cookies = await page.context().cookies();
  return { csrf, password, cookie: cookies.map((one) => `${one.name}=${one.value}`).join("; ") };
}

// More than are looked at and may wait together (`PASSWORDS_ROOM`), so that the queue is full whenever somebody comes.
const CROWD = 130;

/** People who sign in all at once, rightly, and who, asked to wait, come back far too soon: looking at passwords is dear. */
function crowd({ csrf, cookie, password }) {
  let over = false;
  const one = async () => {
    while (!over) {
      const body = new URLSearchParams({ csrf, login: "resident", password });
      const headers = { cookie, "content-type": "application/x-www-form-urlencoded" };
      await fetch(at("/sign-in"), { method: "POST", body, headers, redirect: "manual" }).then((answer) => answer.arrayBuffer());
      await setTimeout(150);
    }
  };
  const people = Array.from({ length: CROWD }, one);
  return async () => {
    over = true;
    await Promise.all(people);
  };
}

["phone", "tablet", "desk"].forEach((screen) => {
  test(`in a crowd what was typed waits too, on a ${screen}`, async () => {
    await visit({ screen, name: `waiting-${screen}`, crowded: true }, async (page) => {
      const known = await demo(page);
      const leave = crowd(known);
      let refused = false;
      try {
        for (let tries = 0; tries < 20 && !refused; tries += 1) {
          await page.goto("/sign-in");
          await page.locator("input[name='login']").fill("business");
          await page.locator("input[name='password']").fill(known.password);
          const [answer] = await Promise.all([
            page.waitForResponse((one) => one.request().method() === "POST"),
            page.locator("form:has(input[name='login'])").getByRole("button", { name: "ログイン" }).click(),
          ]);
          refused = answer.status() === 503;
        }
      } finally {
        await leave();
      }
      assert.ok(refused, "nobody was asked to wait");
      await page.getByRole("heading", { name: "ただいま混み合っています" }).waitFor();
      assert.equal(await page.locator("textarea[name='login']").inputValue(), "business");
      assert.equal(await page.locator("[name='password']").inputValue(), "", "a password is not sent back");
      await check(page, `waiting-${screen}`);
      await page.getByLabel("パスワードをもう一度入れてください").fill(known.password);
      await button(page, "もう一度送る").click();
      await page.waitForURL((url) => url.pathname === "/my");
    });
  });
});
