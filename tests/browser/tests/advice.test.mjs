// Before the application: a question with a drawing, an answer that points at it, and an application that goes on from
// there with nothing typed twice. And after it: three questions about how it went.
import assert from "node:assert/strict";
import { test } from "node:test";

import { act, applied, page_of } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { drawing } from "../lib/drawing.mjs";
import { signIn } from "../lib/people.mjs";
import { as, button, check, confirm, finish, link } from "../lib/walk.mjs";

test("a consultation becomes an application", async () => {
  const name = `相談の店${Date.now() % 100000}`;
  await visit({ screen: "phone", name: "advice" }, async (page) => {
    let record;
    await as(page, "resident", async () => {
      await page.goto("/services/food-business-permit");
      await page.locator("main .doors").getByRole("link", { name: "事前相談" }).click();
      await page.locator("select[name='premises.municipality']").selectOption("13214");
      await page.locator("input[name='premises.line']").fill("光町2-2-2");
      await page.locator("input[name='premises_name']").fill(name);
      await page.locator("[name='foods']").fill("パン、焼き菓子");
      await page.locator("input[name='trades'][value='confectionery']").check();
      await page.locator("[name='question']").fill("客席との仕切りは要りますか。");
      await page.locator("input[type='file'][name='drawings']").setInputFiles(drawing("下書き.png"));
      await check(page, "advice-ask");
      await confirm(page);
      await finish(page, "相談を送る");
      record = new URL(page.url()).pathname;
    });
    await page.setViewportSize({ width: 1366, height: 768 });
    await as(page, "examiner", async () => {
      await page.goto(record);
      await check(page, "advice-desk");
      await link(page, "返事を送る").click();
      await page.locator("textarea[name='reply']").fill("高さ1メートルの仕切りを置いてください。");
      await page.getByRole("button", { name: "下書き.pngに印を付ける" }).click({ position: { x: 100, y: 80 } });
      await page.getByLabel("直していただきたいこと").fill("ここに仕切りを置いてください");
      await check(page, "advice-answer");
      await finish(page, "返事を送る");
    });
    await page.setViewportSize({ width: 390, height: 844 });
    await as(page, "resident", async () => {
      await page.goto(record);
      await page.getByText("高さ1メートルの仕切りを置いてください。").first().waitFor();
      await check(page, "advice-answered");
      await link(page, "この相談から申請する").click();
      assert.equal(await page.locator("input[name='premises.line']").inputValue(), "光町2-2-2");
      assert.equal(await page.locator("input[name='premises_name']").inputValue(), name);
      assert.equal(await page.locator("select[name='trades.0.trade']").inputValue(), "confectionery");
      assert.equal(await page.locator("[name='foods']").inputValue(), "パン、焼き菓子");
      await page.getByRole("link", { name: "下書き.png" }).waitFor();
      await page.getByLabel("水道水").check();
      await check(page, "advice-application");
      await confirm(page);
      await finish(page, "申請する");
    });
  });
});

test("after the end three questions are asked, and one answer counts", async () => {
  const application = await applied("business", { name: `声の店${Date.now() % 100000}`, line: "錦町7-4-4", trades: [{ trade: "restaurant", kind: "new" }] });
  await act("business", application, "withdraw");
  for (const javaScript of [false, true]) {
    await visit({ screen: "phone", name: "voice", javaScript }, async (page) => {
      await signIn(page, "business");
      await page.goto(page_of(application));
      // It is asked for once; who keeps the address of the questions is told so.
      if (javaScript) {
        assert.equal(await link(page, "利用者の声を送る").count(), 0);
        await page.goto(`${page_of(application)}/review`);
      } else await link(page, "利用者の声を送る").click();
      await button(page, "声を送る").click();
      await page.getByRole("alert").waitFor();
      for (const [question, score] of [["speed", 5], ["simple", 4], ["usable", 3]]) await page.locator(`input[name='${question}'][value='${score}']`).check();
      await page.locator("#comment").fill("待たずに済みました。");
      if (javaScript) await check(page, "voice-form");
      await button(page, "声を送る").click();
      await page.getByText(javaScript ? "もういただきました" : "ありがとうございました").first().waitFor();
    });
  }
  await visit({ screen: "phone", name: "voices" }, async (page) => {
    await page.goto("/reviews/food-business-permit");
    await page.getByRole("heading", { level: 1, name: /声/ }).waitFor();
    await check(page, "voice-results");
  });
});
