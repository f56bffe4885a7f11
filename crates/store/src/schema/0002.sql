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
