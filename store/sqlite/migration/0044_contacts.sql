-- Contacts: a number with what is known of the person and what the person agreed to; groups of
-- them. Times are microseconds since 1970, 0 for none.

CREATE TABLE contacts (
	account    TEXT    NOT NULL,
	id         BLOB    NOT NULL, -- by which the audit knows it
	number     TEXT    NOT NULL, -- E.164
	version    INTEGER NOT NULL, -- rises with each change
	data       TEXT    NOT NULL, -- JSON: values and groups
	consents   TEXT    NOT NULL, -- JSON: all that were given, oldest first, each with its proof
	made_at    INTEGER NOT NULL,
	made_by    TEXT    NOT NULL,
	changed_at INTEGER NOT NULL,
	changed_by TEXT    NOT NULL,
	dropped_at INTEGER NOT NULL, -- somebody forgot it: the proofs stay for a time
	PRIMARY KEY (account, number)
) WITHOUT ROWID, STRICT;

CREATE INDEX contacts_dropped ON contacts (dropped_at) WHERE dropped_at > 0;

CREATE TABLE contact_groups (
	account    TEXT    NOT NULL,
	id         BLOB    NOT NULL,
	name_key   TEXT    NOT NULL, -- the name as it is compared; of one that was dropped, its id
	version    INTEGER NOT NULL, -- rises with each change of name and note
	name       TEXT    NOT NULL,
	note       TEXT    NOT NULL,
	members    INTEGER NOT NULL,
	made_at    INTEGER NOT NULL,
	made_by    TEXT    NOT NULL,
	dropped_at INTEGER NOT NULL, -- nobody sees it any more; its members go bit by bit
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX contact_groups_name ON contact_groups (account, name_key);
CREATE INDEX contact_groups_dropped ON contact_groups (dropped_at) WHERE dropped_at > 0;

CREATE TABLE contact_members (
	account TEXT NOT NULL,
	grp     BLOB NOT NULL,
	number  TEXT NOT NULL,
	PRIMARY KEY (account, grp, number)
) WITHOUT ROWID, STRICT;
