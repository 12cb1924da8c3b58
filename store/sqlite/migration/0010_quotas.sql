-- What quotas have counted: a row for each account, key and country, which begins
-- anew with each period. It holds no number of a person.
CREATE TABLE quota_use (
	account  TEXT    NOT NULL,
	quota    TEXT    NOT NULL, -- name and period
	subject  TEXT    NOT NULL, -- what is counted apart
	until    INTEGER NOT NULL, -- when the period ends
	messages INTEGER NOT NULL,
	segments INTEGER NOT NULL,
	PRIMARY KEY (account, quota, subject)
) WITHOUT ROWID, STRICT;
