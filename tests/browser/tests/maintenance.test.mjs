// 保守アクセス: a maintainer asks and is shut out, an administrator grants and is told who is in, the maintainer sees the
// operator's pages alone, and the auditor finds what was opened.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { button, check, link } from "../lib/walk.mjs";

const PAGE = "/admin/maintenance";

/** A civil time in Tokyo, some hours from now, as a form takes it. */
function hours(count) {
  const at = new Date(Date.now() + (9 + count) * 3_600_000);
  return at.toISOString().slice(0, 16);
}

async function ask(page, ticket, until) {
  await page.getByLabel("事業者").fill("株式会社見本保守");
  await page.getByLabel("管理番号").fill(ticket);
  await page.getByLabel("作業内容").fill("受付箱が遅いという連絡のため、時間のかかった問い合わせを調べる");
  await page.getByLabel("始める時").fill(hours(-1));
  await page.getByLabel("終わる時").fill(until);
  await button(page, "申し込む").click();
}

["phone", "tablet", "desk"].forEach((screen) => {
  test(`a maintainer comes in for a granted time and leaves a trace (${screen})`, async () => {
    const ticket = `障害-${Date.now()}`;
    await visit({ screen, name: `maintenance-${screen}` }, async (page) => {
      await signIn(page, "maintainer");
      assert.equal(new URL(page.url()).pathname, PAGE, "it is where they ask to come in");
      await page.goto("/desk");
      await page.getByRole("heading", { name: "この画面は開けません" }).waitFor();
      await check(page, `maintenance-shut-${screen}`);
      await ask(page, ticket, hours(-2));
      await page.getByText("終わる時は、始める時より後にしてください。").first().waitFor();
      await check(page, `maintenance-faults-${screen}`);
      await page.getByLabel("終わる時").fill(hours(2));
      await button(page, "申し込む").click();
      await page.getByText(ticket).first().waitFor();
      await check(page, `maintenance-asked-${screen}`);
    });
    await visit({ screen, name: `maintenance-grant-${screen}` }, async (page) => {
      await signIn(page, "administrator");
      await page.goto("/admin/state");
      await page.getByRole("main").getByRole("link", { name: "保守アクセス" }).click();
      await link(page, "許可を待つ保守作業").click();
      await page.locator("main tr, main li").filter({ hasText: ticket }).getByRole("link").first().click();
      await link(page, "許可する").first().click();
      await button(page, "許可する").click();
      await page.getByText("許可済み").first().waitFor();
      await page.goto("/admin/state");
      await page.getByText("保守の担当が入っています").waitFor();
      await check(page, `maintenance-inside-${screen}`);
    });
    await visit({ screen, name: `maintenance-in-${screen}` }, async (page) => {
      await signIn(page, "maintainer");
      await page.goto("/admin/state");
      await page.getByText("保守アクセス中").waitFor();
      await check(page, `maintenance-state-${screen}`);
      await page.goto("/admin/stuck");
      await check(page, `maintenance-stuck-${screen}`);
      const answer = await page.goto("/desk/search");
      assert.equal(new URL(answer.url()).pathname, PAGE, "no desk, no record");
      const item = page.getByRole("listitem").filter({ hasText: ticket });
      await item.getByLabel("行ったことと結果").fill("索引が足りないことが分かり、報告した");
      await item.getByRole("button", { name: "作業を終える" }).click();
      await item.getByText("終わった").waitFor();
      await page.goto("/admin/state");
      assert.equal(new URL(page.url()).pathname, PAGE, "it is over");
    });
    await visit({ screen, name: `maintenance-audit-${screen}` }, async (page) => {
      await signIn(page, "auditor");
      await page.goto("/desk/looks");
      await link(page, "保守アクセス").click();
      await check(page, `maintenance-list-${screen}`);
      await page.getByRole("row").filter({ hasText: ticket }).getByRole("link", { name: "見る" }).click();
      await page.getByText("運用の状況を見た").first().waitFor();
      await page.getByText("開けないところを開こうとした").first().waitFor();
      await check(page, `maintenance-visit-${screen}`);
    });
  });
});
