// An account by mail: made, its password forgotten, and moved to another address; on every screen, once without any script.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { button, check, link, signOut } from "../lib/walk.mjs";

const PASSWORD = "あじさいの坂を下る青い電車";
const OTHER = "かもめが三羽とまる岬の灯台";
const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** The newest letter to an address, as the demo's administrator sees it; waits until `wanted` stands in it. */
async function letter(address, wanted) {
  let found;
  await visit({ screen: "desk", name: "mailed-outbox" }, async (page) => {
    await signIn(page, "administrator");
    for (let tries = 0; tries < 60 && !found; tries += 1) {
      await page.goto("/admin/outbox");
      const texts = await page.locator("main li", { hasText: `宛先：${address}` }).allInnerTexts();
      found = texts.find((text) => text.includes(wanted));
      if (!found) await page.waitForTimeout(250);
    }
  });
  assert.ok(found, `no letter “${wanted}” came to ${address}`);
  return found;
}

/** The path of the link in a letter. */
async function path(address, wanted) {
  const [found] = (await letter(address, wanted)).match(/\/mail\/[\w-]+/) ?? [];
  assert.ok(found, "there is no link in the letter");
  return found;
}

async function signInBy(page, login, password) {
  await page.goto("/sign-in");
  await page.getByLabel("メールアドレスまたはログイン名").fill(login);
  await page.getByLabel("パスワード", { exact: true }).fill(password);
  await button(page, "ログイン").filter({ hasNotText: "パスキー" }).last().click();
}

for (const screen of ["phone", "tablet", "desk"]) {
  test(`an account is made, recovered and moved by mail (${screen})`, async () => {
    const mail = `hanako-${screen}@mail.example`;
    await visit({ screen, name: `mailed-${screen}` }, async (page) => {
      await page.goto("/sign-in");
      await check(page, `mailed-sign-in-${screen}`);
      await link(page, "メールアドレスで登録する").click();
      await heading(page, "メールアドレスで登録する");
      await check(page, `mailed-register-${screen}`);
      await page.getByLabel("メールアドレス").fill(mail);
      await button(page, "メールを送る").click();
      await page.getByText("入力されたメールアドレスに、メールを送りました。", { exact: false }).waitFor();
      await check(page, `mailed-sent-${screen}`);
      const made = await path(mail, "アカウントの登録を続けてください");
      await page.goto(made);
      await heading(page, "アカウントを作る");
      await page.getByLabel("お名前").fill("見本 花子");
      await page.getByLabel("会社や団体の名前", { exact: false }).fill("見本商店");
      for (const name of ["パスワード", "パスワード（もう一度）"]) await page.getByLabel(name, { exact: true }).fill("hanakohanako");
      await button(page, "アカウントを作る").click();
      await page.getByText("推測されやすいパスワードです。", { exact: false }).waitFor();
      assert.equal(await page.getByLabel("お名前").inputValue(), "見本 花子");
      await check(page, `mailed-weak-${screen}`);
      for (const name of ["パスワード", "パスワード（もう一度）"]) await page.getByLabel(name, { exact: true }).fill(PASSWORD);
      await button(page, "アカウントを作る").click();
      await page.waitForURL((url) => url.pathname === "/my");
      await page.locator("header summary").click();
      await button(page, "見本商店として").waitFor();
      await page.goto("/my/sign-in");
      await check(page, `mailed-move-${screen}`);
      const moved = `new-${screen}@mail.example`;
      await page.getByLabel("新しいメールアドレス").fill(moved);
      await button(page, "確かめるメールを送る").click();
      await page.getByText("新しいメールアドレスに、確かめるためのメールを送りました。", { exact: false }).waitFor();
      await letter(mail, "変える申し込みがありました");
      await page.goto(await path(moved, "新しいメールアドレスを確かめてください"));
      await heading(page, "メールアドレスを変える");
      await check(page, `mailed-confirm-${screen}`);
      await button(page, "このメールアドレスに変える").click();
      await page.getByText("メールアドレスを変えました。", { exact: false }).waitFor();
      await letter(mail, "このアドレスではもうログインできません");
      await link(page, "パスワードを忘れたとき").click();
      await heading(page, "パスワードを忘れたとき");
      await check(page, `mailed-recover-${screen}`);
      await page.getByLabel("メールアドレス").fill(moved);
      await button(page, "メールを送る").click();
      await page.getByText("入力されたメールアドレスに、メールを送りました。", { exact: false }).waitFor();
      await page.goto(await path(moved, "パスワードを決め直してください"));
      await heading(page, "パスワードを決め直す");
      await check(page, `mailed-choose-${screen}`);
      await page.getByLabel("新しいパスワード").fill(OTHER);
      await page.getByLabel("パスワード（もう一度）").fill(OTHER);
      await button(page, "このパスワードにする").click();
      await page.getByText("パスワードを決め直しました。", { exact: false }).waitFor();
      await check(page, `mailed-chosen-${screen}`);
      await signInBy(page, moved, OTHER);
      await page.waitForURL((url) => url.pathname === "/my");
      await letter(moved, "パスワードが変わりました");
      await signOut(page);
    });
  });
}

test("without any script, and the letter alone says whether there is an account", async () => {
  const mail = "noscript@mail.example";
  await visit({ screen: "phone", name: "mailed-noscript", javaScript: false }, async (page) => {
    for (const [door, wanted] of [
      ["/recover", "アカウントはありません"],
      ["/register", "アカウントの登録を続けてください"],
    ]) {
      await page.goto(door);
      await page.getByLabel("メールアドレス").fill(mail);
      await button(page, "メールを送る").click();
      await page.getByText("入力されたメールアドレスに、メールを送りました。", { exact: false }).waitFor();
      assert.ok(page.url().endsWith(`${door}?sent=yes`));
      await letter(mail, wanted);
    }
    await page.goto(await path(mail, "アカウントの登録を続けてください"));
    await page.getByLabel("お名前").fill("見本 次郎");
    for (const name of ["パスワード", "パスワード（もう一度）"]) await page.getByLabel(name, { exact: true }).fill(PASSWORD);
    await button(page, "アカウントを作る").click();
    await page.waitForURL((url) => url.pathname === "/my");
  });
});
