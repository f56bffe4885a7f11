-- Who signed in where, and by which outside identity an account is found (docs/decisions/0035). A session of before is
-- named anew, and taken as begun twelve hours before its end, as they all were.
ALTER TABLE session
  ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(), ADD COLUMN made bigint NOT NULL DEFAULT 0,
  ADD COLUMN used bigint NOT NULL DEFAULT 0, ADD COLUMN idle_seconds bigint,
  ADD COLUMN identity bigint NOT NULL DEFAULT 1, ADD COLUMN authentication bigint NOT NULL DEFAULT 1,
  ADD COLUMN device text NOT NULL DEFAULT '', ADD COLUMN place text NOT NULL DEFAULT '',
  ADD COLUMN way text NOT NULL DEFAULT '', ADD COLUMN outside text COLLATE "C";
ALTER TABLE session ALTER COLUMN id DROP DEFAULT;
UPDATE session SET made = until - 43200000000000, used = until - 43200000000000 WHERE kind = 'browser';
CREATE INDEX session_account ON session(account, used);
CREATE INDEX session_until ON session(until);
CREATE INDEX session_outside ON session(outside) WHERE outside IS NOT NULL;
ALTER TABLE account ADD COLUMN closed bigint;
CREATE TABLE account_link(
  issuer text COLLATE "C" NOT NULL, subject text COLLATE "C" NOT NULL, account uuid NOT NULL, hats text NOT NULL,
  seats smallint NOT NULL, PRIMARY KEY(issuer, subject)
);
CREATE INDEX account_link_account ON account_link(account);
-- Which party a 法人番号 names.
CREATE TABLE party_number(number text COLLATE "C" PRIMARY KEY, party uuid NOT NULL);
INSERT INTO party_number(number, party)
  SELECT hat->>'corporate_number', (hat->>'id')::uuid FROM account, json_array_elements(account.hats::json) AS hat
  WHERE hat->>'corporate_number' IS NOT NULL ON CONFLICT DO NOTHING;
