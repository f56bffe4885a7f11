// One Chromium for a test file, one fresh context (cookies, storage) for each visit.
import { after } from "node:test";
import { chromium } from "playwright-core";

import { guard } from "./guard.mjs";
import { picture } from "./pictures.mjs";
import { base } from "./product.mjs";
import { viewports } from "./viewports.mjs";

// Without these, Chromium speaks to its maker at every start.
const quiet = [
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--disable-quic",
];
// No GPU on a test machine, and no user namespaces for root in a container.
const machine = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

let running;

async function browser() {
  running ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/lib/chromium/chromium-headless-shell",
    args: [...quiet, ...machine],
  });
  return running;
}

after(async () => {
  if (running) await (await running).close();
});

/**
 * Opens a fresh context, runs `steps(page, context)` and closes it.
 * Fails on a third-party request, a script error or an answer of 5xx; a failure leaves a picture.
 * `at`: another product than the demo; `others`: further addresses that a person is sent to.
 * `crowded`: being asked to wait is no fault of ours.
 * @param {{screen: keyof typeof viewports, name: string, javaScript?: boolean, dark?: boolean, crowded?: boolean, at?: string, others?: string[]}} options
 */
export async function visit({ screen, name, javaScript = true, dark = false, crowded = false, at = base, others = [] }, steps) {
  const context = await (await browser()).newContext({
    ...viewports[screen],
    baseURL: at,
    locale: "ja-JP",
    timezoneId: "Asia/Tokyo",
    javaScriptEnabled: javaScript,
    reducedMotion: "reduce",
    colorScheme: dark ? "dark" : "light",
  });
  context.setDefaultTimeout(10_000);
  const verify = await guard(context, { crowded, allowed: [at, ...others] });
  const page = await context.newPage();
  try {
    await steps(page, context);
    verify();
  } catch (error) {
    await picture(page, `failed-${name}-${screen}`).catch(() => {});
    throw error;
  } finally {
    await context.close();
  }
}
