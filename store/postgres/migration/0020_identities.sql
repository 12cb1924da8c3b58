-- Who users are at a provider of identities (OpenID Connect), and the one who signs in by
-- password where others may not.

ALTER TABLE users
	ADD COLUMN mail text NOT NULL DEFAULT '', -- by which a provider first knows them, in small letters
	ADD COLUMN issuer text NOT NULL DEFAULT '',
	ADD COLUMN subject text NOT NULL DEFAULT '', -- at the issuer; empty: none was bound
	ADD COLUMN bound_at bigint NOT NULL DEFAULT 0,
	ADD COLUMN emergency boolean NOT NULL DEFAULT false;

CREATE UNIQUE INDEX users_mail ON users (mail) WHERE mail <> '';
CREATE UNIQUE INDEX users_identity ON users (issuer, subject) WHERE subject <> '';
