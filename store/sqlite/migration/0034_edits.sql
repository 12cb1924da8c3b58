-- What an act changed, as JSON: which fields, what stood there before and what stands there
-- now. No secret, no number of a citizen, no text. Empty: nothing that has fields.

ALTER TABLE acts ADD COLUMN edits TEXT NOT NULL DEFAULT '';
