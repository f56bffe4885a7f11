-- Who signed in where, and by which outside identity an account is found (docs/decisions/0035). A session of before is
-- named anew, and taken as begun twelve hours before its end, as they all were.
ALTER TABLE session ADD COLUMN id BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE session ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN idle_seconds INTEGER;
ALTER TABLE session ADD COLUMN identity INTEGER NOT NULL DEFAULT 1;
ALTER TABLE session ADD COLUMN authentication INTEGER NOT NULL DEFAULT 1;
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN outside TEXT;
UPDATE session SET id = randomblob(16);
UPDATE session SET made = until - 43200000000000, used = until - 43200000000000 WHERE kind = 'browser';
CREATE INDEX session_account ON session(account, used);
CREATE INDEX session_until ON session(until);
CREATE INDEX session_outside ON session(outside) WHERE outside IS NOT NULL;
ALTER TABLE account ADD COLUMN closed INTEGER;
CREATE TABLE account_link(
  issuer TEXT NOT NULL, subject TEXT NOT NULL, account BLOB NOT NULL, hats TEXT NOT NULL, seats INTEGER NOT NULL,
  PRIMARY KEY(issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_link_account ON account_link(account);
-- Which party a 法人番号 names.
CREATE TABLE party_number(number TEXT PRIMARY KEY, party BLOB NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO party_number(number, party)
  SELECT json_extract(hat.value, '$.corporate_number'), unhex(replace(json_extract(hat.value, '$.id'), '-', ''))
  FROM account, json_each(account.hats) AS hat WHERE json_extract(hat.value, '$.corporate_number') IS NOT NULL
  ON CONFLICT DO NOTHING;
