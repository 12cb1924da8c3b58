-- What quotas have counted: a row for each account, key and country, which begins
-- anew with each period. It holds no number of a person. The checks are what makes
-- the transaction fail that would pass a limit. Rows are changed all the time and
-- have room for that on their page.
CREATE TABLE quota_use (
	account       text   NOT NULL,
	quota         text   NOT NULL, -- name and period
	subject       text   NOT NULL, -- what is counted apart
	until         bigint NOT NULL, -- when the period ends
	latest        bigint NOT NULL, -- a period that ends later was begun by a clock that ran ahead
	messages      bigint NOT NULL,
	segments      bigint NOT NULL,
	most_messages bigint NOT NULL, -- 0: any number
	most_segments bigint NOT NULL,
	PRIMARY KEY (account, quota, subject),
	CONSTRAINT quota_messages CHECK (most_messages = 0 OR messages <= most_messages),
	CONSTRAINT quota_segments CHECK (most_segments = 0 OR segments <= most_segments)
) WITH (fillfactor = 50);
