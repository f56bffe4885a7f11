// Every kind of screen, for whoever meets it, on phone, tablet and desk: no violation, reflow, weight.
// With TSUMUGI_PICTURES=1 each leaves a picture to look at.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";
import { bytesOnTheWire } from "../lib/weight.mjs";

const hrefs = (page, selector) => page.locator(selector).evaluateAll((links) => links.map((link) => link.getAttribute("href")));

async function look(page, paths, who, screen) {
  for (const path of paths) {
    const answer = await page.goto(path);
    assert.equal(answer.status(), 200, path);
    await axe(page);
    await reflows(page);
    if (process.env.TSUMUGI_PICTURES) await picture(page, `${who}-${screen}-${path.replace(/[0-9a-f-]{36}/, "id")}`);
  }
}

/** Addresses of the portal; `few` leaves out what only differs in its words. */
const portal = async (page, few) => {
  await page.goto("/services?state=running");
  const service = (await hrefs(page, "main .list a"))[0];
  await page.goto("/services?state=preparing");
  const preparing = (await hrefs(page, "main .list a"))[0];
  await page.goto(service);
  const found = await hrefs(page, "main section .list a");
  const more = few ? [found[0], found.at(-1)] : found;
  if (few) return ["/", service, ...more];
  return ["/", "/services", "/services?q=保育", preparing, service, ...more, "/sign-in", "/about", "/accessibility"];
};

const everyday = [["business", "/my"], ["examiner", "/desk"]];
const others = [["approver", "/desk"], ["inspector", "/desk"], ["municipality", "/desk"], ["auditor", "/desk"]];

for (const screen of ["phone", "tablet", "desk"]) {
  test(`the portal on a ${screen}`, async () => {
    await visit({ screen, name: "portal" }, async (page) => look(page, await portal(page, screen !== "phone"), "public", screen));
  });

  for (const [persona, start] of screen === "phone" ? [...everyday, ...others] : everyday) {
    test(`${persona} on a ${screen}`, async () => {
      await visit({ screen, name: persona }, async (page) => {
        await signIn(page, persona);
        await page.goto(start);
        const records = (await hrefs(page, "main a[href^='/r/']")).slice(0, screen === "phone" ? 3 : 1);
        const views = start === "/desk" ? ["/desk/search?q=柴崎", ...(await hrefs(page, "main section .list a[href^='/desk/']")).slice(0, 2)] : ["/my/messages"];
        await look(page, [start, ...views, ...records], persona, screen);
      });
    });
  }
}

test("the administrator sees what is stuck, others do not", async () => {
  await visit({ screen: "desk", name: "stuck" }, async (page) => {
    await signIn(page, "administrator");
    await look(page, ["/admin/stuck"], "administrator", "desk");
  });
  await visit({ screen: "desk", name: "not-stuck" }, async (page) => {
    await signIn(page, "business");
    assert.equal((await page.goto("/admin/stuck")).status(), 404);
    assert.equal(await page.locator("h1").textContent(), "見つかりません");
    await axe(page);
  });
});

test("a page that needs a person leads to sign-in and back", async () => {
  await visit({ screen: "phone", name: "next" }, async (page) => {
    await page.goto("/my/messages");
    assert.equal(new URL(page.url()).pathname, "/sign-in");
    await page.locator("button[name='persona'][value='business']").click();
    await page.getByRole("heading", { level: 1, name: "お知らせ" }).waitFor();
  });
});

test("a person acts for a body by changing the hat", async () => {
  await visit({ screen: "phone", name: "hat" }, async (page) => {
    await signIn(page, "business");
    await page.locator("header summary").click();
    await page.getByRole("button", { name: /として$/ }).first().click();
    await page.getByRole("heading", { level: 1, name: /株式会社.*マイページ/ }).waitFor();
    await axe(page);
  });
});

test("portal pages weigh under 100 KB on the wire, the first one under 60 KB", async () => {
  await visit({ screen: "phone", name: "weight" }, async (page, context) => {
    for (const path of await portal(page)) {
      const bytes = await bytesOnTheWire(context, path);
      const most = path === "/" ? 60_000 : 100_000;
      assert.ok(bytes > 0 && bytes < most, `${path}: ${bytes} bytes`);
    }
  });
});
