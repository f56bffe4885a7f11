-- Uploads that are shown to nobody: not known to be harmless yet (they are asked about again), or known not to be.
CREATE TABLE held_upload(
  attachment BLOB PRIMARY KEY, since INTEGER NOT NULL, tries INTEGER NOT NULL, next_try INTEGER, said TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX held_upload_next ON held_upload(next_try) WHERE next_try IS NOT NULL;
