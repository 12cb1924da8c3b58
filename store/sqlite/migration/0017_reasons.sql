-- What the number of a recipient says, read once; empty for rows of before. What an
-- event says, as a code with arguments; empty where its sentence stands in detail.

ALTER TABLE messages ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN family TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN reason TEXT NOT NULL DEFAULT ''; -- JSON
