-- The request that began a campaign, so that it begins one alone, however often it comes.

ALTER TABLE campaigns ADD COLUMN request_key TEXT NOT NULL DEFAULT ''; -- Idempotency-Key; empty: it had none
ALTER TABLE campaigns ADD COLUMN request_sha TEXT NOT NULL DEFAULT ''; -- SHA-256 of its body, hexadecimal
CREATE UNIQUE INDEX campaigns_request ON campaigns (account, request_key) WHERE request_key <> '';
