// Two faces at two addresses: residents and officials sign in each at their own; the cookie of one is nothing at the other;
// what a face does not offer is not there, and the public face names nothing of the inner one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { apart } from "../lib/own.mjs";
import { signIn } from "../lib/people.mjs";
import { check } from "../lib/walk.mjs";

let faces;
before(async () => (faces = await apart()));
after(async () => faces?.stop());

const session = async (context, at) => {
  const cookies = await context.cookies(at);
  return cookies.find((cookie) => cookie.name === "tsumugi")?.value;
};
const signedIn = async (page) => (await (await page.request.get("/api/v1/session")).json()).signed_in;

["phone", "tablet", "desk"].forEach((screen) => {
  test(`each face has its own people, pages and sessions (${screen})`, async () => {
    let resident;
    await visit({ screen, name: `apart-open-${screen}`, at: faces.open }, async (page, context) => {
      await page.goto("/sign-in");
      await check(page, `apart-open-sign-in-${screen}`);
      assert.equal(await page.locator('button[name="persona"][value="examiner"]').count(), 0, "no official signs in here");
      assert.ok(!(await page.content()).includes(faces.inner), "the inner address is not told outside");
      await signIn(page, "resident");
      assert.equal(await signedIn(page), true);
      for (const path of ["/desk", "/admin/state", "/admin/maintenance", "/metrics"]) {
        assert.equal((await page.request.get(path)).status(), 404, path);
      }
      resident = await session(context, faces.open);
    });
    await visit({ screen, name: `apart-inner-${screen}`, at: faces.inner }, async (page, context) => {
      await page.goto("/sign-in");
      await check(page, `apart-inner-sign-in-${screen}`);
      assert.equal(await page.locator('button[name="persona"][value="resident"]').count(), 0, "no resident signs in here");
      await context.addCookies([{ name: "tsumugi", value: resident, url: faces.inner }]);
      assert.equal(await signedIn(page), false, "a resident's session is nobody's here");
      await signIn(page, "examiner");
      await page.goto("/desk");
      await check(page, `apart-inner-desk-${screen}`);
      assert.equal(await signedIn(page), true);
      for (const path of ["/register", "/recover"]) assert.equal((await page.request.get(path)).status(), 404, path);
      const examiner = await session(context, faces.inner);
      await context.addCookies([{ name: "tsumugi", value: examiner, url: faces.open }]);
      const answer = await page.request.get(`${faces.open}/api/v1/session`);
      assert.equal((await answer.json()).signed_in, false, "an official's session is nobody's there");
    });
  });
});
