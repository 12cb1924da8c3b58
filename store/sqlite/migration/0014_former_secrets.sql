-- Secrets that were replaced, and sign webhooks beside their successors for a while.
-- endpoint: empty for the account's own, of webhook_url.
CREATE TABLE former_secrets (
	account  TEXT    NOT NULL,
	endpoint BLOB    NOT NULL,
	until    INTEGER NOT NULL,
	secret   BLOB    NOT NULL, -- sealed
	PRIMARY KEY (account, endpoint, until, secret)
) WITHOUT ROWID, STRICT;

-- The idempotency key of the last rotation and the hash of its request; until when the
-- secret before it signs.
ALTER TABLE endpoints ADD COLUMN rotated_by TEXT NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN rotated_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE signing_secrets ADD COLUMN rotated_by TEXT NOT NULL DEFAULT '';
ALTER TABLE signing_secrets ADD COLUMN rotated_until INTEGER NOT NULL DEFAULT 0;
