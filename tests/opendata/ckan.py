"""Reads the open data of a running product with the client that the CKAN community uses (PyPI `ckanapi` 4).

    python3 tests/opendata/ckan.py http://127.0.0.1:8080

Waits until a product that has just started has made its first editions. Ends with 0 when all that it looked at was so.
`cargo xtask test --only opendata` runs it.
"""

import json
import sys
import time

SECONDS_TO_WAIT = 60

from ckanapi import NotFound, RemoteCKAN, ValidationError


def main(site: str) -> None:
    for get_only in (False, True):
        ckan = RemoteCKAN(site, user_agent="tsumugi-test", get_only=get_only)
        assert "datastore" in ckan.action.status_show()["extensions"]
        names = published(ckan)
        found = ckan.action.package_search(q="", rows=1)
        assert found["count"] == len(names) and len(found["results"]) == 1
        for name in names:
            package(ckan, name)
        try:
            ckan.action.package_show(id="no-such-package")
            raise AssertionError("an unknown package was shown")
        except NotFound:
            pass
    print(f"{len(names)} packages read, twice")


def published(ckan: RemoteCKAN) -> list[str]:
    for _ in range(SECONDS_TO_WAIT * 2):
        names = ckan.action.package_list()
        if names:
            return names
        time.sleep(0.5)
    raise AssertionError("nothing is published")


def package(ckan: RemoteCKAN, name: str) -> None:
    shown = ckan.action.package_show(id=name)
    assert shown["name"] == name and shown["num_resources"] == len(shown["resources"])
    for resource in shown["resources"]:
        assert ckan.action.resource_show(id=resource["id"])["url"] == resource["url"]
        search = ckan.action.datastore_search
        first = search(resource_id=resource["id"], limit=5)
        columns = [field["id"] for field in first["fields"]]
        assert columns[0] == "_id" and len(first["records"]) <= 5
        if not first["records"]:
            continue
        row = first["records"][-1]
        column = next(c for c in columns[1:] if isinstance(row[c], str))
        same = search(resource_id=resource["id"], filters=json.dumps({column: row[column]}))
        assert same["total"] >= 1 and all(r[column] == row[column] for r in same["records"])
        assert search(resource_id=resource["id"], q=row[column])["total"] >= 1
        ordered = search(resource_id=resource["id"], sort=f"{column} desc", limit=2, offset=0)
        cells = [r[column] or "" for r in ordered["records"]]
        assert cells == sorted(cells, reverse=True)
        try:
            search(resource_id=resource["id"], sort="no_such_column")
            raise AssertionError("an unknown column was sorted by")
        except ValidationError:
            pass


main(sys.argv[1])
