-- What the door for OVH clients keeps.

CREATE TABLE ovh_applications (
	key        TEXT    NOT NULL PRIMARY KEY,
	id         INTEGER NOT NULL UNIQUE,
	secret     BLOB    NOT NULL, -- sealed
	account    TEXT    NOT NULL,
	name       TEXT    NOT NULL,
	created_at INTEGER NOT NULL,
	revoked_at INTEGER
) WITHOUT ROWID, STRICT;

CREATE TABLE ovh_credentials (
	hash        BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the consumer key
	id          INTEGER NOT NULL UNIQUE,
	token       BLOB,                         -- SHA-256 of what validates it
	application INTEGER NOT NULL,             -- id
	state       TEXT    NOT NULL,             -- pendingValidation, validated, expired, refused
	rules       TEXT    NOT NULL,             -- JSON list
	ips         TEXT    NOT NULL,             -- JSON list
	created_at  INTEGER NOT NULL,
	expires_at  INTEGER NOT NULL              -- 0: never
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX ovh_credentials_token ON ovh_credentials (token) WHERE token IS NOT NULL;

CREATE TABLE ovh_services (
	account TEXT NOT NULL PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE,
	data    BLOB                    -- JSON: what clients set of it
) WITHOUT ROWID, STRICT;

CREATE TABLE ovh_users (
	account    TEXT    NOT NULL,
	login      TEXT    NOT NULL,
	password   BLOB    NOT NULL, -- keyed digest
	data       BLOB,             -- JSON: what clients set of it
	created_at INTEGER NOT NULL,
	PRIMARY KEY (account, login)
) WITHOUT ROWID, STRICT;

CREATE TABLE ovh_batches (
	account TEXT    NOT NULL,
	id      BLOB    NOT NULL, -- submission
	at      INTEGER NOT NULL,
	data    BLOB    NOT NULL, -- JSON
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

-- The 64-bit numbers by which clients know messages and replies.
CREATE TABLE ovh_numbers (
	account TEXT    NOT NULL,
	number  INTEGER NOT NULL,
	id      BLOB    NOT NULL, -- message or reply
	gone    INTEGER NOT NULL, -- 1: deleted from the history that is shown
	PRIMARY KEY (account, number)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX ovh_numbers_id ON ovh_numbers (account, id);
