-- Accounts take turns at the questions about messages in doubt, and when messages
-- are moved away from a connector that was left.

DROP INDEX messages_doubtful;
CREATE INDEX messages_doubtful ON messages (connector, account, ask_at) WHERE status = 'uncertain';

DROP INDEX messages_movable;
CREATE INDEX messages_movable ON messages (connector, account, id) WHERE status = 'queued' AND routes <> '';
