-- Failed tries at what is guarded against guessing, under digests of who tried what. Lasts an hour after the last try.
CREATE TABLE guess(key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX guess_last ON guess(last);
