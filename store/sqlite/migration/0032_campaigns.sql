-- Campaigns: a text with fields that is sent to the rows of a table. Times are microseconds
-- since 1970, 0 for none; empty texts and ids are none.

CREATE TABLE campaigns (
	account      TEXT    NOT NULL,
	id           BLOB    NOT NULL,
	version      INTEGER NOT NULL, -- rises with each edit
	name         TEXT    NOT NULL,
	text         TEXT    NOT NULL,
	class        TEXT    NOT NULL,
	sender       TEXT    NOT NULL,
	connector    TEXT    NOT NULL,
	start_at     INTEGER NOT NULL,
	options      TEXT    NOT NULL, -- JSON object
	status       TEXT    NOT NULL, -- dropped: nobody sees it, and what it has is forgotten bit by bit
	why          TEXT    NOT NULL, -- code of a pause
	problem      TEXT    NOT NULL, -- JSON: what kept a check from ending
	created_at   INTEGER NOT NULL,
	created_by   TEXT    NOT NULL,
	started_at   INTEGER NOT NULL,
	started_by   TEXT    NOT NULL,
	ended_at     INTEGER NOT NULL,
	upload       BLOB    NOT NULL, -- its file, in campaign_chunks
	file_name    TEXT    NOT NULL,
	file_sha256  TEXT    NOT NULL,
	file_size    INTEGER NOT NULL,
	file_chunks  INTEGER NOT NULL,
	look         TEXT    NOT NULL, -- JSON: what the first rows of the file look like
	check_hash   TEXT    NOT NULL, -- of the last check
	report       TEXT    NOT NULL, -- JSON, of the last check
	checked_at   INTEGER NOT NULL,
	read_done    INTEGER NOT NULL, -- how much of the file a check has read
	read_total   INTEGER NOT NULL,
	fence        INTEGER NOT NULL, -- of the node that works on it
	events       INTEGER NOT NULL, -- lines of its timeline
	waiting      INTEGER NOT NULL, -- rows by state, and those that ended by the status of their message
	taken        INTEGER NOT NULL,
	skipped      INTEGER NOT NULL,
	canceled     INTEGER NOT NULL,
	delivered    INTEGER NOT NULL,
	undelivered  INTEGER NOT NULL,
	expired      INTEGER NOT NULL,
	rejected     INTEGER NOT NULL,
	withdrawn    INTEGER NOT NULL, -- their message was canceled by itself
	segments     INTEGER NOT NULL,
	price        INTEGER NOT NULL, -- in millionths
	PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX campaigns_status ON campaigns (status, account, id);

CREATE TABLE campaign_chunks (
	account  TEXT    NOT NULL,
	campaign BLOB    NOT NULL,
	upload   BLOB    NOT NULL,
	n        INTEGER NOT NULL,
	sealed   BLOB    NOT NULL, -- compressed, then sealed
	PRIMARY KEY (account, campaign, upload, n)
) WITHOUT ROWID, STRICT;

CREATE TABLE campaign_rows (
	account      TEXT    NOT NULL,
	campaign     BLOB    NOT NULL,
	line         INTEGER NOT NULL, -- as the spreadsheet counts
	number       TEXT    NOT NULL, -- E.164; empty where it is none; ~ when it was erased
	reference    TEXT    NOT NULL,
	data         TEXT    NOT NULL, -- JSON object: the values of the fields
	state        TEXT    NOT NULL,
	why          TEXT    NOT NULL, -- JSON: why it was skipped
	code         TEXT    NOT NULL, -- of why it was skipped; of the last event of its message
	message      BLOB    NOT NULL,
	status       TEXT    NOT NULL, -- in which its message ended
	segments     INTEGER NOT NULL,
	price        INTEGER NOT NULL,
	at           INTEGER NOT NULL, -- when its message ended
	PRIMARY KEY (account, campaign, line)
) WITHOUT ROWID, STRICT;

CREATE INDEX campaign_rows_state ON campaign_rows (account, campaign, state, line);
CREATE INDEX campaign_rows_number ON campaign_rows (account, number) WHERE number <> '' AND number <> '~';

CREATE TABLE campaign_events (
	account  TEXT    NOT NULL,
	campaign BLOB    NOT NULL,
	n        INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	actor    TEXT    NOT NULL,
	status   TEXT    NOT NULL,
	why      TEXT    NOT NULL,
	PRIMARY KEY (account, campaign, n)
) WITHOUT ROWID, STRICT;
