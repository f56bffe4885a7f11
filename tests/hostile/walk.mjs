// Opens the pages that `payloads.py` has read in Chromium: no script of a payload may have run, nothing may have been held back by
// the page's policy (then something was there to hold back), and nobody else may have been asked.
//
//     TSUMUGI_URL=… node tests/hostile/walk.mjs FOLDER/pages.json MOST
import { readFileSync } from "node:fs";

import { chromium } from "../browser/node_modules/playwright-core/index.mjs";
import { guard } from "../browser/lib/guard.mjs";
import { signIn } from "../browser/lib/people.mjs";
import { base } from "../browser/lib/product.mjs";

const [file, most] = process.argv.slice(2);
const { mark, pages } = JSON.parse(readFileSync(file, "utf8"));
const arguments_ = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/lib/chromium/chromium-headless-shell", args: arguments_ });

/** One of each shape first, then further ones. */
function chosen(paths, many) {
  const shapes = new Map();
  for (const path of paths) {
    const shape = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "*").replace(/=[^&]*/g, "=");
    shapes.set(shape, [...(shapes.get(shape) ?? []), path]);
  }
  const rounds = [...shapes.values()];
  const deepest = Math.max(0, ...rounds.map((one) => one.length));
  const list = [];
  for (let round = 0; round < deepest; round += 1) for (const one of rounds) if (one[round]) list.push(one[round]);
  return list.slice(0, many);
}

const faults = [];
let opened = 0;
let shown = 0;
const people = Object.keys(pages);
for (const who of people) {
  const context = await browser.newContext({ baseURL: base, locale: "ja-JP", timezoneId: "Asia/Tokyo", viewport: { width: 1280, height: 900 } });
  const verify = await guard(context);
  const page = await context.newPage();
  page.on("dialog", (dialog) => {
    faults.push(`${who} ${page.url()}: a dialog ${dialog.type()} ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  if (who !== "null") await signIn(page, who);
  for (const path of chosen(pages[who], Math.ceil(most / people.length))) {
    await page.goto(path, { waitUntil: "load" });
    // What is folded is opened, what can be pointed at is pointed at: handlers would run now.
    const ran = await page.evaluate((name) => {
      for (const one of document.querySelectorAll("details")) one.open = true;
      for (const one of document.querySelectorAll("main *")) {
        one.dispatchEvent(new MouseEvent("mouseover", { bubbles: false }));
        if (one.tabIndex >= 0) one.focus({ preventScroll: true });
      }
      return { ran: name in window, shown: document.documentElement.innerText.includes(name) };
    }, mark);
    opened += 1;
    shown += ran.shown ? 1 : 0;
    if (ran.ran) faults.push(`${who} ${path}: a payload ran`);
  }
  try {
    verify();
  } catch (error) {
    faults.push(`${who}: ${error.message}`);
  }
  await context.close();
}
await browser.close();
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(`browser: ${opened} pages opened, ${shown} of them showed a payload, ${faults.length} faults`);
process.exit(faults.length > 0 || shown === 0 ? 1 : 0);
