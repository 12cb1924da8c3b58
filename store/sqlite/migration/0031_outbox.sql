-- Events for callers lie by account, and the writer numbers them itself: one tree instead of three.
-- What was delivered is dropped by its key.

CREATE TABLE outbox_by_account (
	account TEXT    NOT NULL, -- empty: of the whole gateway
	seq     INTEGER NOT NULL, -- of no other event, whatever its account; settings has the last one that was dropped
	type    TEXT    NOT NULL,
	subject BLOB    NOT NULL, -- message, reply or change that it is about
	event   INTEGER NOT NULL, -- line of the message's timeline; 0 where data tells
	at      INTEGER NOT NULL,
	data    TEXT,             -- JSON; NULL: made of the message and its event
	PRIMARY KEY (account, seq)
) WITHOUT ROWID, STRICT;

INSERT INTO outbox_by_account SELECT account, seq, type, subject, event, at, data FROM outbox ORDER BY account, seq;
INSERT INTO settings (name, value) SELECT 'outbox_base', CAST(seq AS TEXT) FROM sqlite_sequence WHERE name = 'outbox';
DROP TABLE outbox;
ALTER TABLE outbox_by_account RENAME TO outbox;

DROP INDEX deliveries_seq;
