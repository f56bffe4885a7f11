
// Keys of the desk. Single letters act only while nothing is being typed, can be switched off (WCAG 2.1.4), and every
// one of them only presses what stands on the page: without this script nothing is missing. Those that press one thing
// stand on it as accesskey too, which the browser serves by itself.
const KEYS = [
  ["?", "このキーの一覧を出す"],
  ["n", "次に待つものを開く（記録の画面では、開いた一覧の次の行）"],
  ["j", "一覧の次の行へ"],
  ["k", "一覧の前の行へ"],
  ["x", "いまの行を選ぶ・外す"],
  ["a", "一覧の行を全部選ぶ・外す"],
  ["b", "全部をまとめて確かめる"],
  ["d", "主な操作（起案など）を開く"],
  ["s", "この画面を決めるボタンへ移る（Enterで決まる）"],
  ["u", "受付箱へ戻る"],
];
// Pressed with Alt (Firefox: Alt and Shift; a Mac: Control and Option), also where single letters are off.
const WITH_ALT = "dbsu";

const keysKept = {
  get off() { try { return localStorage.getItem("keys") === "off"; } catch { return false; } },
  set off(off) { try { localStorage.setItem("keys", off ? "off" : "on"); } catch { /* kept for this page alone */ } },
};

if (one(".top nav a[href='/desk']")) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type='checkbox']), textarea, select, [contenteditable], dialog")) return;
    if (keysKept.off) return;
    const press = { "?": keyList, n: nextWaiting, j: () => row(1), k: () => row(-1), x: pickRow, a: pickAll, b: () => one("[data-all]")?.click(), d: mainDoor, s: () => ending()?.focus(), u: () => location.assign("/desk") }[letter(event)];
    if (press) { event.preventDefault(); press(); }
  });
  addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-row-link] a");
    if (link) remember("list", JSON.stringify({ path: location.pathname + location.search, row: link.pathname }));
  }, true);
  // The list is also a button, so that keys that are off can be put on again.
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet no-print";
  button.textContent = "キーの一覧";
  button.addEventListener("click", keyList);
  one(".foot .wrap")?.append(button);
  // Come by key: the button that ends the form is next, unless something is still to be filled in.
  if (recall("by-key", true) === location.pathname) {
    const empty = all("form[data-form] [required]").some((input) => !input.value);
    if (!empty && !one("form[data-form] [aria-invalid='true']")) ending()?.focus();
  }
  // Come from a record for the next of the list.
  if (recall("next", true) === location.pathname + location.search) openNext();
}

// What a key says, whatever the input method makes of it: an IME that is on reports "Process" or a wide letter.
function letter(event) {
  const wide = event.key.normalize("NFKC");
  if (/^[\x21-\x7e]$/.test(wide)) return wide.toLowerCase();
  if (event.code === "Slash" && event.shiftKey) return "?";
  return /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;
}

function remember(name, value) {
  try { sessionStorage.setItem(name, value); } catch { /* without storage the keys know this page alone */ }
}

function recall(name, once = false) {
  try {
    const value = sessionStorage.getItem(name);
    if (once) sessionStorage.removeItem(name);
    return value;
  } catch { return null; }
}

// The button that ends the page's form.
function ending() {
  return one("form[data-form] .submit .button:not(.quiet)") ?? one("main form .button.primary.big");
}

function nextWaiting() {
  if (one("[data-row-link] a")) return openNext();
  const list = (() => { try { return JSON.parse(recall("list")).path; } catch { return "/desk"; } })();
  remember("next", list);
  location.assign(list);
}

// The row with the focus, else the one after that from which one comes, else the first.
function openNext() {
  const links = all("[data-row-link]").map((place) => one("a", place)).filter(Boolean);
  const from = (() => { try { return JSON.parse(recall("list")).row; } catch { return null; } })();
  const came = links.findIndex((link) => link.pathname === from);
  (one("a", rowNow() ?? document.createElement("i")) ?? links[came + 1] ?? links[0])?.click();
}

function rowNow() {
  return document.activeElement?.closest?.("[data-row-link]");
}

function row(step) {
  const rows = all("[data-row-link]");
  if (rows.length === 0) return;
  const at = rows.indexOf(rowNow());
  const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  one("a", next)?.focus();
}

function pickRow() {
  one("input[name='record']", rowNow() ?? document.createElement("i"))?.click();
}

function pickAll() {
  const boxes = all("input[name='record']", rowNow()?.closest("form") ?? one("[data-batch]") ?? document).filter((box) => !box.disabled);
  const on = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = on;
}

function mainDoor() {
  const door = one("main .row-of-buttons .button.primary");
  if (!door) return;
  if (door.href) remember("by-key", new URL(door.href).pathname);
  door.click();
}

function keyList() {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const add = (name, text, into = dialog) => {
    const node = document.createElement(name);
    node.textContent = text;
    into.append(node);
    return node;
  };
  add("h2", "キーの一覧").id = "keys-title";
  const list = add("dl", "");
  for (const [key, does] of KEYS) {
    const pair = add("div", "", list);
    add("kbd", key, add("dt", "", pair));
    add("dd", does, pair);
  }
  add("p", "文字を入れている間は働きません。日本語入力がオンのままでも働きます。");
  add("p", `${[...WITH_ALT].join("・")} は、Alt（FirefoxではAltとShift、MacではControlとOption）と一緒に押しても働きます。どのボタンもTabで移り、Enterで押せます。`);
  const label = add("label", "");
  label.className = "choice";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = !keysKept.off;
  box.addEventListener("change", () => { keysKept.off = !box.checked; });
  label.append(box);
  add("span", "1文字のキーを使う（使わないときも、ページの下の「キーの一覧」からもどせます）", label);
  const close = add("button", "閉じる");
  close.className = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.remove(); before?.focus?.(); });
  document.body.append(dialog);
  dialog.showModal();
}
