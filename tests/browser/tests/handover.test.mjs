// 引継ぎ: a consultation that names nobody is given to an official on a phone, and given back at a desk.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open, read } from "../lib/api.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { button, check } from "../lib/walk.mjs";

const NAME = `引継ぎの店${Date.now() % 100000}`;
const KIND = ["food-business-permit", "consultation"];

test("work that names nobody is given to an official, and given back", async () => {
  const asked = { premises: { municipality: "13202", line: "錦町1-1-1" }, premises_name: NAME, foods: "弁当", question: "いつ伺えますか。" };
  const { id } = await open("other_business", ...KIND, "ask", asked);
  const record = { service: KIND[0], type: KIND[1], id };
  const named = async () => (await read("chief", record)).fields.in_charge_name;
  let result;
  await visit({ screen: "phone", name: "handover" }, async (page) => {
    await signIn(page, "chief");
    await page.goto("/desk");
    await page.getByRole("link", { name: "引継ぎ" }).click();
    await check(page, "handover-list");
    await page.getByRole("link", { name: /だれの名もない仕事/ }).first().click();
    await page.getByText(NAME).first().waitFor();
    await check(page, "handover-work");
    await page.getByLabel("引き継ぐ職員のサインイン名").fill("だれでもない");
    await button(page, "すべての記録を確かめる").click();
    await page.getByText("この保健所に席のある職員のサインイン名を書いてください。").first().waitFor();
    await check(page, "handover-nobody");
    await page.goBack();
    await page.getByLabel("引き継ぐ職員のサインイン名").fill("examiner");
    await button(page, "すべての記録を確かめる").click();
    await page.getByText("引き継ぐ職員：examiner").waitFor();
    await check(page, "handover-trial");
    await button(page, /件に行う$/).click();
    await page.getByText(/件すべてに行いました。/).waitFor();
    await check(page, "handover-done");
    assert.equal(await named(), "高橋 真由美");
    result = page.url();
  });
  await visit({ screen: "desk", name: "handover-told" }, async (page) => {
    await signIn(page, "examiner");
    await page.goto("/my/messages");
    await page.getByText(/件を引き継ぎました（事前相談）/).first().waitFor();
    await check(page, "handover-told");
  });
  await visit({ screen: "desk", name: "handover-back" }, async (page) => {
    await signIn(page, "chief");
    await page.goto(result);
    await button(page, "前の職員に戻す").click();
    await page.waitForURL((url) => url.href !== result);
    await page.getByText(/件すべてに行いました。/).waitFor();
    await check(page, "handover-back");
    assert.equal(await named(), undefined);
  });
});
