-- Who looked (docs/decisions/0036). One row is one reading: of a record, or of up to 500 records of a list. What was
-- written before this has no hash and stands before the chain.
ALTER TABLE read_note ALTER COLUMN no DROP IDENTITY;
ALTER TABLE read_note
  ADD COLUMN behalf uuid, ADD COLUMN role text COLLATE "C", ADD COLUMN office text COLLATE "C",
  ADD COLUMN session text COLLATE "C", ADD COLUMN way text COLLATE "C", ADD COLUMN face text COLLATE "C",
  ADD COLUMN service text COLLATE "C", ADD COLUMN record_type text COLLATE "C",
  -- The records after the first, 16 bytes each; not null where it was no reading of one record alone.
  ADD COLUMN more bytea, ADD COLUMN glass uuid, ADD COLUMN salt uuid,
  -- The salted digest of the purpose, which stays when the purpose is erased.
  ADD COLUMN said bytea, ADD COLUMN hash bytea;
DROP INDEX read_note_look;
CREATE INDEX read_note_look ON read_note(account, record, at) WHERE account IS NOT NULL AND more IS NULL;
CREATE INDEX read_note_reader ON read_note(account, no) WHERE account IS NOT NULL;
CREATE INDEX read_note_at ON read_note(at);
CREATE INDEX read_note_glass ON read_note(glass, no) WHERE glass IS NOT NULL;
-- By record: numbers of notes that name it among others, in pieces that end with the number `last`.
CREATE TABLE look_index(record uuid NOT NULL, last bigint NOT NULL, nos bytea NOT NULL, PRIMARY KEY(record, last));
-- Records that an account read, by hours since 1970.
CREATE TABLE look_count(account uuid NOT NULL, hour bigint NOT NULL, records bigint NOT NULL, PRIMARY KEY(account, hour));
-- Notes whose time was over: up to which number they went, and the hash that the next one follows.
CREATE TABLE look_pruned(upto bigint PRIMARY KEY, hash bytea, before bigint NOT NULL, at bigint NOT NULL);
-- Signed by a key of the log: which hash the note of a number had.
CREATE TABLE look_seal(no bigint PRIMARY KEY, key bigint NOT NULL, checkpoint text NOT NULL);
CREATE INDEX account_party ON account(party);
-- Evidence: what was written stays as it is, but for a purpose that is erased; it goes when its time is over.
CREATE FUNCTION look_stays() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'who looked stays as it was written'; END $$;
CREATE FUNCTION look_goes_in_time() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN
    IF old.no > (SELECT coalesce(max(upto), 0) FROM look_pruned) THEN
      RAISE EXCEPTION 'who looked stays as it was written';
    END IF;
    RETURN old;
  END $$;
CREATE TRIGGER read_note_never_changed BEFORE UPDATE OF no, account, record, at, behalf, role, office, session, way, face,
  service, record_type, more, glass, said, hash ON read_note FOR EACH ROW EXECUTE FUNCTION look_stays();
CREATE TRIGGER read_note_only_erased BEFORE UPDATE OF purpose, salt ON read_note FOR EACH ROW
  WHEN (new.purpose IS NOT NULL OR new.salt IS NOT NULL) EXECUTE FUNCTION look_stays();
CREATE TRIGGER read_note_never_deleted BEFORE DELETE ON read_note FOR EACH ROW EXECUTE FUNCTION look_goes_in_time();
CREATE TRIGGER read_note_never_emptied BEFORE TRUNCATE ON read_note FOR EACH STATEMENT EXECUTE FUNCTION look_stays();
CREATE TRIGGER look_pruned_never_changed BEFORE UPDATE OR DELETE ON look_pruned FOR EACH ROW EXECUTE FUNCTION look_stays();
