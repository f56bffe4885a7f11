"""More than two hundred canaries pushed through every flow, and every place read in which they must not be found.

    python tests/hostile/canaries.py FOLDER

Names, 個人番号, diagnoses, telephones, mail addresses, addresses and files that are nobody's are written, searched for, uploaded,
signed in with and sent broken, with the log at its most talkative, all requests traced and a temporary folder of the product's own.
Then logs, traces, metrics, refusals, temporary files, sealed files and the tables of the store are read raw.
"""

import argparse
import base64
import contextlib
import hashlib
import http.server
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote, unquote, unquote_plus

import payloads
from product import ROOT, Product
from walk import Walk

# The first sign of what is written in words; of no sample and no package.
SIGN = "鸛"
KANJI = "磐磯礁祢禰穣窪竈竪笙笠筏箔箕篠簗簾籾粟糟紬絢綺綾緋縞繍纐罫翠耀聡肇臈舷艮芙苓茜"
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノ"
EACH = 25
WRITERS = ["approver", "business", "examiner", "inspector", "resident"]
# Who reads what was written, of all who wrote it.
READERS = ["business", "examiner"]
# Where words of records lie in the clear, with the reason: docs/decisions/0044-hostile.md. Everything else is sealed.
PLAIN = {
    "record.body",  # what a record is now
    "attachment.name",  # what its files are called
    "found.text",  # words of the search
    "found.entries",  # what a record is found by
    "list_entry.k1",  # orders of lists
    "list_entry.k2",
    "list_entry.k3",
    "list_entry.k4",
    "unique_value.value",  # what may be there once
    "message.body",  # My Page and desks
    "message.others",
    "edition.content",  # published
    "review_box.body",  # what was said of a service, for a day, joined with nobody
}


def my_number(place):
    """A 個人番号 of nobody's with its check digit (総務省令第85号第5条)."""
    digits = f"9{2071_000_000 + place * 7919:010d}"
    weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights)) % 11
    return digits + str(0 if rest <= 1 else 11 - rest)


def pair(place, letters):
    return letters[place % len(letters)] + letters[place // len(letters) + 3] + letters[(place * 7 + 5) % len(letters)]


def made():
    """The canaries by kind."""
    return {
        "name": [f"{SIGN}{pair(place, KANJI)}" for place in range(EACH)],
        "number": [my_number(place) for place in range(EACH)],
        "diagnosis": [f"{SIGN}性{pair(place, KANJI)}炎" for place in range(EACH)],
        "phone": [f"04292{71000 + place * 13:05d}" for place in range(EACH)],
        "mail": [f"kanari-{place * 7919 + 104729}@example.jp" for place in range(EACH)],
        "line": [f"{SIGN}町{pair(place, KANJI)}" for place in range(EACH)],
        "kana": [f"ヌカナリヤ{pair(place, KANA)}ヌ" for place in range(EACH)],
        # Written into fields for a 個人番号 alone: found nowhere at all, not even where words of records lie in the clear.
        "vault": [my_number(place + 100) for place in range(EACH)],
        "secret": [f"kanari5ecret{hashlib.sha256(str(place).encode()).hexdigest()[:12]}" for place in range(EACH)],
    }


CANARIES = made()
VAULT = set(CANARIES["vault"])
ALL = [one for kind in CANARIES.values() for one in kind]


def forms(canary):
    """How a canary may stand somewhere: as it is, escaped, coded, hashed without a key."""
    raw = canary.encode()
    yield raw
    yield canary.encode("utf-16-le")
    if quote(canary) != canary:
        yield quote(canary).encode()
        yield quote(canary).lower().encode()
    escaped = canary.encode("ascii", "backslashreplace")
    if escaped != raw:
        yield escaped
        yield canary.encode("cp932", "replace")
        yield "".join(f"\\x{byte:02x}" for byte in raw).encode()
        yield "".join(f"\\{byte:03o}" for byte in raw).encode()
        yield str(list(raw))[1:-1].encode()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw)
        yield coded[(0, 2, 3)[before] + 2 : len(coded) - 4]
    yield raw.hex().encode()
    yield hashlib.sha256(raw).hexdigest().encode()
    yield hashlib.sha256(raw).digest()
    if canary.startswith("04292"):
        yield f"{canary[:3]}-{canary[3:6]}-{canary[6:]}".encode()
    if canary.isdigit() and len(canary) == 12:
        yield f"{canary[:4]} {canary[4:8]} {canary[8:]}".encode()
        yield f"{canary[:4]}-{canary[4:8]}-{canary[8:]}".encode()


class Finder:
    """Finds all forms of all canaries in bytes, in one pass over what their first signs let by."""

    HEAD = 5

    def __init__(self):
        self.by_head = {}
        for canary in ALL:
            for form in forms(canary):
                self.by_head.setdefault(form[: self.HEAD], set()).add((form, canary))
        self.heads = re.compile(b"|".join(re.escape(head) for head in sorted(self.by_head)))

    def hits(self, text):
        found = []
        at = self.heads.search(text)
        while at:
            for form, canary in self.by_head[at[0]]:
                if text.startswith(form, at.start()):
                    found.append((canary, text[max(0, at.start() - 120) : at.start() + 120].decode("utf-8", "replace")))
            at = self.heads.search(text, at.start() + 1)
        return found


class Collector:
    """A stand-in for what takes traces (OTLP over HTTP)."""

    def __init__(self):
        caught = self.caught = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                caught.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class Watch(threading.Thread):
    """Reads temporary files while they are there, and those that have no name any more."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.pid, self.seen, self.over = folder, None, {}, False

    def run(self):
        while not self.over:
            paths = [path for path in self.folder.rglob("*") if path.is_file()]
            for link in Path(f"/proc/{self.pid}/fd").glob("*") if self.pid else []:
                try:
                    if "(deleted)" in os.readlink(link):
                        paths.append(link)
                except OSError:
                    pass
            for path in paths:
                try:
                    self.seen[str(path), path.stat().st_size] = path.read_bytes()[:50_000_000]
                except OSError:
                    pass
            time.sleep(0.02)


class Writer:
    """A canary of the fitting kind for each field, one after the other; sometimes one of another kind, to be refused."""

    FITTING = {"phone": "phone", "email": "mail", "kana": "kana", "account": "kana", "person-name": "name", "individual-number": "vault"}
    PLAIN = ["name", "diagnosis", "line", "number"]

    def __init__(self):
        self.turn, self.used = Counter(), Counter()

    def next(self, kind):
        place = self.turn[kind]
        self.turn[kind] += 1
        canary = CANARIES[kind][place % EACH]
        self.used[canary] += 1
        return canary

    def text(self, field, schema):
        kind = self.FITTING.get(schema.get("format"))
        self.turn[field] += 1
        if kind != "vault" and (kind is None or self.turn[field] == 1):
            self.turn["plain"] += 1
            kind = self.PLAIN[self.turn["plain"] % len(self.PLAIN)]
        most = schema.get("maxLength") or 200
        canary = self.next(kind)
        return canary if len(canary) <= most else self.next("name")[:most]

    def name(self):
        return f"{self.next('diagnosis')}.png"


class Answers:
    """Stands before the product and looks at every refusal and at the headers of every answer."""

    def __init__(self, product, finder):
        self.product, self.finder, self.faults = product, finder, []
        self.refusals = Counter()
        self.call = product.call
        product.call = self.looked

    def looked(self, who, method, path, body=None, headers=None):
        answer = self.call(who, method, path, body, headers)
        place = f"{method} {re.sub(r'[^/]*[^ -~%?=&][^/]*|%[0-9A-F]{2}.*', '…', path)} {answer.status}"
        # What says where a page went on, and what a file is called, repeats what was asked for.
        plain = {name: value for name, value in answer.headers.items() if name not in ("location", "content-disposition")}
        found = self.finder.hits(json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace"))
        if answer.status >= 400:
            self.refusals[answer.status] += 1
            # A page leads back to its own address and gives a form back as it was typed, to whoever asked: nothing of theirs is lost.
            # The API says which member or parameter it does not know; it repeats no value.
            asked = f"{unquote(path)} {unquote_plus(str(body))}" if answer.kind == "text/html" else f"{unquote(path)} {names(body)}"
            form = answer.kind == "text/html" and b" data-form" in answer.body
            found += [one for one in self.finder.hits(answer.body) if one[0] in VAULT or not (form or one[0] in asked)]
        elif "/numbers/" not in path:
            # No answer but that of opening one ever holds a 個人番号.
            found += [one for one in self.finder.hits(answer.body) if one[0] in VAULT]
        self.faults += [f"answer {place}: {canary}: {around}" for canary, around in found]
        return answer


def names(body):
    """The names of a JSON body's members."""
    if isinstance(body, (str, bytes)):
        try:
            body = json.loads(body)
        except ValueError:
            return ""
    if isinstance(body, dict):
        return " ".join(f"{name} {names(one)}" for name, one in body.items())
    return " ".join(names(one) for one in body) if isinstance(body, list) else ""


def flows(product, writer):
    walk = Walk(product, writer.text, writer.name)
    walk.people = WRITERS
    walk.find(most=3)
    walk.open_everything()
    walk.go_on(most_of_each=1)
    files(walk, writer)
    addresses(walk, writer)
    broken(walk, writer)
    signing_in(walk, writer)
    walk.opened = numbers_opened(walk)
    walk.people = READERS
    reader = payloads.Reader(product, walk, 1)
    payloads.PAYLOADS[:] = [writer.next(kind) for kind in ("name", "number", "diagnosis", "phone", "mail", "line", "kana", "secret") for _ in range(3)]
    reader.everything()
    return walk, reader


def numbers_opened(walk):
    """Opens every 個人番号 that the examiner is offered, by the page and by the API, so that what is looked through afterwards saw them open. How often."""
    product, opened = walk.product, 0

    def read(path):
        answer = product.call("examiner", "GET", path)
        return answer.json() if answer.status == 200 else {}

    product.sign_in("examiner")
    for path in walk.contract["paths"]:
        if not re.fullmatch(r"/api/v1/services/([^/{]+)/([^/{]+)", path):
            continue
        for one in read(f"{path}?limit=200").get("items") or []:
            here = path.removeprefix("/api/v1/services")
            fields = read(f"{path}/{one['id']}").get("fields") or {}
            for field in (name for name, value in fields.items() if value == {"given": True}):
                page = f"/r{here}/{one['id']}/numbers/{field}"
                form = product.page("examiner", "GET", page)
                purposes, token = re.findall(r'name="purpose" value="([^"]+)"', form.text), re.search(r'name="csrf" value="([0-9a-f]+)"', form.text)
                for purpose in purposes:
                    shown = product.page("examiner", "POST", page, {"csrf": token[1], "purpose": purpose})
                    said = product.call("examiner", "POST", f"{path}/{one['id']}/numbers/{field}", {"purpose": purpose})
                    opened += ("data-number" in shown.text) + (said.status == 200 and said.json()["number"] in VAULT)
    return opened


def files(walk, writer):
    """Files of every kind with canaries within, taken and refused."""
    for who in ("business", "examiner", None):
        for name in ("a.txt", "a.csv", "a.pdf", "a.html", "a.zip", "a.xlsx", ""):
            content = f"{writer.next('name')},{writer.next('number')}\n{writer.next('diagnosis')}\n".encode()
            head = {"a.pdf": b"%PDF-1.7\n", "a.zip": b"PK\3\4", "a.xlsx": b"PK\3\4"}.get(name, b"")
            walk.product.upload(who, f"{writer.next('diagnosis')}{name}", head + content)
    for path in walk.contract["paths"]:
        match = re.fullmatch(r"/api/v1/services/([^/{]+)/([^/{]+)", path)
        if match:
            text = f"番号,{writer.next('name')}\n{writer.next('number')},{writer.next('line')}\n"
            walk.product.call("administrator", "POST", f"{path}/imports?import=ledger", text, {"Content-Type": "text/csv"})


def addresses(walk, writer):
    """Canaries in paths, queries, filters and headers."""
    for who in (None, "business", "examiner"):
        for kind in CANARIES.keys() - {"vault"}:
            said = quote(writer.next(kind))
            for path in (f"/api/v1/services/{said}", f"/api/v1/services/food-business-permit/permit?q={said}", f"/l/{said}", f"/invite/{said}", f"/verify/{said}",
                         f"/files/{said}", f"/api/v1/links/{said}", f"/api/v1/postal-codes/{said}", f"/api/v1/audit/looks?by={said}&q={said}", f"/pay/{said}/{said}/{said}", f"/{said}"):
                walk.product.call(who, "GET", path)
        for path in list(walk.contract["paths"]):
            if re.fullmatch(r"/api/v1/services/([^/{]+)/([^/{]+)", path):
                said = quote(writer.next("name"))
                walk.product.call(who, "GET", f"{path}?q={said}&sort={said}")
                walk.product.call(who, "GET", f"{path}?filter={quote('number = ')}%22{said}%22")
                walk.product.call(who, "GET", f"{path}?filter={said}&after={said}&limit={said}")
                walk.product.call(who, "GET", f"{path}/{said}?as_of={said}")
        headers = {name: writer.next("secret") for name in ("X-Request-Id", "User-Agent", "Referer", "Purpose", "On-Behalf-Of", "X-Forwarded-For", "If-None-Match", "Cookie")}
        headers["traceparent"] = f"00-{writer.next('secret')}-{writer.next('secret')}-01"
        headers["Idempotency-Key"] = writer.next("secret")
        walk.product.call(who, "GET", "/api/v1/session", None, headers)
        walk.product.call(who, "POST", "/api/v1/absences", {"from": writer.next("name"), "note": writer.next("diagnosis")}, headers)
    for canary in CANARIES["secret"]:
        writer.used[canary] += 1
        walk.product.call(None, "GET", "/api/v1/session", None, {"Authorization": f"Bearer {canary}"})


def broken(walk, writer):
    """Bodies that are no JSON, of the wrong kind, for what is not there."""
    for service, kind, action, _ in walk.openings():
        path = f"/api/v1/services/{service}/{kind}"
        for body in (f'{{"action":"{writer.next("name")}', f'"{writer.next("number")}"', json.dumps({"action": writer.next("diagnosis"), "input": {writer.next("name"): 1}}),
                     json.dumps({"action": action, "input": [writer.next("line")], writer.next("mail"): 2}), json.dumps({"action": action, "version": writer.next("phone")})):
            walk.product.call("business", "POST", path, body, {"Content-Type": "application/json"})
        walk.product.call("business", "POST", path, writer.next("number"), {"Content-Type": f"text/{writer.next('secret')}"})
    for path in ("/api/v1/payments/webhook", "/hooks/line", "/api/v1/reviews"):
        walk.product.call(None, "POST", path, {"id": writer.next("secret"), "name": writer.next("name"), "number": writer.next("number")})


def signing_in(walk, writer):
    """As a name, as a password, as what a provider says."""
    form = walk.product.page("stranger", "GET", "/sign-in")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', form.text)[1]
    for kind in ("mail", "name", "number"):
        said = {"csrf": token, "login": writer.next(kind), "password": writer.next("secret"), "next": f"/r/{writer.next('name')}"}
        walk.product.page("stranger", "POST", "/sign-in", said)
    for provider in ("gbizid", "entra", writer.next("secret")):
        said = "&".join(f"{name}={quote(writer.next(kind))}" for name, kind in (("code", "secret"), ("state", "secret"), ("error", "name"), ("error_description", "diagnosis")))
        walk.product.page("stranger", "GET", f"/sign-in/with/{quote(provider)}/back?{said}")
        walk.product.page("stranger", "GET", f"/sign-in/with/{quote(provider)}?next={quote(writer.next('name'))}")


def outside_the_tables(data, finder):
    """Faults of everything in the data folder but the database: uploads, keys, what stand-ins keep."""
    faults, looked = [], 0
    for path in data.rglob("*"):
        if not path.is_file():
            continue
        looked += 1
        # Of the database as it lies, with its log: no 個人番号 either, in whatever row that was written over.
        own = path.name.startswith("tsumugi.sqlite")
        hits = [one for one in finder.hits(path.read_bytes()) if one[0] in VAULT or not own]
        faults += [f"{path.relative_to(data)}: {canary}: {around!r}" for canary, around in hits]
    return faults, looked


def tables(data, finder):
    """Where in the database canaries stand in the clear: hits by table and column."""
    found, looked = Counter(), 0
    for file in sorted(data.glob("*.sqlite")):
        base = sqlite3.connect(file)
        base.text_factory = bytes
        for (name,) in base.execute("select name from sqlite_master where type = 'table'").fetchall():
            name = name.decode()
            try:
                rows = base.execute(f'select * from "{name}"')
            except sqlite3.OperationalError:
                # An index of words, of a kind that Python's SQLite may not know: its own tables are read with the others.
                continue
            columns = [one[0] for one in rows.description]
            for row in rows:
                looked += 1
                for column, value in zip(columns, row):
                    if isinstance(value, bytes):
                        found[f"{name}.{column}"] += len(finder.hits(value))
    return +found, looked


def in_the_vault(data):
    """How many 個人番号 the vault has."""
    file = data / "numbers" / "numbers.sqlite"
    return sqlite3.connect(file).execute("select count(*) from number").fetchone()[0] if file.exists() else 0


class Postgres:
    """A private PostgreSQL, and what lies in it: every file as it is (with the log of what was written over), and all rows in words."""

    def __init__(self):
        self.process = subprocess.Popen(["sh", str(ROOT / "tests/postgres/private.sh")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address, "no private PostgreSQL"
        self.folder = Path(dict(word.split("=", 1) for word in self.address.split())["host"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def program(self, name):
        """A program of PostgreSQL's: in the path, or where Debian puts it."""
        return shutil.which(name) or str(max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))

    def numbers(self, finder):
        """Where 個人番号 of the vault lie, how many other canaries were found in the same rows, files looked at, and numbers kept."""
        subprocess.run([self.program("psql"), "-qd", self.address, "-c", "checkpoint"], check=True)
        dump = subprocess.run([self.program("pg_dump"), "-d", self.address], check=True, capture_output=True).stdout
        hits = finder.hits(dump)
        faults = [f"PostgreSQL, a row: {canary}: {around!r}" for canary, around in hits if canary in VAULT]
        files = [file for file in (self.folder / "data").rglob("*") if file.is_file()]
        for file in files:
            faults += [f"PostgreSQL, {file.name}: {canary}" for canary, _ in finder.hits(file.read_bytes()) if canary in VAULT]
        kept = subprocess.run([self.program("psql"), "-qtAd", self.address, "-c", "select count(*) from tsumugi_numbers.number"], check=True, capture_output=True, text=True)
        return faults, len(hits), len(files), int(kept.stdout)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("folder")
    asked.add_argument("--postgres", action="store_true", help="with all data in a private PostgreSQL")
    asked = asked.parse_args()
    with Postgres() if asked.postgres else contextlib.nullcontext() as database:
        watched(Path(asked.folder).resolve(), database)


def watched(folder, database):
    temporary = folder.with_name(f"{folder.name}-tmp")
    temporary.mkdir(parents=True, exist_ok=True)
    finder, writer, collector, watch = Finder(), Writer(), Collector(), Watch(temporary)
    watch.start()
    options = ["--log", "json", "--traces", collector.url, "--trace-share", "1"]
    options += ["--database", database.address] if database else []
    with Product(folder, options, {"TSUMUGI_LOG": "trace", "TMPDIR": str(temporary)}) as product:
        watch.pid = product.process.pid
        answers = Answers(product, finder)
        walk, reader = flows(product, writer)
        # Messages, letters and searches are seen to after the answer.
        time.sleep(3)
        numbers = product.call(None, "GET", "/metrics").body + product.page("administrator", "GET", "/admin/state").body
    watch.over = True
    watch.join()
    faults = answers.faults
    log = product.log.read_bytes()
    for place, text in [("log", log), ("metrics", numbers), *(("trace", one) for one in collector.caught), *((f"temporary {name}", text) for (name, _), text in watch.seen.items())]:
        faults += [f"{place}: {canary}: {around}" for canary, around in finder.hits(text)]
    sealed, many = outside_the_tables(product.data, finder)
    plain, rows = tables(product.data, finder)
    faults += sealed + [f"in the clear: {place} ({hits} hits)" for place, hits in plain.items() if place not in PLAIN]
    unused = [canary for canary in ALL if not writer.used[canary]]
    faults += [f"never written: {canary}" for canary in unused]
    faults += [] if b'"commit"' in b"".join(collector.caught) else ["no trace was caught"]
    kept, many_there = in_the_vault(product.data), sum(plain.values())
    if database:
        there, many_there, many_files, kept = database.numbers(finder)
        faults += there
        many += many_files
    faults += [] if many_there else ["no canary was kept at all"]
    faults += [] if kept else ["no 個人番号 came into the vault"]
    faults += [] if walk.opened else ["no 個人番号 was opened"]
    for fault in sorted(set(faults))[:60]:
        print(f"FAULT {fault[:500]}")
    print(f"canaries: {len(ALL) - len(unused)} of {len(ALL)} written, {sum(writer.used.values())} times; {sum(walk.done.values())} acts taken, pages {dict(reader.kinds)}")
    print(f"looked at: {len(log)} bytes of log, {len(collector.caught)} batches of traces, {dict(answers.refusals)} refusals, {len(watch.seen)} temporary files, {many} files, {rows} rows")
    print(f"in the clear, as documented: {dict(plain)}")
    print(f"in the vault: {kept} numbers, sealed; opened {walk.opened} times")
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
