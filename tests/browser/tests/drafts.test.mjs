// 続きを頼む: an owner hands a link and a code to somebody, who goes on with the draft until the owner revokes it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open, page_of } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { viewports } from "../lib/viewports.mjs";
import { button, check, link, signOut } from "../lib/walk.mjs";

/** A draft of a persona's, and the path of its page. */
async function draft(persona, premises_name) {
  const input = { premises: { municipality: "13202", line: "柴崎町2-21-19" }, premises_name };
  return page_of(await open(persona, "food-business-permit", "application", "save", input));
}

/** Asks somebody on the page of a record; gives link and code as they stand on the slip. */
async function ask(page, path, whom) {
  await page.goto(path);
  await link(page, "ほかの人に続きを頼む").click();
  await page.getByLabel("だれに頼みますか").fill(whom);
  await button(page, "リンクと番号を作る").click();
  const href = await page.locator('a[href*="/invite/"]').getAttribute("href");
  const code = (await page.locator(".digits").textContent()).replace(/\s/g, "");
  return { href: new URL(href).pathname, code };
}

for (const screen of Object.keys(viewports)) {
  test(`on a ${screen} somebody else goes on with a draft, and no longer once it is revoked`, async () => {
    const path = await draft("business", `頼む店 ${screen}`);
    await visit({ screen, name: `invite-${screen}` }, async (page) => {
      await signIn(page, "business");
      await page.goto(`${path}/invite`);
      await check(page, `invite-form-${screen}`);
      const { href, code } = await ask(page, path, "行政書士の見本さん");
      await check(page, `invite-slip-${screen}`);
      assert.match(code, /^[0-9]{6}$/);
      await link(page, "手続きの画面へ").click();
      await page.getByText("返事を待っています").waitFor();
      await check(page, `invite-asked-${screen}`);
      await page.goto(href);
      await page.getByLabel("頼んだ方から受け取った番号").fill(code);
      await button(page, "続きを引き受ける").click();
      await page.getByText("自分では引き受けられません").waitFor();
      await signOut(page);

      // Somebody who is not there yet signs in and comes back.
      await page.goto(href);
      await check(page, `invite-door-${screen}`);
      await page.getByRole("main").getByRole("link", { name: "ログインする" }).click();
      await page.locator('button[name="persona"][value="resident"]').click();
      await page.waitForURL((url) => url.pathname === href);
      await page.getByLabel("頼んだ方から受け取った番号").fill(code === "000000" ? "111111" : "000000");
      await button(page, "続きを引き受ける").click();
      await page.getByText("番号がちがいます").waitFor();
      await check(page, `invite-wrong-${screen}`);
      await page.getByLabel("頼んだ方から受け取った番号").fill(code);
      await button(page, "続きを引き受ける").click();
      await page.waitForURL((url) => url.pathname === path);
      await page.getByRole("heading", { name: "続きを頼まれています" }).waitFor();
      await check(page, `invite-guest-${screen}`);
      assert.equal(await link(page, "ほかの人に続きを頼む").count(), 0, "the invited person invites nobody");
      await link(page, "内容を入れて申請する").first().click();
      await page.locator('input[name="premises_name"]').fill(`続けた店 ${screen}`);
      await button(page, "下書きを保存する").last().click();
      await page.getByText("保存しました").waitFor();
      await page.goto("/my");
      await page.getByText("続きを頼まれたもの").first().waitFor();
      await signOut(page);

      await signIn(page, "business");
      await page.goto(path);
      await page.getByText("引き受けています").waitFor();
      await page.getByRole("heading", { name: `続けた店 ${screen}` }).waitFor();
      await button(page, "取りやめる").click();
      await page.getByText("取りやめました").waitFor();
      await signOut(page);

      await signIn(page, "resident");
      const gone = await page.goto(path);
      assert.equal(gone.status(), 404);
    });
  });
}

test("asking and accepting work without JavaScript", async () => {
  const path = await draft("other_business", "台本のない店");
  await visit({ screen: "phone", name: "invite-plain", javaScript: false }, async (page) => {
    await signIn(page, "other_business");
    const { href, code } = await ask(page, path, "家族");
    // Reloading what was posted makes no second link, and shows no secret again.
    await page.reload();
    await page.getByText("作ったときに1度だけ出ます").waitFor();
    assert.equal(await page.locator(".digits").count(), 0);
    await page.context().clearCookies();
    await signIn(page, "resident");
    await page.goto(href);
    await page.getByLabel("頼んだ方から受け取った番号").fill(code);
    await button(page, "続きを引き受ける").click();
    await page.waitForURL((url) => url.pathname === path);
  });
});
