-- What keys may do, as JSON, empty for everything; and when they were used last, in
-- microseconds since 1970, 0 for never.

ALTER TABLE keys
	ADD COLUMN limits text NOT NULL DEFAULT '',
	ADD COLUMN used_at bigint NOT NULL DEFAULT 0;
ALTER TABLE ovh_applications
	ADD COLUMN limits text NOT NULL DEFAULT '',
	ADD COLUMN used_at bigint NOT NULL DEFAULT 0;
ALTER TABLE ovh_users
	ADD COLUMN limits text NOT NULL DEFAULT '',
	ADD COLUMN used_at bigint NOT NULL DEFAULT 0;
