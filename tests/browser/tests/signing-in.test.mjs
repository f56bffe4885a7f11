// Signing in with providers of identities, against a real one: what people see, and what a lying provider achieves.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { own, port } from "../lib/own.mjs";
import { key, provider, shared, unsigned } from "../lib/provider.mjs";
import { code } from "../lib/totp.mjs";
import { button, check, link } from "../lib/walk.mjs";

const SECRET = "a-secret-that-only-the-two-of-us-know";
const people = {
  hanako: { account_type: "2", user_last_nm: "佐藤", user_first_nm: "花子", corporate_number: "7123456789012", name: "株式会社ひまわり食堂" },
  jiro: { account_type: "3", user_last_nm: "田中", user_first_nm: "次郎", corporate_number: "7123456789012", name: "株式会社ひまわり食堂" },
  entry: { account_type: "1", user_last_nm: "見本", user_first_nm: "太郎" },
  ichiro: { name: "鈴木 一郎" },
  level: { name: "見本 四郎" },
  second: { name: "見本 五郎" },
  mayumi: { name: "高橋 真由美", roles: ["health-examiner", "something-else"] },
  guest: { name: "見本 三郎", roles: ["something-else"] },
};
const claims = {
  openid: ["sub", "sid"],
  profile: ["name", "account_type", "user_last_nm", "user_first_nm", "corporate_number", "roles"],
  acr: null,
  sid: null,
  auth_time: null,
};

let there, here, keys, assertion;

const client = (id, more) => ({
  client_id: id,
  redirect_uris: [`${here}/sign-in/with/${id}/back`],
  post_logout_redirect_uris: [`${here}/`],
  backchannel_logout_uri: `${here}/sign-in/with/${id}/out`,
  backchannel_logout_session_required: true,
  response_types: ["code"],
  grant_types: ["authorization_code"],
  ...more,
});
const shareds = { client_secret: SECRET, token_endpoint_auth_method: "client_secret_basic" };

const identity = (issuer) => `
providers:
  gbizid:
    title: GビズID
    for: businesses
    issuer: ${issuer}
    client: gbizid
    secret: { file: secret.txt }
    scopes: [profile]
    userinfo: true
    claims: { name: [user_last_nm, user_first_nm], corporate_number: corporate_number, corporation: name }
    only: { account_type: ["2", "3"] }
    otherwise: gBizIDエントリーではログインできません。gBizIDプライムかgBizIDメンバーでログインしてください。
    levels:
      - { when: { account_type: "2" }, identity: 2, authentication: 2 }
  mynumber:
    title: マイナンバーカード
    for: residents
    issuer: ${issuer}
    client: mynumber
    key: { file: key.json }
    scopes: [profile]
    userinfo: true
    claims: { name: [name] }
    levels:
      - { when: { acr: aal3 }, ask: aal3, identity: 3, authentication: 3 }
      - { identity: 1, authentication: 1 }
  staff:
    title: 職員認証
    for: officials
    issuer: ${issuer}
    client: staff
    secret: { file: secret.txt }
    scopes: [profile]
    userinfo: true
    claims: { name: [name] }
    seats:
      - { claim: roles, is: health-examiner, role: examiner, office: 多摩立川保健所, authority: "13000" }
`;

let product;

before(async () => {
  const number = await port();
  here = `http://127.0.0.1:${number}`;
  keys = [await key("first")];
  assertion = await key("ours");
  const { d, ...open } = assertion;
  there = await provider({
    people,
    keys,
    claims,
    acrValues: ["aal3"],
    clients: [
      client("gbizid", shareds),
      client("staff", shareds),
      client("mynumber", { token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "ES256", jwks: { keys: [open] } }),
    ],
  });
  const files = { "identity.yaml": identity(there.issuer), "secret.txt": SECRET, "key.json": JSON.stringify(assertion) };
  product = await own(number, files);
});

after(async () => {
  await product?.stop();
  there?.close();
});

/** Opens the product for somebody who may be sent to the provider. */
const visiting = (name, steps, more = {}) => visit({ screen: "phone", name, at: here, others: [there.issuer], ...more }, steps);

/** Says at the provider who one is. */
async function prove(page, who, acr = "") {
  await page.getByLabel("利用者").fill(who);
  await page.getByLabel("確かさ").fill(acr);
  await button(page, "認証する").click();
}

async function go(page, door, who, acr) {
  await page.goto("/sign-in");
  await link(page, `${door}でログイン`).click();
  await prove(page, who, acr);
}

for (const javaScript of [true, false]) {
  test(`a business comes in, sees where it is signed in, and goes out ${javaScript ? "on a phone" : "without JavaScript"}`, async () => {
    await visiting("gbizid", async (page) => {
      await page.goto("/sign-in?next=/my/sign-in");
      if (javaScript) await check(page, "signing-in-doors");
      await link(page, "GビズIDでログイン").click();
      await prove(page, "hanako");
      await page.getByRole("heading", { level: 1, name: "ログインと安全" }).waitFor();
      await page.getByText("この端末", { exact: true }).waitFor();
      if (javaScript) await check(page, "signing-in-sessions");
      await page.locator("header summary").click();
      await button(page, "株式会社ひまわり食堂として").waitFor();
      await button(page, "ログアウト", { exact: true }).first().click();
      await link(page, "GビズIDからもログアウトする").waitFor();
      if (javaScript) await check(page, "signing-in-out");
      await link(page, "GビズIDからもログアウトする").click();
      await page.waitForURL((url) => url.origin === there.issuer);
    }, { javaScript });
  });
}

/** The ids of the parties for which one may act, by the API. */
const session = (page) => page.evaluate(async () => (await fetch("/api/v1/session")).json());

test("two people of one corporation act for one party, and each stays who they are", async () => {
  const seen = [];
  for (const who of ["hanako", "jiro", "hanako"]) {
    await visiting("gbizid", async (page) => {
      await go(page, "GビズID", who);
      await page.waitForURL((url) => url.pathname === "/my");
      seen.push(await session(page));
    });
  }
  const [first, other, again] = seen.map(({ account, hats }) => [account?.id ?? account, JSON.stringify(hats)]);
  assert.equal(first[1], other[1], "one party by its number");
  assert.deepEqual(first, again);
  assert.notEqual(seen[0].login, seen[1].login);
  assert.equal(seen[0].login, seen[2].login);
});

test("who may not come in this way is told so, and what they can do", async () => {
  await visiting("entry", async (page) => {
    await go(page, "GビズID", "entry");
    await page.getByRole("alert").getByText("gBizIDエントリーではログインできません").waitFor();
    await check(page, "signing-in-not-these");
  });
  await visiting("stop", async (page) => {
    await page.goto("/sign-in");
    await link(page, "GビズIDでログイン").click();
    await button(page, "やめる").click();
    await page.getByText("取りやめました").waitFor();
  });
});

test("an official's seats come by the declared mapping alone", async () => {
  await visiting("staff", async (page) => {
    await go(page, "職員認証", "mayumi");
    await page.waitForURL((url) => url.pathname === "/desk");
  }, { screen: "desk" });
  await visiting("staff", async (page) => {
    await go(page, "職員認証", "guest");
    await page.getByRole("alert").getByText("使える席がありません").waitFor();
  }, { screen: "desk" });
});

test("who must be known more surely proves it anew", async () => {
  await visiting("mynumber", async (page, context) => {
    await go(page, "マイナンバーカード", "ichiro");
    await page.waitForURL((url) => url.pathname === "/my");
    const secret = async () => (await context.cookies(here)).find(({ name }) => name === "tsumugi").value;
    const before = await secret();
    await page.goto("/sign-in/with/mynumber?level=3.3&next=/my/messages");
    await prove(page, "ichiro", "");
    await page.getByRole("alert").getByText("できませんでした").waitFor();
    await page.goto("/sign-in/with/mynumber?level=3.3&next=/my/messages");
    await prove(page, "ichiro", "aal3");
    await page.waitForURL((url) => url.pathname === "/my/messages");
    assert.notEqual(await secret(), before, "the secret is another");
    await page.goto("/my/sign-in");
    assert.equal(await page.getByText("この端末", { exact: true }).count(), 1);
    assert.equal(await page.locator("section[aria-labelledby=where] .list > li").count(), 1, "the session is the same one");
  });
});

for (const screen of ["phone", "desk"]) {
  test(`who falls short of what an action demands is led to what proves it, and back (${screen})`, async () => {
    await visiting(`level-${screen}`, async (page) => {
      await go(page, "マイナンバーカード", "level");
      await page.waitForURL((url) => url.pathname === "/my");
      await page.goto("/my/sign-in/level?level=3.3&next=/my/messages");
      await page.getByRole("heading", { level: 1, name: "より確かなご本人の確認" }).waitFor();
      await check(page, `level-${screen}`);
      assert.equal(await link(page, "GビズIDで確かめる").count(), 0, "it does not reach so far");
      await link(page, "マイナンバーカードで確かめる").click();
      await prove(page, "level", "aal3");
      await page.waitForURL((url) => url.pathname === "/my/messages");
      await page.goto("/my/sign-in/level?level=3.3&next=/my/messages");
      await page.waitForURL((url) => url.pathname === "/my/messages");
    }, { screen });
  });
}

test("a provider that proves little leads to the second step, where an account has one", async () => {
  await visiting("second", async (page, context) => {
    await go(page, "マイナンバーカード", "second");
    await page.waitForURL((url) => url.pathname === "/my");
    await page.goto("/my/sign-in/factors");
    await button(page, "認証アプリの登録を始める").click();
    const secret = (await page.locator("code").first().innerText());
    await page.getByLabel("アプリに出た6桁の番号").fill(code(secret));
    await page.getByLabel("名前（どの端末か、わかるように）").fill("電話");
    await button(page, "登録する").last().click();
    await page.getByText("認証アプリを登録しました。").waitFor();
    await context.clearCookies();
    await go(page, "マイナンバーカード", "second");
    await page.waitForURL((url) => url.pathname === "/sign-in/second");
    assert.ok(!(await context.cookies(here)).some(({ name }) => name === "tsumugi"), "not in yet");
    // The step of the code before is spent.
    await page.getByRole("textbox", { name: "番号" }).fill(code(secret, Date.now() / 1000 + 30));
    await button(page, "確かめる").click();
    await page.waitForURL((url) => url.pathname === "/my");
    // One that proves enough needs no second step.
    await context.clearCookies();
    await page.goto("/sign-in/with/mynumber?level=3.3&next=/my");
    await prove(page, "second", "aal3");
    await page.waitForURL((url) => url.pathname === "/my");
  });
});

const lies = {
  "a token of another round": (said) => ({ ...said, nonce: "another" }),
  "a token without a nonce": ({ nonce, ...said }) => said,
  "a token for another": (said) => ({ ...said, aud: "another" }),
  "a token for us and another": (said) => ({ ...said, aud: ["gbizid", "another"] }),
  "a token of another issuer": (said) => ({ ...said, iss: "https://another.example" }),
  "a token that has run out": (said) => ({ ...said, exp: said.iat - 3600 }),
  "a token of yesterday": (said) => ({ ...said, iat: said.iat - 86_400 }),
  "a token of tomorrow": (said) => ({ ...said, iat: said.iat + 86_400 }),
  "a token about nobody": ({ sub, ...said }) => said,
  "a token about somebody else": (said) => ({ ...said, sub: "jiro" }),
  "an unsigned token": unsigned,
  "a token signed with the client's own secret": (said) => shared(said, SECRET),
  "a token signed with a key that is not published": async (said) => there.sign(said, await key("first")),
  "a token signed with a key of an unknown name": async (said) => there.sign(said, await key("other")),
  "a token that asks for what we do not know": (said) => there.sign(said, keys[0], { crit: ["b64"], b64: true }),
};

for (const [name, lie] of Object.entries(lies)) {
  test(`${name} signs nobody in`, async () => {
    there.state.lie = lie;
    try {
      await visiting("lie", async (page, context) => {
        await go(page, "GビズID", "hanako");
        await page.getByRole("alert").getByText("確かめられませんでした").waitFor();
        const cookies = await context.cookies(here);
        assert.ok(!cookies.some(({ name: one }) => one === "tsumugi"), "no session");
      });
    } finally {
      there.state.lie = null;
    }
  });
}

test("an answer is taken once, and by the browser that asked", async () => {
  let answer;
  await visiting("once", async (page, context) => {
    page.on("request", (request) => {
      if (request.url().includes("/sign-in/with/gbizid/back")) answer = request.url();
    });
    await go(page, "GビズID", "hanako");
    await page.waitForURL((url) => url.pathname === "/my");
    await context.clearCookies({ name: "tsumugi" });
    await page.goto(answer);
    await page.getByRole("alert").getByText("確かめられませんでした").waitFor();
  });
  await visiting("other", async (page) => {
    await page.goto(answer);
    await page.getByRole("alert").getByText("確かめられませんでした").waitFor();
  });
  // The code itself is worth nothing the second time, even with the round's own secrets.
  await visiting("replay", async (page, context) => {
    await page.goto("/sign-in");
    await link(page, "GビズIDでログイン").click();
    const kept = (await context.cookies(here)).filter(({ name }) => name === "tsumugi_ask");
    page.on("request", (request) => {
      if (request.url().includes("/sign-in/with/gbizid/back")) answer = request.url();
    });
    await prove(page, "hanako");
    await page.waitForURL((url) => url.pathname === "/my");
    await context.clearCookies({ name: "tsumugi" });
    await context.addCookies(kept);
    await page.goto(answer);
    await page.getByRole("alert").getByText("確かめられませんでした").waitFor();
  });
});

test("keys may change, and nobody notices", async () => {
  await visiting("keys", async (page) => {
    await there.turn([await key("second")]);
    await go(page, "GビズID", "hanako");
    await page.waitForURL((url) => url.pathname === "/my");
  });
});

test("who signs out at the provider is signed out here", async () => {
  await visiting("backchannel", async (page) => {
    await go(page, "職員認証", "mayumi");
    await page.waitForURL((url) => url.pathname === "/desk");
    const tell = (token) => fetch(`${here}/sign-in/with/staff/out`, { method: "POST", body: new URLSearchParams({ logout_token: token }) });
    const now = Math.floor(Date.now() / 1000);
    const said = {
      iss: there.issuer,
      aud: "staff",
      iat: now,
      exp: now + 60,
      jti: `out-${now}`,
      sub: "mayumi",
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    };
    const signed = (one) => there.sign(one, there.state.keys[0], { typ: "logout+jwt" });
    for (const wrong of [{ ...said, aud: "gbizid" }, { ...said, nonce: "x" }, { ...said, events: {} }]) {
      assert.equal((await tell(await signed(wrong))).status, 400);
    }
    assert.equal((await tell(unsigned(said))).status, 400);
    await page.reload();
    assert.equal(new URL(page.url()).pathname, "/desk");
    assert.equal((await tell(await signed(said))).status, 200);
    await page.reload();
    await page.waitForURL((url) => url.pathname === "/sign-in");
  }, { screen: "desk" });
});

test("a provider that is away is said to be, and the other ways stay", async () => {
  there.state.away = "/token";
  try {
    await visiting("away", async (page) => {
      await go(page, "GビズID", "hanako");
      await page.getByRole("alert").getByText("いまつながりません").waitFor();
      await page.getByText("つながりにくくなっています").first().waitFor();
      await page.getByLabel("パスワード").waitFor();
      await check(page, "signing-in-away");
      there.state.away = null;
      await link(page, "GビズIDでログイン").click();
      await page.waitForURL((url) => url.pathname === "/my");
    });
  } finally {
    there.state.away = null;
  }
});

test("nobody is sent to a provider from another site", async () => {
  const answer = await fetch(`${here}/sign-in/with/gbizid?next=/my`, { redirect: "manual", headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(answer.headers.get("location"), "/sign-in?next=/my");
});

test("nothing that is secret stands in the log", () => {
  const log = product.log();
  for (const secret of [SECRET, assertion.d, "佐藤", "7123456789012", "code="]) assert.ok(!log.includes(secret), secret);
});
