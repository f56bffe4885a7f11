-- Uploads that a further record has named: an attachment's own row says which was the first.
CREATE TABLE attachment_use(
  attachment BLOB NOT NULL, record BLOB NOT NULL, PRIMARY KEY(attachment, record)
) STRICT, WITHOUT ROWID;
