-- What came of attempts to deliver: how long the last one took, in microseconds, the first
-- bytes of its answer, and those before it as JSON; empty for none.

ALTER TABLE deliveries ADD COLUMN took INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN answer TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN earlier TEXT NOT NULL DEFAULT '';
