// 委任・代理: My Page leads a person to the form by which they let somebody act for them.
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

for (const screen of ["phone", "desk"]) {
  test(`a person comes from My Page to the form of a delegation (${screen})`, async () => {
    await visit({ screen, name: `acting-${screen}` }, async (page) => {
      await signIn(page, "resident");
      await page.goto("/my");
      await page.getByRole("link", { name: "委任・代理" }).click();
      await axe(page);
      await reflows(page);
      await picture(page, `acting-service-${screen}`);
      await page.locator("main a[href^='/apply/delegations/delegation']").first().click();
      await axe(page);
      await reflows(page);
      await picture(page, `acting-form-${screen}`);
    });
  });
}
