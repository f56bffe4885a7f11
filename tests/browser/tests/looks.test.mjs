// だれが見たか: an official opens an application; its owner finds that on a phone, and the auditor at a desk.
import { test } from "node:test";

import { applied, page_of } from "../lib/api.mjs";
import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

async function check(page, name) {
  await axe(page);
  await reflows(page);
  await picture(page, `looks-${name}`);
}

/** A look is written down a moment after its answer: asks again until it is there. */
async function shows(page, path, text) {
  for (let turn = 0; turn < 40; turn += 1) {
    await page.goto(path);
    if (await page.locator("main").getByText(text).count()) return;
    await page.waitForTimeout(250);
  }
  throw new Error(`${path} does not show ${text}`);
}

test("who looked is seen by the owner on a phone and by the auditor at a desk", async () => {
  const name = `見られた食堂${Date.now()}`;
  const record = await applied("business", { name, line: "柴崎町2-21-19", trades: [{ trade: "restaurant", kind: "new" }] });
  await visit({ screen: "desk", name: "looks-examiner" }, async (page) => {
    await signIn(page, "examiner");
    await page.goto(page_of(record));
  });
  await visit({ screen: "phone", name: "looks-owner" }, async (page) => {
    await signIn(page, "business");
    await shows(page, `${page_of(record)}/looks`, "多摩立川保健所");
    await check(page, "record");
    await shows(page, "/my/looks", "多摩立川保健所");
    await check(page, "mine");
  });
  for (const screen of ["desk", "tablet"]) {
    await visit({ screen, name: `looks-auditor-${screen}` }, async (page) => {
      await signIn(page, "auditor");
      await shows(page, "/desk/looks", "高橋 真由美");
      await check(page, `auditor-${screen}`);
      await page.goto("/desk/looks/alerts");
      await check(page, `alerts-${screen}`);
    });
  }
});
