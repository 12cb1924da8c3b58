-- What guards of a campaign count, what they saw when one paused it, and what it waits for
-- while it runs.

ALTER TABLE campaigns ADD COLUMN watch TEXT NOT NULL DEFAULT ''; -- JSON: rows that settled last
ALTER TABLE campaigns ADD COLUMN saw TEXT NOT NULL DEFAULT ''; -- JSON: why it is paused, with numbers
ALTER TABLE campaigns ADD COLUMN waiting_for TEXT NOT NULL DEFAULT ''; -- window, rate, connector
ALTER TABLE campaign_events ADD COLUMN saw TEXT NOT NULL DEFAULT ''; -- JSON: why, with numbers
