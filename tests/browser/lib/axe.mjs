// Accessibility by axe, in Japanese, with contrast: no violation is allowed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const find = createRequire(import.meta.url).resolve;
const source = await readFile(find("axe-core/axe.min.js"), "utf8");
const locale = JSON.parse(await readFile(find("axe-core/locales/ja.json"), "utf8"));

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Runs axe on the page as it stands and fails on any violation.
 * Needs JavaScript in the page's context; the page's own policy does not matter.
 */
export async function axe(page) {
  // What is measured before styles and typefaces are there is another page than the one that people see.
  await page.waitForLoadState("load");
  await page.evaluate(() => document.fonts.ready.then(() => {}));
  await page.evaluate(source);
  const result = await page.evaluate(inPage, { locale, tags });
  const ran = ["passes", "violations", "incomplete", "inapplicable"].flatMap((k) => result[k]);
  assert.ok(ran.includes("color-contrast"), "axe did not look at the contrast");
  assert.deepEqual(result.explained, [], `axe on ${page.url()}`);
}

async function inPage({ locale, tags }) {
  const axe = globalThis.axe;
  axe.configure({ locale });
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: { "color-contrast": { enabled: true } },
  });
  const ids = (list) => list.map((rule) => rule.id);
  const explained = found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${rule.help}: ${node.html.slice(0, 200)} (${node.failureSummary})`),
  );
  return {
    explained,
    passes: ids(found.passes),
    violations: ids(found.violations),
    incomplete: ids(found.incomplete),
    inapplicable: ids(found.inapplicable),
  };
}
