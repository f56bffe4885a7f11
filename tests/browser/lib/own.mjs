// A product of one's own, which is no demo: with its own data, settings and address.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A port that is free now. */
export const port = () =>
  new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port: found } = probe.address();
      probe.close(() => done(found));
    });
  });

/** Adds somebody who signs in with a password, before the product runs. */
function add(data, [login, name, password, ...seat]) {
  const options = ["account", "--login", login, "--name", name, "--data", data, ...seat];
  return new Promise((done, failed) => {
    const child = spawn(process.env.TSUMUGI_BINARY, options, { cwd: root, stdio: ["pipe", "ignore", "pipe"] });
    let log = "";
    child.stderr.on("data", (part) => (log += part));
    child.once("exit", (code) => (code === 0 ? done() : failed(new Error(`nobody was added:\n${log}`))));
    child.stdin.end(`${password}\n`);
  });
}

/**
 * Starts it with these files beside its settings; `identity.yaml` among them says who vouches for people.
 * `accounts`: login, name, password and options of a seat; `host`: the name under which browsers reach it; `prepare`: what
 * else is done with the data before it runs.
 */
export async function own(number, files, { accounts = [], host = "127.0.0.1", prepare } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "tsumugi-own-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const address = `127.0.0.1:${number}`;
  const options = ["serve", "--listen", address, "--data", join(folder, "data"), "--services", "services"];
  options.push("--identity", join(folder, "identity.yaml"), "--public-url", `http://${host}:${number}`);
  for (const account of accounts) await add(join(folder, "data"), account);
  await prepare?.(join(folder, "data"));
  const base = `http://${host}:${number}`;
  return { base, ...(await run(options, folder, base)) };
}

/**
 * Starts a demo whose faces listen apart, each at an address of its own: residents at `localhost`, officials at `127.0.0.1`,
 * since browsers keep cookies by name and not by port.
 */
export async function apart() {
  const folder = await mkdtemp(join(tmpdir(), "tsumugi-apart-"));
  const [open, inner] = [await port(), await port()];
  const bases = { open: `http://localhost:${open}`, inner: `http://127.0.0.1:${inner}` };
  const options = ["serve", "--demo", "--data", join(folder, "data"), "--services", "services"];
  options.push("--public", `127.0.0.1:${open}`, "--public-url", bases.open);
  options.push("--staff", `127.0.0.1:${inner}`, "--staff-url", bases.inner);
  return { ...bases, ...(await run(options, folder, bases.inner)) };
}

/** Runs it until it is ready at an address. */
async function run(options, folder, base) {
  const child = spawn(process.env.TSUMUGI_BINARY, options, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (part) => (log += part));
  child.stdout.on("data", (part) => (log += part));
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) break;
    if (child.exitCode !== null || tries > 900) throw new Error(`the product did not start:\n${log}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    log: () => log,
    async stop() {
      child.kill("SIGTERM");
      await new Promise((done) => (child.exitCode === null ? child.once("exit", done) : done()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
