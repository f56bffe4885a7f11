-- Uploads that are shown to nobody: not known to be harmless yet (they are asked about again), or known not to be.
CREATE TABLE held_upload(
  attachment uuid PRIMARY KEY, since bigint NOT NULL, tries bigint NOT NULL, next_try bigint, said text COLLATE "C" NOT NULL
);
CREATE INDEX held_upload_next ON held_upload(next_try) WHERE next_try IS NOT NULL;
