// Other systems: a real client (npm oauth4webapi) finds the doors, proves by its own key who it is, reads and acts within
// its scope; what it was not let in for, and what a liar sends, gets nothing.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { SignJWT, exportJWK, generateKeyPair } from "jose";
import * as oauth from "oauth4webapi";

import { own, port } from "../lib/own.mjs";

const plain = { [oauth.allowInsecureRequests]: true };
const SCOPE = "read:food-business-permit";
const algorithms = ["ES256", "ES384", "RS256", "PS256", "Ed25519"];
const run = promisify(execFile);
let product, server, pairs, folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsumugi-systems-"));
  pairs = {};
  for (const alg of algorithms) pairs[alg] = await generateKeyPair(alg, { extractable: true });
  const open = await Promise.all(algorithms.map(async (alg) => ({ ...(await exportJWK(pairs[alg].publicKey)), kid: alg })));
  const keys = join(folder, "keys.json");
  await writeFile(keys, JSON.stringify({ keys: open }));
  const register = (data) => run(process.env.TSUMUGI_BINARY, ["system", "--client", "partner", "--name", "見本の連携システム", "--jwks", keys,
    "--scope", SCOPE, "--scope", "act:food-business-permit/application/return", "--role", "examiner", "--office", "多摩立川保健所", "--data", data]);
  product = await own(await port(), { "identity.yaml": "officials: { second_factor: true }\n" }, { prepare: register });
  const issuer = new URL(product.base);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...plain }));
});
after(async () => {
  await product?.stop();
  await rm(folder, { recursive: true, force: true });
});

const client = { client_id: "partner" };

async function token(alg = "ES256", parameters = {}) {
  const key = { key: pairs[alg].privateKey, kid: alg };
  const answer = await oauth.clientCredentialsGrantRequest(server, client, oauth.PrivateKeyJwt(key), parameters, plain);
  return oauth.processClientCredentialsResponse(server, client, answer);
}

const ask = (path, secret, options = {}) => fetch(product.base + path, { ...options, headers: { authorization: `Bearer ${secret}`, ...options.headers } });

for (const alg of algorithms) {
  test(`a client signs with ${alg} and reads what it was let in for`, async () => {
    const got = await token(alg);
    assert.equal(got.token_type, "bearer");
    assert.equal(got.expires_in, 600);
    assert.equal(got.scope, `act:food-business-permit/application/return ${SCOPE}`);
    const session = await (await ask("/api/v1/session", got.access_token)).json();
    assert.equal(session.name, "見本の連携システム");
    const list = await ask("/api/v1/services/food-business-permit/application", got.access_token);
    assert.equal(list.status, 200);
  });
}

test("a token is for its scope alone, and is no way to the pages", async () => {
  const { access_token: secret, scope } = await token("ES256", { scope: SCOPE });
  assert.equal(scope, SCOPE);
  for (const [path, method] of [
    ["/api/v1/services/delegations/delegation", "GET"],
    ["/api/v1/audit/looks", "GET"],
    ["/api/v1/services/food-business-permit/application", "POST"],
    ["/my", "GET"],
    ["/desk", "GET"],
  ]) {
    const answer = await ask(path, secret, { method });
    assert.equal(answer.status, 403, path);
    if (path.startsWith("/api/")) assert.match(answer.headers.get("www-authenticate"), /insufficient_scope/, path);
  }
  const cookie = await fetch(`${product.base}/api/v1/session`, { headers: { cookie: `tsumugi=${secret}` } });
  assert.notEqual((await cookie.json()).name, "見本の連携システム");
});

test("a token that was given back is none", async () => {
  const { access_token: secret } = await token();
  const key = oauth.PrivateKeyJwt({ key: pairs.ES256.privateKey, kid: "ES256" });
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, key, secret, plain));
  assert.equal((await ask("/api/v1/session", secret)).status, 401);
});

async function assertion(more = {}, { key = pairs.ES256.privateKey, head = {} } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const said = { iss: "partner", sub: "partner", aud: product.base, jti: crypto.randomUUID(), iat: now, exp: now + 60, ...more };
  return new SignJWT(said).setProtectedHeader({ alg: "ES256", kid: "ES256", ...head }).sign(key);
}

const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
async function post(pairs) {
  const body = new URLSearchParams(pairs);
  const answer = await fetch(`${product.base}/oauth/token`, { method: "POST", body });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  return { status: answer.status, ...(await answer.json()) };
}
const grant = (client_assertion, more = {}) => ({ grant_type: "client_credentials", client_assertion_type: TYPE, client_assertion, ...more });

test("errors are those of RFC 6749, 5.2", async () => {
  const good = await assertion();
  const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const unsigned = `${part({ alg: "none" })}.${part({ iss: "partner", sub: "partner", aud: product.base, jti: "1", exp: now + 60 })}.`;
  const stranger = await generateKeyPair("ES256");
  for (const [name, pairs, status, error] of [
    ["no grant", { client_assertion: good }, 400, "invalid_request"],
    ["another grant", { ...grant(good), grant_type: "password" }, 400, "unsupported_grant_type"],
    ["twice", [["grant_type", "client_credentials"], ["grant_type", "client_credentials"]], 400, "invalid_request"],
    ["no assertion", { grant_type: "client_credentials", client_id: "partner" }, 401, "invalid_client"],
    ["another client_id", grant(good, { client_id: "other" }), 401, "invalid_client"],
    ["unsigned", grant(unsigned), 401, "invalid_client"],
    ["another's key", grant(await assertion({}, { key: stranger.privateKey })), 401, "invalid_client"],
    ["for another", grant(await assertion({ aud: "https://other.example" })), 401, "invalid_client"],
    ["a scope it has not", grant(await assertion(), { scope: "read:delegations" }), 400, "invalid_scope"],
  ]) {
    const told = await post(pairs);
    assert.equal(told.status, status, name);
    assert.equal(told.error, error, name);
    assert.ok(told.error_description && !told.access_token, name);
  }
  assert.equal((await post(grant(good))).status, 200);
  const again = await post(grant(good));
  assert.equal(again.status, 401, "an assertion is worth something once");
});

test("guessing waits, and nobody else's token with it", async () => {
  const stranger = await generateKeyPair("ES256");
  let last;
  for (let tries = 0; tries < 8; tries += 1) last = await post(grant(await assertion({ sub: "unknown", iss: "unknown" }, { key: stranger.privateKey })));
  assert.equal(last.status, 429);
  assert.ok((await token()).access_token);
});

test("nothing of a token or an assertion stands in the log", async () => {
  const { access_token: secret } = await token();
  await ask("/api/v1/session", secret);
  assert.ok(!product.log().includes(secret.split(".")[1]));
  assert.ok(!product.log().includes("eyJ"));
});
