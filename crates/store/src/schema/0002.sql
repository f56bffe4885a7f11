-- Open data: what each edition was made of stays for ever, its content as long as it is the newest.
CREATE TABLE edition(
  no INTEGER PRIMARY KEY, service TEXT NOT NULL, publication TEXT NOT NULL, day TEXT NOT NULL, body TEXT NOT NULL,
  content BLOB, UNIQUE(service, publication, day)
) STRICT;
-- Runs of imports.
CREATE TABLE import_run(
  id TEXT PRIMARY KEY, service TEXT NOT NULL, import TEXT NOT NULL, at INTEGER NOT NULL, going INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX import_run_at ON import_run(service, import, at);
CREATE INDEX import_run_going ON import_run(at) WHERE going = 1;
