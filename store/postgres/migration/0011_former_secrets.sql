-- Secrets that were replaced, and sign webhooks beside their successors for a while.
-- endpoint: all zero for the account's own, of webhook_url.
CREATE TABLE former_secrets (
	account  text   NOT NULL,
	endpoint uuid   NOT NULL,
	until    bigint NOT NULL,
	secret   bytea  NOT NULL, -- sealed
	PRIMARY KEY (account, endpoint, until, secret)
);

-- The idempotency key of the last rotation and the hash of its request; until when the
-- secret before it signs.
ALTER TABLE endpoints ADD COLUMN rotated_by text NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN rotated_until bigint NOT NULL DEFAULT 0;
ALTER TABLE signing_secrets ADD COLUMN rotated_by text NOT NULL DEFAULT '';
ALTER TABLE signing_secrets ADD COLUMN rotated_until bigint NOT NULL DEFAULT 0;
