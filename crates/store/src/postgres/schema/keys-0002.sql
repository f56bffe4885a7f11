-- Which master key wraps a row; none: it lies as it is. And what remains of records whose keys were destroyed, kept apart
-- from the data, so that an older copy of the data does not bring them back.
ALTER TABLE key ADD COLUMN master text;
CREATE TABLE destroyed(
  no bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, key bigint NOT NULL UNIQUE, record uuid, certificate text
);
