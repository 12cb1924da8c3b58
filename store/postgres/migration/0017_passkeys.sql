-- Passkeys of people who sign in: what is stored of one is public. Times are microseconds
-- since 1970, 0 for none.

CREATE TABLE passkeys (
	id         text   NOT NULL PRIMARY KEY, -- shown in lists
	user_id    text   NOT NULL,
	credential bytea  NOT NULL UNIQUE, -- by which browsers name it
	name       text   NOT NULL,        -- as its user calls it
	created_at bigint NOT NULL,
	used_at    bigint NOT NULL,
	public     text   NOT NULL -- the public key with its counter, in JSON
);

CREATE INDEX passkeys_user ON passkeys (user_id, created_at, id);
