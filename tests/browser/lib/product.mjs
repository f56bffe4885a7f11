// Where the product under test answers. xtask starts it and says where.

/** Base address, without a slash at the end. */
export const base = (() => {
  const url = process.env.TSUMUGI_URL;
  if (!url) throw new Error("TSUMUGI_URL is not set: start these tests with `cargo xtask test --only browser`");
  return url.replace(/\/$/, "");
})();

/** A path of the product as a whole address. */
export const at = (path) => new URL(path, `${base}/`).href;
