-- What campaigns have of people goes when its time is over: when somebody was at a campaign
-- last, and whether it may still have a file or values of rows, and numbers of rows.

ALTER TABLE campaigns ADD COLUMN touched_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN contents_kept INTEGER NOT NULL DEFAULT 1; -- 0: neither file nor values are left
ALTER TABLE campaigns ADD COLUMN numbers_kept INTEGER NOT NULL DEFAULT 1; -- 0: pseudonyms stand for them
UPDATE campaigns SET touched_at = max(created_at, started_at, checked_at) WHERE account <> '';
CREATE INDEX campaigns_contents ON campaigns (account, id) WHERE contents_kept <> 0;
CREATE INDEX campaigns_numbers ON campaigns (account, id) WHERE numbers_kept <> 0;
