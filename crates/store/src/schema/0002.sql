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
-- Messages in other languages, and what of them may go outside.
ALTER TABLE message ADD COLUMN others TEXT NOT NULL DEFAULT '{}';
ALTER TABLE message ADD COLUMN reach TEXT NOT NULL DEFAULT '{}';

-- Where people want to be reached; addresses lie in the sealed body only.
CREATE TABLE contact(
  party BLOB PRIMARY KEY, revision INTEGER NOT NULL, key INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE contact_desk(
  mailbox TEXT NOT NULL, party BLOB NOT NULL, PRIMARY KEY(mailbox, party)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_desk_party ON contact_desk(party);
CREATE TABLE contact_code(hash TEXT PRIMARY KEY, party BLOB NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Messages on their way, each to one address by one channel.
CREATE TABLE delivery(
  no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, message BLOB NOT NULL, mailbox TEXT NOT NULL, party BLOB NOT NULL,
  way BLOB NOT NULL, channel TEXT NOT NULL, record BLOB NOT NULL, office TEXT, tries INTEGER NOT NULL DEFAULT 0,
  next_try INTEGER, sent_at INTEGER, error TEXT, failed INTEGER NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX delivery_next ON delivery(channel, next_try, no) WHERE next_try IS NOT NULL;
CREATE INDEX delivery_failed ON delivery(office, no) WHERE failed = 1 AND seen = 0;

-- The user review: tickets that were spent, and answers of a day that is not over. Neither names the other, and both
-- lie in the order of what is random.
CREATE TABLE review_spent(ticket TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE review_box(
  id BLOB NOT NULL, day TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(day, id)
) STRICT, WITHOUT ROWID;
