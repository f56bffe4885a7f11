-- Passkeys, authenticator apps and recovery codes (docs/decisions/0038): sealed, one row an account; and whose a passkey is,
-- by the SHA-256 (hex) of its credential id.
CREATE TABLE account_proof(account uuid PRIMARY KEY, revision bigint NOT NULL, key bigint NOT NULL, sealed bytea NOT NULL);
CREATE TABLE passkey(credential text COLLATE "C" PRIMARY KEY, account uuid NOT NULL);
CREATE INDEX passkey_account ON passkey(account);
