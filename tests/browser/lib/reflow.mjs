// 400 % zoom of a screen 1280 wide is 320 CSS pixels (WCAG 2.2, 1.4.10): nothing may need sideways scrolling.
import assert from "node:assert/strict";

/** Fails when the page is wider than its window at 320 pixels; puts the window back afterwards. */
export async function reflows(page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: before.height });
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return null;
    const over = [...document.querySelectorAll("body *")].find((e) => e.getBoundingClientRect().right > clientWidth);
    return `${scrollWidth} px wide, first too wide: ${over?.outerHTML.slice(0, 200)}`;
  });
  await page.setViewportSize(before);
  assert.equal(wide, null, `${page.url()} does not reflow at 320 px`);
}
