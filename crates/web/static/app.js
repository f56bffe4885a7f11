// Islands over pages that work without them: address completion, rows without reloading, points on a drawing,
// shown and hidden fields, upload progress, a word about unsaved input. No third party, no framework.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);

// A form brings the words of its language; without them they are Japanese.
const words = JSON.parse(one("form[data-words]")?.dataset.words ?? "{}");
const word = (japanese, filled = "") => (words[japanese] ?? japanese).replace("{0}", filled);

for (const place of all("[data-focus]").slice(0, 1)) place.focus();

// A page that was refused in a crowd counts down and comes back; a form that was, is sent again.
for (const place of all("[data-wait]")) wait(place, Number(place.dataset.wait));
function wait(place, left) {
  if (left <= 0) return place.matches("form") ? place.requestSubmit() : location.assign(place.dataset.again);
  one("[data-said]", place).textContent = place.dataset.text.replace("{0}", left);
  setTimeout(wait, 1000, place, left - 1);
}


// Passkeys: the browser is asked for an answer, which the form then posts. A browser that has none shows no button.
if (window.PublicKeyCredential) {
  for (const place of all("[data-passkeys]")) place.hidden = false;
  for (const form of all("form[data-passkey]")) form.addEventListener("submit", passkey);
}
const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
async function passkey(event) {
  const form = event.currentTarget;
  if (form.answer.value) return;
  event.preventDefault();
  const said = one("[data-said]", form);
  said.textContent = "";
  try {
    const wanted = form.dataset.passkey;
    const begun = await fetch("/sign-in/passkey/begin", { method: "POST", body: new URLSearchParams({ csrf: form.csrf.value, for: wanted }) });
    if (!begun.ok) throw new Error("not begun");
    const publicKey = await begun.json();
    publicKey.challenge = bytesOf(publicKey.challenge);
    for (const known of publicKey.excludeCredentials ?? []) known.id = bytesOf(known.id);
    if (publicKey.user) publicKey.user.id = bytesOf(publicKey.user.id);
    const made = await (wanted === "add" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[part]) response[part] = textOf(made.response[part]);
    }
    form.answer.value = JSON.stringify({ id: made.id, response });
    form.submit();
  } catch {
    said.textContent = said.dataset.failed;
  }
}

const wish = one("form[data-push]");
if (wish && "serviceWorker" in navigator && "PushManager" in window) offer(wish);

// The policy of the site lets no text become script; this is the one address that may.
const trusted = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: () => "/sw.js" });

// Asks the browser for a subscription and posts it; a browser that has none shows no button.
function offer(form) {
  const button = one("button", form);
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    const field = one("[name='subscription']", form);
    if (field.value) return;
    event.preventDefault();
    try {
      await navigator.serviceWorker.register(trusted?.createScriptURL("") ?? "/sw.js");
      const ready = await navigator.serviceWorker.ready;
      const made = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.push });
      field.value = JSON.stringify(made);
      form.submit();
    } catch { one("[data-said]", form).textContent = form.dataset.refused; }
  });
}

function start(form) {
  let dirty = false;
  let sending = false;
  const said = one("[data-dirty]", form);
  const say = (text) => { if (said) said.textContent = text; };

  form.addEventListener("input", () => {
    if (!dirty) say(word("まだ保存していない入力があります。"));
    dirty = true;
  });
  addEventListener("beforeunload", (event) => {
    if (dirty && !sending) event.preventDefault();
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name='_do']");
    if (!button || /^(postal|phrase):/.test(button.value)) return;
    if (/^(add|remove|unfile):/.test(button.value)) {
      event.preventDefault();
      redraw(form, button.value);
    }
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[value^='postal:']");
    if (!button) return;
    event.preventDefault();
    complete(button.closest("[data-address]"), true);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[value^='phrase:']");
    if (!button) return;
    event.preventDefault();
    phrase(button.closest("[data-phrases]"));
  });
  // Alt and a digit put the phrase of that number where one is writing.
  form.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || !/^Digit[1-9]$/.test(event.code)) return;
    const area = event.target.closest("textarea");
    const box = area && one(`[data-phrases="${CSS.escape(area.name)}"]`, form);
    const option = box && one("select", box).options[Number(event.code.slice(5))];
    if (!option) return;
    event.preventDefault();
    option.selected = true;
    phrase(box);
  });
  form.addEventListener("click", (event) => {
    const sheet = event.target.closest(".over")?.closest("[data-sheet]");
    if (sheet) mark(form, sheet, event, say);
  });
  form.addEventListener("keydown", (event) => {
    if (event.target.matches(".over")) move(form, event, say);
  });
  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input.closest("[data-remark]")) pins(form);
    if (input.matches("input[name$='.postal_code']")) return complete(input.closest("[data-address]"));
    if (input.matches("select, input[type='checkbox'], input[type='radio']") && !input.closest("[data-remark], [data-phrases]")) redraw(form, "refresh", input);
  });

  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type='file']")) photographs(event.target, say);
  });
  finders(form);
  const draft = keep(form, say);
  form.addEventListener("submit", (event) => {
    if (sending) return event.preventDefault();
    if (draft && navigator.onLine === false) {
      event.preventDefault();
      draft.put();
      return say(word("つながっていません。入力の控えがこの端末にあります。つながったら、もう一度押してください。"));
    }
    draft?.sent();
    sending = true;
    const files = all("input[type='file']", form).flatMap((input) => [...input.files]);
    if (files.length > 0) upload(form, event, say, () => { sending = false; });
    else say(word("送っています…"));
  });
  addEventListener("pageshow", () => { sending = false; });
}

// Sends the form as its own button would and puts the new fields in place of the old, so that what is shown and
// computed is always the server's answer. Chosen files stay: their inputs are carried over.
let turn = 0;
async function redraw(form, order, focused, pairs) {
  const mine = ++turn;
  const asked = JSON.stringify(typed(form));
  const body = new FormData(form);
  if (pairs) for (const [name] of [...body]) if (!own(name)) body.delete(name);
  for (const [name, value] of pairs ?? []) body.append(name, value);
  for (const [name, value] of [...body]) if (value instanceof File || secret(name)) body.delete(name);
  body.set("_do", order);
  try {
    const answer = await page(form.action || location.href, body);
    if (!answer || mine !== turn) return;
    const fresh = one("form[data-form]", answer);
    await released();
    if (!fresh || mine !== turn) return;
    // What was typed while the answer was under way is not in it: nothing of it is lost, the answer is asked for again.
    if (!pairs && JSON.stringify(typed(form)) !== asked) return void setTimeout(() => { if (mine === turn) redraw(form, order, focused); }, 200);
    // Where the person is now, not where they were when it was asked: they may have gone on.
    const scroll = scrollY;
    const seen = inView(document.activeElement);
    swap(form, fresh, order, focused);
    scrollTo({ top: scroll, behavior: "instant" });
    // Fields that come or go above push what has the focus away.
    if (seen && !inView(document.activeElement)) document.activeElement.scrollIntoView({ block: "center", behavior: "instant" });
  } catch { /* offline: the fields stay as they are, and the buttons still work on the next press */ }
}

// The page that answers a form, as a document that runs nothing; null where it is refused. The browser reads it: the
// policy of the site lets no text become markup here.
function page(address, body) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "document";
    request.setRequestHeader("accept", "text/html");
    request.addEventListener("load", () => done(request.status < 300 ? request.responseXML : null));
    request.addEventListener("error", () => failed(new Error("offline")));
    request.send(body);
  });
}

function inView(node) {
  const box = node.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

// What stands in a form, chosen files aside.
function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => !own(name) && typeof value === "string");
}

// What is pressed at this moment. A tick counts when the key or button comes up again: on a field that was exchanged in
// between it would be lost.
const held = new Set();
addEventListener("keydown", (event) => held.add(event.code), true);
addEventListener("keyup", (event) => held.delete(event.code), true);
addEventListener("pointerdown", () => held.add("pointer"), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => held.delete("pointer"), true);
addEventListener("blur", () => held.clear());

function released() {
  return new Promise((done) => {
    const look = () => (held.size === 0 ? done() : setTimeout(look, 20));
    look();
  });
}

function swap(form, fresh, order, focused) {
  const choosers = all("input[type='file']", form);
  const open = new Set(all("details[open] > summary", form).map((summary) => key(summary.parentElement)));
  const focus = document.activeElement;
  const at = focus?.id || focused?.id;
  const inside = focus?.name;
  const old = [...form.children].filter((child) => child.matches("[data-field], [data-computed]"));
  const next = [...fresh.children].filter((child) => child.matches("[data-field], [data-computed]"));
  const anchor = document.createComment("");
  form.insertBefore(anchor, old[0] ?? one(".submit", form));
  const kept = new Map(old.map((child) => [child.dataset.field ?? child.dataset.computed, child]));
  const typing = focus?.closest?.("[data-field]");
  for (const child of next) {
    const name = child.dataset.field ?? child.dataset.computed;
    const before = kept.get(name);
    const use = before && (before.isEqualNode(child) || one("[data-secret]", before) || (before === typing && order === "refresh" && !one("[data-rows]", before))) ? before : document.importNode(child, true);
    form.insertBefore(use, anchor);
    if (use !== before) before?.remove();
    kept.delete(name);
  }
  kept.forEach((child) => child.remove());
  anchor.remove();
  // The very inputs stay, chosen or not: a person may be choosing a file at this moment.
  for (const input of choosers) {
    const slot = document.getElementById(input.id);
    if (!slot || slot === input || slot.type !== "file") continue;
    for (const { name, value } of [...slot.attributes]) input.setAttribute(name, value);
    slot.replaceWith(input);
  }
  for (const details of all("details", form)) if (open.has(key(details))) details.open = true;
  finders(form);
  if (order.startsWith("add:")) {
    const rows = all(`[data-rows="${CSS.escape(order.slice(4))}"] > [data-row]`, form);
    one("input:not([type='hidden']), select, textarea", rows.at(-1))?.focus();
  } else if (order.startsWith("remove:")) {
    one(`[data-field="${CSS.escape(order.split(":")[1])}"]`, form)?.focus();
  } else if ((at || inside) && document.activeElement === document.body) {
    const named = `[name="${CSS.escape(inside ?? "")}"]`;
    const same = one(`${named}[value="${CSS.escape(focus?.value ?? "")}"]`, form);
    (document.getElementById(at) ?? same ?? one(named, form))?.focus();
  }
}

// A fold of many choices gets a box that narrows them by words in any order. It is no input of the form.
const sought = new Map();
function finders(form) {
  for (const fold of all("details[data-find]", form)) {
    const choices = all(".choice", fold);
    if (choices.length <= 12 || one(".find", fold)) continue;
    const box = document.createElement("div");
    box.className = "find";
    const label = document.createElement("label");
    const input = document.createElement("input");
    const said = document.createElement("p");
    input.type = "search";
    input.id = `find-${key(fold)}`;
    label.htmlFor = input.id;
    label.textContent = fold.dataset.find;
    said.className = "soft small";
    said.setAttribute("role", "status");
    box.append(label, input, said);
    one("summary", fold).after(box);
    const narrow = () => {
      const wanted = plain(input.value).split(/\s+/).filter(Boolean);
      const fits = (choice) => wanted.every((part) => plain(choice.textContent).includes(part));
      for (const choice of choices) choice.hidden = !fits(choice);
      said.textContent = choices.every((choice) => choice.hidden) ? fold.dataset.none : "";
      sought.set(key(fold), input.value);
    };
    input.addEventListener("input", (event) => { event.stopPropagation(); narrow(); });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    input.value = sought.get(key(fold)) ?? "";
    if (input.value) narrow();
  }
}

const plain = (text) => text.normalize("NFKC").toLowerCase();

// A fold is known by its own name, any other disclosure by the field in which it stands.
const key = (details) => details.closest("[data-field]")?.dataset.field;

// The chosen phrase goes where the cursor stands, on a line of its own.
function phrase(box) {
  const select = one("select", box);
  const area = one(`textarea[name="${CSS.escape(box.dataset.phrases)}"]`);
  if (!area || select.value === "") return select.focus();
  const before = area.value.slice(0, area.selectionEnd).trimEnd();
  const after = area.value.slice(area.selectionEnd);
  const text = before === "" ? select.value : `${before}\n${select.value}`;
  area.value = text + after;
  area.focus();
  area.setSelectionRange(text.length, text.length);
  area.dispatchEvent(new Event("input", { bubbles: true }));
  select.value = "";
}

// The focus goes on to what is left to type where it was asked for by the button; who has only left the field is
// already somewhere else.
async function complete(box, asked = false) {
  const code = one("input[name$='.postal_code']", box);
  const said = one("[data-postal-said]", box);
  const digits = code.value.normalize("NFKC").replace(/\D/g, "");
  if (digits.length !== 7) {
    said.textContent = word("郵便番号は7桁の数字で入れてください。例：190-0023");
    return;
  }
  const answer = await fetch(`/api/v1/postal-codes/${digits}`).catch(() => null);
  if (!answer?.ok) {
    said.textContent = word("この郵便番号では見つかりませんでした。住所を直接入れてください。");
    return;
  }
  const places = (await answer.json()).items;
  const place = places[0];
  const select = one("select", box);
  if (![...select.options].some((option) => option.value === place.municipality)) {
    select.add(new Option(place.prefecture + place.municipality_name, place.municipality));
  }
  select.value = place.municipality;
  const line = one("input[name$='.line']", box);
  if (line.value.trim() === "" && places.length === 1) line.value = place.town;
  said.textContent = word(
    "{0}を入れました。続きを入れてください。",
    `${place.prefecture}${place.municipality_name}${places.length === 1 ? place.town : ""}`,
  );
  if (asked) {
    line.focus();
    line.setSelectionRange(line.value.length, line.value.length);
  }
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

// Marks: a press puts one where it fell. Enter puts one in the middle, arrows move it, Enter goes on to its words.
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let marked = null;

function mark(form, sheet, event, say) {
  const box = sheet.getBoundingClientRect();
  const keyboard = event.detail === 0;
  const words = keyboard && marked && form.contains(marked) && on(sheet, marked) && one("textarea", marked);
  if (words && words.value === "") return words.focus();
  const rows = all("[data-remark]", form);
  const fresh = (row) => one("textarea", row).value === "" && one("[name$='.x']", row).value === "";
  marked = rows.find(fresh) ?? rows.at(-1);
  one("select", marked).value = sheet.dataset.sheet;
  const page = one("[name$='.page']", marked);
  if (page) page.value = sheet.dataset.page ?? "";
  put(form, keyboard ? [50, 50] : [(100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height]);
  if (keyboard) tell(say);
  else one("textarea", marked).focus();
}

// In tenths of a per cent, and never outside.
function put(form, place) {
  for (const [at, name] of ["x", "y"].entries()) {
    one(`[name$='.${name}']`, marked).value = Math.round(Math.min(100, Math.max(0, place[at])) * 10) / 10;
  }
  pins(form);
  marked.dispatchEvent(new Event("input", { bubbles: true }));
}

function move(form, event, say) {
  const step = STEPS[event.key];
  const sheet = event.target.closest("[data-sheet]");
  if (!step || !marked || !form.contains(marked) || !on(sheet, marked)) return;
  event.preventDefault();
  const far = event.shiftKey ? 10 : 1;
  put(form, ["x", "y"].map((name, at) => Number(one(`[name$='.${name}']`, marked).value) + far * step[at]));
  tell(say);
}

const tell = (say) => say(`左から${one("[name$='.x']", marked).value}％、上から${one("[name$='.y']", marked).value}％`);

// Whether a remark is pinned to a sheet. One without a page is on the first.
function on(sheet, row) {
  const page = one("[name$='.page']", row)?.value.normalize("NFKC").trim() || "1";
  return one("select", row).value === sheet.dataset.sheet && (!sheet.dataset.page || sheet.dataset.page === page);
}

function pins(form) {
  const rows = all("[data-remark]", form);
  for (const sheet of all("[data-sheet]", form)) {
    const svg = one("svg", sheet);
    const shape = (name, attributes, text = "") => {
      const node = document.createElementNS(svg.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      node.textContent = text;
      svg.append(node);
    };
    svg.replaceChildren();
    rows.forEach((row, index) => {
      const at = ["x", "y"].map((name) => one(`[name$='.${name}']`, row).value.normalize("NFKC").trim());
      if (!on(sheet, row) || at.some((share) => !/^[\d.]+$/.test(share))) return;
      const [x, y] = at.map((share) => `${share}%`);
      shape("circle", { cx: x, cy: y, r: 14 });
      shape("text", { x, y }, String(index + 1));
    });
  }
}

// A crowd is waited for with the files in hand: chosen files cannot be put back into a form.
const MOST_TRIES = 60;
function upload(form, event, say, done) {
  event.preventDefault();
  const body = new FormData(form, event.submitter ?? undefined);
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", word("送っている割合"));
  one(".submit", form).append(bar);
  say(word("ファイルを送っています…"));
  const request = new XMLHttpRequest();
  const send = () => {
    request.open("POST", form.action || location.href);
    request.responseType = "document";
    request.send(body);
  };
  let tries = 0;
  request.upload.addEventListener("progress", (step) => { if (step.lengthComputable) bar.value = step.loaded / step.total; });
  request.addEventListener("load", () => {
    if (request.status === 503 && ++tries <= MOST_TRIES) {
      const seconds = Number(request.getResponseHeader("retry-after")) || 5;
      say(word("混み合っています。{0}秒後に、自動で送り直します。", seconds));
      return setTimeout(send, seconds * 1000);
    }
    bar.remove();
    if (request.responseURL && new URL(request.responseURL).pathname + new URL(request.responseURL).search !== location.pathname + location.search && request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    const page = request.responseXML;
    const main = page && one("main", page);
    if (!main) return say(word("送れませんでした。もう一度押してください。"));
    document.title = page.title;
    one("main").replaceWith(document.importNode(main, true));
    const next = one("form[data-form]");
    if (next) start(next);
    one("[data-focus]")?.focus();
    scrollTo(0, 0);
  });
  request.addEventListener("error", () => {
    bar.remove();
    done();
    say(word("送れませんでした。つながりを確かめて、もう一度押してください。入力した内容はこの画面に残っています。"));
  });
  send();
}

// A HEIC is turned into a JPEG where the browser can read it, and a photograph of many megabytes is made smaller:
// upright, no larger than is legible, and without the place where it was taken.
const HEIC = /^image\/hei[cf]|\.hei[cf]$/i;
const LONGEST = 3200;
const HEAVY = 4 * 1024 * 1024;
async function photographs(input, say) {
  const files = [...input.files];
  const heic = (file) => HEIC.test(file.type) || HEIC.test(file.name);
  const heavy = (file) => file.type === "image/jpeg" && file.size > HEAVY;
  if (!files.some((file) => heic(file) || heavy(file))) return;
  const turned = new DataTransfer();
  for (const file of files) {
    const made = heic(file) || heavy(file) ? await jpeg(file).catch(() => null) : file;
    if (!made && heic(file)) {
      input.value = "";
      return say(word("この写真の形式（HEIC）は読めません。スマートフォンの設定で「互換性優先」にするか、JPEGにして選び直してください。"));
    }
    // What cannot be made smaller goes as it is: the server says if it is too large.
    const kept = made && (heic(file) || made.size < file.size) ? made : file;
    if (kept !== file) say(word(heic(file) ? "写真をJPEGに変えました：{0}" : "写真を小さくしました：{0}", kept.name));
    turned.items.add(kept);
  }
  input.files = turned.files;
}

async function jpeg(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.88));
  return blob && new File([blob], file.name.replace(/\.(hei[cf]|jpe?g)$/i, "") + ".jpg", { type: "image/jpeg" });
}

// What was typed is kept on this device until it has been sent: a tablet loses its network in a cellar. Under a key of
// the account and the page, for a day, gone once it is sent and when the person signs out.
const KEPT = "tsumugi.draft.";
const KEPT_MS = 24 * 60 * 60 * 1000;
// An individual number is never kept here, nor sent but with the form itself.
const secret = (name) => name.endsWith(".secret");
const own = (name) => ["csrf", "_version", "_once", "_do"].includes(name) || secret(name);
const shelf = (() => { try { return localStorage; } catch { return null; } })();
const kept = () => Object.keys(shelf ?? {}).filter((name) => name.startsWith(KEPT));

for (const name of kept()) {
  const at = (() => { try { return JSON.parse(shelf.getItem(name)).at; } catch { return 0; } })();
  if (!(Date.now() - at < KEPT_MS)) shelf.removeItem(name);
}
for (const out of all("form[action='/sign-out']")) {
  out.addEventListener("submit", () => kept().forEach((name) => shelf.removeItem(name)));
}

// A form that comes back with something to mend was not taken; any other page after sending means that it was.
function settle() {
  const sent = sessionStorage.getItem("tsumugi.sent");
  if (!sent) return;
  sessionStorage.removeItem("tsumugi.sent");
  const again = one(`form[data-keep="${CSS.escape(sent)}"]`);
  if (!again || !one("main [role='alert']")) shelf?.removeItem(KEPT + sent);
}

function keep(form, say) {
  const id = form.dataset.keep;
  if (!id || !shelf) return null;
  settle();
  const name = KEPT + id;
  const pairs = () => typed(form);
  const begun = JSON.stringify(pairs());
  const put = () => {
    const now = pairs();
    if (JSON.stringify(now) === begun) return;
    try {
      shelf.setItem(name, JSON.stringify({ at: Date.now(), pairs: now }));
      say(word("まだ送っていません。入力の控えがこの端末にあります。"));
    } catch { /* full: the page itself still holds what was typed */ }
  };
  offer(form, name, begun, say);
  let timer = 0;
  const later = () => { clearTimeout(timer); timer = setTimeout(put, 500); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  return { put, sent: () => { put(); sessionStorage.setItem("tsumugi.sent", id); } };
}

// Offers what was kept, in a place of its own before the fields.
function offer(form, name, begun, say) {
  const found = (() => { try { return JSON.parse(shelf.getItem(name)); } catch { return null; } })();
  if (!found || JSON.stringify(found.pairs) === begun) return;
  const box = document.createElement("div");
  box.className = "notice mine";
  box.setAttribute("role", "status");
  const text = document.createElement("p");
  const at = new Date(found.at).toLocaleString(document.documentElement.lang || "ja", { timeStyle: "short", dateStyle: "short" });
  text.textContent = word("この端末に、送っていない入力の控えがあります（{0}）。", at);
  const row = document.createElement("p");
  row.className = "row-of-buttons";
  const button = (title, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = title;
    made.addEventListener("click", () => { box.remove(); act(); });
    row.append(made);
  };
  button(word("控えを戻す"), () => {
    refill(form, found.pairs);
    redraw(form, "refresh", null, found.pairs);
    say(word("控えを戻しました。確かめてから送ってください。"));
  });
  button(word("控えを消す"), () => shelf.removeItem(name));
  box.append(text, row);
  form.before(box);
}

// Puts kept values into the inputs that are there, so that it works without a network; the server draws the rest.
function refill(form, pairs) {
  const left = new Map();
  for (const [name, value] of pairs) left.set(name, [...(left.get(name) ?? []), value]);
  for (const input of form.elements) {
    if (!input.name || own(input.name) || ["file", "submit", "button", "hidden"].includes(input.type)) continue;
    const values = left.get(input.name) ?? [];
    if (["checkbox", "radio"].includes(input.type)) input.checked = values.includes(input.value);
    else if (values.length > 0) input.value = values.at(-1);
  }
}
settle();

// Browsers may keep a page that was left, with all that stands on it, for the way back, or send its form again: not a number
// that was opened.
if (one("[data-number]")) history.replaceState(null, "", location.href);
addEventListener("pagehide", () => {
  for (const shown of all("[data-number]")) {
    shown.closest(".total").remove();
    one("[data-number-gone]").hidden = false;
  }
});

const form = one("form[data-form]");
if (form) start(form);
