-- When an operator is asked whether it took a message in doubt, and how often it
-- was. NULL: it is not asked (any more).

ALTER TABLE messages ADD COLUMN ask_at INTEGER;
ALTER TABLE messages ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;

UPDATE messages SET ask_at = 0 WHERE status = 'uncertain';

CREATE INDEX messages_doubtful ON messages (connector, ask_at) WHERE status = 'uncertain';
