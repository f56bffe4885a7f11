// The demo's personas, and how one of them signs in.

export const personas = [
  "resident",
  "business",
  "other_business",
  "examiner",
  "chief",
  "approver",
  "inspector",
  "municipality",
  "administrator",
  "auditor",
  "maintainer",
];

/**
 * Signs the page in as a persona, as a person would: on the demo's sign-in page, by its button.
 * Afterwards the page is where the product sends that persona.
 */
export async function signIn(page, persona) {
  if (!personas.includes(persona)) throw new Error(`no such persona: ${persona}`);
  await page.goto("/sign-in");
  const button = page.locator(`button[name="persona"][value="${persona}"]`);
  await Promise.all([page.waitForURL((url) => url.pathname !== "/sign-in"), button.click()]);
}
