-- Individual numbers, in a schema of their own (docs/decisions/0052). `sealed` is empty once `gone` says when it was destroyed.
CREATE TABLE number(
  id uuid PRIMARY KEY, record uuid NOT NULL, field text COLLATE "C" NOT NULL, at bigint NOT NULL, settled bigint NOT NULL, gone bigint,
  key bigint NOT NULL, sealed bytea NOT NULL
);
CREATE INDEX number_record ON number(record);
CREATE INDEX number_unsettled ON number(at) WHERE settled = 0 AND gone IS NULL;
-- The key of digests of requests that carried a number.
CREATE TABLE blinding(one bigint PRIMARY KEY, key bigint NOT NULL);
