-- One act over many records (一括処理), and what became of each. The events of its acts name the run themselves.
CREATE TABLE run(id BLOB PRIMARY KEY, body BLOB NOT NULL, at INTEGER NOT NULL, done_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX run_open ON run(at) WHERE done_at IS NULL;
CREATE TABLE run_item(
  run BLOB NOT NULL, no INTEGER NOT NULL, record BLOB NOT NULL, version INTEGER NOT NULL, outcome BLOB, PRIMARY KEY(run, no)
) STRICT, WITHOUT ROWID;

-- When somebody last looked at a record.
CREATE INDEX read_note_look ON read_note(account, record, at) WHERE account IS NOT NULL;
