// What a walk needs to be there already is made over HTTP, as any client would: a walk then shows one thing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";

import { drawing } from "./drawing.mjs";
import { at } from "./product.mjs";

const tokens = new Map();

function token(persona) {
  if (!tokens.has(persona)) {
    const { TSUMUGI_BINARY: binary, TSUMUGI_DATA: data } = process.env;
    tokens.set(persona, execFileSync(binary, ["token", "--as", persona, "--data", data], { encoding: "utf8" }).trim());
  }
  return tokens.get(persona);
}

async function send(persona, path, { body, form } = {}) {
  const headers = { authorization: `Bearer ${token(persona)}` };
  if (body || form) headers["idempotency-key"] = randomUUID();
  if (body) headers["content-type"] = "application/json";
  const answer = await fetch(at(path), { method: body || form ? "POST" : "GET", headers, body: form ?? (body && JSON.stringify(body)) });
  const text = await answer.text();
  assert.ok(answer.ok, `${persona} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return text === "" ? null : JSON.parse(text);
}

/** A record as a persona sees it. */
export const read = (persona, record) => send(persona, place(record));

const place = ({ service, type, id }) => `/api/v1/services/${service}/${type}/${id}`;

/** The page of a record. */
export const page_of = ({ service, type, id }) => `/r/${service}/${type}/${id}`;

/** Opens a record with an action and answers it. */
export const open = (persona, service, type, action, input) => send(persona, `/api/v1/services/${service}/${type}`, { body: { action, input } });

/** Performs an action on a record as it stands, and answers it. */
export async function act(persona, record, action, input = {}) {
  const { version } = await read(persona, record);
  return send(persona, `${place(record)}/actions/${action}`, { body: { version, input } });
}

/** Uploads a drawing, or another file that was made, and answers its id. */
export async function upload(persona, name, made = drawing(name)) {
  const form = new FormData();
  form.append("file", new Blob([made.buffer], { type: made.mimeType }), made.name);
  return (await send(persona, "/api/v1/uploads", { form })).id;
}

const FOOD = "food-business-permit";

/** An application for these trades, as its owner sent it. */
export async function applied(persona, { name, line, trades, ...more }) {
  const drawings = more.previous || more.drawings ? {} : { drawings: [await upload(persona, "図面.png")] };
  const input = { premises: { municipality: "13202", line }, premises_name: name, trades, water: "public", ...drawings, ...more };
  return open(persona, FOOD, "application", "submit", input);
}

/** Checked, paid at the counter and inspected: all that is left is to decide. */
export async function inspected(application) {
  await act("examiner", application, "pass");
  await act("examiner", application, "paid");
  const { children } = await read("examiner", application);
  for (const visit of children.visits) await act("inspector", { ...application, type: "visit", id: visit.id }, "record", { result: "pass" });
  return children.items.map((item) => ({ ...application, type: "trade_case", id: item.id }));
}

/** A permit for each trade, decided by the approver. */
export async function permitted(persona, shop) {
  const cases = await inspected(await applied(persona, shop));
  const permits = [];
  for (const one of cases) {
    const decided = await act("approver", one, "decide", { conditions: null });
    permits.push({ service: FOOD, type: "permit", id: decided.links.permit.split("/").at(-1) });
  }
  return permits;
}
