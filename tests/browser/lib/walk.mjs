// What every walk does at each screen: no violation, no sideways scrolling, and a picture when one is asked for.
import { axe } from "./axe.mjs";
import { signIn } from "./people.mjs";
import { picture } from "./pictures.mjs";
import { reflows } from "./reflow.mjs";

export const link = (page, name) => page.getByRole("link", { name });
export const button = (page, name) => page.getByRole("button", { name });

/** Signs out without leaving the page's own buttons. */
export async function signOut(page) {
  await page.locator("header summary").click();
  await button(page, "ログアウト").click();
  await page.waitForURL((url) => url.pathname === "/");
}

/** Does `steps` as a persona and signs out again. */
export async function as(page, persona, steps) {
  await signIn(page, persona);
  await steps();
  await signOut(page);
}

/** Looks at the screen: axe with contrast, reflow at 320 pixels, and with TSUMUGI_PICTURES=1 a picture. */
export async function check(page, name) {
  await axe(page);
  await reflows(page);
  if (process.env.TSUMUGI_PICTURES) await picture(page, name);
}

/** Goes on to the page that shows what will be sent, and waits for it: a form with files gets there by script. */
export async function confirm(page) {
  await button(page, "確認へ進む").click();
  await page.getByText("まだ送っていません。内容を確かめてください。").waitFor();
}

/** Ends a form with its own button and waits until the act is done. */
export async function finish(page, title) {
  await button(page, title).last().click();
  await page.getByText(`「${title}」を受け付けました。`).waitFor();
}
