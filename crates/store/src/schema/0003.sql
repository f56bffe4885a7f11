-- Rows of an import that were not taken: when it was looked through (0) and when it was carried out (1). Their cells
-- lie in the run's file alone, which is sealed and stays as long as the run needs it.
CREATE TABLE import_rejected(
  run TEXT NOT NULL, going INTEGER NOT NULL, line INTEGER NOT NULL, reasons TEXT NOT NULL, PRIMARY KEY(run, going, line)
) STRICT, WITHOUT ROWID;
ALTER TABLE import_run ADD COLUMN upload BLOB;
CREATE INDEX import_run_upload ON import_run(upload, at);
