-- The keys of records, uploads and contacts, apart from what they open: in a schema or a database of their own.
CREATE TABLE key(no bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, bytes bytea NOT NULL);
