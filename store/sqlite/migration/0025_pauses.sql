-- Connectors that a person paused: nothing leaves through them until then. Times in
-- microseconds since 1970.

CREATE TABLE pauses (
	connector TEXT    NOT NULL PRIMARY KEY,
	actor     TEXT    NOT NULL, -- who paused it
	why       TEXT    NOT NULL, -- in their words
	at        INTEGER NOT NULL,
	until     INTEGER NOT NULL, -- 0: until somebody resumes it
	keep      INTEGER NOT NULL  -- 1: messages wait though others could send them
) WITHOUT ROWID, STRICT;
