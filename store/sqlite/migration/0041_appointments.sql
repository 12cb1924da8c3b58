-- Reminders of appointments: rows of campaigns with a key and a time. meets and due are wall-clock
-- times of the place, in microseconds as if they were UTC; 0: none.

ALTER TABLE campaign_rows ADD COLUMN series BLOB NOT NULL DEFAULT x''; -- the first of the campaigns that go on from each other
ALTER TABLE campaign_rows ADD COLUMN appointment TEXT NOT NULL DEFAULT ''; -- its key; empty: the row is no reminder
ALTER TABLE campaign_rows ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE campaign_rows ADD COLUMN meets INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign_rows ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign_rows ADD COLUMN live INTEGER NOT NULL DEFAULT 0; -- 1: its campaign was started
CREATE INDEX campaign_rows_due ON campaign_rows (account, campaign, due, line) WHERE appointment <> '' AND state = 'waiting';
CREATE INDEX campaign_rows_appointment ON campaign_rows (account, series, appointment, campaign, line) WHERE appointment <> '';
-- Of an appointment no two reminders by the same rule wait.
CREATE UNIQUE INDEX campaign_rows_reminder ON campaign_rows (account, series, appointment, rule)
	WHERE appointment <> '' AND state = 'waiting' AND live <> 0;
