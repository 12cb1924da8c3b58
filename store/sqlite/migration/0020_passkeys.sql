-- Passkeys of people who sign in: what is stored of one is public. Times are microseconds
-- since 1970, 0 for none.

CREATE TABLE passkeys (
	id         TEXT    NOT NULL PRIMARY KEY, -- shown in lists
	user_id    TEXT    NOT NULL,
	credential BLOB    NOT NULL UNIQUE, -- by which browsers name it
	name       TEXT    NOT NULL,        -- as its user calls it
	created_at INTEGER NOT NULL,
	used_at    INTEGER NOT NULL,
	public     TEXT    NOT NULL -- the public key with its counter, in JSON
) WITHOUT ROWID, STRICT;

CREATE INDEX passkeys_user ON passkeys (user_id, created_at, id);
