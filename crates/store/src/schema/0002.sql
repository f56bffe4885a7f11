-- One act over many records (一括処理), and what became of each. The events of its acts name the run themselves.
CREATE TABLE run(id BLOB PRIMARY KEY, body BLOB NOT NULL, at INTEGER NOT NULL, done_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX run_open ON run(at) WHERE done_at IS NULL;
CREATE TABLE run_item(
  run BLOB NOT NULL, no INTEGER NOT NULL, record BLOB NOT NULL, version INTEGER NOT NULL, outcome BLOB, PRIMARY KEY(run, no)
) STRICT, WITHOUT ROWID;

-- When somebody last looked at a record.
CREATE INDEX read_note_look ON read_note(account, record, at) WHERE account IS NOT NULL;
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
