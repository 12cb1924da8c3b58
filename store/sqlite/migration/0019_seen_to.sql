-- Replies that a person has seen to without an answer: by whom, empty for nobody, and when,
-- in microseconds since 1970.

ALTER TABLE inbound ADD COLUMN done_by TEXT NOT NULL DEFAULT '';
ALTER TABLE inbound ADD COLUMN done_at INTEGER NOT NULL DEFAULT 0;
