// Screenshots for people to look at, in a folder that git ignores.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../pictures/", import.meta.url));

/** Saves the whole page as `pictures/NAME.png` and returns the path. */
export async function picture(page, name) {
  await mkdir(folder, { recursive: true });
  const file = `${folder}${name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-")}.png`;
  await page.screenshot({ path: file, fullPage: true });
  return file;
}
