-- What keys may do, as JSON, empty for everything; and when they were used last, in
-- microseconds since 1970, 0 for never.

ALTER TABLE keys ADD COLUMN limits TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ovh_applications ADD COLUMN limits TEXT NOT NULL DEFAULT '';
ALTER TABLE ovh_applications ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ovh_users ADD COLUMN limits TEXT NOT NULL DEFAULT '';
ALTER TABLE ovh_users ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
