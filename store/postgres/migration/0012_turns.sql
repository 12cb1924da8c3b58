-- Accounts, and keys inside an account, take turns at a connector: the index of the
-- queue has them before the date.

ALTER TABLE messages
	ADD COLUMN actor text NOT NULL DEFAULT '', -- of its submission, while it waits; empty: it was accepted before
	ADD COLUMN dated boolean NOT NULL DEFAULT true; -- false: it was due when it was written

DROP INDEX messages_queue;
CREATE INDEX messages_queue ON messages (connector, priority, dated, account, actor, due_at) INCLUDE (expires_at) WHERE status = 'queued';

-- When the next of those falls due that were written with a date to come. The sum
-- keeps it from statements about one key, which would walk along the dates of all.
CREATE INDEX messages_dated ON messages (connector, priority, (due_at + 0)) WHERE status = 'queued' AND dated;
