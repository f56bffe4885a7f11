// A photograph of a telephone: many megabytes, lying on its side. What is sent is upright, legible and of sensible size.
import assert from "node:assert/strict";
import { test } from "node:test";

import { visit } from "../lib/browser.mjs";
import { signIn } from "../lib/people.mjs";

test("a heavy photograph is made smaller before it is sent", async () => {
  await visit({ screen: "phone", name: "photographs" }, async (page) => {
    await signIn(page, "resident");
    await page.goto("/apply/food-business-permit/application");
    const sizes = await page.evaluate(async () => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [4800, 3600];
      const pen = canvas.getContext("2d");
      // Noise does not compress: as heavy as a photograph of a kitchen.
      const noise = pen.createImageData(4800, 3600);
      let seed = 1;
      for (let at = 0; at < noise.data.length; at += 1) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        noise.data[at] = at % 4 === 3 ? 255 : seed >> 16;
      }
      pen.putImageData(noise, 0, 0);
      const plain = new Uint8Array(await (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9))).arrayBuffer());
      // EXIF that says: turned by a quarter (orientation 6).
      const exif = [0xff, 0xe1, 0, 34, 69, 120, 105, 102, 0, 0, 77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
      const file = new File([plain.slice(0, 2), new Uint8Array(exif), plain.slice(2)], "厨房.JPG", { type: "image/jpeg" });
      const light = new File([file.slice(0, 1000)], "小さい.jpg", { type: "image/jpeg" });
      const input = document.querySelector("input[type='file'][name='drawings']");
      const chosen = new DataTransfer();
      chosen.items.add(file);
      chosen.items.add(light);
      input.files = chosen.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      for (let tries = 0; tries < 200 && input.files[0].size === file.size; tries += 1) await new Promise((go) => setTimeout(go, 100));
      const [sent, other] = input.files;
      const picture = await createImageBitmap(sent);
      return { before: file.size, after: sent.size, name: sent.name, wide: picture.width, high: picture.height, other: other.size };
    });
    assert.ok(sizes.before > 4 * 1024 * 1024, `${sizes.before}`);
    assert.ok(sizes.after < sizes.before, JSON.stringify(sizes));
    assert.deepEqual([sizes.name, sizes.wide, sizes.high, sizes.other], ["厨房.jpg", 2400, 3200, 1000]);
    await page.getByText("写真を小さくしました：厨房.jpg").waitFor();
  });
});
