-- Accounts, and keys inside an account, take turns at a connector: the index of what
-- waits has them before the date.

ALTER TABLE messages ADD COLUMN actor TEXT NOT NULL DEFAULT ''; -- of its submission, while it waits; empty: it was accepted before
ALTER TABLE messages ADD COLUMN dated INTEGER NOT NULL DEFAULT 1; -- 0: it was due when it was written

DROP INDEX messages_waiting;
CREATE INDEX messages_waiting ON messages (status, connector, priority, dated, account, actor, due_at, expires_at)
	WHERE status = 'queued' OR status = 'submitting' OR status = 'uncertain';

-- When the next of those falls due that were written with a date to come.
CREATE INDEX messages_dated ON messages (connector, priority, due_at) WHERE status = 'queued' AND dated = 1;
