// What has run out is proposed by one official, decided by another and gone: on phone, tablet and desk. The demo has
// consultations from years ago, one for each screen.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { as, button, check, link } from "../lib/walk.mjs";

const list = "/desk/retention/food-business-permit/consultation";

/** Reloads until the worker has carried the round out. */
async function carried(page) {
  for (let tries = 0; tries < 40; tries += 1) {
    if (await page.getByText("廃棄済み").first().isVisible()) return;
    await page.waitForTimeout(500);
    await page.reload();
  }
  assert.fail("the round was not carried out");
}

["phone", "tablet", "desk"].forEach((screen) => {
  test(`a record whose time is over is disposed of on a ${screen}`, async () => {
    await visit({ screen, name: `retention-${screen}` }, async (page) => {
      let round = "";
      let gone = "";
      await as(page, "examiner", async () => {
        await page.goto("/desk/retention");
        await page.getByText("満了した記録があります").first().waitFor();
        await check(page, `retention-${screen}`);
        await page.goto(list);
        const row = page.getByRole("row").filter({ has: page.locator("input[name='record']:not([disabled])") }).first();
        gone = await row.getByRole("link").first().getAttribute("href");
        await check(page, `retention-list-${screen}`);
        // Nothing is chosen: it is said, and nothing happens.
        await page.getByLabel("廃棄", { exact: true }).check();
        await button(page, "選んだ記録で起案する").click();
        await page.getByRole("alert").waitFor();
        await check(page, `retention-fault-${screen}`);
        await row.getByRole("checkbox").check();
        await page.getByLabel("廃棄", { exact: true }).check();
        await button(page, "選んだ記録で起案する").click();
        await page.getByText("決定は、起案した人とは別の方が行います。").waitFor();
        round = new URL(page.url()).pathname;
        await check(page, `retention-proposed-${screen}`);
      });
      await as(page, "approver", async () => {
        await page.goto("/desk/retention");
        await page.getByRole("heading", { name: "決定を待つ起案" }).waitFor();
        await page.goto(round);
        await check(page, `retention-decide-${screen}`);
        await button(page, "廃棄を決定する").click();
        await carried(page);
        await check(page, `retention-done-${screen}`);
        assert.ok(await link(page, /廃棄簿/).count(), "the register of disposals stays");
        const answer = await page.goto(gone);
        assert.equal(answer.status(), 410);
        await page.getByText("保存期間が満了し、廃棄しました", { exact: false }).first().waitFor();
        await check(page, `retention-gone-${screen}`);
      });
    });
  });

  test(`an administrator sees how the platform is on a ${screen}`, async () => {
    await visit({ screen, name: `state-${screen}` }, async (page) => {
      await as(page, "administrator", async () => {
        await page.goto("/admin/state");
        await page.getByRole("heading", { name: "運用の状況" }).waitFor();
        await check(page, `state-${screen}`);
      });
    });
  });
});
