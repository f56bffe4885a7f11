// Watches a page: requests to anybody but the product, script errors, and answers that are our fault.
import assert from "node:assert/strict";

import { base } from "./product.mjs";

const harmless = /^(data|blob|about):/;

/**
 * Blocks and notes what must not happen in this browser context. `allowed` are addresses that a person is sent to.
 * @returns {Promise<() => void>} call it at the end: throws when something was noted
 */
export async function guard(context, { crowded = false, allowed = [base] } = {}) {
  const noted = [];
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (harmless.test(url) || allowed.includes(new URL(url).origin)) return route.continue();
    noted.push(`request to a third party: ${url}`);
    return route.abort();
  });
  context.on("weberror", (error) => noted.push(`script error: ${error.error().message}`));
  context.on("console", (message) => {
    if (isRefusalByPolicy(message)) noted.push(`blocked by the page's own policy: ${message.text()}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 500 && !(crowded && response.status() === 503)) noted.push(`${response.status()} ${response.url()}`);
  });
  return () => assert.deepEqual(noted, [], "the page did what it must not do");
}

function isRefusalByPolicy(message) {
  return message.type() === "error" && /Content Security Policy|Refused to/.test(message.text());
}
