-- The log over all events (docs/decisions/0025): a Merkle tree as in RFC 6962 in tiles of up to 256 hashes, its signed
-- heads, and which keys signed them. Secrets lie with the other keys; here stands a number of theirs.
CREATE TABLE log_key(no bigint PRIMARY KEY, seed bigint NOT NULL, verifier text COLLATE "C" NOT NULL);
CREATE TABLE log_head(no bigint PRIMARY KEY, key bigint NOT NULL, checkpoint text COLLATE "C" NOT NULL);
CREATE INDEX log_head_key ON log_head(key, no);
CREATE TABLE log_tile(level bigint NOT NULL, number bigint NOT NULL, hashes bytea NOT NULL, PRIMARY KEY(level, number));
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
-- A tile only ever grows; nothing else changes.
CREATE FUNCTION log_only_grows() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$;
CREATE TRIGGER log_tile_only_grows BEFORE UPDATE ON log_tile FOR EACH ROW
  WHEN (new.level <> old.level OR new.number <> old.number OR substring(new.hashes FOR length(old.hashes)) <> old.hashes)
  EXECUTE FUNCTION log_only_grows();
CREATE TRIGGER log_tile_never_deleted BEFORE DELETE ON log_tile FOR EACH ROW EXECUTE FUNCTION log_only_grows();
CREATE TRIGGER log_tile_never_emptied BEFORE TRUNCATE ON log_tile FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows();
CREATE TRIGGER log_head_never_changed BEFORE UPDATE OR DELETE ON log_head FOR EACH ROW EXECUTE FUNCTION log_only_grows();
CREATE TRIGGER log_head_never_emptied BEFORE TRUNCATE ON log_head FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows();
CREATE TRIGGER log_key_never_changed BEFORE UPDATE OR DELETE ON log_key FOR EACH ROW EXECUTE FUNCTION log_only_grows();
CREATE TRIGGER log_key_never_emptied BEFORE TRUNCATE ON log_key FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows();
