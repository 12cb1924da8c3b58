-- People who sign in to the console: who they are, what they may do, their sessions and
-- links, and what they did. Times are microseconds since 1970, 0 for none.

CREATE TABLE users (
	id             TEXT    NOT NULL PRIMARY KEY,
	name           TEXT    NOT NULL UNIQUE, -- by which they sign in, in small letters
	display        TEXT    NOT NULL,
	language       TEXT    NOT NULL,
	created_at     INTEGER NOT NULL,
	disabled_at    INTEGER NOT NULL,
	signed_in_at   INTEGER NOT NULL,
	password       TEXT    NOT NULL, -- argon2id with its parameters; empty: none
	secret         BLOB,             -- of the second step, sealed; NULL: none
	second_step_at INTEGER NOT NULL, -- since when it is asked for; 0: it is not
	last_step      INTEGER NOT NULL, -- of the codes by time, the last one that was used
	codes          TEXT    NOT NULL  -- SHA-256 of each recovery code that is left, in hexadecimal
) WITHOUT ROWID, STRICT;

CREATE TABLE user_roles (
	user_id    TEXT NOT NULL,
	account TEXT NOT NULL, -- empty: the whole gateway
	role    TEXT NOT NULL,
	PRIMARY KEY (user_id, account, role)
) WITHOUT ROWID, STRICT;

-- Where a user signed in from: whoever guesses elsewhere does not hold them up there.
CREATE TABLE user_addresses (
	user_id    TEXT    NOT NULL,
	address TEXT    NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (user_id, address)
) WITHOUT ROWID, STRICT;

CREATE TABLE invitations (
	user_id       TEXT    NOT NULL PRIMARY KEY, -- a new one is instead of the last
	hash       BLOB    NOT NULL UNIQUE,      -- SHA-256 of the code in the link
	created_at INTEGER NOT NULL,
	ends_at    INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE sessions (
	hash       BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the token
	id         TEXT    NOT NULL UNIQUE,      -- shown in lists
	user_id       TEXT    NOT NULL,
	created_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL,
	proved_at  INTEGER NOT NULL,
	ends_at    INTEGER NOT NULL,
	address    TEXT    NOT NULL,
	agent      TEXT    NOT NULL,
	step       TEXT    NOT NULL -- what it still asks for; empty: nothing
) WITHOUT ROWID, STRICT;

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_end ON sessions (ends_at);

-- What people did and saw. No row is changed or removed.
CREATE TABLE acts (
	id      BLOB    NOT NULL PRIMARY KEY,
	at      INTEGER NOT NULL,
	actor   TEXT    NOT NULL,
	account TEXT    NOT NULL, -- empty: the whole gateway
	code    TEXT    NOT NULL,
	subject TEXT    NOT NULL, -- never a number of a citizen
	address TEXT    NOT NULL,
	note    TEXT    NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX acts_account ON acts (account, id);
CREATE INDEX acts_actor ON acts (actor, id);
