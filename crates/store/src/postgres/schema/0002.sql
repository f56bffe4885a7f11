-- Failed tries at what is guarded against guessing, under digests of who tried what. Lasts an hour after the last try.
CREATE TABLE guess(key text COLLATE "C" PRIMARY KEY, failures bigint NOT NULL, last bigint NOT NULL);
CREATE INDEX guess_last ON guess(last);
