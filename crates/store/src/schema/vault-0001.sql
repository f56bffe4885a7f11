-- Individual numbers, in a database file of their own (docs/decisions/0052). `sealed` is empty once `gone` says when it was destroyed.
CREATE TABLE number(
  id BLOB PRIMARY KEY, record BLOB NOT NULL, field TEXT NOT NULL, at INTEGER NOT NULL, settled INTEGER NOT NULL, gone INTEGER,
  key INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX number_record ON number(record);
CREATE INDEX number_unsettled ON number(at) WHERE settled = 0 AND gone IS NULL;
CREATE INDEX number_key ON number(key);
-- The key of digests of requests that carried a number.
CREATE TABLE blinding(one INTEGER PRIMARY KEY, key INTEGER NOT NULL) STRICT;
