// A form on paper: readable at each width, one page after the other when printed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { check } from "../lib/walk.mjs";

for (const screen of ["phone", "desk"]) {
  test(`a blank form stands on paper, ${screen}`, async () => {
    await visit({ screen, name: `paper-${screen}` }, async (page) => {
      const reply = await page.goto("/apply/food-business-permit/application/paper");
      assert.equal(reply.status(), 200);
      await page.getByRole("heading", { name: "営業許可申請" }).waitFor();
      await page.getByRole("img", { name: "職員がこの手続きを開くためのQRコード" }).waitFor();
      await check(page, `paper-${screen}`);
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.getByText("画面で入力する").isVisible(), false);
    });
  });
}
