"""Scripts and formulas in every field of every package, and every output read for whether one ran.

    python tests/hostile/payloads.py FOLDER [--rounds N] [--pages N] [--browser PAGES]

Everybody does everything that may be done, with payloads in all that takes text; then all pages, tables and letters that
lead from there are read; with --browser Chromium opens so many of the pages that show a payload (`walk.mjs`). `cargo xtask
hostile` runs it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict, deque
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

import look
from product import Product
from walk import Walk

M = look.MARK
PAYLOADS = [
    f"<script>window.{M}=1</script>",
    f'"><img src=x onerror=window.{M}=1>',
    f"'><svg onload=window.{M}=1>",
    f"</textarea></title></script><script>window.{M}=1</script>",
    f"--><{M}-el {M}-at=1 autofocus onfocus=window.{M}=1 tabindex=0>",
    f"javascript:window.{M}=1//",
    f"data:text/html,<script>window.{M}=1</script>",
    f"https://{M}.example/?a=<b>",
    f'=HYPERLINK("http://{M}.example","{M}")',
    f"+cmd|' /C calc'!A0 {M}",
    f"@SUM(1+1)*cmd|{M}",
    f"-2+3+cmd|{M}",
    f"\t=1+1{M}",
    f"\r\n=1+1{M}",
    f"＝1+1{M}",
    f"'=1+1{M}",
    f"\u202egnp.{M}\u2066x\u200f",
    f"{M}\u0000\u0001\u001b[31m\u0085\ufffe\uffff\u2028",
    f'#import "{M}.typ": * #read("/etc/passwd") $ 1 / 0 $ @{M} <{M}> *a* _b_ `c`',
    f"{M} \\ ] ) }} #panic() \\u{{41}} // /* ",
    f"{{{{7*7}}}} ${{7*7}} {{% raw %}} <%= 7*7 %> {M}",
    f"{M}&lt;script&gt;&#60;b&#62;&quot;",
    f"[{M}](javascript:window.{M}=1) ![x](http://{M}.example/a.png) <http://{M}.example>",
    f'{M}"\\\'`;--,|\n=1+1',
    f"{M}" + "長" * 180,
    f"{M}\u0301" + "\u0301" * 60 + "🏴\U000e0067\U000e007f\U0001f468\u200d\U0001f469",
]
NAMES = [f"{M}<img src=x onerror=window.{M}=1>.png", f"=1+1{M}.png", f"\u202e{M}gnp.exe.png", f"..%2f..%2f{M}.png", f"{M}'\\;x=1.png"]
# Each must have been read with a payload in it.
KINDS = ["text/html", "text/csv", "application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]
LEAST_OF_FIELDS = 0.9
SECONDS_FOR_EDITIONS = 3
# Shapes of addresses that a reading does not follow: they end what the reader is.
NOT_FOLLOWED = re.compile(r"^/(sign-out|static/|sign-in/with/)|[?&](look|lang)=")


class Writer:
    """Gives each field one payload after the other, beginning elsewhere in each field."""

    def __init__(self):
        self.turn = Counter()

    def text(self, field, schema):
        turn = self.turn[field]
        self.turn[field] += 1
        if turn == 0 and "format" not in schema:
            self.turn[field] = 1 + sum(map(ord, "".join(field))) % len(PAYLOADS)
            turn = self.turn[field] - 1
        return PAYLOADS[turn % len(PAYLOADS)][: schema.get("maxLength") or 10_000]

    def name(self):
        self.turn["file"] += 1
        return NAMES[self.turn["file"] % len(NAMES)]


def acts(product, rounds):
    writer = Writer()
    walk = Walk(product, writer.text, writer.name)
    walk.find(most=5)
    for turn in range(rounds):
        walk.open_everything()
        walk.go_on(most_of_each=2 * (turn + 1))
    surrogates(walk)
    return walk


def surrogates(walk):
    """Half a character, as JSON can spell it: no text at all, and no fault of ours."""
    for service, kind, action, _ in walk.openings():
        body = f'{{"action":"{action}","input":{{"x\\ud800":"\\udc00{M}"}}}}'
        answer = walk.product.call("business", "POST", f"/api/v1/services/{service}/{kind}", body, {"Content-Type": "application/json"})
        if not 400 <= answer.status < 500:
            walk.faults.append(f"{answer.status} for half a character: {service}/{kind} {action}")


class Reader:
    """Follows every link from where people begin; no more than some addresses of one shape."""

    def __init__(self, product, walk, most):
        self.product, self.walk, self.most = product, walk, most
        self.shapes, self.kinds, self.marked = Counter(), Counter(), Counter()
        self.faults, self.pages, self.forms, self.payload = [], defaultdict(list), {}, 0

    def publish(self):
        """Has every publication made anew, with what was written just now, and waits for it."""
        for who in self.walk.people:
            links = re.findall(r'href="(/desk/open-data/[^"]+)"', self.product.page(who, "GET", "/desk/open-data").text)
            for link in links:
                token = re.search(r'name="csrf" value="([0-9a-f]+)"', self.product.page(who, "GET", link).text)
                if token:
                    self.note(self.product.page(who, "POST", link, {"csrf": token[1]}), who, f"POST {link}")
        time.sleep(SECONDS_FOR_EDITIONS)

    def everything(self):
        for who in self.walk.people:
            self.product.sign_in(who)
        self.publish()
        begin = ["/", "/services", "/my", "/desk", "/opendata", f"/desk/search?q={quote(M)}"]
        for who in [None, *self.walk.people]:
            own = [f"/r/{s}/{t}/{i}" for s, t, i in reversed(self.walk.records)]
            self.read(who, begin + own)
        for (who, path), fields in list(self.forms.items()):
            self.fill(who, path, fields)
        for who, path in self.questions():
            self.note(self.product.page(who, "GET", path), who, path)

    def read(self, who, begin):
        waiting, met = deque(begin), set(begin)
        while waiting:
            path = waiting.popleft()
            shape = (who, shape_of(path))
            anybody = (shape[1],)
            if self.shapes[shape] >= self.most or self.shapes[anybody] >= 3 * self.most or NOT_FOLLOWED.search(path):
                continue
            answer = self.product.page(who, "GET", path)
            if answer.status in (403, 404):
                continue
            self.shapes[shape] += 1
            self.shapes[anybody] += 1
            for link in self.note(answer, who, path):
                if link not in met:
                    met.add(link)
                    waiting.append(link)

    def note(self, answer, who, path):
        """Looks at an answer; the addresses that it leads to."""
        where = f"{who} {path}"
        if answer.status >= 500 and not (answer.status == 503 and "retry-after" in answer.headers):
            self.faults.append(f"{where}: {answer.status}")
        if answer.status in (301, 302, 303, 307):
            target = answer.headers["location"]
            if MARKED_PLACE.search(target):
                self.faults.append(f"{where}: sent to {target}")
            return [target] if target.startswith("/") else []
        found = look.at(answer, where)
        if found is None:
            return []
        faults, marked = found
        # What somebody typed or asked for comes back to them as it was: that turns no text of others.
        own = "POST" in path or "%E2%80%AE" in path
        self.faults += [fault for fault in faults if not (own and fault.endswith(look.TURNED))]
        self.kinds[answer.kind] += 1
        self.marked[answer.kind] += marked
        if answer.kind != "text/html":
            return []
        if marked:
            self.pages[who].append(path)
        return self.links(LexborHTMLParser(answer.text), who, path)

    def links(self, tree, who, path):
        here = []
        for node in tree.css("a[href], img[src], link[href]"):
            link = urljoin(path, node.attributes.get("href") or node.attributes.get("src") or "")
            if link.startswith("/") and not link.startswith("//"):
                here.append(link.split("#")[0])
        for form in tree.css("form"):
            target = urljoin(path, form.attributes.get("action") or path)
            fields = [field(node) for node in form.css("input[name], textarea[name], select[name], button[name]")]
            typed = any(kind == "typed" for _, _, kind in fields)
            post = (form.attributes.get("method") or "").lower() == "post"
            if typed and not post:
                here += [f"{target.split('?')[0]}?{name}={quote(self.next())}" for name, _, kind in fields if kind == "typed"]
            if typed and post and not any(shape_of(target) == shape_of(known) and who == whom for whom, known in self.forms):
                self.forms[who, target] = fields
        return here

    def fill(self, who, path, fields):
        """Sends a form with payloads in all that can be typed; what comes back is read too."""
        for button in [one for one in fields if one[2] == "button"][:3] or [None]:
            pairs = [(name, self.next() if kind == "typed" else value) for name, value, kind in fields if kind in ("typed", "given")]
            pairs += [(button[0], button[1])] if button else []
            self.note(self.product.page(who, "POST", path, pairs), who, f"POST {path}")

    def questions(self):
        """Addresses that somebody else may have made up."""
        for who in (None, "examiner", "business"):
            for payload in PAYLOADS:
                said = quote(payload)
                yield who, f"/services?q={said}"
                yield who, f"/sign-in?next={said}&with={said}&sorry={said}"
                yield who, f"/{said}"
                yield who, f"/r/{said}/{said}/{said}?kept={said}"
                yield who, f"/desk/search?q={said}"
                yield who, f"/verify/{said}"

    def next(self):
        self.payload += 1
        return PAYLOADS[self.payload % len(PAYLOADS)]


MARKED_PLACE = re.compile(rf"^(javascript|data|https?:)?//[^/]*{M}|^javascript:|^data:", re.I)


def field(node):
    kind = node.attributes.get("type") or "text"
    value = node.attributes.get("value") or ""
    if node.tag == "textarea" or (node.tag == "input" and kind in ("text", "search", "email", "tel", "url", "password")):
        return node.attributes["name"], value, "typed"
    if node.tag == "button":
        return node.attributes["name"], value, "button"
    if node.tag == "select":
        options = [one.attributes.get("value") for one in node.css("option")]
        return node.attributes["name"], next((one for one in options if one), ""), "given"
    return node.attributes["name"], value or "on", "file" if kind == "file" else "given"


def shape_of(path):
    parts = urlsplit(path)
    plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}|\d+", "*", parts.path)
    names = sorted(pair.split("=")[0] for pair in parts.query.split("&"))
    return plain, tuple(names)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("folder")
    asked.add_argument("--rounds", type=int, default=2, help="how often everything is done")
    asked.add_argument("--pages", type=int, default=2, help="pages of one shape that each person reads")
    asked.add_argument("--browser", type=int, default=0, help="pages that Chromium opens")
    asked = asked.parse_args()
    with Product(asked.folder) as product:
        walk = acts(product, asked.rounds)
        reader = Reader(product, walk, asked.pages)
        reader.everything()
        report(walk, reader)
        faults = walk.faults + reader.faults + browser(product, reader, asked.browser)
    faults += vacuous(walk, reader)
    for fault in faults[:60]:
        print(f"FAULT {fault[:1000]}")
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


def browser(product, reader, most):
    """Opens pages in Chromium; what it found."""
    if most == 0:
        return []
    file = product.folder / "pages.json"
    file.write_text(json.dumps({"mark": M, "pages": {str(who).replace("None", "null"): paths for who, paths in reader.pages.items()}}))
    words = ["node", str(Path(__file__).with_name("walk.mjs")), str(file), str(most)]
    ended = subprocess.run(words, env={**os.environ, "TSUMUGI_URL": product.base})
    return [f"the browser's walk ended with {ended.returncode}"] if ended.returncode else []


def vacuous(walk, reader):
    """What would make all this say nothing."""
    fields = walk.fields()
    faults = [f"no payload reached {kind}" for kind in KINDS if not reader.marked[kind]]
    if len(fields & set(walk.tried)) < LEAST_OF_FIELDS * len(fields):
        faults.append("too few fields were written into")
    return faults


def report(walk, reader):
    fields = walk.fields()
    missed = sorted(fields - set(walk.tried))
    print(f"acts: {sum(walk.done.values())} taken of {sum(walk.statuses.values())} {dict(walk.statuses)}, {len(walk.records)} records")
    print(f"fields: {len(fields) - len(missed)} of {len(fields)} were written into, {sum(walk.tried.values())} payloads")
    print(f"read: {dict(reader.kinds)}, with a payload in them: {dict(reader.marked)}")
    for one in missed:
        print("not reached:", *one)


if __name__ == "__main__":
    main()
