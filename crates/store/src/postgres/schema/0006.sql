-- What was disposed of (docs/decisions/0030). Nothing here says whom a record was about.
CREATE TABLE disposed(
  record uuid PRIMARY KEY, service text COLLATE "C" NOT NULL, record_type text COLLATE "C" NOT NULL, number text COLLATE "C", office text COLLATE "C",
  deed text COLLATE "C" NOT NULL, round uuid NOT NULL, is_part smallint NOT NULL, at bigint NOT NULL
);
CREATE INDEX disposed_round ON disposed(round, is_part);
-- Keys that are to be destroyed: what a kill left undone is done from here.
CREATE TABLE doomed_key(key bigint PRIMARY KEY, record uuid, certificate text);
-- So that what belongs to one record is found without a scan.
CREATE INDEX message_record ON message(record);
CREATE INDEX delivery_record ON delivery(record);
CREATE INDEX run_item_record ON run_item(record);
CREATE INDEX attachment_record ON attachment(record) WHERE record IS NOT NULL;
CREATE INDEX attachment_use_record ON attachment_use(record);
