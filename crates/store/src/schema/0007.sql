-- The log over all events (docs/decisions/0025): a Merkle tree as in RFC 6962 in tiles of up to 256 hashes, its signed
-- heads, and which keys signed them. Secrets lie with the other keys; here stands a number of theirs.
CREATE TABLE log_key(no INTEGER PRIMARY KEY, seed INTEGER NOT NULL, verifier TEXT NOT NULL) STRICT;
CREATE TABLE log_head(no INTEGER PRIMARY KEY, key INTEGER NOT NULL, checkpoint TEXT NOT NULL) STRICT;
CREATE INDEX log_head_key ON log_head(key, no);
CREATE TABLE log_tile(level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, number)) STRICT;
-- A tile only ever grows; nothing else changes.
CREATE TRIGGER log_tile_only_grows BEFORE UPDATE ON log_tile
  WHEN new.level <> old.level OR new.number <> old.number OR substr(new.hashes, 1, length(old.hashes)) <> old.hashes
  BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_tile_never_deleted BEFORE DELETE ON log_tile BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_head_never_updated BEFORE UPDATE ON log_head BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_head_never_deleted BEFORE DELETE ON log_head BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_key_never_updated BEFORE UPDATE ON log_key BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_key_never_deleted BEFORE DELETE ON log_key BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
