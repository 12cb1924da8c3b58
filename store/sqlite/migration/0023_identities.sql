-- Who users are at a provider of identities (OpenID Connect), and the one who signs in by
-- password where others may not.

ALTER TABLE users ADD COLUMN mail TEXT NOT NULL DEFAULT ''; -- by which a provider first knows them, in small letters
ALTER TABLE users ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN subject TEXT NOT NULL DEFAULT ''; -- at the issuer; empty: none was bound
ALTER TABLE users ADD COLUMN bound_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN emergency INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX users_mail ON users (mail) WHERE mail <> '';
CREATE UNIQUE INDEX users_identity ON users (issuer, subject) WHERE subject <> '';
