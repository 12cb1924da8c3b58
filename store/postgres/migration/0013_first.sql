-- Times are microseconds since 1970 (UTC); 0 or NULL: none. Ids are UUIDv7, so
-- that they carry their time: messages, submissions and events are partitioned by
-- it, a month each, and an old month is dropped whole. The account leads every key
-- and every unique index of the tables that grow, so that a distributed
-- PostgreSQL can spread them by account; schema_test.go keeps it so.

-- The number of the last step that was applied.
CREATE TABLE schema_version (version integer NOT NULL);
INSERT INTO schema_version VALUES (0);

CREATE TABLE accounts (
	name       text   PRIMARY KEY,
	created_at bigint NOT NULL
);

CREATE TABLE keys (
	hash       bytea  PRIMARY KEY, -- SHA-256 of the whole key
	id         text   NOT NULL UNIQUE,
	account    text   NOT NULL,
	name       text   NOT NULL,
	created_at bigint NOT NULL,
	revoked_at bigint
);

-- What the messages of one request share. It is also their accepted event.
CREATE TABLE submissions (
	account     text   NOT NULL,
	id          uuid   NOT NULL,
	text        text   NOT NULL,
	sender      text   NOT NULL,
	class       text   NOT NULL,
	encoding    text   NOT NULL,
	metadata    text,            -- JSON object
	actor       text   NOT NULL,
	accepted_at bigint NOT NULL,
	decisions   text   NOT NULL, -- JSON list
	recipients  integer NOT NULL DEFAULT 0, -- messages with its text that are not erased; 0: not counted, because it is older, or none left
	trace       text,            -- W3C traceparent of the span that accepted it; NULL: none, as long as no traces are sent
	PRIMARY KEY (account, id)
) PARTITION BY RANGE (id);

-- The message row is the queue.
CREATE TABLE messages (
	account       text    NOT NULL,
	id            uuid    NOT NULL,
	submission    uuid    NOT NULL,
	recipient     text    NOT NULL,
	reference     text    NOT NULL,
	connector     text    NOT NULL,
	status        text    NOT NULL,
	reason        text    NOT NULL, -- code of the last event
	segments      integer NOT NULL,
	priority      integer NOT NULL, -- 0 goes first
	attempt       integer NOT NULL,
	solo          boolean NOT NULL, -- travels alone
	provider_id   text,
	due_at        bigint  NOT NULL,
	expires_at    bigint  NOT NULL,
	updated_at    bigint  NOT NULL,
	decisions     text,             -- JSON list of its own, beside the submission's
	routes        text    NOT NULL, -- connectors that may send it, most wanted first, with commas
	chance        bigint  NOT NULL, -- microseconds until a second chance; 0: none
	endpoint      uuid,             -- of its webhook_url
	events        integer NOT NULL DEFAULT 0, -- how many it has in its timeline
	submitted_at  bigint,
	receipt_by    bigint,           -- when its receipt is missed
	operator_code text    NOT NULL DEFAULT '', -- of the last receipt, verbatim
	operator_text text    NOT NULL DEFAULT '',
	ask_at        bigint,           -- when the operator is asked about a doubt
	asks          integer NOT NULL DEFAULT 0,
	price         bigint  NOT NULL DEFAULT 0, -- in millionths of the unit of the currency, by the tariff of its connector; 0: not known
	actor         text    NOT NULL DEFAULT '', -- of its submission, while it waits; empty: it was accepted before
	due_minute    integer NOT NULL DEFAULT 0, -- of due_at; 0: it was due when it was written
	PRIMARY KEY (account, id)
) PARTITION BY RANGE (id);

-- What waits has partial indexes: they hold what waits and no more. Accounts, and keys
-- inside an account, take turns: the indexes have them before the date.
CREATE INDEX messages_queue ON messages (connector, priority, due_minute, account, actor, due_at) INCLUDE (expires_at) WHERE status = 'queued';
CREATE INDEX messages_sending ON messages (connector) WHERE status = 'submitting';
CREATE INDEX messages_doubtful ON messages (connector, account, ask_at) WHERE status = 'uncertain';
CREATE INDEX messages_awaiting ON messages (connector, receipt_by) WHERE status = 'submitted';
CREATE INDEX messages_movable ON messages (connector, account, id) WHERE status = 'queued' AND routes <> '';
CREATE INDEX messages_waiting ON messages (account, id) WHERE status IN ('queued', 'submitting', 'uncertain');
-- The account stands behind: an index that begins with it, and has the id too,
-- would look as good as the primary key to a planner that knows no sizes yet.
CREATE INDEX messages_recipient ON messages (recipient, account, id);
CREATE INDEX messages_reference ON messages (reference, account, id) WHERE reference <> '';
CREATE INDEX messages_provider ON messages (connector, provider_id) WHERE provider_id IS NOT NULL;

-- The timeline after acceptance. seq counts the events of one message.
CREATE TABLE events (
	account       text    NOT NULL,
	message       uuid    NOT NULL,
	seq           integer NOT NULL,
	at            bigint  NOT NULL,
	status        text    NOT NULL,
	actor         text    NOT NULL,
	code          text    NOT NULL,
	detail        text    NOT NULL,
	attempt       integer NOT NULL,
	operator_code text    NOT NULL,
	operator_text text    NOT NULL,
	PRIMARY KEY (account, message, seq)
) PARTITION BY RANGE (message);

-- A receipt that tells nothing final stands in a timeline once.
CREATE UNIQUE INDEX events_noted ON events (account, message, operator_code) WHERE code = 'receipt_pending';

-- What does not lie in a month that was made for it: ids of a clock that jumped.
CREATE TABLE submissions_other PARTITION OF submissions DEFAULT;
CREATE TABLE messages_other PARTITION OF messages DEFAULT;
CREATE TABLE events_other PARTITION OF events DEFAULT;

CREATE TABLE idempotency (
	account    text   NOT NULL,
	key        text   NOT NULL,
	request    bytea  NOT NULL, -- SHA-256
	answer     bytea  NOT NULL,
	at         bigint NOT NULL,
	submission uuid   NOT NULL, -- that it was used for
	PRIMARY KEY (account, key)
);

CREATE INDEX idempotency_age ON idempotency (at);

-- Receipts of messages that are not known, or not yet. They stay for days.
CREATE TABLE receipts (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	connector   text   NOT NULL,
	provider_id text   NOT NULL,
	ref         uuid   NOT NULL, -- our id, where the operator echoed it; else zero
	status      text   NOT NULL,
	reason      text   NOT NULL,
	code        text   NOT NULL,
	text        text   NOT NULL,
	at          bigint NOT NULL, -- 0: the operator did not tell
	received_at bigint NOT NULL
);

CREATE UNIQUE INDEX receipts_once ON receipts (provider_id, connector, status, code, ref);
CREATE INDEX receipts_age ON receipts (received_at);

-- Replies (MO).
CREATE TABLE inbound (
	account     text    NOT NULL,
	id          uuid    NOT NULL,
	connector   text    NOT NULL,
	provider_id text    NOT NULL,
	sender      text    NOT NULL,
	recipient   text    NOT NULL,
	text        text    NOT NULL,
	kind        text    NOT NULL, -- reply, stop, start, unsure
	message     uuid,             -- the message that it answers
	linked_by   text    NOT NULL, -- operator_id, reference, number; empty: not linked
	at          bigint  NOT NULL,
	received_at bigint  NOT NULL,
	handled     boolean NOT NULL,
	outbox      bigint  NOT NULL, -- seq of its event
	decided     text    NOT NULL DEFAULT '', -- of one that may be a STOP, by a person: stop, reply; empty: not yet
	decided_by  text    NOT NULL DEFAULT '',
	decided_at  bigint  NOT NULL DEFAULT 0,
	PRIMARY KEY (account, id)
);

CREATE INDEX inbound_known ON inbound (connector, provider_id);
CREATE INDEX inbound_sender ON inbound (account, sender, id);
CREATE INDEX inbound_message ON inbound (account, message, id) WHERE message IS NOT NULL;
CREATE INDEX inbound_unhandled ON inbound (id) WHERE NOT handled;
CREATE INDEX inbound_undecided ON inbound (account, sender, id) WHERE kind = 'unsure' AND decided = '';

-- Numbers that get no marketing. An empty sender means every sender.
CREATE TABLE opt_outs (
	account text   NOT NULL,
	number  text   NOT NULL,
	sender  text   NOT NULL,
	source  text   NOT NULL,
	since   bigint NOT NULL,
	proof   uuid   NOT NULL, -- the change that put it here
	provisional boolean NOT NULL DEFAULT false, -- until a person decides whether the reply is a STOP
	PRIMARY KEY (account, number, sender)
);

CREATE TABLE opt_out_changes (
	account text   NOT NULL,
	id      uuid   NOT NULL,
	number  text   NOT NULL,
	sender  text   NOT NULL,
	change  text   NOT NULL, -- added, removed
	source  text   NOT NULL,
	actor   text   NOT NULL,
	message uuid,
	inbound uuid,
	note    text   NOT NULL,
	at      bigint NOT NULL,
	provisional boolean NOT NULL DEFAULT false,
	PRIMARY KEY (account, id)
);

CREATE INDEX opt_out_changes_number ON opt_out_changes (account, number, id);
CREATE INDEX opt_out_changes_inbound ON opt_out_changes (account, inbound) WHERE inbound IS NOT NULL;

-- How far an operator's news were read.
CREATE TABLE cursors (
	connector text PRIMARY KEY,
	cursor    text NOT NULL
);

-- Webhook endpoints. events: ",message.delivered,…," or ",*,".
CREATE TABLE endpoints (
	account    text    NOT NULL,
	id         uuid    NOT NULL,
	url        text    NOT NULL,
	events     text    NOT NULL,
	secret     bytea   NOT NULL, -- sealed
	origin     text    NOT NULL,
	state      text    NOT NULL,
	reason     text    NOT NULL,
	failures   integer NOT NULL,
	failing_at bigint  NOT NULL,
	probe_at   bigint  NOT NULL,
	created_at bigint  NOT NULL,
	key        text,
	format     text   NOT NULL DEFAULT '', -- the shape of another gateway; empty: signed JSON
	rotated_by text   NOT NULL DEFAULT '', -- idempotency key of the last rotation, and the hash of its request
	rotated_until bigint NOT NULL DEFAULT 0, -- until when the secret before signs too
	PRIMARY KEY (account, id)
);

CREATE UNIQUE INDEX endpoints_key ON endpoints (account, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX endpoints_request ON endpoints (account, url, format) WHERE origin = 'request';

CREATE TABLE signing_secrets (
	account    text   PRIMARY KEY,
	secret     bytea  NOT NULL, -- sealed
	created_at bigint NOT NULL,
	rotated_by text   NOT NULL DEFAULT '', -- as in endpoints
	rotated_until bigint NOT NULL DEFAULT 0
);

-- Secrets that were replaced, and sign webhooks beside their successors for a while.
-- endpoint: all zero for the account's own, of webhook_url.
CREATE TABLE former_secrets (
	account  text   NOT NULL,
	endpoint uuid   NOT NULL,
	until    bigint NOT NULL,
	secret   bytea  NOT NULL, -- sealed
	PRIMARY KEY (account, endpoint, until, secret)
);

-- What happened, for callers. seq is the number of the transaction, shifted, and
-- a count within it: events of transactions that have ended are never overtaken
-- by one that ends later, so that a reader's cursor misses none (outbox.go).
CREATE TABLE outbox (
	account text    NOT NULL, -- empty: of the whole gateway
	seq     bigint  NOT NULL,
	type    text    NOT NULL,
	subject uuid    NOT NULL,
	event   integer NOT NULL, -- seq of the message's event; 0 where data tells
	at      bigint  NOT NULL,
	data    text,             -- JSON; NULL: made of the message and its event
	PRIMARY KEY (account, seq)
);

CREATE TABLE deliveries (
	account  text    NOT NULL,
	endpoint uuid    NOT NULL,
	seq      bigint  NOT NULL,
	subject  uuid    NOT NULL,
	state    text    NOT NULL,
	attempts integer NOT NULL,
	next_at  bigint  NOT NULL,
	until    bigint  NOT NULL,
	last_at  bigint  NOT NULL,
	status   integer NOT NULL,
	error    text    NOT NULL,
	PRIMARY KEY (account, endpoint, seq)
);

CREATE INDEX deliveries_pending ON deliveries (account, endpoint, next_at, seq) WHERE state = 'pending';
CREATE INDEX deliveries_order ON deliveries (account, endpoint, subject, seq) WHERE state = 'pending';

CREATE TABLE credit (
	connector  text             PRIMARY KEY,
	amount     double precision NOT NULL,
	unit       text             NOT NULL,
	at         bigint           NOT NULL,
	alerted_at bigint           NOT NULL,
	mailed_at  bigint           NOT NULL
);

CREATE TABLE credit_samples (
	connector text             NOT NULL,
	at        bigint           NOT NULL,
	amount    double precision NOT NULL,
	PRIMARY KEY (connector, at)
);

-- Who does what in a cluster. token rises each time that a lease changes hands.
CREATE TABLE leases (
	name    text        PRIMARY KEY,
	node    text        NOT NULL,
	run     text        NOT NULL, -- of the node: a start of its process
	token   bigint      NOT NULL,
	ends_at timestamptz NOT NULL -- by the clock of the database
);

-- What nodes must agree on, such as a fingerprint of their seal key.
CREATE TABLE settings (
	name  text PRIMARY KEY,
	value text NOT NULL
);

-- Who exported or erased a person, and when. It never holds the number.
CREATE TABLE audit (
	account  text   NOT NULL,
	id       uuid   NOT NULL,
	at       bigint NOT NULL,
	actor    text   NOT NULL,
	action   text   NOT NULL, -- export, erase
	subject  text   NOT NULL, -- pseudonym of the number
	messages bigint NOT NULL,
	replies  bigint NOT NULL,
	opt_outs bigint NOT NULL,
	PRIMARY KEY (account, id)
);

-- The account stands behind, as in messages_recipient.
CREATE INDEX audit_subject ON audit (subject, account, id);

-- What quotas have counted: a row for each account, key and country, which begins
-- anew with each period. It holds no number of a person. The checks are what makes
-- the transaction fail that would pass a limit. Rows are changed all the time and
-- have room for that on their page.
CREATE TABLE quota_use (
	account       text   NOT NULL,
	quota         text   NOT NULL, -- name and period
	subject       text   NOT NULL, -- what is counted apart
	until         bigint NOT NULL, -- when the period ends
	latest        bigint NOT NULL, -- a period that ends later was begun by a clock that ran ahead
	messages      bigint NOT NULL,
	segments      bigint NOT NULL,
	most_messages bigint NOT NULL, -- 0: any number
	most_segments bigint NOT NULL,
	money         bigint NOT NULL DEFAULT 0, -- in millionths of the unit of the currency
	most_money    bigint NOT NULL DEFAULT 0, -- 0: any amount
	PRIMARY KEY (account, quota, subject),
	CONSTRAINT quota_messages CHECK (most_messages = 0 OR messages <= most_messages),
	CONSTRAINT quota_segments CHECK (most_segments = 0 OR segments <= most_segments),
	CONSTRAINT quota_money CHECK (most_money = 0 OR money <= most_money)
) WITH (fillfactor = 50);

-- Nonces of signed requests, so that none is used twice on any node. They stay
-- for a minute.
CREATE TABLE nonces (
	scope text   NOT NULL, -- the door
	nonce text   NOT NULL,
	until bigint NOT NULL, -- its signature is too old then
	PRIMARY KEY (scope, nonce)
);

CREATE INDEX nonces_age ON nonces (until);

-- What the door for OVH clients keeps.

CREATE TABLE ovh_applications (
	key        text   NOT NULL PRIMARY KEY,
	id         bigint NOT NULL UNIQUE,
	secret     bytea  NOT NULL, -- sealed
	account    text   NOT NULL,
	name       text   NOT NULL,
	created_at bigint NOT NULL,
	revoked_at bigint
);

CREATE TABLE ovh_credentials (
	hash        bytea  NOT NULL PRIMARY KEY, -- SHA-256 of the consumer key
	id          bigint NOT NULL UNIQUE,
	token       bytea, -- SHA-256 of what validates it
	application bigint NOT NULL, -- id
	state       text   NOT NULL, -- pendingValidation, validated, expired, refused
	rules       text   NOT NULL, -- JSON list
	ips         text   NOT NULL, -- JSON list
	created_at  bigint NOT NULL,
	expires_at  bigint NOT NULL -- 0: never
);

CREATE UNIQUE INDEX ovh_credentials_token ON ovh_credentials (token) WHERE token IS NOT NULL;

CREATE TABLE ovh_services (
	account text  NOT NULL PRIMARY KEY,
	name    text  NOT NULL UNIQUE,
	data    bytea -- JSON: what clients set of it
);

CREATE TABLE ovh_users (
	account    text   NOT NULL,
	login      text   NOT NULL,
	password   bytea  NOT NULL, -- keyed digest
	data       bytea, -- JSON: what clients set of it
	created_at bigint NOT NULL,
	PRIMARY KEY (account, login)
);

CREATE TABLE ovh_batches (
	account text   NOT NULL,
	id      uuid   NOT NULL, -- submission
	at      bigint NOT NULL,
	data    bytea  NOT NULL, -- JSON
	PRIMARY KEY (account, id)
);

-- The 64-bit numbers by which clients know messages and replies.
CREATE TABLE ovh_numbers (
	account text    NOT NULL,
	number  bigint  NOT NULL,
	id      uuid    NOT NULL, -- message or reply
	gone    boolean NOT NULL, -- deleted from the history that is shown
	PRIMARY KEY (account, number)
);

CREATE UNIQUE INDEX ovh_numbers_id ON ovh_numbers (account, id);

-- Requests that a door compared with an old gateway. They stay for 30 days.
CREATE TABLE shadows (
	account  text   NOT NULL,
	id       uuid   NOT NULL,
	at       bigint NOT NULL,
	door     text   NOT NULL,
	instance text   NOT NULL, -- of the door
	verdict  text   NOT NULL,
	found    text   NOT NULL, -- JSON: no text, numbers are hidden
	PRIMARY KEY (account, id)
);

CREATE INDEX shadows_age ON shadows (at);
CREATE INDEX shadows_other ON shadows (at) WHERE verdict <> 'same';

INSERT INTO settings (name, value) VALUES ('outbox_base', '0');

INSERT INTO accounts (name, created_at) VALUES ('default', (extract(epoch FROM now()) * 1000000)::bigint);
