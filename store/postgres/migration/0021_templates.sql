-- Texts with fields, by name, with their versions. Times are microseconds since 1970, 0 for
-- none.

CREATE TABLE templates (
	account     text    NOT NULL,
	id          uuid    NOT NULL,
	name_key    text    NOT NULL, -- the name as it is compared; of one that was put away, its id
	version     bigint  NOT NULL, -- the present one
	archived_at bigint  NOT NULL,
	uses        bigint  NOT NULL, -- messages that were made with it
	used_at     bigint  NOT NULL,
	PRIMARY KEY (account, id)
);

CREATE UNIQUE INDEX templates_name ON templates (account, name_key);

CREATE TABLE template_versions (
	account text    NOT NULL,
	id      uuid    NOT NULL,
	version bigint  NOT NULL,
	name    text    NOT NULL,
	folder  text    NOT NULL,
	text    text    NOT NULL,
	class   text    NOT NULL, -- empty: the account's
	sender  text    NOT NULL, -- empty: the account's
	circle  text    NOT NULL, -- who may use it: everyone, approvers, managers
	answer  boolean NOT NULL, -- offered where replies are answered
	made_at bigint  NOT NULL,
	made_by text    NOT NULL,
	PRIMARY KEY (account, id, version)
);
