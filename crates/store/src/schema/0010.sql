-- What was disposed of (docs/decisions/0030). Nothing here says whom a record was about.
CREATE TABLE disposed(
  record BLOB PRIMARY KEY, service TEXT NOT NULL, record_type TEXT NOT NULL, number TEXT, office TEXT,
  deed TEXT NOT NULL, round BLOB NOT NULL, is_part INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX disposed_round ON disposed(round, is_part);
-- Keys that are to be destroyed: what a kill left undone is done from here.
CREATE TABLE doomed_key(key INTEGER PRIMARY KEY, record BLOB, certificate TEXT) STRICT;
-- So that what belongs to one record is found without a scan.
CREATE INDEX message_record ON message(record);
CREATE INDEX delivery_record ON delivery(record);
CREATE INDEX run_item_record ON run_item(record);
CREATE INDEX attachment_record ON attachment(record) WHERE record IS NOT NULL;
CREATE INDEX attachment_use_record ON attachment_use(record);
