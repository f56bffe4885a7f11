// A health centre closes its month, the head office sees how each stands and opens one again: on phone, tablet and desk,
// and without JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { as, button, check } from "../lib/walk.mjs";

const report = "/desk/food-business-permit/permit/views/monthly";
const office = "多摩立川保健所";

/** The month so many months ago, as a report names it. */
function month(ago) {
  const [year, now] = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo" }).format(new Date()).split("-").map(Number);
  return new Date(Date.UTC(year, now - 1 - ago, 1)).toISOString().slice(0, 7);
}

async function close(page) {
  const read = page.getByLabel("確かめました。このまま締めます");
  if (await read.count()) await read.check();
  await button(page, /を締める$/).click();
  await page.getByText("が締めました。下の表は、締めたときの数です。", { exact: false }).waitFor();
}

["phone", "tablet", "desk"].forEach((screen, at) => {
  test(`an office closes a month on a ${screen}`, async () => {
    const shown = `${report}?month=${month(at + 1)}`;
    await visit({ screen, name: `closing-${screen}` }, async (page) => {
      await as(page, "approver", async () => {
        await page.goto(shown);
        await page.getByRole("heading", { name: "未締め 月の締め" }).waitFor();
        await check(page, `closing-open-${screen}`);
        await close(page);
        await check(page, `closing-closed-${screen}`);
        assert.equal(await button(page, "締めを解く").count(), 0, "who closes does not open again");
      });
      await as(page, "administrator", async () => {
        await page.goto(shown);
        const line = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: office, exact: true }) });
        await line.getByText("締め済み").waitFor();
        await check(page, `closing-together-${screen}`);
        await line.getByRole("link").click();
        await page.getByText("締めを解く").first().click();
        await page.getByLabel("締めを解く理由").fill("様式の誤り");
        await button(page, "締めを解く").click();
        await page.getByText("理由：様式の誤り").waitFor();
        await check(page, `closing-again-${screen}`);
      });
    });
  });
});

/** The last fiscal year that is over: April to March. */
function fiscalYear() {
  const [year, now] = month(0).split("-").map(Number);
  return `FY${now < 4 ? year - 2 : year - 1}`;
}

test("an office closes a fiscal year without JavaScript", async () => {
  await visit({ screen: "phone", name: "closing-plain", javaScript: false }, async (page) => {
    await as(page, "approver", async () => {
      await page.goto(report);
      await page.getByLabel("期間").selectOption(fiscalYear());
      await button(page, "見る").click();
      await close(page);
      await page.getByRole("heading", { name: "締め済み 年度の締め" }).waitFor();
    });
  });
});
