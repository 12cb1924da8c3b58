-- What happens after the operator took a message: receipts, replies, opt-outs,
-- webhooks, failover, credit.

ALTER TABLE messages ADD COLUMN routes TEXT NOT NULL DEFAULT ''; -- connectors that may send it, most wanted first, with commas; empty: its own alone
ALTER TABLE messages ADD COLUMN chance INTEGER NOT NULL DEFAULT 0; -- sent again by another connector when no receipt came in so long; 0: not, or done
ALTER TABLE messages ADD COLUMN submitted_at INTEGER;
ALTER TABLE messages ADD COLUMN receipt_by INTEGER;              -- when its receipt is missed
ALTER TABLE messages ADD COLUMN operator_code TEXT;              -- of the last receipt, verbatim
ALTER TABLE messages ADD COLUMN operator_text TEXT;
ALTER TABLE events ADD COLUMN operator_code TEXT;
ALTER TABLE events ADD COLUMN operator_text TEXT;
ALTER TABLE submissions ADD COLUMN endpoint BLOB;                -- of its webhook_url

CREATE INDEX messages_provider ON messages (connector, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX messages_movable ON messages (connector, account, id) WHERE status = 'queued' AND routes <> '';
CREATE INDEX messages_awaiting ON messages (connector, receipt_by) WHERE status = 'submitted';

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
	kind        TEXT    NOT NULL, -- reply, stop, start
	message     BLOB,             -- the message that it answers
	linked_by   TEXT    NOT NULL, -- operator_id, reference, number; empty: not linked
	at          INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	handled     INTEGER NOT NULL, -- 0: rules have not run yet
	outbox      INTEGER NOT NULL, -- seq of its event
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX inbound_once ON inbound (connector, provider_id);
CREATE INDEX inbound_sender ON inbound (account, sender, id);
CREATE INDEX inbound_message ON inbound (account, message, id) WHERE message IS NOT NULL;
CREATE INDEX inbound_unhandled ON inbound (id) WHERE handled = 0;

-- Numbers that get no marketing. An empty sender means every sender.
CREATE TABLE opt_outs (
	account TEXT    NOT NULL,
	number  TEXT    NOT NULL,
	sender  TEXT    NOT NULL,
	source  TEXT    NOT NULL, -- reply, operator, receipt, api, import
	since   INTEGER NOT NULL,
	proof   BLOB    NOT NULL, -- the change that put it here
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
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX opt_out_changes_number ON opt_out_changes (account, number, id);

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
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX endpoints_key ON endpoints (account, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX endpoints_request ON endpoints (account, url) WHERE origin = 'request';

-- Secrets that sign for endpoints of requests, one an account.
CREATE TABLE signing_secrets (
	account    TEXT    NOT NULL PRIMARY KEY,
	secret     BLOB    NOT NULL, -- sealed
	created_at INTEGER NOT NULL
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
