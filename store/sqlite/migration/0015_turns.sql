-- Accounts, and keys inside an account, take turns at a connector: the index of what
-- waits has them before the date.

ALTER TABLE messages ADD COLUMN actor TEXT NOT NULL DEFAULT ''; -- of its submission, while it waits; empty: it was accepted before
ALTER TABLE messages ADD COLUMN due_minute INTEGER NOT NULL DEFAULT 0; -- of due_at; 0: it was due when it was written
UPDATE messages SET due_minute = due_at / 60000000 WHERE status = 'queued' OR status = 'submitting' OR status = 'uncertain';

DROP INDEX messages_waiting;
CREATE INDEX messages_waiting ON messages (status, connector, priority, due_minute, account, actor, due_at, expires_at)
	WHERE status = 'queued' OR status = 'submitting' OR status = 'uncertain';
