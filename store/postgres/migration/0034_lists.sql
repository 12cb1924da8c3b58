-- Lists: people who get texts again and again, under a name. Times are microseconds since 1970,
-- 0 for none.

CREATE TABLE lists (
	account    text    NOT NULL,
	id         uuid    NOT NULL,
	name_key   text    NOT NULL, -- the name as it is compared; of one that was dropped, its id
	version    bigint  NOT NULL, -- rises with each change
	name       text    NOT NULL,
	source     text    NOT NULL, -- where the numbers come from
	purpose    text    NOT NULL, -- what the people agreed to
	keep_days  bigint  NOT NULL, -- 0: no end
	shape      text    NOT NULL, -- JSON: the columns of its table
	set_no     bigint  NOT NULL, -- its entries, in list_entries
	last_set   bigint  NOT NULL, -- the highest that was ever given
	entries    bigint  NOT NULL,
	made_at    bigint  NOT NULL,
	made_by    text    NOT NULL,
	filled_at  bigint  NOT NULL,
	filled_by  text    NOT NULL,
	ends_at    bigint  NOT NULL, -- when its entries go; 0: they do not, or there are none
	staged     bigint  NOT NULL, -- set of a table that is being read, or waits; 0: none
	staged_at  bigint  NOT NULL,
	pending    text    NOT NULL, -- JSON: what a table that waits would do; empty: none waits
	stale      bigint  NOT NULL, -- 1: there may be entries of other sets, which are forgotten bit by bit
	dropped_at bigint  NOT NULL, -- nobody sees it any more
	PRIMARY KEY (account, id)
);

CREATE UNIQUE INDEX lists_name ON lists (account, name_key);
CREATE INDEX lists_ends ON lists (ends_at) WHERE ends_at > 0;
CREATE INDEX lists_staged ON lists (staged_at) WHERE staged > 0;
CREATE INDEX lists_stale ON lists (stale) WHERE stale <> 0;

CREATE TABLE list_entries (
	account text    NOT NULL,
	list    uuid    NOT NULL,
	set_no  bigint  NOT NULL,
	line    bigint  NOT NULL, -- as the spreadsheet counts
	ident   text    NOT NULL, -- what tells people apart
	number  text    NOT NULL, -- E.164
	data    text    NOT NULL, -- JSON object: the values of the fields
	PRIMARY KEY (account, list, set_no, line)
);

CREATE UNIQUE INDEX list_entries_ident ON list_entries (account, list, set_no, ident);
CREATE INDEX list_entries_number ON list_entries (account, number);
