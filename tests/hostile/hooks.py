"""For schemathesis: who asks, and of which records (`operations.py`)."""

import itertools
import json
import os
import re
from pathlib import Path

import schemathesis

KNOWN = json.loads(Path(os.environ["HOSTILE_KNOWN"]).read_text())
ACTORS = itertools.cycle([None, *sorted(KNOWN["tokens"])])
TURN = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Another actor with each call, and every second time a record that is there."""
    turn = next(TURN)
    who = next(ACTORS)
    case.headers = case.headers or {}
    case.headers.pop("Authorization", None)
    if who is not None:
        case.headers["Authorization"] = f"Bearer {KNOWN['tokens'][who]}"
    place = re.match(r"/api/v1/services/([^/{]+)/([^/{]+)/\{id\}", case.operation.path)
    records = KNOWN["ids"].get("/".join(place.groups())) if place else None
    if records and turn % 2:
        record = sorted(records)[turn // 2 % len(records)]
        case.path_parameters["id"] = record
        if turn % 4 == 1 and isinstance(case.body, dict) and "version" in case.body:
            case.body["version"] = records[record]
