-- Who looked (docs/decisions/0036). One row is one reading: of a record, or of up to 500 records of a list. What was
-- written before this has no hash and stands before the chain.
ALTER TABLE read_note ADD COLUMN behalf BLOB;
ALTER TABLE read_note ADD COLUMN role TEXT;
ALTER TABLE read_note ADD COLUMN office TEXT;
ALTER TABLE read_note ADD COLUMN session TEXT;
ALTER TABLE read_note ADD COLUMN way TEXT;
ALTER TABLE read_note ADD COLUMN face TEXT;
ALTER TABLE read_note ADD COLUMN service TEXT;
ALTER TABLE read_note ADD COLUMN record_type TEXT;
-- The records after the first, 16 bytes each; not null where it was no reading of one record alone.
ALTER TABLE read_note ADD COLUMN more BLOB;
ALTER TABLE read_note ADD COLUMN glass BLOB;
ALTER TABLE read_note ADD COLUMN salt BLOB;
-- The salted digest of the purpose, which stays when the purpose is erased.
ALTER TABLE read_note ADD COLUMN said BLOB;
ALTER TABLE read_note ADD COLUMN hash BLOB;
DROP INDEX read_note_look;
CREATE INDEX read_note_look ON read_note(account, record, at) WHERE account IS NOT NULL AND more IS NULL;
CREATE INDEX read_note_reader ON read_note(account, no) WHERE account IS NOT NULL;
CREATE INDEX read_note_at ON read_note(at);
CREATE INDEX read_note_glass ON read_note(glass, no) WHERE glass IS NOT NULL;
-- By record: numbers of notes that name it among others, in pieces that end with the number `last`.
CREATE TABLE look_index(
  record BLOB NOT NULL, last INTEGER NOT NULL, nos BLOB NOT NULL, PRIMARY KEY(record, last)
) STRICT, WITHOUT ROWID;
-- Records that an account read, by hours since 1970.
CREATE TABLE look_count(
  account BLOB NOT NULL, hour INTEGER NOT NULL, records INTEGER NOT NULL, PRIMARY KEY(account, hour)
) STRICT, WITHOUT ROWID;
-- Notes whose time was over: up to which number they went, and the hash that the next one follows.
CREATE TABLE look_pruned(upto INTEGER PRIMARY KEY, hash BLOB, before INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
-- Signed by a key of the log: which hash the note of a number had.
CREATE TABLE look_seal(no INTEGER PRIMARY KEY, key INTEGER NOT NULL, checkpoint TEXT NOT NULL) STRICT;
CREATE INDEX account_party ON account(party);
-- Evidence: what was written stays as it is, but for a purpose that is erased; it goes when its time is over.
CREATE TRIGGER read_note_never_updated BEFORE UPDATE OF no, account, record, at, behalf, role, office, session, way, face,
  service, record_type, more, glass, said, hash ON read_note BEGIN SELECT RAISE(ABORT, 'who looked stays as it was written'); END;
CREATE TRIGGER read_note_only_erased BEFORE UPDATE OF purpose, salt ON read_note
  WHEN new.purpose IS NOT NULL OR new.salt IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'who looked stays as it was written'); END;
CREATE TRIGGER read_note_never_deleted BEFORE DELETE ON read_note
  WHEN old.no > (SELECT coalesce(max(upto), 0) FROM look_pruned)
  BEGIN SELECT RAISE(ABORT, 'who looked stays as it was written'); END;
CREATE TRIGGER look_pruned_never_updated BEFORE UPDATE ON look_pruned BEGIN SELECT RAISE(ABORT, 'who looked stays as it was written'); END;
CREATE TRIGGER look_pruned_never_deleted BEFORE DELETE ON look_pruned BEGIN SELECT RAISE(ABORT, 'who looked stays as it was written'); END;
