-- What left the installation as a whole, or was begun to (docs/decisions/0031): who, when, what for.
CREATE TABLE departure(no bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, at bigint NOT NULL, body text NOT NULL);
CREATE FUNCTION departure_stays() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'what left stays written down'; END $$;
CREATE TRIGGER departure_never_changed BEFORE UPDATE OR DELETE ON departure FOR EACH ROW EXECUTE FUNCTION departure_stays();
CREATE TRIGGER departure_never_emptied BEFORE TRUNCATE ON departure FOR EACH STATEMENT EXECUTE FUNCTION departure_stays();
