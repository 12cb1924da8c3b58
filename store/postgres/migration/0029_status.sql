-- Messages of a status, newest first, are asked for by people, and a status may be rare among
-- millions of another. The account stands behind, as in messages_recipient.

CREATE INDEX messages_status ON messages (status, account, id);
DROP INDEX messages_waiting;
