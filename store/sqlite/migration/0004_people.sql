-- Erasing what is stored of one person, and the audit of it.

ALTER TABLE submissions ADD COLUMN recipients INTEGER NOT NULL DEFAULT 0; -- messages with its text that are not erased; 0: not counted, because it is older, or none left

-- Who exported or erased a person, and when. It never holds the number.
CREATE TABLE audit (
	account  TEXT    NOT NULL,
	id       BLOB    NOT NULL,
	at       INTEGER NOT NULL,
	actor    TEXT    NOT NULL,
	action   TEXT    NOT NULL, -- export, erase
	subject  TEXT    NOT NULL, -- pseudonym of the number
	messages INTEGER NOT NULL,
	replies  INTEGER NOT NULL,
	opt_outs INTEGER NOT NULL,
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX audit_subject ON audit (account, subject, id);
