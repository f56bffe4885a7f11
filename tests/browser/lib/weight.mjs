// How much a page weighs on the wire, headers included, with everything it loads.

/** Loads `path` in a fresh, empty cache and returns the bytes received. */
export async function bytesOnTheWire(context, path) {
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  client.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
  await page.goto(path, { waitUntil: "networkidle" });
  await page.close();
  return bytes;
}
