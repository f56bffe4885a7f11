-- Names that recur in millions of rows, as small numbers.
CREATE TABLE kind(
  id INTEGER PRIMARY KEY, service TEXT NOT NULL, record_type TEXT NOT NULL, UNIQUE(service, record_type)
) STRICT;
CREATE TABLE index_name(
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE(kind, name)
) STRICT;
CREATE TABLE scope_name(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- The journal. Plain header, sealed body; each record's events form a chain. Names stand here in full, so that the
-- journal says by itself what happened.
CREATE TABLE event(
  position INTEGER PRIMARY KEY,
  record BLOB NOT NULL,
  seq INTEGER NOT NULL,
  act BLOB NOT NULL,
  service TEXT NOT NULL,
  record_type TEXT NOT NULL,
  action TEXT NOT NULL,
  definition TEXT NOT NULL,
  authority TEXT,
  recorded_at TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  effective_on TEXT NOT NULL,
  actor BLOB,
  on_behalf_of BLOB,
  acted_as TEXT NOT NULL,
  seat_office TEXT,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL,
  key INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  UNIQUE(record, seq)
) STRICT;
CREATE TRIGGER event_never_updated BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER event_never_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Records as they stand.
CREATE TABLE record(
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  kind INTEGER NOT NULL,
  version INTEGER NOT NULL,
  key INTEGER NOT NULL,
  last_hash BLOB NOT NULL,
  state TEXT NOT NULL,
  authority TEXT,
  office TEXT,
  number TEXT,
  parent BLOB,
  slot TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX record_parent ON record(parent, row) WHERE parent IS NOT NULL;

-- What makes a record found: scope numbers (four bytes each), folded text, entries of its indexes.
CREATE TABLE found(
  row INTEGER PRIMARY KEY, kind INTEGER NOT NULL, scopes BLOB NOT NULL, text TEXT NOT NULL, entries BLOB NOT NULL
) STRICT;
CREATE TABLE list_entry(
  index_no INTEGER NOT NULL, scope INTEGER NOT NULL,
  k1 BLOB NOT NULL, k2 BLOB NOT NULL, k3 BLOB NOT NULL, k4 BLOB NOT NULL, row INTEGER NOT NULL,
  PRIMARY KEY(index_no, scope, k1, k2, k3, k4, row)
) STRICT, WITHOUT ROWID;
-- The tokens are made in Rust; the ascii tokenizer takes every character beyond ASCII as a part of a word.
CREATE VIRTUAL TABLE search_index USING fts5(
  tokens, content='', contentless_delete=1, detail=none, tokenize='ascii'
);

CREATE TABLE unique_value(
  rule TEXT NOT NULL, value BLOB NOT NULL, record BLOB NOT NULL, PRIMARY KEY(rule, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX unique_value_record ON unique_value(record);
CREATE TABLE counter(name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE balance(
  ledger TEXT NOT NULL, key TEXT NOT NULL, posted TEXT NOT NULL, held TEXT NOT NULL, PRIMARY KEY(ledger, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE posting(
  no INTEGER PRIMARY KEY, ledger TEXT NOT NULL, key TEXT NOT NULL, record BLOB NOT NULL, act BLOB,
  posted TEXT NOT NULL, held TEXT NOT NULL
) STRICT;

CREATE TABLE timer(
  record BLOB NOT NULL, clock TEXT NOT NULL, what TEXT NOT NULL, due TEXT NOT NULL, PRIMARY KEY(record, clock, what, due)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer(due);
CREATE TABLE outbox(
  no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, body BLOB NOT NULL, since INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, next_try INTEGER, error TEXT
) STRICT;
CREATE INDEX outbox_next ON outbox(next_try, no) WHERE next_try IS NOT NULL;
CREATE INDEX outbox_stuck ON outbox(no) WHERE tries > 0;
CREATE TABLE message(
  mailbox TEXT NOT NULL, id BLOB NOT NULL, record BLOB NOT NULL, service TEXT NOT NULL, record_type TEXT NOT NULL,
  subject TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, read_at INTEGER, PRIMARY KEY(mailbox, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency(
  owner TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, act BLOB NOT NULL, record BLOB NOT NULL,
  version INTEGER NOT NULL, status INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment(
  id BLOB PRIMARY KEY, name TEXT NOT NULL, media_type TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
  owner BLOB, record BLOB, at INTEGER NOT NULL, key INTEGER NOT NULL, doomed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_orphan ON attachment(at) WHERE record IS NULL;

CREATE TABLE account(
  id BLOB PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password TEXT, party BLOB NOT NULL,
  hats TEXT NOT NULL, seats TEXT NOT NULL, demo INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session(
  secret TEXT PRIMARY KEY, account BLOB NOT NULL, kind TEXT NOT NULL, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE package(hash TEXT PRIMARY KEY, slug TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE package_file(
  package TEXT NOT NULL, path TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY(package, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE content(hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE publication(no INTEGER PRIMARY KEY, slug TEXT NOT NULL, package TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX publication_slug ON publication(slug, no);
CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE read_note(
  no INTEGER PRIMARY KEY, account BLOB, record BLOB NOT NULL, purpose TEXT, at INTEGER NOT NULL
) STRICT;
CREATE INDEX read_note_record ON read_note(record, no);
