// 発令: an administrator reads the list of transfers, the receiving office decides them together, on a phone and at a desk.
import { test } from "node:test";

import { axe } from "../lib/axe.mjs";
import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";
import { picture } from "../lib/pictures.mjs";
import { reflows } from "../lib/reflow.mjs";

const button = (page, name) => page.getByRole("button", { name });

async function check(page, name) {
  await axe(page);
  await reflows(page);
  await picture(page, `appointments-${name}`);
}

// Another order each time: the same list twice changes nothing.
const order = `8福総人${Date.now()}`;
const LIST = [
  "発令番号,サインイン名,氏名,発令の種類,役割,所のコード,区市町村のコード,いつから,いつまで",
  `${order},staff:2001,異動 花子,異動,examiner,hc_tama_tachikawa,,2027-04-01,`,
  `${order},staff:2002,異動 太郎,兼務,inspector,hc_tama_tachikawa,,2027-04-01,2028-03-31`,
  `${order},staff:2003,異動 次郎,転籍,inspector,hc_tama_tachikawa,,2027-04-01,`,
].join("\n");

const NAMES = /異動 花子/;

test("an administrator reads a list of transfers, and the receiving office decides them together", async () => {
  await visit({ screen: "desk", name: "transfers" }, async (page) => {
    await signIn(page, "administrator");
    await page.goto("/desk/imports/appointments/transfers");
    await check(page, "import");
    await page.locator("input[type=file]").setInputFiles({ name: "異動.csv", mimeType: "text/csv", buffer: Buffer.from(LIST) });
    await button(page, "中身を確かめる").click();
    await button(page, "2件を取り込む").waitFor();
    await page.getByText("発令の種類は「異動」か「兼務」にしてください（転籍）。").waitFor();
    await check(page, "preview");
    await button(page, "2件を取り込む").click();
    await page.getByRole("heading", { name: "取り込んだ結果" }).waitFor();
    await page.getByRole("progressbar").waitFor({ state: "detached" });
    await check(page, "done");
  });
  await visit({ screen: "tablet", name: "transfers-decide" }, async (page) => {
    await signIn(page, "approver");
    await page.goto("/desk/appointments/appointment/views/waiting");
    await page.getByText(NAMES).first().waitFor();
    await check(page, "waiting");
  });
});

test("an administrator begins an appointment of one person, on a phone", async () => {
  await visit({ screen: "phone", name: "appointment" }, async (page) => {
    await signIn(page, "administrator");
    await page.goto("/desk");
    await page.getByRole("link", { name: "発令を起案する" }).click();
    await check(page, "form");
    await page.getByLabel("サインイン名").fill("inspector");
    await page.getByLabel("氏名").fill("渡辺 直樹");
    await check(page, "filled");
  });
});
