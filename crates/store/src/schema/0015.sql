-- Letters to addresses with their links (docs/decisions/0048): sealed; `about` is a digest of the address. No link lies
-- here: it is made when the letter is, of the id and a secret of the installation.
CREATE TABLE mail_slip(
  id BLOB PRIMARY KEY, about TEXT NOT NULL, links INTEGER NOT NULL, tries INTEGER NOT NULL, next_try INTEGER, ends INTEGER NOT NULL,
  key INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_slip_due ON mail_slip(next_try) WHERE next_try IS NOT NULL;
CREATE INDEX mail_slip_about ON mail_slip(about);
CREATE INDEX mail_slip_ends ON mail_slip(ends);
