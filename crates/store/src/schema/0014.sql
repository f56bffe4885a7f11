-- Passkeys, authenticator apps and recovery codes (docs/decisions/0038): sealed, one row an account; and whose a passkey is,
-- by the SHA-256 (hex) of its credential id.
CREATE TABLE account_proof(account BLOB PRIMARY KEY, revision INTEGER NOT NULL, key INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE passkey(credential TEXT PRIMARY KEY, account BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_account ON passkey(account);
