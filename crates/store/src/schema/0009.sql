-- What left the installation as a whole, or was begun to (docs/decisions/0031): who, when, what for.
CREATE TABLE departure(no INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TRIGGER departure_never_updated BEFORE UPDATE ON departure BEGIN SELECT RAISE(ABORT, 'what left stays written down'); END;
CREATE TRIGGER departure_never_deleted BEFORE DELETE ON departure BEGIN SELECT RAISE(ABORT, 'what left stays written down'); END;
