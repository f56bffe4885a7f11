"""Acts of everybody on everything, made from the schemas that the product gives: no service is known by name."""

import json
import re
import zlib
from collections import Counter

import generate

STEPS_ON_A_RECORD = 12
TRIES = 9


def picture(number):
    """A small PNG; each another, so that no two files are the same."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (8).to_bytes(4, "big")
    rows = b"".join(b"\0" + bytes((number * 31 + x * 7 + y) % 256 for x in range(24)) for y in range(8))
    head = chunk(b"IHDR", size + size + bytes([8, 2, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Walk:
    """`text(pointer, schema)` gives what is written into a field; `name()` what files are called."""

    def __init__(self, product, text, name=lambda: "図面.png"):
        self.product, self.text, self.name = product, text, name
        self.contract = product.call(None, "GET", "/api/v1/openapi.json").json()
        # Those who maintain the product act on nothing.
        self.people = [who for who in sorted(product.tokens) if product.call(who, "GET", "/api/v1/services").status == 200]
        self.done = Counter()
        self.tried, self.statuses, self.faults = Counter(), Counter(), []
        self.records, self.named, self.files = {}, {}, 0

    # What there is.

    def openings(self):
        """Each (service, type, action, schema of its input) that begins a record."""
        for path, methods in self.contract["paths"].items():
            found = re.fullmatch(r"/api/v1/services/([^/{]+)/([^/{]+)", path)
            if not found or "post" not in methods:
                continue
            for body in body_of(methods["post"]).get("oneOf", []):
                about = body["properties"]
                yield *found.groups(), about["action"]["const"], about.get("input", {})

    def fields(self):
        """Every field that takes text, of every action of every service: (service, type, action, pointer)."""
        found = {(s, t, a, pointer) for s, t, a, schema in self.openings() for pointer, _ in generate.texts(schema)}
        for path, methods in self.contract["paths"].items():
            match = re.fullmatch(r"/api/v1/services/([^/{]+)/([^/{]+)/\{id\}/actions/([^/]+)", path)
            if match and "post" in methods:
                schema = body_of(methods["post"])["properties"].get("input", {})
                found |= {(*match.groups(), pointer) for pointer, _ in generate.texts(schema)}
        return found

    # What is done.

    def open_everything(self):
        for service, kind, action, schema in self.openings():
            for who in self.people:
                record = self.act(who, service, kind, None, action, schema)
                if record:
                    self.keep(record)

    def find(self, most=20):
        """Takes in records that are there already."""
        for path in self.contract["paths"]:
            match = re.fullmatch(r"/api/v1/services/([^/{]+)/([^/{]+)", path)
            for who in self.people if match else []:
                answer = self.product.call(who, "GET", f"{path}?limit={most}")
                for record in answer.json()["items"] if answer.status == 200 else []:
                    self.keep(record)

    def keep(self, record):
        key = (record["service"], record["type"], record["id"])
        self.records.setdefault(key, record)
        self.named.setdefault(record["type"], {})[record["id"]] = None
        for children in (record.get("children") or {}).values():
            for child in children:
                if isinstance(child, dict) and "type" in child:
                    self.records.setdefault((record["service"], child["type"], child["id"]), child)

    def go_on(self, most_of_each=3):
        """Does on every record what may be done, the least done first."""
        for service, kind, record in list(self.records):
            readers = list(self.people)
            for _ in range(STEPS_ON_A_RECORD):
                if not self.step(service, kind, record, most_of_each, readers):
                    break

    def step(self, service, kind, record, most_of_each, readers):
        at = f"/api/v1/services/{service}/{kind}/{record}"
        found = []
        for who in list(readers):
            answer = self.product.call(who, "GET", at)
            if answer.status != 200:
                readers.remove(who)
                continue
            seen = answer.json()
            self.keep(seen)
            for action in seen["actions"]:
                count = self.done[service, kind, action["name"]]
                if count < most_of_each:
                    found.append((count, who, action["name"], action.get("input_schema", {}), seen["version"]))
        for _, who, action, schema, version in sorted(found, key=lambda one: one[0]):
            after = self.act(who, service, kind, (record, version), action, schema)
            if after:
                self.keep(after)
                return True
        return False

    def act(self, who, service, kind, record, action, schema):
        """One act, tried again with what was refused made tame, then left out. The record, if it was taken."""
        def text(pointer, schema):
            field = re.sub(r"/\d+(?=/|$)", "/*", pointer)
            given = self.text((service, kind, action, field), schema)
            if given is not None:
                self.tried[service, kind, action, field] += 1
            return given

        words = [who, *(one for one in self.people if one != who)]
        maker = generate.Maker(text, lambda: self.upload(who), self.of_type, words, seed=sum(self.statuses.values()))
        for _ in range(TRIES):
            given = maker.value({"type": "object", **schema}, "")
            path = f"/api/v1/services/{service}/{kind}"
            if record is None:
                body = {"action": action, "input": given}
            else:
                path, body = f"{path}/{record[0]}/actions/{action}", {"version": record[1], "input": given}
            answer = self.product.call(who, "POST", path, body)
            self.statuses[answer.status] += 1
            if answer.status in (200, 201):
                self.done[service, kind, action] += 1
                return answer.json()
            if answer.status >= 500:
                self.faults.append(f"{answer.status} {path} {who} {json.dumps(body)[:2000]} {answer.text[:300]}")
            if answer.status != 422 or not self.learn(answer.json(), maker.levels):
                return None
        return None

    @staticmethod
    def learn(problem, levels):
        """Notes what was refused; false if nothing was named."""
        named = False
        for error in problem.get("errors", []):
            pointer = error.get("pointer", "")
            if not pointer.startswith("/input/"):
                continue
            named = True
            pointer = pointer.removeprefix("/input")
            missing = error.get("code") == "required" and levels.get(pointer, 0) >= generate.LEAVE_OUT
            levels[pointer] = 1 if missing else levels.get(pointer, 0) + 1
        return named

    def of_type(self, kinds):
        """Ids of records of a type (or types) that were met."""
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return [one for name in kinds for one in self.named.get(name, {})]

    def upload(self, who):
        self.files += 1
        answer = self.product.upload(who, self.name(), picture(self.files), "image/png")
        return answer.json()["id"] if answer.status == 201 else ""


def body_of(operation):
    return operation["requestBody"]["content"]["application/json"]["schema"]
