-- Conversations with people who answered: who sees to one, what colleagues tell each other
-- about it, and who is writing an answer. Times are microseconds since 1970.

ALTER TABLE inbound ADD COLUMN assigned_to TEXT NOT NULL DEFAULT ''; -- the same in all replies of a person; empty: nobody

CREATE INDEX inbound_assigned ON inbound (account, assigned_to, id) WHERE assigned_to <> '';

CREATE TABLE conversation_notes (
	account TEXT NOT NULL,
	id      BLOB NOT NULL,
	reply   BLOB NOT NULL, -- one of the conversation; the note goes with it
	actor   TEXT NOT NULL, -- who wrote it
	text    TEXT NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX conversation_notes_reply ON conversation_notes (account, reply, id);

CREATE TABLE answering (
	account TEXT NOT NULL,
	reply   BLOB NOT NULL, -- by which the conversation was opened
	actor   TEXT NOT NULL,
	since   INTEGER NOT NULL,
	at      INTEGER NOT NULL, -- of the last sign
	PRIMARY KEY (account, reply, actor)
) WITHOUT ROWID, STRICT;
