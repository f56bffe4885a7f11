
// Keys of the desk. Single letters act only while nothing is being typed, can be switched off (WCAG 2.1.4), and every
// one of them only presses what stands on the page: without this script nothing is missing.
const KEYS = [
  ["?", "このキーの一覧を出す"],
  ["n", "次に待つものを開く（ほかの画面では受付箱へ）"],
  ["j", "一覧の次の行へ"],
  ["k", "一覧の前の行へ"],
  ["x", "いまの行を選ぶ・外す"],
  ["a", "一覧の行を全部選ぶ・外す"],
  ["b", "全部をまとめて確かめる"],
  ["d", "主な操作（起案など）を開く"],
  ["u", "受付箱へ戻る"],
];

const keysKept = {
  get off() { try { return localStorage.getItem("keys") === "off"; } catch { return false; } },
  set off(off) { try { localStorage.setItem("keys", off ? "off" : "on"); } catch { /* kept for this page alone */ } },
};

if (one(".top nav a[href='/desk']")) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type='checkbox']), textarea, select, [contenteditable], dialog")) return;
    if (keysKept.off) return;
    const press = { "?": keyList, n: nextWaiting, j: () => row(1), k: () => row(-1), x: pickRow, a: pickAll, b: () => one("[data-all]")?.click(), d: mainDoor, u: () => location.assign("/desk") }[event.key];
    if (press) { event.preventDefault(); press(); }
  });
  // The list is also a button, so that keys that are off can be put on again.
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet no-print";
  button.textContent = "キーの一覧";
  button.addEventListener("click", keyList);
  one(".foot .wrap")?.append(button);
  // Come by key: the button that ends the form is next, unless something is still to be filled in.
  try {
    if (sessionStorage.getItem("by-key") === location.pathname) {
      const empty = all("form[data-form] [required]").some((input) => !input.value);
      if (!empty && !one("form[data-form] [aria-invalid='true']")) one("form[data-form] .submit .button.primary")?.focus();
    }
    sessionStorage.removeItem("by-key");
  } catch { /* without storage the focus stays at the top */ }
}

function nextWaiting() {
  if (location.pathname !== "/desk") return location.assign("/desk");
  one("[data-row-link] a")?.click();
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
  if (door.href) try { sessionStorage.setItem("by-key", new URL(door.href).pathname); } catch { /* see above */ }
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
  add("p", "文字を入れている間は働きません。");
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
