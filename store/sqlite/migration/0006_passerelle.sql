-- Nonces of signed requests, so that none is used twice. They stay for a minute.
CREATE TABLE nonces (
	scope TEXT    NOT NULL, -- the door
	nonce TEXT    NOT NULL,
	until INTEGER NOT NULL, -- its signature is too old then
	PRIMARY KEY (scope, nonce)
) WITHOUT ROWID, STRICT;

CREATE INDEX nonces_age ON nonces (until);
