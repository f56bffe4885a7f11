// Passkeys, an authenticator app and recovery codes, with an authenticator that Chromium plays: what people see, what a
// passkey opens, and what it does not.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { own, port } from "../lib/own.mjs";
import { code } from "../lib/totp.mjs";
import { button, check, link } from "../lib/walk.mjs";

const PASSWORD = "春の小川はさらさらいくよ";
const seat = ["--role", "examiner", "--office", "多摩立川保健所", "--authority", "13000"];
let product;

before(async () => {
  const accounts = [
    ["hanako@example.jp", "佐藤 花子", PASSWORD],
    ["jiro@example.jp", "田中 次郎", PASSWORD],
    ["saburo@example.jp", "見本 三郎", PASSWORD],
    ["mayumi", "高橋 真由美", PASSWORD, ...seat],
  ];
  const files = { "identity.yaml": "officials: { second_factor: true }\n" };
  product = await own(await port(), files, { accounts, host: "localhost" });
});
after(() => product?.stop());

const visiting = (name, steps, more = {}) => visit({ screen: "phone", name, at: product.base, ...more }, steps);
const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** A device with a screen lock, which keeps passkeys. */
async function device(page, more = {}) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...more };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  const of = (method, rest = {}) => cdp.send(`WebAuthn.${method}`, { authenticatorId, ...rest });
  return {
    credentials: async () => (await of("getCredentials")).credentials,
    remove: (credentialId) => of("removeCredential", { credentialId }),
    put: (credential) => of("addCredential", { credential }),
    lock: (isUserVerified) => of("setUserVerified", { isUserVerified }),
  };
}

async function password(page, login, path = "/sign-in") {
  await page.goto(path);
  await page.getByLabel("メールアドレスまたはログイン名").fill(login);
  await page.getByLabel("パスワード", { exact: true }).fill(PASSWORD);
  await button(page, "ログイン").filter({ hasNotText: "パスキー" }).last().click();
}

async function register(page, name) {
  await page.getByLabel("名前（どの端末か、わかるように）").fill(name);
  await button(page, "パスキーを登録する").click();
  await page.getByText("パスキーを登録しました。").waitFor();
}

async function leave(page) {
  await page.context().clearCookies();
}

test("an official must register one, and then comes in with the passkey alone", async () => {
  await visiting("passkey-official", async (page) => {
    const phone = await device(page);
    await password(page, "mayumi");
    await page.getByText("職員の方は、パスキーか認証アプリの登録が必要です。").waitFor();
    await page.goto("/desk");
    await heading(page, "パスキーと認証アプリ");
    await check(page, "passkeys-demanded");
    await register(page, "私の電話");
    await check(page, "passkeys-registered");
    const [made] = await phone.credentials();
    assert.equal(made.isResidentCredential, true);
    assert.equal(made.rpId, "localhost");
    await page.goto("/desk");
    assert.equal(new URL(page.url()).pathname, "/desk");
    await leave(page);
    await page.goto("/sign-in");
    await check(page, "passkeys-sign-in");
    await button(page, "パスキーでログイン").click();
    await page.waitForURL((url) => url.pathname === "/desk");
    await page.goto("/my/sign-in");
    await page.getByText("パスキー", { exact: true }).first().waitFor();
    await check(page, "passkeys-sessions");
    // The password alone leads to the second step, which the passkey ends.
    await leave(page);
    await password(page, "mayumi", "/sign-in?next=/my/messages");
    await heading(page, "もう1つの確認");
    await check(page, "passkeys-second");
    await button(page, "パスキーで確かめる").click();
    await page.waitForURL((url) => url.pathname === "/my/messages");
    await page.getByText("「私の電話」を登録しました。", { exact: false }).first().waitFor();
  });
});

test("a passkey whose owner is not verified, a clone, another account's and an answer that comes twice open nothing", async () => {
  await visiting("passkey-lies", async (page) => {
    const phone = await device(page);
    await password(page, "jiro@example.jp", "/sign-in?next=/my/sign-in/factors");
    await register(page, "電話");
    // The same device is not registered a second time.
    await button(page, "パスキーを登録する").click();
    await page.getByText("パスキーを使えませんでした。", { exact: false }).waitFor();
    await leave(page);
    await page.goto("/sign-in");
    await phone.lock(false);
    await button(page, "パスキーでログイン").click();
    await page.getByText("パスキーを使えませんでした。", { exact: false }).waitFor();
    await phone.lock(true);
    // A copy of the key that counts from the beginning.
    const [known] = await phone.credentials();
    assert.ok(known.signCount > 0);
    await phone.remove(known.credentialId);
    await phone.put({ ...known, signCount: 0 });
    await button(page, "パスキーでログイン").click();
    await page.getByText("このパスキーでは確かめられませんでした。", { exact: false }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/sign-in/passkey");
    await phone.remove(known.credentialId);
    await phone.put({ ...known, signCount: known.signCount + 50 });
    // What was posted once is worth nothing the second time.
    let sent;
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/sign-in/passkey")) sent = request.postData();
    });
    await page.goto("/sign-in");
    await button(page, "パスキーでログイン").click();
    await page.waitForURL((url) => url.pathname === "/my");
    const answer = new URLSearchParams(sent);
    const challenge = (await page.context().cookies()).find((one) => one.name === "tsumugi_challenge");
    assert.equal(challenge, undefined, "the browser keeps the challenge no longer");
    await leave(page);
    await page.goto("/sign-in");
    answer.set("csrf", await page.locator("[data-passkey] [name=csrf]").inputValue());
    const again = await page.request.post("/sign-in/passkey", { form: Object.fromEntries(answer) });
    assert.equal(again.status(), 422);
    // At another's second step it is nobody's.
    await password(page, "saburo@example.jp", "/sign-in?next=/my/sign-in/factors");
    await button(page, "認証アプリの登録を始める").click();
    const secret = await page.locator("code").first().innerText();
    await page.getByLabel("アプリに出た6桁の番号").fill(code(secret));
    await button(page, "登録する").click();
    await page.getByText("認証アプリを登録しました。").waitFor();
    await leave(page);
    await password(page, "saburo@example.jp");
    await heading(page, "もう1つの確認");
    assert.equal(await button(page, "パスキーで確かめる").count(), 0);
  });
});

for (const javaScript of [true, false]) {
  test(`an authenticator app and recovery codes ${javaScript ? "on a phone" : "without JavaScript"}`, async () => {
    const login = "hanako@example.jp";
    await visiting("app", async (page) => {
      if (!javaScript) {
        // It was registered by the first round.
        await password(page, login);
        await heading(page, "もう1つの確認");
        await page.getByRole("textbox", { name: "番号" }).fill("000000");
        await button(page, "確かめる").click();
        await page.getByText("番号が違うか、もう使われています。", { exact: false }).waitFor();
        return;
      }
      await password(page, login, "/sign-in?next=/my/sign-in/factors");
      await button(page, "認証アプリの登録を始める").click();
      await heading(page, "認証アプリを登録する");
      await check(page, "app-register");
      const secret = await page.locator("code").first().innerText();
      const at = Date.now() / 1000;
      await page.getByLabel("アプリに出た6桁の番号").fill(code(secret, at));
      await page.getByLabel("名前（どの端末か、わかるように）").fill("家の電話");
      await button(page, "登録する").click();
      await page.getByText("認証アプリを登録しました。").waitFor();
      await button(page, "回復コードを作る").click();
      await heading(page, "回復コード");
      await check(page, "recovery-codes");
      const codes = await page.locator("main li code").allInnerTexts();
      assert.equal(codes.length, 10);
      await link(page, "控えました").click();
      await page.getByText("あと10個あります。").waitFor();
      await leave(page);
      await password(page, login);
      await heading(page, "もう1つの確認");
      await page.getByRole("textbox", { name: "番号" }).fill(code(secret, at));
      await button(page, "確かめる").click();
      // With this code it was registered: it is spent.
      await page.getByText("番号が違うか、もう使われています。", { exact: false }).waitFor();
      await check(page, "app-wrong");
      await page.getByRole("textbox", { name: "番号" }).fill(code(secret, at + 30));
      await button(page, "確かめる").click();
      await page.waitForURL((url) => url.pathname === "/my");
      await leave(page);
      await password(page, login);
      await page.getByRole("textbox", { name: "番号" }).fill(codes[0]);
      await button(page, "確かめる").click();
      await page.getByText("回復コードを1つ使いました。", { exact: false }).waitFor();
      await page.getByText("あと9個あります。").waitFor();
      await page.goto("/my/sign-in/prove?next=/my/sign-in/factors");
      await check(page, "prove");
    }, { javaScript });
  });
}
