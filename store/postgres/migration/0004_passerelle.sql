-- Nonces of signed requests, so that none is used twice on any node. They stay
-- for a minute.
CREATE TABLE nonces (
	scope text   NOT NULL, -- the door
	nonce text   NOT NULL,
	until bigint NOT NULL, -- its signature is too old then
	PRIMARY KEY (scope, nonce)
);

CREATE INDEX nonces_age ON nonces (until);
