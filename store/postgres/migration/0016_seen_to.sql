-- Replies that a person has seen to without an answer: by whom, empty for nobody, and when,
-- in microseconds since 1970.

ALTER TABLE inbound
	ADD COLUMN done_by text NOT NULL DEFAULT '',
	ADD COLUMN done_at bigint NOT NULL DEFAULT 0;
