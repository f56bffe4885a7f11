"""Every operation of the contract with made-up input, by schemathesis: no answer of 5xx, and all as the contract says.

    python tests/hostile/operations.py FOLDER [--examples N]

As everybody in turn, on records that are there and on ids that are not (`hooks.py`).
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from product import Product

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"


def ids(product, contract):
    """Ids of records by service and type, as everybody sees them."""
    found = {}
    for path in contract["paths"]:
        match = re.fullmatch(r"/api/v1/services/([^/{]+)/([^/{]+)", path)
        for who in product.tokens if match else []:
            answer = product.call(who, "GET", f"{path}?limit=8")
            for record in answer.json()["items"] if answer.status == 200 else []:
                found.setdefault("/".join(match.groups()), {})[record["id"]] = record["version"]
    return found


def kinds(schema):
    """What kinds of values a schema takes, whatever they are called."""
    if isinstance(schema, list):
        return set().union(*map(kinds, schema))
    if not isinstance(schema, dict):
        return set()
    own = {(str(schema.get("type")), schema.get("format"), "enum" in schema, "x-record" in schema)} if "type" in schema else set()
    return own.union(*map(kinds, schema.values()))


def some(contract, most):
    """Operations that differ in names alone are one handler: readings of one shape, acts that take the same kinds of values. Some
    of each are kept."""
    met = {}
    for path, methods in list(contract["paths"].items()):
        match = re.fullmatch(r"/api/v1/services/[^/{]+/[^/{]+(.*)", path)
        for method in list(methods) if match else []:
            shape = re.sub(r"/(views|documents|actions)/[^/]+", r"/\1/*", match[1])
            key = (method, shape, frozenset(kinds(methods[method].get("requestBody"))))
            met[key] = met.get(key, 0) + 1
            if met[key] > most:
                del methods[method]
        if not methods:
            del contract["paths"][path]
    return contract


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("folder")
    asked.add_argument("--examples", type=int, default=25, help="of each operation")
    asked.add_argument("--alike", type=int, default=2, help="operations of one kind that are kept")
    asked.add_argument("--only", help="operations whose path holds this expression")
    asked = asked.parse_args()
    with Product(asked.folder) as product:
        contract = product.call(None, "GET", "/api/v1/openapi.json").json()
        known = product.folder / "known.json"
        known.write_text(json.dumps({"tokens": product.tokens, "ids": ids(product, contract)}))
        file = product.folder / "contract.json"
        file.write_text(json.dumps(some(contract, asked.alike)))
        words = [str(Path(sys.executable).with_name("st")), "--no-color", "run", str(file), "--url", product.base]
        words += ["--phases", "fuzzing", "--checks", CHECKS, "--max-examples", str(asked.examples), "--seed", "44", "--workers", "2", "--mode", "all"]
        words += ["--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--no-shrink", "--generation-database", "none"]
        words += ["--include-path-regex", asked.only] if asked.only else []
        here = Path(__file__).parent
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "HOSTILE_KNOWN": str(known), "PYTHONPATH": str(here)}
        ended = subprocess.run(words, env=environment, cwd=product.folder)
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
