// Remarks on the pages of a PDF drawing: put by a finger, by keyboard and without JavaScript; read by the applicant on the
// page, with the words beside the mark.
import assert from "node:assert/strict";
import { test } from "node:test";

import { act, applied, page_of, read, upload } from "../lib/api.mjs";
import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { plan } from "../lib/drawing.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

const button = (page, name) => page.getByRole("button", { name });
const sheet = (page, number) => page.locator(`[data-sheet][data-page='${number}']`);

async function check(page, name) {
  await axe(page);
  await reflows(page);
  await picture(page, `pins-${name}`);
}

async function drawn(pages) {
  const drawings = [await upload("business", "平面図.pdf", plan("平面図.pdf", { pages }))];
  const trades = [{ trade: "restaurant", kind: "new" }];
  return applied("business", { name: `図面の食堂${pages}`, line: "柴崎町2-21-19", trades, drawings });
}

/** Waits until the picture of a page is there. */
const there = (image) =>
  image.evaluate(async (node) => {
    // Not by `decode()`: it refuses where a picture has only begun to be fetched.
    if (!node.complete || !node.naturalWidth) {
      await new Promise((done, failed) => {
        node.addEventListener("load", done);
        node.addEventListener("error", () => failed(new Error(`no picture at ${node.src}`)));
      });
    }
    return node.naturalWidth;
  });

async function pinned(page, name) {
  await page.getByRole("link", { name: "補正を求める" }).click();
  // A page of six: four in sight, the others folded.
  assert.equal(await page.locator("[data-sheet]").count(), 6);
  assert.equal(await sheet(page, 6).isVisible(), false);
  await sheet(page, 2).scrollIntoViewIfNeeded();
  assert.equal(await there(sheet(page, 2).locator("img")), 1200);
  await button(page, "平面図.pdfの2ページ目に印を付ける").click({ position: { x: 90, y: 60 } });
  const first = page.getByRole("group", { name: "1つ目" });
  assert.equal(await first.getByLabel("PDFのページ").inputValue(), "2");
  assert.match(await first.getByLabel("どこについて").inputValue(), /\/fields\/drawings\/0$/);
  await first.getByLabel("直していただきたいこと").fill("手洗い設備の位置を書いてください");
  await button(page, "＋ 指摘を追加する").click();
  const second = page.getByRole("group", { name: "2つ目" });
  await second.waitFor();
  assert.equal(await sheet(page, 2).locator("circle").count(), 1, "the mark is drawn again");
  // By keyboard: Enter puts the mark in the middle, arrows move it.
  const over = button(page, "平面図.pdfの1ページ目に印を付ける");
  await over.focus();
  await page.keyboard.press("Enter");
  for (const key of ["ArrowRight", "Shift+ArrowUp", "ArrowUp"]) await page.keyboard.press(key);
  const place = async () => [await second.getByLabel("図面の左から（％）").inputValue(), await second.getByLabel("上から（％）").inputValue()];
  assert.deepEqual(await place(), ["51", "39"]);
  assert.equal(await second.getByLabel("PDFのページ").inputValue(), "1");
  await page.getByText("左から51％、上から39％").waitFor();
  await second.getByLabel("直していただきたいこと").fill("客席との仕切りを書いてください");
  await check(page, `write-${name}`);
  // A page that is not there is said, and nothing is lost.
  await second.getByLabel("PDFのページ").fill("9");
  await button(page, "補正を求める").click();
  await page.getByRole("alert").getByText(/1から6までの数字/).waitFor();
  const again = page.getByRole("group", { name: "2つ目" });
  assert.equal(await again.getByLabel("PDFのページ").getAttribute("aria-invalid"), "true");
  assert.equal(await again.getByLabel("図面の左から（％）").inputValue(), "51");
  await again.getByLabel("PDFのページ").fill("1");
  await button(page, "補正を求める").click();
  await page.getByText("「補正を求める」を受け付けました。").waitFor();
}

for (const screen of ["phone", "desk"]) {
  test(`an examiner marks pages of a PDF and the applicant reads them there (${screen})`, async () => {
    const application = await drawn(6);
    await visit({ screen, name: "pins-examiner" }, async (page) => {
      await signIn(page, "examiner");
      await page.goto(page_of(application));
      assert.equal(await page.locator("#sheets .sheet.page").first().isVisible(), true);
      await check(page, `examiner-${screen}`);
      await pinned(page, screen);
      assert.equal(await page.locator("#sheets circle").count(), 2);
      await check(page, `returned-${screen}`);
    });
    const { fields } = await read("examiner", application);
    assert.deepEqual(fields.remarks.map((remark) => remark.page), [2, 1]);
    await visit({ screen, name: "pins-applicant" }, async (page) => {
      await signIn(page, "business");
      await page.goto(page_of(application));
      const second = page.locator("figure.pinned").filter({ hasText: "2ページ目" });
      await second.scrollIntoViewIfNeeded();
      assert.equal(await there(second.locator("img")), 1200);
      assert.equal(await second.locator("circle").count(), 1);
      await second.getByText("手洗い設備の位置を書いてください").waitFor();
      await page.getByText(/2ページ目の左から\d+％、上から\d+％の印/).waitFor();
      await check(page, `applicant-${screen}`);
      await page.getByRole("link", { name: "内容を入れて申請する" }).click();
      const field = page.locator("[data-field='drawings']");
      await field.locator("#f-drawings-remark").getByText("（2ページ目の印 1）手洗い設備の位置を書いてください").waitFor();
      assert.equal(await field.locator("circle").count(), 2);
      await check(page, `mend-${screen}`);
    });
  });
}

test("without JavaScript a mark is put by page and per cent, and what is wrong is said", async () => {
  const application = await drawn(2);
  await visit({ screen: "phone", name: "pins-plain", javaScript: false }, async (page) => {
    await signIn(page, "examiner");
    await page.goto(page_of(application));
    await page.getByRole("link", { name: "補正を求める" }).click();
    await page.getByLabel("どこについて").selectOption({ label: "構造及び設備を示す図面：平面図.pdf" });
    await page.getByLabel("直していただきたいこと").fill("手洗い設備の位置を書いてください");
    await page.getByLabel("PDFのページ").fill("３");
    await page.getByLabel("図面の左から（％）").fill("120");
    await button(page, "補正を求める").click();
    const alert = page.getByRole("alert");
    await alert.getByText(/1から2までの数字/).waitFor();
    await alert.getByText(/図面の中にしてください/).waitFor();
    assert.equal(await page.getByLabel("図面の左から（％）").inputValue(), "120");
    await page.getByLabel("PDFのページ").fill("２");
    await page.getByLabel("図面の左から（％）").fill("41");
    await page.getByLabel("上から（％）").fill("62");
    await button(page, "補正を求める").click();
    await page.getByText("「補正を求める」を受け付けました。").waitFor();
  });
  const { fields } = await read("business", application);
  assert.deepEqual(fields.remarks[0].at, [0.41, 0.62]);
  assert.equal(fields.remarks[0].page, 2);
  const [drawing] = fields.drawings;
  await visit({ screen: "phone", name: "pins-stranger" }, async (page) => {
    await signIn(page, "other_business");
    const answer = await page.request.get(`/files/${drawing}/pages/1?width=640`);
    assert.equal(answer.status(), 404);
  });
});

test("a PDF that cannot be shown says why and can still be fetched", async () => {
  const broken = { name: "壊れた図面.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nnothing more") };
  const drawings = [await upload("business", broken.name, broken)];
  const trades = [{ trade: "restaurant", kind: "new" }];
  const application = await applied("business", { name: "壊れた図面の店", line: "柴崎町2-21-19", trades, drawings });
  await visit({ screen: "phone", name: "pins-broken" }, async (page) => {
    await signIn(page, "examiner");
    await page.goto(page_of(application));
    await page.getByText("このPDFは壊れているか、読み取れない作りなので、ここには出せません。").waitFor();
    const href = await page.getByRole("link", { name: broken.name }).getAttribute("href");
    assert.equal((await page.request.get(href)).status(), 200);
    await page.getByRole("link", { name: "補正を求める" }).click();
    await page.getByText("このPDFは壊れているか").waitFor();
    await check(page, "broken");
  });
  await act("examiner", application, "return", { remarks: [{ pointer: "/fields/drawings/0", text: "開けるPDFで送ってください" }] });
});
