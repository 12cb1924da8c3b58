-- Texts with fields, by name, with their versions. Times are microseconds since 1970, 0 for
-- none.

CREATE TABLE templates (
	account     TEXT    NOT NULL,
	id          BLOB    NOT NULL,
	name_key    TEXT    NOT NULL, -- the name as it is compared; of one that was put away, its id
	version     INTEGER NOT NULL, -- the present one
	archived_at INTEGER NOT NULL,
	uses        INTEGER NOT NULL, -- messages that were made with it
	used_at     INTEGER NOT NULL,
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX templates_name ON templates (account, name_key);

CREATE TABLE template_versions (
	account TEXT    NOT NULL,
	id      BLOB    NOT NULL,
	version INTEGER NOT NULL,
	name    TEXT    NOT NULL,
	folder  TEXT    NOT NULL,
	text    TEXT    NOT NULL,
	class   TEXT    NOT NULL, -- empty: the account's
	sender  TEXT    NOT NULL, -- empty: the account's
	circle  TEXT    NOT NULL, -- who may use it: everyone, approvers, managers
	answer  INTEGER NOT NULL, -- 1: offered where replies are answered
	made_at INTEGER NOT NULL,
	made_by TEXT    NOT NULL,
	PRIMARY KEY (account, id, version)
) WITHOUT ROWID, STRICT;
