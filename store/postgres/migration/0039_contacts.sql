-- Contacts: a number with what is known of the person and what the person agreed to; groups of
-- them. Times are microseconds since 1970, 0 for none.

CREATE TABLE contacts (
	account    text    NOT NULL,
	id         uuid    NOT NULL, -- by which the audit knows it
	number     text    NOT NULL, -- E.164
	version    bigint  NOT NULL, -- rises with each change
	data       text    NOT NULL, -- JSON: values and groups
	consents   text    NOT NULL, -- JSON: all that were given, oldest first, each with its proof
	made_at    bigint  NOT NULL,
	made_by    text    NOT NULL,
	changed_at bigint  NOT NULL,
	changed_by text    NOT NULL,
	dropped_at bigint  NOT NULL, -- somebody forgot it: the proofs stay for a time
	PRIMARY KEY (account, number)
);

CREATE INDEX contacts_dropped ON contacts (dropped_at) WHERE dropped_at > 0;

CREATE TABLE contact_groups (
	account    text    NOT NULL,
	id         uuid    NOT NULL,
	name_key   text    NOT NULL, -- the name as it is compared; of one that was dropped, its id
	version    bigint  NOT NULL, -- rises with each change of name and note
	name       text    NOT NULL,
	note       text    NOT NULL,
	members    bigint  NOT NULL,
	made_at    bigint  NOT NULL,
	made_by    text    NOT NULL,
	dropped_at bigint  NOT NULL, -- nobody sees it any more; its members go bit by bit
	PRIMARY KEY (account, id)
);

CREATE UNIQUE INDEX contact_groups_name ON contact_groups (account, name_key);
CREATE INDEX contact_groups_dropped ON contact_groups (dropped_at) WHERE dropped_at > 0;

CREATE TABLE contact_members (
	account text NOT NULL,
	grp     uuid NOT NULL,
	number  text NOT NULL,
	PRIMARY KEY (account, grp, number)
);
