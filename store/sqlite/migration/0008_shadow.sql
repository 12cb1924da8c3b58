-- Requests that a door compared with an old gateway. They stay for 30 days.
CREATE TABLE shadows (
	account  TEXT    NOT NULL,
	id       BLOB    NOT NULL,
	at       INTEGER NOT NULL,
	door     TEXT    NOT NULL,
	instance TEXT    NOT NULL, -- of the door
	verdict  TEXT    NOT NULL,
	found    TEXT    NOT NULL, -- JSON: no text, numbers are hidden
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX shadows_age ON shadows (at);
CREATE INDEX shadows_other ON shadows (at) WHERE verdict <> 'same';
