-- Erasing what is stored of one person, and the audit of it.

ALTER TABLE submissions ADD COLUMN recipients integer NOT NULL DEFAULT 0; -- messages with its text that are not erased; 0: not counted, because it is older, or none left

-- Who exported or erased a person, and when. It never holds the number.
CREATE TABLE audit (
	account  text   NOT NULL,
	id       uuid   NOT NULL,
	at       bigint NOT NULL,
	actor    text   NOT NULL,
	action   text   NOT NULL, -- export, erase
	subject  text   NOT NULL, -- pseudonym of the number
	messages bigint NOT NULL,
	replies  bigint NOT NULL,
	opt_outs bigint NOT NULL,
	PRIMARY KEY (account, id)
);

-- The account stands behind, as in messages_recipient.
CREATE INDEX audit_subject ON audit (subject, account, id);
