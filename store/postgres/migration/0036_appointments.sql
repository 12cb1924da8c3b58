-- Reminders of appointments: rows of campaigns with a key and a time. meets and due are wall-clock
-- times of the place, in microseconds as if they were UTC; 0: none.

ALTER TABLE campaign_rows
	ADD COLUMN series uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- the first of the campaigns that go on from each other
	ADD COLUMN appointment text NOT NULL DEFAULT '', -- its key; empty: the row is no reminder
	ADD COLUMN rule text NOT NULL DEFAULT '',
	ADD COLUMN meets bigint NOT NULL DEFAULT 0,
	ADD COLUMN due bigint NOT NULL DEFAULT 0,
	ADD COLUMN live bigint NOT NULL DEFAULT 0; -- 1: its campaign was started
CREATE INDEX campaign_rows_due ON campaign_rows (account, campaign, due, line) WHERE appointment <> '' AND state = 'waiting';
CREATE INDEX campaign_rows_appointment ON campaign_rows (account, series, appointment, campaign, line) WHERE appointment <> '';
-- Of an appointment no two reminders by the same rule wait.
CREATE UNIQUE INDEX campaign_rows_reminder ON campaign_rows (account, series, appointment, rule)
	WHERE appointment <> '' AND state = 'waiting' AND live <> 0;
