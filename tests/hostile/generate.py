"""Input made from the schema that the product itself gives for an action."""

import datetime
import random

TODAY = datetime.date.today()
DAYS = [str(TODAY + datetime.timedelta(days)) for days in (0, -30, 20, 400)]
TIMES = [f"{day}T10:00:00+09:00" for day in DAYS]
# What the formats of the contract take, the likeliest first, so that an act is not refused for a field that is not the point.
TAME = {
    "date": DAYS,
    "partial-date": ["2026-11", "2020"],
    "date-time": TIMES,
    "kana": ["カナ"],
    "email": ["tame@example.jp"],
    "phone": ["03-1234-5678"],
    "postal-code": ["190-0023"],
    "municipality": ["13202", "13201"],
    "corporate-number": ["7000012050002"],
    "individual-number": ["123456789018"],
    "uuid": ["01970000-0000-7000-8000-000000000000"],
}
ACCOUNT = {"bank": "0001", "branch": "001", "kind": "1", "number": "1234567", "holder": "タロウ"}
NUMBERS = [1, 1, 10, 100, 0]
LEAVE_OUT = 5


class Maker:
    """Walks a schema. `text(pointer, schema)` gives what stands in a field that takes text (None: leave it tame), `upload()` a
    file's id, `records(types)` ids that may be named. `levels` says by pointer how often what stands there was refused: once,
    and it is filled with something tame; then with something else; at last it is left out. `words` are tried last in texts."""

    def __init__(self, text, upload, records, words=(), seed=44):
        self.text, self.upload, self.records, self.words = text, upload, records, list(words)
        self.levels = {}
        self.choice = random.Random(seed)

    def level(self, pointer):
        return max((at for known, at in self.levels.items() if pointer == known or pointer.startswith(f"{known}/")), default=0)

    def value(self, schema, pointer):
        if self.level(pointer) >= LEAVE_OUT:
            return None
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            options = [one for one in schema["enum"] if one is not None]
            return self.choice.choice(options) if options else None
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return self.value(schema[word][0], pointer)
        kind = schema.get("type")
        kind = next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind
        match kind:
            case "object":
                return self.members(schema, pointer)
            case "array":
                return self.items(schema, pointer)
            case "boolean":
                return self.level(pointer) % 2 == 0
            case "integer" | "number":
                return self.number(schema, kind, self.level(pointer))
            case _:
                return self.string(schema, pointer, self.level(pointer))

    def members(self, schema, pointer):
        if schema.get("format") == "account":
            holder = f"{pointer}/holder"
            chosen = self.text(holder, schema) if self.level(holder) == 0 else None
            return ACCOUNT if chosen is None else {**ACCOUNT, "holder": chosen}
        given = {}
        for name, member in schema.get("properties", {}).items():
            value = None if member.get("readOnly") else self.value(member, f"{pointer}/{name}")
            if value is not None:
                given[name] = value
        return given

    def items(self, schema, pointer):
        item = schema.get("items", {})
        least = schema.get("minItems") or 0
        if item.get("format") == "upload":
            return [self.upload() for _ in range(max(1, least))]
        if "x-record" in item:
            found = self.records(item["x-record"])
            return self.choice.sample(found, min(len(found), max(1, least)))
        made = [self.value(item, f"{pointer}/{place}") for place in range(max(1, least))]
        return [one for one in made if one is not None]

    def number(self, schema, kind, level):
        value = NUMBERS[min(level, len(NUMBERS) - 1)]
        if schema.get("minimum") is not None:
            value = max(value, schema["minimum"])
        if schema.get("maximum") is not None:
            value = min(value, schema["maximum"])
        return int(value) if kind == "integer" else value

    def string(self, schema, pointer, level):
        form = schema.get("format")
        if "x-record" in schema:
            found = self.records(schema["x-record"])
            return self.choice.choice(found) if found else None
        if form == "upload":
            return self.upload()
        if level == 0:
            chosen = self.text(pointer, schema)
            if chosen is not None:
                return chosen
        plain = ["やさしい言葉"[: schema.get("maxLength") or 20], *self.words]
        options = TAME.get(form, plain)
        place = max(0, level - 1)
        return options[place] if place < len(options) else self.choice.choice(options)


def texts(schema, pointer=""):
    """Pointers of all fields of a schema that take text, with their schema."""
    if not isinstance(schema, dict) or schema.get("readOnly") or "const" in schema or "enum" in schema or "x-record" in schema:
        return
    for word in ("oneOf", "anyOf"):
        for one in schema.get(word, []):
            yield from texts(one, pointer)
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "object" in kinds:
        if schema.get("format") == "account":
            yield f"{pointer}/holder", schema
        else:
            for name, member in schema.get("properties", {}).items():
                yield from texts(member, f"{pointer}/{name}")
    elif "array" in kinds:
        yield from texts(schema.get("items", {}), f"{pointer}/*")
    elif "string" in kinds and schema.get("format") != "upload":
        yield pointer, schema
