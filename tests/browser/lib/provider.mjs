// A real provider of identities (npm oidc-provider) on this machine, which can also be made to lie: what it then signs
// is signed with its own keys, so that only the lie is wrong.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { SignJWT, exportJWK, generateKeyPair, importJWK } from "jose";
import Provider from "oidc-provider";

/** A key for signing tokens, as JWK with a name. */
export async function key(kid, alg = "ES256") {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: "sig" };
}

const publicly = ({ d, p, q, dp, dq, qi, ...rest }) => rest;

const page = (uid) => `<!doctype html><html lang="ja"><title>見本の発行者</title><h1>見本の発行者</h1>
<form method="post" action="/interaction/${uid}"><label>利用者 <input name="who"></label> <label>確かさ <input name="acr"></label>
<button name="do" value="go">認証する</button> <button name="do" value="stop">やめる</button></form>`;

async function plain(context, form = "") {
  context.body = `<!doctype html><html lang="ja"><title>見本の発行者</title><h1>ログアウト</h1>${form}`;
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

/**
 * Starts a provider. `people` are claims by name; `clients` as oidc-provider takes them; `keys` private JWKs.
 * What it answers can be changed while it runs: `lie` gets the claims of an ID token and answers others, or a whole token;
 * `away` is the path at which it does not answer.
 */
export async function provider({ people, clients, keys, claims, acrValues = [] }) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const state = { lie: null, away: null, keys };
  const build = () => {
    const made = new Provider(issuer, {
      clients,
      jwks: { keys: state.keys },
      claims,
      acrValues,
      conformIdTokenClaims: false,
      scopes: ["openid", "profile"],
      cookies: { keys: ["one", "two"] },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        // Its own pages ask for a typeface elsewhere.
        rpInitiatedLogout: { enabled: true, logoutSource: plain, postLogoutSuccessSource: plain },
        userinfo: { enabled: true },
      },
      clientDefaults: { id_token_signed_response_alg: "ES256" },
      enabledJWA: { idTokenSigningAlgValues: ["ES256", "RS256"] },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      pkce: { required: () => true },
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
      // Nobody is asked for consent: the provider is the authority's own.
      loadExistingGrant: async (context) => {
        const { session, client, params, requestParamScopes } = context.oidc;
        const grant = new made.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope([...requestParamScopes].join(" "));
        await grant.save();
        return params && grant;
      },
    });
    // Plain HTTP on this machine only.
    made.on("server_error", (_, error) => console.error("provider:", error));
    return made;
  };
  let made = build();
  let callback = made.callback();

  async function interaction(request, response, uid) {
    if (request.method === "GET") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      return response.end(page(uid));
    }
    const form = new URLSearchParams(await body(request));
    const stop = form.get("do") === "stop";
    const login = { accountId: form.get("who"), acr: form.get("acr") || undefined, remember: false };
    const result = stop ? { error: "access_denied" } : { login };
    return made.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  /** The answer of the token endpoint, with another ID token in it. */
  function twisted(request, response) {
    const end = response.end.bind(response);
    const chunks = [];
    response.write = (chunk) => chunks.push(Buffer.from(chunk)) > 0;
    response.end = (chunk) => {
      if (chunk) chunks.push(Buffer.from(chunk));
      lying(Buffer.concat(chunks).toString()).then((text) => {
        response.removeHeader("content-length");
        end(text);
      });
      return response;
    };
    return callback(request, response);
  }

  async function lying(text) {
    const answer = JSON.parse(text);
    if (!answer.id_token) return text;
    const said = JSON.parse(Buffer.from(answer.id_token.split(".")[1], "base64url"));
    const told = await state.lie(said);
    answer.id_token = typeof told === "string" ? told : await sign(told);
    return JSON.stringify(answer);
  }

  async function sign(said, jwk = state.keys[0], head = {}) {
    const header = { alg: jwk.alg, kid: jwk.kid, ...head };
    return new SignJWT(said).setProtectedHeader(header).sign(await importJWK(jwk, jwk.alg));
  }

  server.on("request", (request, response) => {
    if (state.away === request.url) return response.destroy();
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url)?.[1];
    if (uid) return interaction(request, response, uid).catch((error) => response.destroy(error));
    if (state.lie && request.method === "POST" && request.url === "/token") return twisted(request, response);
    return callback(request, response);
  });

  return {
    issuer,
    state,
    sign,
    publicly,
    /** Other keys from now on; the old ones are not published any more. */
    async turn(other) {
      state.keys = other;
      made = build();
      callback = made.callback();
    },
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

/** An unsigned token, as nobody may take it. */
export const unsigned = (said) => {
  const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
  return `${part({ alg: "none" })}.${part(said)}.`;
};

/** A token "signed" with the client's secret, which the client knows itself. */
export async function shared(said, secret) {
  return new SignJWT(said).setProtectedHeader({ alg: "HS256" }).sign(createHash("sha256").update(secret).digest());
}
