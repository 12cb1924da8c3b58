-- Conversations with people who answered: who sees to one, what colleagues tell each other
-- about it, and who is writing an answer. Times are microseconds since 1970.

ALTER TABLE inbound ADD COLUMN assigned_to text NOT NULL DEFAULT ''; -- the same in all replies of a person; empty: nobody

CREATE INDEX inbound_assigned ON inbound (account, assigned_to, id) WHERE assigned_to <> '';

CREATE TABLE conversation_notes (
	account text   NOT NULL,
	id      uuid   NOT NULL,
	reply   uuid   NOT NULL, -- one of the conversation; the note goes with it
	actor   text   NOT NULL, -- who wrote it
	text    text   NOT NULL,
	at      bigint NOT NULL,
	PRIMARY KEY (account, id)
);

CREATE INDEX conversation_notes_reply ON conversation_notes (account, reply, id);

CREATE TABLE answering (
	account text   NOT NULL,
	reply   uuid   NOT NULL, -- by which the conversation was opened
	actor   text   NOT NULL,
	since   bigint NOT NULL,
	at      bigint NOT NULL, -- of the last sign
	PRIMARY KEY (account, reply, actor)
);
