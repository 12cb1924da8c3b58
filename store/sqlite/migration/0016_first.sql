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
	endpoint    BLOB,             -- of its webhook_url
	recipients  INTEGER NOT NULL DEFAULT 0, -- messages with its text that are not erased; 0: not counted, because it is older, or none left
	trace       TEXT,             -- W3C traceparent of the span that accepted it; NULL: none, as long as no traces are sent
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
	routes      TEXT    NOT NULL DEFAULT '', -- connectors that may send it, most wanted first, with commas; empty: its own alone
	chance      INTEGER NOT NULL DEFAULT 0,  -- sent again by another connector when no receipt came in so long; 0: not, or done
	submitted_at  INTEGER,
	receipt_by    INTEGER,       -- when its receipt is missed
	operator_code TEXT,          -- of the last receipt, verbatim
	operator_text TEXT,
	ask_at      INTEGER,         -- when the operator is asked whether it took a message in doubt; NULL: it is not asked, or no longer
	asks        INTEGER NOT NULL DEFAULT 0,  -- how often it was asked
	price       INTEGER NOT NULL DEFAULT 0,  -- in millionths of the unit of the currency, by the tariff of its connector; 0: not known
	actor       TEXT    NOT NULL DEFAULT '', -- of its submission, while it waits; empty: it was accepted before
	due_minute  INTEGER NOT NULL DEFAULT 0,  -- of due_at; 0: it was due when it was written
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

-- Written with OR: SQLite uses a partial index only for queries that repeat one
-- of these terms, and does not look into an IN. Accounts, and keys inside an account,
-- take turns: the index has them before the date.
CREATE INDEX messages_waiting ON messages (status, connector, priority, due_minute, account, actor, due_at, expires_at)
	WHERE status = 'queued' OR status = 'submitting' OR status = 'uncertain';
CREATE INDEX messages_doubtful ON messages (connector, account, ask_at) WHERE status = 'uncertain';
CREATE INDEX messages_movable ON messages (connector, account, id) WHERE status = 'queued' AND routes <> '';
CREATE INDEX messages_awaiting ON messages (connector, receipt_by) WHERE status = 'submitted';
CREATE INDEX messages_provider ON messages (connector, provider_id) WHERE provider_id IS NOT NULL;
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
	operator_code TEXT,
	operator_text TEXT,
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

-- Receipts of messages that are not known, or not yet.
CREATE TABLE receipts (
	id          INTEGER PRIMARY KEY,
	connector   TEXT    NOT NULL,
	provider_id TEXT    NOT NULL,
	ref         BLOB,             -- our id, where the operator echoed it
	status      TEXT    NOT NULL,
	reason      TEXT    NOT NULL,
	code        TEXT    NOT NULL,
	text        TEXT    NOT NULL,
	at          INTEGER NOT NULL, -- 0: the operator did not tell
	received_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX receipts_once ON receipts (connector, provider_id, status, code, coalesce(ref, x''));
CREATE INDEX receipts_age ON receipts (received_at);

-- Replies (MO).
CREATE TABLE inbound (
	account     TEXT    NOT NULL,
	id          BLOB    NOT NULL,
	connector   TEXT    NOT NULL,
	provider_id TEXT    NOT NULL, -- or what else is always the same for it
	sender      TEXT    NOT NULL, -- E.164 where it could be read
	recipient   TEXT    NOT NULL,
	text        TEXT    NOT NULL,
	kind        TEXT    NOT NULL, -- reply, stop, start, unsure
	message     BLOB,             -- the message that it answers
	linked_by   TEXT    NOT NULL, -- operator_id, reference, number; empty: not linked
	at          INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	handled     INTEGER NOT NULL, -- 0: rules have not run yet
	outbox      INTEGER NOT NULL, -- seq of its event
	decided     TEXT    NOT NULL DEFAULT '', -- of one that may be a STOP, by a person: stop, reply; empty: not yet
	decided_by  TEXT    NOT NULL DEFAULT '',
	decided_at  INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX inbound_once ON inbound (connector, provider_id);
CREATE INDEX inbound_sender ON inbound (account, sender, id);
CREATE INDEX inbound_message ON inbound (account, message, id) WHERE message IS NOT NULL;
CREATE INDEX inbound_unhandled ON inbound (id) WHERE handled = 0;
CREATE INDEX inbound_undecided ON inbound (account, sender, id) WHERE kind = 'unsure' AND decided = '';

-- Numbers that get no marketing. An empty sender means every sender.
CREATE TABLE opt_outs (
	account TEXT    NOT NULL,
	number  TEXT    NOT NULL,
	sender  TEXT    NOT NULL,
	source  TEXT    NOT NULL, -- reply, operator, receipt, api, import, decision
	since   INTEGER NOT NULL,
	proof   BLOB    NOT NULL, -- the change that put it here
	provisional INTEGER NOT NULL DEFAULT 0, -- 1: until a person decides whether the reply is a STOP
	PRIMARY KEY (account, number, sender)
) WITHOUT ROWID, STRICT;

-- Every change of opt_outs with its proof; nothing is deleted here.
CREATE TABLE opt_out_changes (
	account TEXT    NOT NULL,
	id      BLOB    NOT NULL,
	number  TEXT    NOT NULL,
	sender  TEXT    NOT NULL,
	change  TEXT    NOT NULL, -- added, removed
	source  TEXT    NOT NULL,
	actor   TEXT    NOT NULL,
	message BLOB,             -- the message that was answered
	inbound BLOB,             -- the reply
	note    TEXT    NOT NULL, -- the word that was read, the operator's code, the person's reason
	at      INTEGER NOT NULL,
	provisional INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX opt_out_changes_number ON opt_out_changes (account, number, id);
CREATE INDEX opt_out_changes_inbound ON opt_out_changes (account, inbound) WHERE inbound IS NOT NULL;

-- How far an operator's news were read.
CREATE TABLE cursors (
	connector TEXT NOT NULL PRIMARY KEY,
	cursor    TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- Webhook endpoints. origin: api (POST /v1/webhooks) or request (webhook_url of
-- a submission, or a rule); those of a request get only what names them.
CREATE TABLE endpoints (
	account     TEXT    NOT NULL,
	id          BLOB    NOT NULL,
	url         TEXT    NOT NULL,
	events      TEXT    NOT NULL, -- ",message.delivered,…," or ",*,"
	secret      BLOB    NOT NULL, -- sealed
	origin      TEXT    NOT NULL,
	state       TEXT    NOT NULL, -- active, quarantined, disabled
	reason      TEXT    NOT NULL, -- why it is not active
	failures    INTEGER NOT NULL, -- in a row
	failing_at  INTEGER NOT NULL, -- since; 0 when the last delivery was taken
	probe_at    INTEGER NOT NULL, -- quarantined: when it is tried next
	created_at  INTEGER NOT NULL,
	key         TEXT,             -- Idempotency-Key of the request that made it
	format      TEXT    NOT NULL DEFAULT '', -- the shape of another gateway; empty: signed JSON
	rotated_by  TEXT    NOT NULL DEFAULT '', -- idempotency key of the last rotation, and the hash of its request
	rotated_until INTEGER NOT NULL DEFAULT 0, -- until when the secret before signs too
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX endpoints_key ON endpoints (account, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX endpoints_request ON endpoints (account, url, format) WHERE origin = 'request';

-- Secrets that sign for endpoints of requests, one an account.
CREATE TABLE signing_secrets (
	account    TEXT    NOT NULL PRIMARY KEY,
	secret     BLOB    NOT NULL, -- sealed
	created_at INTEGER NOT NULL,
	rotated_by TEXT    NOT NULL DEFAULT '', -- as in endpoints
	rotated_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID, STRICT;

-- Secrets that were replaced, and sign webhooks beside their successors for a while.
-- endpoint: empty for the account's own, of webhook_url.
CREATE TABLE former_secrets (
	account  TEXT    NOT NULL,
	endpoint BLOB    NOT NULL,
	until    INTEGER NOT NULL,
	secret   BLOB    NOT NULL, -- sealed
	PRIMARY KEY (account, endpoint, until, secret)
) WITHOUT ROWID, STRICT;

-- What happened, in the order of commits, for callers: the feed, and what
-- deliveries carry. Written in the transaction of what happened.
CREATE TABLE outbox (
	seq     INTEGER PRIMARY KEY AUTOINCREMENT,
	account TEXT    NOT NULL, -- empty: of the whole gateway
	type    TEXT    NOT NULL,
	subject BLOB    NOT NULL, -- message, reply or change that it is about
	event   INTEGER NOT NULL, -- seq of the message's event; 0 where data tells
	at      INTEGER NOT NULL,
	data    TEXT              -- JSON; NULL: made of the message and its event
) STRICT;

CREATE INDEX outbox_account ON outbox (account, seq);

-- One row for each endpoint that an event goes to.
CREATE TABLE deliveries (
	account  TEXT    NOT NULL,
	endpoint BLOB    NOT NULL,
	seq      INTEGER NOT NULL, -- of outbox
	subject  BLOB    NOT NULL, -- its subject: events of one stay in order
	state    TEXT    NOT NULL, -- pending, delivered, failed
	attempts INTEGER NOT NULL,
	next_at  INTEGER NOT NULL,
	until    INTEGER NOT NULL, -- given up after
	last_at  INTEGER NOT NULL,
	status   INTEGER NOT NULL, -- HTTP status of the last answer; 0: none came
	error    TEXT    NOT NULL, -- why the last attempt failed
	PRIMARY KEY (account, endpoint, seq)
) WITHOUT ROWID, STRICT;

CREATE INDEX deliveries_pending ON deliveries (account, endpoint, next_at, seq) WHERE state = 'pending';
CREATE INDEX deliveries_seq ON deliveries (seq);
CREATE INDEX deliveries_order ON deliveries (account, endpoint, subject, seq) WHERE state = 'pending';

-- Credit: the last word of each operator, the alert that is out, and samples
-- that tell how fast it goes.
CREATE TABLE credit (
	connector  TEXT    NOT NULL PRIMARY KEY,
	amount     REAL    NOT NULL,
	unit       TEXT    NOT NULL,
	at         INTEGER NOT NULL,
	alerted_at INTEGER NOT NULL, -- 0: no alert is out
	mailed_at  INTEGER NOT NULL  -- 0: the alert's mail has not gone
) WITHOUT ROWID, STRICT;

CREATE TABLE credit_samples (
	connector TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	amount    REAL    NOT NULL,
	PRIMARY KEY (connector, at)
) WITHOUT ROWID, STRICT;

-- Who exported or erased a person, and when. It never holds the number.
CREATE TABLE audit (
	account  TEXT    NOT NULL,
	id       BLOB    NOT NULL,
	at       INTEGER NOT NULL,
	actor    TEXT    NOT NULL,
	action   TEXT    NOT NULL, -- export, erase
	subject  TEXT    NOT NULL, -- pseudonym of the number
	messages INTEGER NOT NULL,
	replies  INTEGER NOT NULL,
	opt_outs INTEGER NOT NULL,
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX audit_subject ON audit (account, subject, id);

-- What quotas have counted: a row for each account, key and country, which begins
-- anew with each period. It holds no number of a person.
CREATE TABLE quota_use (
	account  TEXT    NOT NULL,
	quota    TEXT    NOT NULL, -- name and period
	subject  TEXT    NOT NULL, -- what is counted apart
	until    INTEGER NOT NULL, -- when the period ends
	messages INTEGER NOT NULL,
	segments INTEGER NOT NULL,
	money    INTEGER NOT NULL DEFAULT 0, -- in millionths of the unit of the currency
	PRIMARY KEY (account, quota, subject)
) WITHOUT ROWID, STRICT;

-- Nonces of signed requests, so that none is used twice. They stay for a minute.
CREATE TABLE nonces (
	scope TEXT    NOT NULL, -- the door
	nonce TEXT    NOT NULL,
	until INTEGER NOT NULL, -- its signature is too old then
	PRIMARY KEY (scope, nonce)
) WITHOUT ROWID, STRICT;

CREATE INDEX nonces_age ON nonces (until);

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

-- Requests that a door compared with an old gateway. They stay for 30 days.
CREATE TABLE shadows (
	account  TEXT    NOT NULL,
	id       BLOB    NOT NULL,
	at       INTEGER NOT NULL,
	door     TEXT    NOT NULL,
	instance TEXT    NOT NULL, -- of the door
	verdict  TEXT    NOT NULL,
	found    TEXT    NOT NULL, -- JSON: no text, numbers are hidden
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX shadows_age ON shadows (at);
CREATE INDEX shadows_other ON shadows (at) WHERE verdict <> 'same';

-- What belongs to the database as a whole, such as the fingerprint of its seal key.

CREATE TABLE settings (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- Every database has an account to begin with.
INSERT INTO accounts (name, created_at) VALUES ('default', unixepoch() * 1000000);
