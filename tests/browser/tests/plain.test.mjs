// The same application without JavaScript: every button of the form is a plain submit, and nothing typed is lost.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { drawing } from "../lib/drawing.mjs";
import { signIn } from "../lib/people.mjs";

const button = (page, name) => page.getByRole("button", { name });

async function open(page) {
  await signIn(page, "business");
  await page.goto("/services?state=running");
  await page.locator("main .list a").first().click();
  await page.locator("main .doors").getByRole("link", { name: "営業許可申請" }).click();
}

test("an application is filled in, completed and sent without JavaScript", async () => {
  await visit({ screen: "phone", name: "plain", javaScript: false }, async (page) => {
    await open(page);
    await page.locator("input[name='premises.postal_code']").fill("１９０００２３");
    await page.getByRole("group", { name: "施設の所在地" }).getByRole("button", { name: "住所を入れる" }).click();
    assert.equal(await page.locator("select[name='premises.municipality']").inputValue(), "13202");
    assert.equal(await page.locator("input[name='premises.line']").inputValue(), "柴崎町");
    await page.locator("input[name='premises.line']").fill("柴崎町9-9-9");
    await button(page, /営業の種類を追加する/).click();
    assert.equal(await page.locator("input[name='premises.line']").inputValue(), "柴崎町9-9-9");
    await page.locator("select[name='trades.0.trade']").selectOption({ label: "飲食店営業" });
    await page.locator("input[name='trades.0.kind'][value='new']").check();
    await button(page, "2つ目を取り除く").click();
    assert.equal(await page.locator("select[name='trades.0.trade']").inputValue(), "restaurant");
    await page.getByText("18,300円").first().waitFor();
    await page.getByLabel("水道水").check();
    await page.locator("input[type='file'][name='drawings']").setInputFiles(drawing("手書き.png"));
    await button(page, "確認へ進む").click();
    await page.getByText("この内容で申請しますか。").waitFor();
    await button(page, "申請する").click();
    await page.getByText("「申請する」を受け付けました。").waitFor();
  });
});

test("what is wrong is said beside its field and what was typed stays", async () => {
  await visit({ screen: "phone", name: "plain-faults", javaScript: false }, async (page) => {
    await open(page);
    await page.locator("input[name='premises.postal_code']").fill("123");
    await page.locator("input[name='premises_phone']").fill("でんわ");
    await page.locator("input[type='file'][name='drawings']").setInputFiles({ name: "図面.png", mimeType: "image/png", buffer: Buffer.from("<svg onload=alert(1)>") });
    await button(page, "下書きを保存する").click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.match(await alert.textContent(), /図面\.png/);
    await button(page, "下書きを保存する").click();
    await alert.getByRole("link", { name: /電話番号/ }).click();
    assert.equal(await page.locator("input[name='premises_phone']").inputValue(), "でんわ");
    assert.equal(await page.locator("input[name='premises_phone']").getAttribute("aria-invalid"), "true");
    assert.equal(await page.locator("input[name='premises.postal_code']").inputValue(), "123");
  });
});

test("a script in a value stays text", async () => {
  await visit({ screen: "phone", name: "escape" }, async (page) => {
    await open(page);
    const payload = `"><img src=x onerror="window.bad=1"><script>window.bad=1</script>`;
    await page.locator("input[name='premises_name']").fill(payload);
    await page.locator("input[name='premises.line']").fill(payload);
    await button(page, "下書きを保存する").click();
    await page.getByText("保存しました").waitFor();
    assert.equal(await page.locator("input[name='premises_name']").inputValue(), payload);
    await page.goto("/my");
    await page.getByText("window.bad=1").first().waitFor();
    assert.equal(await page.evaluate(() => window.bad), undefined);
  });
});
