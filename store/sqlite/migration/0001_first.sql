-- Times are microseconds since 1970 (UTC). Ids are 16 bytes of UUIDv7, so rows
-- lie in the order of their making. The account leads every key of a table
-- that grows, so that one account's rows lie together.

CREATE TABLE accounts (
	name       TEXT    NOT NULL PRIMARY KEY,
	created_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE keys (
	hash       BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the whole key
	id         TEXT    NOT NULL UNIQUE,      -- shown in lists and logs
	account    TEXT    NOT NULL,
	name       TEXT    NOT NULL,
	created_at INTEGER NOT NULL,
	revoked_at INTEGER
) WITHOUT ROWID, STRICT;

-- What the messages of one request share. It is also their accepted event.
CREATE TABLE submissions (
	account     TEXT    NOT NULL,
	id          BLOB    NOT NULL,
	text        TEXT    NOT NULL,
	sender      TEXT    NOT NULL,
	class       TEXT    NOT NULL,
	encoding    TEXT    NOT NULL,
	metadata    TEXT,            -- JSON object
	actor       TEXT    NOT NULL,
	accepted_at INTEGER NOT NULL,
	decisions   TEXT    NOT NULL, -- JSON list
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

-- The message row is the queue.
CREATE TABLE messages (
	account     TEXT    NOT NULL,
	id          BLOB    NOT NULL,
	submission  BLOB    NOT NULL,
	recipient   TEXT    NOT NULL,
	reference   TEXT    NOT NULL, -- the caller's own, the same for the whole submission
	connector   TEXT    NOT NULL,
	status      TEXT    NOT NULL,
	reason      TEXT    NOT NULL, -- code of the last event
	segments    INTEGER NOT NULL,
	priority    INTEGER NOT NULL, -- 0 goes first
	attempt     INTEGER NOT NULL,
	solo        INTEGER NOT NULL, -- 1: travels alone
	provider_id TEXT,
	due_at      INTEGER NOT NULL,
	expires_at  INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL,
	decisions   TEXT,            -- JSON list of its own, beside the submission's
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

-- Written with OR: SQLite uses a partial index only for queries that repeat one
-- of these terms, and does not look into an IN.
CREATE INDEX messages_waiting ON messages (status, connector, priority, due_at, expires_at)
	WHERE status = 'queued' OR status = 'submitting' OR status = 'uncertain';
CREATE INDEX messages_recipient ON messages (account, recipient, id);
CREATE INDEX messages_reference ON messages (account, reference, id) WHERE reference <> '';

-- The timeline after acceptance. seq counts the events of one message, so that
-- a clock that jumps does not change their order.
CREATE TABLE events (
	account TEXT    NOT NULL,
	message BLOB    NOT NULL,
	seq     INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	status  TEXT    NOT NULL,
	actor   TEXT    NOT NULL,
	code    TEXT    NOT NULL,
	detail  TEXT    NOT NULL,
	attempt INTEGER NOT NULL,
	PRIMARY KEY (account, message, seq)
) WITHOUT ROWID, STRICT;

CREATE TABLE idempotency (
	account TEXT    NOT NULL,
	key     TEXT    NOT NULL,
	request BLOB    NOT NULL, -- SHA-256
	answer  BLOB    NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (account, key)
) WITHOUT ROWID, STRICT;

CREATE INDEX idempotency_age ON idempotency (at);

-- Every database has an account to begin with.
INSERT INTO accounts (name, created_at) VALUES ('default', unixepoch() * 1000000);
