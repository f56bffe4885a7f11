// 個人番号: typed by a person, never shown again, kept nowhere in the browser; read by an official who says what for.
// No running package takes one: the reference package is run in a product of this test's own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { port } from "../lib/own.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const NUMBER = "123456789018";
const OFFICE = "多摩立川保健所";
let folder;
let child;
let base;

/** The packages, with the reference among those that run, at an office of the demo. */
async function services(to) {
  await cp(join(root, "services"), to, { recursive: true });
  const reference = join(to, "common", "999-reference");
  await rename(join(to, "_reference"), reference);
  for (const entry of await readdir(reference, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".yaml")) continue;
    const file = join(entry.parentPath, entry.name);
    const text = (await readFile(file, "utf8")).replaceAll("緑化係", OFFICE);
    await writeFile(file, text.replace(/^status: register.*/m, "status: running"));
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsumugi-individual-"));
  await services(join(folder, "services"));
  const address = `127.0.0.1:${await port()}`;
  const options = ["serve", "--demo", "--listen", address, "--data", join(folder, "data"), "--services", join(folder, "services")];
  if (process.env.TSUMUGI_ASSETS) options.push("--assets", process.env.TSUMUGI_ASSETS);
  child = spawn(process.env.TSUMUGI_BINARY, options, { cwd: root, stdio: "ignore" });
  base = `http://${address}`;
  for (let tries = 0; !(await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false)); tries += 1) {
    if (child.exitCode !== null || tries > 600) throw new Error("the product did not start");
    await new Promise((done) => setTimeout(done, 100));
  }
});

after(async () => {
  child?.kill("SIGTERM");
  await new Promise((done) => (!child || child.exitCode !== null ? done() : child.once("exit", done)));
  await rm(folder, { recursive: true, force: true });
});

async function check(page, name) {
  await axe(page);
  await reflows(page);
  await picture(page, `individual-${name}`);
}

const input = (page) => page.locator("input[data-secret]");

test("a number is typed once, shown never again, and read for a purpose", async () => {
  let record;
  for (const screen of ["phone", "tablet", "desk"]) {
    await visit({ screen, name: `individual-resident-${screen}`, at: base }, async (page) => {
      await signIn(page, "resident");
      await page.goto("/apply/reference/application");
      const field = input(page);
      assert.equal(await field.getAttribute("autocomplete"), "off");
      assert.equal(await field.getAttribute("inputmode"), "numeric");
      // A wrong digit: told, and what was typed does not come back.
      await field.fill("123456789012");
      await page.getByRole("button", { name: "下書きを保存する" }).click();
      await page.getByText("検査用数字が合いません", { exact: false }).first().waitFor();
      assert.equal(await input(page).inputValue(), "");
      assert.ok(!(await page.content()).includes("123456789012"));
      await check(page, `wrong-${screen}`);
      // The browser keeps no copy of it, though it keeps the rest.
      await page.locator("input[name='group']").fill("花の会");
      await input(page).fill(NUMBER);
      await page.waitForTimeout(900);
      const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
      assert.match(stored, /花の会/);
      assert.ok(!stored.includes(NUMBER));
      await page.getByRole("button", { name: "下書きを保存する" }).click();
      await page.getByText("登録あり", { exact: true }).waitFor();
      assert.ok(!(await page.content()).includes(NUMBER));
      await check(page, `saved-${screen}`);
      record = new URL(page.url()).pathname.split("/").slice(2, 5).join("/");
      await page.goto(`/r/${record}`);
      await page.locator("#content").getByText("登録あり", { exact: true }).waitFor();
      assert.ok(!(await page.content()).includes(NUMBER));
      await check(page, `own-${screen}`);
      assert.equal((await page.goto(`/r/${record}/numbers/my_number`)).status(), 404);
    });
  }
});

test("an official reads it for a purpose, and its owner is told", async () => {
  const tokens = JSON.parse(await readFile(join(folder, "data", "demo-tokens.json"), "utf8"));
  const sent = await fetch(`${base}/api/v1/services/reference/application`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokens.resident}`, "content-type": "application/json", "idempotency-key": "individual" },
    body: JSON.stringify({ action: "submit", input: {
      group: "番号の会", representative: { full: "佐藤 花", family: "佐藤", given: "花" }, phone: "042-528-2111",
      place: { municipality: "13202", line: "柴崎町2-21-19" }, plot: "north", area: 3, has_tap: true,
      helpers: [{ who: "佐藤 花", hours: 8 }], my_number: "１２３４ ５６７８ ９０１８", agreement: true,
    } }),
  });
  const record = await sent.json();
  assert.equal(sent.status, 201, JSON.stringify(record));
  assert.deepEqual(record.fields.my_number, { given: true });
  const page_of = `/r/reference/application/${record.id}`;
  for (const screen of ["desk", "tablet", "phone"]) {
    await visit({ screen, name: `individual-examiner-${screen}`, at: base }, async (page, context) => {
      await signIn(page, "examiner");
      await page.goto(page_of);
      await page.locator("#content").getByText("登録あり", { exact: true }).waitFor();
      await check(page, `record-${screen}`);
      // Whoever left the desk minutes ago shows again who they are, by what they have: here a password.
      await context.clearCookies({ name: /fresh/ });
      await page.getByRole("link", { name: "個人番号（マイナンバー）を見る" }).click();
      await page.getByRole("heading", { name: "ご本人の確認" }).waitFor();
      await check(page, `prove-${screen}`);
      await page.getByLabel("いまのパスワード").fill("tsumugi-mihon");
      await page.getByRole("button", { name: "確かめる" }).click();
      await page.getByRole("heading", { name: "個人番号（マイナンバー）を見る" }).waitFor();
      await check(page, `asked-${screen}`);
      await page.getByRole("radio", { name: "所得の情報の照会のため" }).check();
      const [answer] = await Promise.all([
        page.waitForResponse((one) => one.request().method() === "POST" && one.url().endsWith("/numbers/my_number")),
        page.getByRole("button", { name: "番号を見る" }).click(),
      ]);
      assert.equal(answer.status(), 200);
      assert.match(answer.headers()["cache-control"], /no-store/);
      assert.equal(await page.locator("[data-number]").innerText(), "1234 5678 9018");
      await check(page, `shown-${screen}`);
      // Neither in the address, nor in anything that the browser keeps for later, nor on the way back.
      assert.ok(!page.url().includes("1234"));
      const kept = await page.evaluate(async () => {
        const caches_of = [];
        for (const name of await caches.keys()) {
          for (const one of await (await caches.open(name)).matchAll()) caches_of.push(await one.text());
        }
        const bases = (await indexedDB.databases()).map((one) => one.name);
        return JSON.stringify([{ ...localStorage, ...sessionStorage }, history.state, document.title, document.cookie, bases, caches_of]);
      });
      assert.doesNotMatch(kept, /1234 ?5678 ?9018/);
      await page.getByRole("link", { name: "記録に戻る" }).click();
      await page.waitForURL((url) => url.pathname === page_of);
      assert.doesNotMatch(await page.content(), /1234 ?5678 ?9018/);
      await page.goBack({ waitUntil: "commit" }).catch(() => {});
      assert.doesNotMatch(await page.content(), /1234 ?5678 ?9018/);
    });
  }
  await visit({ screen: "phone", name: "individual-looks", at: base }, async (page) => {
    await signIn(page, "resident");
    const told = page.getByText("所得の情報の照会のため", { exact: false }).first();
    for (let tries = 0; tries < 40 && !(await told.isVisible()); tries += 1) {
      await page.goto(`${page_of}/looks`);
    }
    await told.waitFor();
    await check(page, "looks-phone");
  });
});

test("without JavaScript the same is asked and shown", async () => {
  await visit({ screen: "phone", name: "individual-plain", at: base, javaScript: false }, async (page) => {
    await signIn(page, "resident");
    await page.goto("/apply/reference/application");
    await input(page).fill("12345");
    await page.getByRole("button", { name: "下書きを保存する" }).click();
    await page.getByText("12桁", { exact: false }).first().waitFor();
    assert.equal(await input(page).inputValue(), "");
    await input(page).fill("１２３４-５６７８-９０１８");
    await page.getByRole("button", { name: "下書きを保存する" }).click();
    await page.getByText("登録あり", { exact: true }).waitFor();
    assert.doesNotMatch(await page.content(), /1234 ?5678 ?9018|１２３４/);
  });
});
