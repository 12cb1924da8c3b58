-- By what means people and programs act: the id of an API key, or the user of the system at
-- the command line.

ALTER TABLE acts ADD COLUMN via text NOT NULL DEFAULT '';
