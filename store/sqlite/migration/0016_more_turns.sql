-- Accounts take turns at the questions about messages in doubt too.

DROP INDEX messages_doubtful;
CREATE INDEX messages_doubtful ON messages (connector, account, ask_at) WHERE status = 'uncertain';
