// A person without a mouse: only Tab, Enter, space, arrows and letters. What has the focus must be seen to have it.
import assert from "node:assert/strict";

/** More presses of Tab than any page needs: reaching it means that the focus is caught or the thing is out of reach. */
const MOST_TABS = 150;

/** What has the focus: its role, name and whether one can see that it has it. */
const focused = (page) =>
  page.evaluate(() => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    const label = node.labels?.[0] ?? null;
    const text = node.getAttribute("aria-label") ?? label?.innerText ?? (node.innerText || node.value || node.name || "");
    const ringed = (one) => {
      const ring = getComputedStyle(one);
      return (ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2) || ring.boxShadow !== "none";
    };
    return {
      tag: node.tagName,
      type: node.type ?? "",
      name: node.name ?? "",
      value: node.value ?? "",
      text: text.trim().replace(/\s+/g, " "),
      group: node.closest("fieldset")?.querySelector("legend")?.innerText ?? "",
      seen: ringed(node) || Boolean(label && ringed(label)),
      there: style.visibility !== "hidden" && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    };
  });

/** Presses Tab (or Shift and Tab) once and answers what has the focus; fails when one could not see where it is. */
export async function tab(page, back = false) {
  await page.keyboard.press(back ? "Shift+Tab" : "Tab");
  const at = await focused(page);
  if (at) assert.ok(at.seen && at.there, `the focus cannot be seen on ${page.url()}: ${JSON.stringify(at)}`);
  return at;
}

/** Tabs on until `wanted(focus)` holds; fails when it never comes. */
export async function tabTo(page, what, wanted) {
  const passed = [];
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    const at = await tab(page);
    if (at && wanted(at)) return at;
    passed.push(at ? `${at.tag} ${at.text.slice(0, 24)}` : "—");
  }
  throw new Error(`Tab does not reach ${what} on ${page.url()}; it passed ${passed.join(" | ")}`);
}

const named = (name) => (at) => (name instanceof RegExp ? name.test(at.text) : at.text === name);

/** Tabs to a link or button and presses Enter on it. */
export async function press(page, name) {
  await tabTo(page, `${name}`, (at) => /^(A|BUTTON|SUMMARY)$/.test(at.tag) && named(name)(at));
  await page.keyboard.press("Enter");
}

/** Tabs to a field of this name (as the form sends it) and types. */
export async function type(page, name, text) {
  await tabTo(page, name, (at) => at.name === name);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

/** Tabs to a list box and chooses by typing the beginning of an option. */
export async function choose(page, name, value) {
  await tabTo(page, name, (at) => at.name === name);
  for (let steps = 0; steps < 400; steps += 1) {
    const at = await focused(page);
    if (at.value === value) return;
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`${value} is not in ${name}`);
}

/** Tabs to a group of radio buttons and moves with the arrows to a value. */
export async function pick(page, name, value) {
  await tabTo(page, name, (at) => at.name === name && at.type === "radio");
  await page.keyboard.press("Space");
  for (let steps = 0; steps < 20; steps += 1) {
    const at = await focused(page);
    if (at.name === name && at.value === value) return;
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`${value} is not in ${name}`);
}

/** Tabs through the whole page once: every stop can be seen, none holds the focus, and the order is that of the page. */
export async function tour(page) {
  const stops = [];
  for (;;) {
    const at = await tab(page);
    if (!at) break;
    const stop = await page.evaluate(() => {
      const all = [...document.querySelectorAll("*")];
      return all.indexOf(document.activeElement);
    });
    // Where the focus began in the midst of the page, a browser may go on from its end to its beginning.
    if (stop === stops[0]) break;
    stops.push(stop);
    assert.ok(stops.length < 400, `the focus does not leave ${page.url()}`);
  }
  assert.ok(stops.length > 0, "nothing takes the focus");
  const ordered = [...stops].sort((a, b) => a - b);
  const top = stops.indexOf(ordered[0]);
  assert.deepEqual([...stops.slice(top), ...stops.slice(0, top)], ordered, `the order of the focus differs from the page's on ${page.url()}`);
  return stops.length;
}
