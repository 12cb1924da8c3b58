-- Requests that a door compared with an old gateway. They stay for 30 days.
CREATE TABLE shadows (
	account  text   NOT NULL,
	id       uuid   NOT NULL,
	at       bigint NOT NULL,
	door     text   NOT NULL,
	instance text   NOT NULL, -- of the door
	verdict  text   NOT NULL,
	found    text   NOT NULL, -- JSON: no text, numbers are hidden
	PRIMARY KEY (account, id)
);

CREATE INDEX shadows_age ON shadows (at);
CREATE INDEX shadows_other ON shadows (at) WHERE verdict <> 'same';
