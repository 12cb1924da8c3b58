-- Connectors that a person paused: nothing leaves through them until then. Times in
-- microseconds since 1970.

CREATE TABLE pauses (
	connector text    PRIMARY KEY,
	actor     text    NOT NULL, -- who paused it
	why       text    NOT NULL, -- in their words
	at        bigint  NOT NULL,
	until     bigint  NOT NULL, -- 0: until somebody resumes it
	keep      boolean NOT NULL  -- messages wait though others could send them
);
