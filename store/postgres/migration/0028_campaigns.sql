-- Campaigns: a text with fields that is sent to the rows of a table. Times are microseconds
-- since 1970, 0 for none; empty texts and zero ids are none.

CREATE TABLE campaigns (
	account      text    NOT NULL,
	id           uuid    NOT NULL,
	version      bigint  NOT NULL, -- rises with each edit
	name         text    NOT NULL,
	text         text    NOT NULL,
	class        text    NOT NULL,
	sender       text    NOT NULL,
	connector    text    NOT NULL,
	start_at     bigint  NOT NULL,
	options      text    NOT NULL, -- JSON object
	status       text    NOT NULL, -- dropped: nobody sees it, and what it has is forgotten bit by bit
	why          text    NOT NULL, -- code of a pause
	problem      text    NOT NULL, -- JSON: what kept a check from ending
	created_at   bigint  NOT NULL,
	created_by   text    NOT NULL,
	started_at   bigint  NOT NULL,
	started_by   text    NOT NULL,
	ended_at     bigint  NOT NULL,
	upload       uuid    NOT NULL, -- its file, in campaign_chunks
	file_name    text    NOT NULL,
	file_sha256  text    NOT NULL,
	file_size    bigint  NOT NULL,
	file_chunks  bigint  NOT NULL,
	look         text    NOT NULL, -- JSON: what the first rows of the file look like
	check_hash   text    NOT NULL, -- of the last check
	report       text    NOT NULL, -- JSON, of the last check
	checked_at   bigint  NOT NULL,
	read_done    bigint  NOT NULL, -- how much of the file a check has read
	read_total   bigint  NOT NULL,
	fence        bigint  NOT NULL, -- of the node that works on it
	events       bigint  NOT NULL, -- lines of its timeline
	waiting      bigint  NOT NULL, -- rows by state, and those that ended by the status of their message
	taken        bigint  NOT NULL,
	skipped      bigint  NOT NULL,
	canceled     bigint  NOT NULL,
	delivered    bigint  NOT NULL,
	undelivered  bigint  NOT NULL,
	expired      bigint  NOT NULL,
	rejected     bigint  NOT NULL,
	withdrawn    bigint  NOT NULL, -- their message was canceled by itself
	segments     bigint  NOT NULL,
	price        bigint  NOT NULL, -- in millionths
	PRIMARY KEY (account, id)
);

CREATE INDEX campaigns_status ON campaigns (status, account, id);

CREATE TABLE campaign_chunks (
	account  text    NOT NULL,
	campaign uuid    NOT NULL,
	upload   uuid    NOT NULL,
	n        bigint  NOT NULL,
	sealed   bytea   NOT NULL, -- compressed, then sealed
	PRIMARY KEY (account, campaign, upload, n)
);

CREATE TABLE campaign_rows (
	account      text    NOT NULL,
	campaign     uuid    NOT NULL,
	line         bigint  NOT NULL, -- as the spreadsheet counts
	number       text    NOT NULL, -- E.164; empty where it is none; ~ when it was erased
	reference    text    NOT NULL,
	data         text    NOT NULL, -- JSON object: the values of the fields
	state        text    NOT NULL,
	why          text    NOT NULL, -- JSON: why it was skipped
	code         text    NOT NULL, -- of why it was skipped; of the last event of its message
	message      uuid    NOT NULL,
	status       text    NOT NULL, -- in which its message ended
	segments     bigint  NOT NULL,
	price        bigint  NOT NULL,
	at           bigint  NOT NULL, -- when its message ended
	PRIMARY KEY (account, campaign, line)
);

CREATE INDEX campaign_rows_state ON campaign_rows (account, campaign, state, line);
CREATE INDEX campaign_rows_number ON campaign_rows (account, number) WHERE number <> '' AND number <> '~';

CREATE TABLE campaign_events (
	account  text    NOT NULL,
	campaign uuid    NOT NULL,
	n        bigint  NOT NULL,
	at       bigint  NOT NULL,
	actor    text    NOT NULL,
	status   text    NOT NULL,
	why      text    NOT NULL,
	PRIMARY KEY (account, campaign, n)
);
