-- Lists: people who get texts again and again, under a name. Times are microseconds since 1970,
-- 0 for none.

CREATE TABLE lists (
	account    TEXT    NOT NULL,
	id         BLOB    NOT NULL,
	name_key   TEXT    NOT NULL, -- the name as it is compared; of one that was dropped, its id
	version    INTEGER NOT NULL, -- rises with each change
	name       TEXT    NOT NULL,
	source     TEXT    NOT NULL, -- where the numbers come from
	purpose    TEXT    NOT NULL, -- what the people agreed to
	keep_days  INTEGER NOT NULL, -- 0: no end
	shape      TEXT    NOT NULL, -- JSON: the columns of its table
	set_no     INTEGER NOT NULL, -- its entries, in list_entries
	last_set   INTEGER NOT NULL, -- the highest that was ever given
	entries    INTEGER NOT NULL,
	made_at    INTEGER NOT NULL,
	made_by    TEXT    NOT NULL,
	filled_at  INTEGER NOT NULL,
	filled_by  TEXT    NOT NULL,
	ends_at    INTEGER NOT NULL, -- when its entries go; 0: they do not, or there are none
	staged     INTEGER NOT NULL, -- set of a table that is being read, or waits; 0: none
	staged_at  INTEGER NOT NULL,
	pending    TEXT    NOT NULL, -- JSON: what a table that waits would do; empty: none waits
	stale      INTEGER NOT NULL, -- 1: there may be entries of other sets, which are forgotten bit by bit
	dropped_at INTEGER NOT NULL, -- nobody sees it any more
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX lists_name ON lists (account, name_key);
CREATE INDEX lists_ends ON lists (ends_at) WHERE ends_at > 0;
CREATE INDEX lists_staged ON lists (staged_at) WHERE staged > 0;
CREATE INDEX lists_stale ON lists (stale) WHERE stale <> 0;

CREATE TABLE list_entries (
	account TEXT    NOT NULL,
	list    BLOB    NOT NULL,
	set_no  INTEGER NOT NULL,
	line    INTEGER NOT NULL, -- as the spreadsheet counts
	ident   TEXT    NOT NULL, -- what tells people apart
	number  TEXT    NOT NULL, -- E.164
	data    TEXT    NOT NULL, -- JSON object: the values of the fields
	PRIMARY KEY (account, list, set_no, line)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX list_entries_ident ON list_entries (account, list, set_no, ident);
CREATE INDEX list_entries_number ON list_entries (account, number);
