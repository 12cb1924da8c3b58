-- Accounts, and keys inside an account, take turns at a connector: the index of the
-- queue has them before the date.

ALTER TABLE messages
	ADD COLUMN actor text NOT NULL DEFAULT '', -- of its submission, while it waits; empty: it was accepted before
	ADD COLUMN due_minute integer NOT NULL DEFAULT 0; -- of due_at; 0: it was due when it was written
UPDATE messages SET due_minute = due_at / 60000000 WHERE status IN ('queued', 'submitting', 'uncertain');

DROP INDEX messages_queue;
CREATE INDEX messages_queue ON messages (connector, priority, due_minute, account, actor, due_at) INCLUDE (expires_at) WHERE status = 'queued';
