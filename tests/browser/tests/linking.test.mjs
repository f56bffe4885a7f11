// A further identity for an account: added after both were proved, one account's alone, taken away, never the last way in.
import { after, before, test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { own, port } from "../lib/own.mjs";
import { key, provider } from "../lib/provider.mjs";
import { button, check, link } from "../lib/walk.mjs";

const SECRET = "a-secret-that-only-the-two-of-us-know";
const PASSWORD = "あじさいの坂を下る青い電車";
const people = {
  hanako: { name: "佐藤 花子" },
  jiro: { name: "田中 次郎" },
};
const claims = { openid: ["sub", "sid"], profile: ["name"], acr: null, sid: null, auth_time: null };
const screens = ["phone", "tablet", "desk"];

let there, product;

before(async () => {
  const number = await port();
  const here = `http://127.0.0.1:${number}`;
  const client = {
    client_id: "card",
    redirect_uris: [`${here}/sign-in/with/card/back`],
    post_logout_redirect_uris: [`${here}/`],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    client_secret: SECRET,
    token_endpoint_auth_method: "client_secret_basic",
  };
  there = await provider({ people, keys: [await key("first")], claims, acrValues: [], clients: [client] });
  const identity = `
providers:
  card:
    title: マイナンバーカード
    for: residents
    issuer: ${there.issuer}
    client: card
    secret: { file: secret.txt }
    scopes: [profile]
    userinfo: true
    claims: { name: [name] }
`;
  const accounts = screens.flatMap((screen) => [
    [`one-${screen}@mail.example`, "見本 一郎", PASSWORD],
    [`two-${screen}@mail.example`, "見本 二郎", PASSWORD],
  ]);
  product = await own(number, { "identity.yaml": identity, "secret.txt": SECRET }, { accounts });
});

after(async () => {
  await product?.stop();
  there?.close();
});

const visiting = (screen, steps) => visit({ screen, name: "linking", at: product.base, others: [there.issuer] }, steps);
const add = (page) => link(page, /^足す/);

async function prove(page, who) {
  await page.getByLabel("利用者").fill(who);
  await button(page, "認証する").click();
}

async function password(page, login) {
  await page.context().clearCookies();
  await page.goto("/sign-in?next=/my/sign-in");
  await page.getByLabel("メールアドレスまたはログイン名").fill(login);
  await page.getByLabel("パスワード", { exact: true }).fill(PASSWORD);
  await button(page, "ログイン").filter({ hasNotText: "パスキー" }).last().click();
  await page.getByRole("heading", { level: 1, name: "ログインと安全" }).waitFor();
}

async function card(page, who) {
  await page.context().clearCookies();
  await page.goto("/sign-in?next=/my/sign-in");
  await link(page, "マイナンバーカードでログイン").click();
  await prove(page, who);
  await page.getByRole("heading", { level: 1, name: "ログインと安全" }).waitFor();
}

for (const screen of screens) {
  test(`an identity is added, refused to another account, and taken away (${screen})`, async () => {
    await visiting(screen, async (page) => {
      await password(page, `one-${screen}@mail.example`);
      await check(page, `linking-before-${screen}`);
      await add(page).click();
      await prove(page, "hanako");
      await page.getByText("ログインの方法を足しました。", { exact: false }).waitFor();
      await check(page, `linking-added-${screen}`);
      // Another account's owner shows the same card: told so, and nothing is changed.
      await password(page, `two-${screen}@mail.example`);
      await add(page).click();
      await prove(page, "hanako");
      await page.getByText("その方法は、別のアカウントで使われているため、足せませんでした。", { exact: false }).waitFor();
      await check(page, `linking-anothers-${screen}`);
      // The card leads to the first account, which can take it away again.
      await card(page, "hanako");
      await button(page, "パスワードを変える").waitFor();
      await button(page, /^外す/).click();
      await page.getByText("ログインの方法を外しました。").waitFor();
      await add(page).waitFor();
    });
  });
}

test("the last way in stays", async () => {
  await visiting("phone", async (page) => {
    await card(page, "jiro");
    await button(page, /^外す/).click();
    await page.getByText("ほかにログインの方法がないため、外せません。", { exact: false }).waitFor();
    await check(page, "linking-last");
  });
});
