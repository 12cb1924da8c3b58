-- Messages of a final status, newest first: it may be rare among millions of another. Written
-- with OR, as messages_waiting.

CREATE INDEX messages_ended ON messages (account, status, id)
	WHERE status = 'delivered' OR status = 'undelivered' OR status = 'expired' OR status = 'rejected' OR status = 'canceled';
