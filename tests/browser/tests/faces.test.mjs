// The faces: dark as well as light, the switch, boards, calendars and numbers, the counter without JavaScript, phrases by
// key, notes, and the weight of the first page.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";
import { bytesOnTheWire } from "../lib/weight.mjs";

const hrefs = (page, selector) => page.locator(selector).evaluateAll((links) => links.map((link) => link.getAttribute("href")));

async function look(page, path, name) {
  const answer = await page.goto(path);
  assert.equal(answer.status(), 200, path);
  await axe(page);
  await reflows(page);
  if (process.env.TSUMUGI_PICTURES) await picture(page, name);
}

for (const dark of [false, true]) {
  const name = dark ? "dark" : "light";
  test(`the portal, a record and the desk in ${name}`, async () => {
    await visit({ screen: "phone", name, dark }, async (page) => {
      for (const path of ["/", "/services", "/sign-in", "/about"]) await look(page, path, `${name}-phone-${path}`);
      await signIn(page, "business");
      await look(page, "/my", `${name}-my`);
      const [record] = await hrefs(page, "main a[href^='/r/']");
      await look(page, record, `${name}-record`);
    });
    await visit({ screen: "desk", name, dark }, async (page) => {
      await signIn(page, "examiner");
      await look(page, "/desk", `${name}-desk`);
      const [record] = await hrefs(page, "main a[href^='/r/']");
      await look(page, record, `${name}-examiner`);
      for (const path of new Set(await (await page.goto("/desk"), hrefs(page, "main .chips a[href*='/views/']")))) {
        await look(page, path, `${name}-view-${path.split("/").at(-1)}`);
      }
    });
  });
}

test("the switch of brightness keeps what was chosen, without JavaScript", async () => {
  await visit({ screen: "phone", name: "switch", javaScript: false }, async (page) => {
    await page.goto("/services");
    await page.locator("footer").getByRole("link", { name: "暗い" }).click();
    assert.equal(await page.locator("html").getAttribute("data-look"), "dark");
    await page.goto("/");
    assert.equal(await page.locator("html").getAttribute("data-look"), "dark");
    await page.locator("footer").getByRole("link", { name: "端末に合わせる" }).click();
    assert.equal(await page.locator("html").getAttribute("data-look"), null);
  });
});

test("easy Japanese, Chinese and Korean speak of the portal and say that Japanese is authoritative", async () => {
  await visit({ screen: "phone", name: "languages" }, async (page) => {
    for (const [tag, words] of [["ja-x-easy", "サービスを さがす"], ["zh-Hans", "查找服务"], ["ko", "서비스 찾기"]]) {
      await page.goto(`/?lang=${tag}`);
      assert.equal(await page.locator("html").getAttribute("lang"), tag);
      await page.locator("header").getByRole("link", { name: words }).waitFor();
      await axe(page);
      await reflows(page);
    }
  });
});

test("a picture of numbers is said in words, and its table goes out as a file", async () => {
  await visit({ screen: "desk", name: "numbers" }, async (page) => {
    await signIn(page, "administrator");
    await page.goto("/desk");
    const charts = await hrefs(page, "main .chips a[href*='/views/']");
    assert.ok(charts.length > 0, "no view of numbers");
    for (const path of charts) {
      await page.goto(path);
      for (const chart of await page.locator("svg[role='img']").all()) assert.match(await chart.getAttribute("aria-label"), /表/);
      for (const file of await hrefs(page, "a[href*='/file?as=csv']")) {
        const answer = await page.request.get(file);
        assert.equal(answer.status(), 200, file);
        assert.match(await answer.text(), /合計/);
      }
    }
  });
});

test("a clerk takes an application at the counter without JavaScript, and its owner follows it by number", async () => {
  let number;
  let pin;
  let link;
  await visit({ screen: "desk", name: "counter", javaScript: false }, async (page) => {
    await signIn(page, "examiner");
    await page.getByText("窓口で受け付ける").click();
    await page.getByRole("link", { name: "営業許可申請", exact: true }).click();
    await page.getByRole("button", { name: "入力をはじめる" }).click();
    await page.getByText("氏名か名称を").waitFor();
    await page.getByLabel(/氏名・名称/).fill("窓口 花子");
    await page.getByRole("button", { name: "入力をはじめる" }).click();
    await page.getByText("窓口 花子").first().waitFor();
    await page.locator("select[name$='.municipality']").first().selectOption("13202");
    await page.locator("input[name$='.line']").first().fill("錦町3-1-1");
    await page.locator("select[name$='.trade']").first().selectOption("restaurant");
    const kind = page.locator("[name$='.kind']").first();
    if (await kind.evaluate((node) => node.tagName === "SELECT")) await kind.selectOption("new");
    else await page.locator("input[name$='.kind'][value='new']").first().check();
    await page.locator("input[name='water'][value='public']").check();
    await page.locator("input[type='file'][name='drawings']").setInputFiles({ name: "図面.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") });
    await page.getByRole("button", { name: "確認へ進む" }).click();
    await page.getByRole("button", { name: "申請する" }).click();
    await page.getByText("窓口で受け付けたもの").waitFor();
    await page.getByRole("link", { name: /確認の紙/ }).click();
    await page.getByRole("button", { name: /リンクと暗証番号を付ける/ }).click();
    const ways = page.locator("section[aria-labelledby='ways']");
    number = (await ways.locator("strong").nth(0).textContent()).trim();
    pin = (await ways.locator("strong").nth(1).textContent()).trim();
    link = (await ways.locator("dd.mono").textContent()).trim();
  });
  await visit({ screen: "phone", name: "follow", javaScript: false }, async (page) => {
    await page.goto("/sign-in");
    await page.getByLabel(/ログイン名/).fill(number);
    await page.locator("#password").fill(pin);
    await page.locator("form[action='/sign-in'] button").click();
    await page.getByRole("heading", { level: 1, name: /窓口 花子/ }).waitFor();
  });
  await visit({ screen: "phone", name: "link" }, async (page) => {
    await page.goto(link);
    await axe(page);
    await page.getByRole("button", { name: "開く" }).click();
    await page.getByRole("heading", { level: 1, name: /窓口 花子/ }).waitFor();
    const told = await (await page.request.get(`/api/v1/links/${link.split("/").at(-1)}`)).json();
    assert.equal(told.items[0].number, number);
  });
});

test("a phrase goes in by its number key, and by select and button without JavaScript", async () => {
  const open = async (page) => {
    await signIn(page, "examiner");
    const records = await hrefs(page, "main a[href^='/r/']");
    for (const record of records) {
      await page.goto(record);
      const door = page.getByRole("link", { name: "補正を求める" });
      if (await door.count()) return door.click();
    }
    throw new Error("nothing to return");
  };
  await visit({ screen: "desk", name: "phrases" }, async (page) => {
    await open(page);
    const area = page.locator("textarea").first();
    await area.focus();
    await page.keyboard.press("Alt+Digit1");
    assert.match(await area.inputValue(), /手洗い/);
    await page.keyboard.press("Alt+Digit2");
    assert.match(await area.inputValue(), /手洗い[^]*流し/);
    await axe(page);
  });
  await visit({ screen: "tablet", name: "phrases-plain", javaScript: false }, async (page) => {
    await open(page);
    await page.locator("select[name$='._phrase']").first().selectOption({ index: 1 });
    await page.getByRole("button", { name: "定型文を入れる" }).first().click();
    assert.match(await page.locator("textarea").first().inputValue(), /手洗い/);
  });
});

test("a note of a call stands in the history, for the desk alone", async () => {
  await visit({ screen: "tablet", name: "note" }, async (page) => {
    await signIn(page, "examiner");
    await page.goto((await hrefs(page, "main [data-queue] a[href^='/r/']"))[0]);
    const record = page.url();
    await page.getByRole("link", { name: "電話・窓口のメモを残す" }).click();
    await page.locator("input[name='note_how'][value='phone']").check();
    await page.locator("textarea[name='note_text']").fill("図面の向きを電話で聞いた。");
    await page.getByRole("button", { name: "電話・窓口のメモを残す" }).click();
    await page.getByText("図面の向きを電話で聞いた。").waitFor();
    await page.getByText("職員だけが見られます").first().waitFor();
    await axe(page);
    assert.equal(new URL(page.url()).pathname, new URL(record).pathname);
  });
});

test("the first page weighs under 60 KB on the wire", async () => {
  await visit({ screen: "phone", name: "first-page" }, async (_, context) => {
    const bytes = await bytesOnTheWire(context, "/");
    assert.ok(bytes > 0 && bytes < 60_000, `${bytes} bytes`);
  });
});

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
